"""Defines ThreadedResolver: resolves host names in threads of its own.

If the name servers of a host do not answer, the system call takes half a minute and cannot be cancelled. In the default thread pool,
which is small, a few such names would block every other lookup and all other work there until their polls timed out. This module does
not decide which addresses may be connected; `address_rules.guarded_socket` does.
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
"""Maximum number of concurrent lookups, including those whose poll has timed out already. A waiting thread takes some 50 KB."""

_AddressInfos = Sequence[tuple[Any, ...]]
"""The result of `socket.getaddrinfo`."""


class ThreadedResolver(AbstractResolver):
    """Calls the system's resolver in a thread per lookup. One resolver belongs to one session."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._slots = asyncio.Semaphore(at_once)

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        """Returns all IPv4 and IPv6 addresses of `host`. Raises OSError."""
        await self._slots.acquire()
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[_AddressInfos] = loop.create_future()
        # A daemon thread: the process can exit while the lookup is still running.
        lookup = threading.Thread(target=self._look_up, args=(loop, answer, host, port, family), name="names", daemon=True)
        try:
            lookup.start()
        except RuntimeError:  # the system allows no more threads
            self._slots.release()
            raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN)) from None
        return [_result(host, port, info) for info in await answer if info[0] in {socket.AF_INET, socket.AF_INET6}]

    def _look_up(self, loop: asyncio.AbstractEventLoop, answer: asyncio.Future[_AddressInfos], host: str, port: int, family: int) -> None:
        infos: _AddressInfos = []
        error: OSError | None = None
        try:
            infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family, flags=socket.AI_ADDRCONFIG)
        except OSError as trouble:
            error = trouble
        except UnicodeError:  # not a valid host name
            error = socket.gaierror(socket.EAI_NONAME, "not a name")
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(self._set_answer, answer, infos, error)

    def _set_answer(self, answer: asyncio.Future[_AddressInfos], infos: _AddressInfos, error: OSError | None) -> None:
        self._slots.release()
        if answer.done():  # the poll timed out
            return
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(infos)

    async def close(self) -> None:
        """Does nothing: there is nothing to release."""


def _result(host: str, port: int, info: tuple[Any, ...]) -> ResolveResult:
    family, _, proto, _, address = info
    scope = f"%{address[3]}" if family == socket.AF_INET6 and address[3] else ""  # the interface of a link-local address
    numeric = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    return ResolveResult(hostname=host, host=f"{address[0]}{scope}", port=port, family=family, proto=proto, flags=numeric)
