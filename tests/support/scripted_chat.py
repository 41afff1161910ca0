"""Defines ScriptedChat: a chat service in memory that answers as the test says and remembers what reached it."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable

from bot.delivery.apprise import AppriseService
from bot.delivery.console import ConsoleChat
from bot.delivery.telegram import TelegramChat
from bot.message import Capabilities, Message, NotSent, Sent

Answer = Sent | NotSent | Exception
CAPABILITIES = {service.kind: service.capabilities for service in (TelegramChat, ConsoleChat, AppriseService)}


class ScriptedChat:
    """A `bot.message.ChatService`. Without a script everything arrives."""

    def __init__(
        self, kind: str = "telegram", *, time: Callable[[], float] = lambda: 0.0, capabilities: Capabilities | None = None
    ) -> None:
        """`capabilities`: those of the real service of that kind unless given."""
        self.kind = kind
        self.capabilities = capabilities or CAPABILITIES[kind]
        self.arrived: list[tuple[float, Message]] = []
        """Messages as they reached the chat, also those whose answer was lost, each with its time."""
        self.always: dict[str, NotSent] = {}
        """Messages, by their text, that are never taken, with the answer to each try."""
        self.tries: list[tuple[float, str]] = []
        """Every try, answered how it may be: its time and the message's text."""
        self._script: defaultdict[str, deque[Answer]] = defaultdict(deque)
        self._time = time
        self._ids = 0

    def script(self, chat: str, *answers: Answer) -> None:
        """The next messages to this chat are answered so."""
        self._script[chat].extend(answers)

    def texts(self, chat: str) -> list[str]:
        """What this chat got."""
        return [message.html for _, message in self.arrived if message.chat == chat]

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        pass

    async def send(self, message: Message) -> Sent | NotSent:
        self.tries.append((self._time(), message.html))
        answer: Answer | None = self.always.get(message.html)
        if answer is None and self._script[message.chat]:
            answer = self._script[message.chat].popleft()
        if isinstance(answer, Exception):
            raise answer
        if answer is None or isinstance(answer, Sent) or answer.kind == "uncertain":
            self.arrived.append((self._time(), message))
        if answer is not None:
            return answer
        self._ids += 1
        return Sent(message.edit or f"m{self._ids}")
