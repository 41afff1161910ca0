"""The terminal as a chat: plain on a pipe, with bold and links on a terminal, and never a reason to fail."""

from __future__ import annotations

import io

from bot.delivery.console import ConsoleChat
from bot.message import Message, NotSent, Sent
from bot.sanitize import clean

MESSAGE = Message("console", '<b>Nvidia</b> &amp; <a href="https://x.example/?a=1&amp;b=2">Reuters</a>', "Nvidia & Reuters <https://x.example/?a=1&b=2>")


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


async def test_a_pipe_gets_plain_text() -> None:
    out = io.StringIO()
    assert isinstance(await ConsoleChat(out).send(MESSAGE), Sent)
    assert out.getvalue() == "Nvidia & Reuters <https://x.example/?a=1&b=2>\n\n"


async def test_a_terminal_gets_bold_and_links(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    out = Terminal()
    await ConsoleChat(out).send(MESSAGE)
    assert "\x1b[1mNvidia\x1b[0m & " in out.getvalue()
    assert "https://x.example/?a=1&b=2" in out.getvalue()


async def test_an_edited_message_and_an_answer_are_marked() -> None:
    out = io.StringIO()
    console = ConsoleChat(out)
    await console.send(Message("console", "a", "a", edit="1"))
    await console.send(Message("console", "b", "b", reply_to="1"))
    assert out.getvalue() == "↻ a\n\n↳ b\n\n"


async def test_a_terminal_without_unicode_gets_what_it_can_show() -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    assert isinstance(await ConsoleChat(out).send(Message("console", "đồng", "đồng", edit="1")), Sent)
    out.flush()
    assert raw.getvalue() == b"? ??ng\n\n"


async def test_a_reader_that_left_is_a_reason_to_try_again() -> None:
    out = io.StringIO()
    out.close()
    answer = await ConsoleChat(out).send(MESSAGE)
    assert isinstance(answer, NotSent)
    assert answer.kind == "retry"


async def test_what_a_terminal_shows_can_be_copied() -> None:
    """Chats need an invisible sign in what would call somebody; on a terminal it breaks paths and addresses."""
    shown = clean("/start of t.me/news")
    for out in (io.StringIO(), Terminal()):
        await ConsoleChat(out).send(Message("console", shown, shown))
        assert "/start of t.me/news" in out.getvalue()
