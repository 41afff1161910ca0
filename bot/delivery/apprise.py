"""Defines AppriseService: Slack, Matrix, mail, ntfy and everything else that Apprise knows, as chats of the same outbox.

A chat is the name of the environment variable that holds the service's address ("also:SEEDWATCH_SLACK_URL"), because the address holds
secrets. Apprise answers yes or no and nothing between, so a "no" after its connection was tried counts as a lost answer only where the
service was reached; what surely never left is tried again.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from bot.delivery.rate_limit import GENTLE
from bot.log import keep_secret, redact
from bot.message import Capabilities, Message, NotSent, Sent, Trouble
from bot.render.markup import utf16_length
from watchers.extras import install_hint

if TYPE_CHECKING:
    from apprise import Apprise

TIMEOUT = 60.0
"""Seconds for one service: Apprise's own limits are 4 s to connect and 4 s to read for each request it makes."""

_ANSWER_LOST = ("read timed out", "readtimeout", "connection aborted", "connection reset", "remotedisconnected")
"""How the libraries under Apprise word a request that went out and was not answered."""


class AppriseService:
    """Sends through Apprise, which is imported at the first message. It is an extra: without it messages wait, and the log says so."""

    kind = "also"
    capabilities = Capabilities(can_edit=False, has_buttons=False, shows_pictures=False, rate_limits=GENTLE)

    def __init__(self, env: Mapping[str, str] | None = None) -> None:
        """`env`: where the addresses stand; the process's environment unless given."""
        self._env = os.environ if env is None else env
        self._services: dict[str, Apprise] = {}
        self._one_at_a_time = asyncio.Lock()
        """Apprise tells what went wrong only in its log, which is one for all: two at once would hear each other's troubles."""

    async def start(self) -> None:
        """Nothing to open: a wrong address shows when something is sent."""

    async def stop(self) -> None:
        """Nothing stays open."""
        self._services.clear()

    async def send(self, message: Message) -> Sent | NotSent:
        """Sends one message; title and text are split by its first line, because most services head a message."""
        name = message.chat.partition(":")[2]
        try:
            service = await asyncio.to_thread(self._service, name)  # Apprise reads a hundred modules at first
        except ImportError:
            return NotSent("retry", f"Apprise is not installed: {install_hint('notify')}")
        if isinstance(service, NotSent):
            return service
        title, _, body = message.plain.partition("\n")
        if not body or utf16_length(title) > 200:
            title, body = "", message.plain
        heard = _CapturedLogs()
        try:
            async with self._one_at_a_time, asyncio.timeout(TIMEOUT):
                arrived = await asyncio.to_thread(_notify, service, title, body.strip(), heard)
        except TimeoutError:
            return NotSent("uncertain", f"{name}: no answer within {TIMEOUT:.0f} seconds")
        if arrived:
            return Sent("")
        trouble: Trouble = "uncertain" if heard.lost else "retry" if "connection error" in heard.said.lower() else "server_error"
        return NotSent(trouble, f"{name}: {redact(heard.said[-300:]) or 'the service did not take it'}")

    def _service(self, name: str) -> Apprise | NotSent:
        address = self._env.get(name, "").strip()
        if not address:
            return NotSent("retry", f"the environment variable {name} is not set")
        if name not in self._services:
            import apprise

            for secret in (address, *_parts(address)):
                keep_secret(secret)
            service = apprise.Apprise()
            if not service.add(address):
                return NotSent("retry", f"{name}: not an address that Apprise knows")
            self._services[name] = service
        return self._services[name]


class _CapturedLogs(logging.Handler):
    """What Apprise logs while it sends: the only place where it says what went wrong."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.said = ""
        """Warnings, for people; debug lines hold addresses and are only looked at."""
        self.lost = False
        """True when the request went out and its answer did not come."""

    def emit(self, record: logging.LogRecord) -> None:
        """Takes one line."""
        line = record.getMessage()
        self.lost = self.lost or any(sign in line.lower() for sign in _ANSWER_LOST)
        if record.levelno >= logging.WARNING:
            self.said = f"{self.said} {line}".strip()


def _notify(service: Apprise, title: str, body: str, heard: _CapturedLogs) -> bool:
    from apprise import NotifyFormat

    logger = logging.getLogger("apprise")
    logger.propagate = False  # its lines may hold addresses, and so secrets: they reach no other handler
    logger.setLevel(logging.DEBUG)
    logger.addHandler(heard)
    try:
        return bool(service.notify(body=body, title=title, body_format=NotifyFormat.TEXT))
    finally:
        logger.removeHandler(heard)


def _parts(address: str) -> set[str]:
    """The pieces of an address that may be secret by themselves: long path segments, user names, passwords, query values."""
    return {piece for piece in re.split(r"[/:@?&=#]+", address.partition("://")[2]) if len(piece) >= 12}
