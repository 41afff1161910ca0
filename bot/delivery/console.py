"""Defines ConsoleChat, the chat that is the terminal: messages as plain text on a stream, with bold and links where it is a terminal."""

from __future__ import annotations

import sys
from html.parser import HTMLParser
from typing import TYPE_CHECKING, TextIO

from bot.delivery.rate_limit import NONE
from bot.message import Capabilities, Message, NotSent, Sent
from bot.sanitize import JOINER

if TYPE_CHECKING:
    from rich.text import Text


class ConsoleChat:
    """Prints. Nothing can be changed once it stands there, so an edited message is printed again, marked as one."""

    kind = "console"
    capabilities = Capabilities(has_buttons=False, shows_pictures=False, rate_limits=NONE)

    def __init__(self, stream: TextIO | None = None) -> None:
        """`stream`: standard output unless given."""
        self._stream = stream
        self._count = 0

    async def start(self) -> None:
        """Nothing to open."""

    async def stop(self) -> None:
        """Nothing to close."""

    async def send(self, message: Message) -> Sent | NotSent:
        """Prints the message with an empty line after it."""
        stream = self._stream or sys.stdout
        mark = "↻ " if message.edit else "↳ " if message.reply_to else ""
        text = f"{mark}{message.plain}\n\n".replace(JOINER, "")  # a terminal mentions and calls nobody; what it shows is copied
        try:
            if stream.isatty():
                _print_rich(stream, mark, message)
            else:
                stream.write(text)
            stream.flush()
        except UnicodeEncodeError:
            stream.write(text.encode("ascii", "replace").decode("ascii"))
        except (OSError, ValueError) as error:  # the reader of a pipe left, the stream is closed
            return NotSent("retry", f"the terminal cannot be written to: {error}")
        self._count += 1
        return Sent(str(self._count))


def _print_rich(stream: TextIO, mark: str, message: Message) -> None:
    from rich.console import Console
    from rich.text import Text

    reader = _Reader(Text(mark))
    reader.feed(message.html.replace(JOINER, ""))
    reader.close()
    Console(file=stream, soft_wrap=False, highlight=False).print(reader.text, end="\n\n")


class _Reader(HTMLParser):
    """Our own HTML (b, i, a) as styled text."""

    def __init__(self, text: Text) -> None:
        super().__init__(convert_charrefs=True)
        self.text = text
        self._styles: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Opens a style."""
        href = dict(attrs).get("href") or ""
        self._styles.append((tag, {"b": "bold", "i": "dim"}.get(tag, f"link {href} cyan" if href else "")))

    def handle_endtag(self, tag: str) -> None:
        """Closes it."""
        for at in range(len(self._styles) - 1, -1, -1):
            if self._styles[at][0] == tag:
                del self._styles[at]
                return

    def handle_data(self, data: str) -> None:
        """Text in the open styles. A link's address is printed too where a terminal does not show links: it follows on a click."""
        from rich.style import Style

        style = Style()
        for _, one in self._styles:
            style += Style.parse(one) if one else Style()
        self.text.append(data, style)
