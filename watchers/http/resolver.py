"""Defines ThreadedResolver: host names to addresses, in threads of its own.

A name whose servers do not answer takes the system half a minute, and nobody can break that off. In the process's common threads, of
which a small machine has half a dozen, a handful of dead names kept every other name, and everything else that runs there, waiting until
their looks had timed out. Which addresses may be connected is none of its business: the guard at the socket sees what is really taken.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import socket
import threading
from collections.abc import Sequence
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

AT_ONCE = 256
"""Questions under way, those counted whose look gave up long ago: far more than looks. A thread that waits takes some 50 KB."""

_Found = Sequence[tuple[Any, ...]]
"""As `socket.getaddrinfo` gives them."""


class ThreadedResolver(AbstractResolver):
    """Asks the system's resolver; of one session."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._places = asyncio.Semaphore(at_once)

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        """All addresses of `host`. Raises OSError."""
        await self._places.acquire()
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[_Found] = loop.create_future()
        # A daemon: the process may end without its answer.
        asking = threading.Thread(target=self._ask, args=(loop, answer, host, port, family), name="names", daemon=True)
        try:
            asking.start()
        except RuntimeError:  # the system has no thread left
            self._places.release()
            raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN)) from None
        return [_result(host, port, one) for one in await answer if one[0] in {socket.AF_INET, socket.AF_INET6}]

    def _ask(self, loop: asyncio.AbstractEventLoop, answer: asyncio.Future[_Found], host: str, port: int, family: int) -> None:
        found: _Found = []
        error: OSError | None = None
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family, flags=socket.AI_ADDRCONFIG)
        except OSError as trouble:
            error = trouble
        except UnicodeError:  # a name that no name server could be asked for
            error = socket.gaierror(socket.EAI_NONAME, "not a name")
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(self._answered, answer, found, error)

    def _answered(self, answer: asyncio.Future[_Found], found: _Found, error: OSError | None) -> None:
        self._places.release()
        if answer.done():  # the look gave up
            return
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(found)

    async def close(self) -> None:
        """Nothing is held."""


def _result(host: str, port: int, found: tuple[Any, ...]) -> ResolveResult:
    family, _, proto, _, address = found
    scope = f"%{address[3]}" if family == socket.AF_INET6 and address[3] else ""  # of link-local addresses
    numeric = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    return ResolveResult(hostname=host, host=f"{address[0]}{scope}", port=port, family=family, proto=proto, flags=numeric)
