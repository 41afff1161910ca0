"""Defines fetch: one conditional GET within all limits, with a FetchResponse, NotModified or FetchError as result.

Redirects are followed here, not by the library, because each hop has to pass the address rules and the caller needs to know whether all
of them were permanent. A cookie that a host sets in a redirect is sent back to that host only, and only during this request.
The body is decompressed but not decoded: the parser finds its charset.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import urljoin

import aiohttp
import msgspec
from yarl import URL

from watchers.http.address_rules import AddressRefusedError, check_url, guarded_socket
from watchers.http.host_limits import ADDRESS_CACHE_SIZE, LargeBodySlot, host_and_port
from watchers.http.resolver import ThreadedResolver
from watchers.http.unpack import GZIP, CutBodyError, UnpackedTooLargeError, unpack
from watchers.models.polling import ErrorKind, Limits
from watchers.models.problem import Problem
from watchers.state.poll_schedule import header_lines
from watchers.text.html_text import sound

ACCEPT_FEED = (
    "application/atom+xml,application/rss+xml,application/feed+json,application/rdf+xml;q=0.9,"
    "application/xml;q=0.8,text/xml;q=0.8,*/*;q=0.1"
)
_PERMANENT = frozenset({301, 308})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
MAX_IGNORED = 65_536
"""Bytes. A redirect's own body is read to its end if it is shorter."""
LONGEST_PAUSE = 5
"""Seconds. A redirect with a longer Retry-After is not followed."""
_SAFE = "https:"
MAX_COOKIES = 8_000
"""Characters of all cookies that are sent back to one host; servers refuse more."""
LARGE_BODY_BYTES = 300_000
"""Bytes. A longer body needs a `LargeBodySlot` before the rest is read."""
KEEP_ALIVE = 2.0
"""Seconds an idle connection is kept: enough for the feeds of one host in one pass. An idle TLS connection costs some 100 KB, and there
can be thousands."""


class FetchRequest(msgspec.Struct, frozen=True):
    """The parameters of a request. Validators are sent unchanged; "" sends none."""

    url: str
    etag: str = ""
    last_modified: str = ""
    accept: str = ACCEPT_FEED
    first: int = 0
    """Maximum number of body bytes to read; the rest is dropped. 0: the complete body, or an error."""


class FetchResponse(msgspec.Struct, frozen=True):
    """A response with status 2xx and its body. `headers` is case-insensitive; `permanent` is `url` after permanent redirects only."""

    url: str
    body: bytes
    headers: Mapping[str, str]
    permanent: str = ""


class NotModified(msgspec.Struct, frozen=True):
    """A response with status 304."""

    url: str
    headers: Mapping[str, str]
    permanent: str = ""


@dataclass(frozen=True, slots=True)
class FetchError:
    """Why there is no body. `headers` are those of the error response, if there was one."""

    kind: ErrorKind
    problem: Problem
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)


def open_session(limits: Limits) -> aiohttp.ClientSession:
    """Returns the session that all requests share: address rules on every connection, no cookie jar, no proxy from the environment.

    The caller closes it.
    """
    connector = aiohttp.TCPConnector(
        limit=0,  # `HostLimiter` limits connections, and its waits do not count against the timeout
        keepalive_timeout=KEEP_ALIVE,
        resolver=ThreadedResolver(),
        ttl_dns_cache=300,
        socket_factory=guarded_socket(allow_private=limits.allow_private_addresses),
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, connect=None, sock_connect=None, sock_read=None),  # `fetch` sets one over all
        headers={"User-Agent": limits.user_agent, "Accept-Encoding": "gzip, deflate, br"},
        read_bufsize=65_536,  # a connection that waits for a slot holds twice as much or more
        max_line_size=16_384,
        max_field_size=16_384,
        trust_env=False,
    )


class RedirectChain(msgspec.Struct):
    """The progress of a request through redirects. `fetch` reads it to continue and updates it when it stops."""

    url: str
    """The address of the next request."""
    seconds_left: float
    """Remaining seconds of the timeout over all hops."""
    body_slot: LargeBodySlot | None = None
    """Acquired for a large body; None: large bodies are not limited."""
    stop_at_each: bool = False
    """Return to the caller at every redirect, not only at redirects to another host."""
    visited: tuple[str, ...] = ()
    """The addresses that redirected."""
    cycle_start: int = 0
    """Index in `visited` of the first address that was requested with the current cookies. Only later addresses can form a cycle."""
    cookies: dict[str, dict[str, str]] = msgspec.field(default_factory=dict)
    """For each host, cookie values by name. The key `_SAFE` + host holds cookies for https only. Dropped at the end of the request."""
    only_permanent: bool = True
    """No redirect so far was temporary."""


async def fetch(
    session: aiohttp.ClientSession, request: FetchRequest, limits: Limits, redirects: RedirectChain
) -> FetchResponse | NotModified | FetchError | RedirectChain:
    """Sends `request` to `redirects.url` and returns the response. Expected errors are returned as FetchError, not raised.

    Returns `redirects` itself if a redirect leads to another host, because the caller has to wait for the `HostLimiter` of that host
    first. With `stop_at_each` it is returned at every redirect.
    """
    begun = time.monotonic()
    try:
        async with asyncio.timeout(redirects.seconds_left) as deadline:
            return await _follow(session, request, limits, redirects, deadline)
    except TimeoutError:
        return FetchError("timeout", Problem("timeout", {"seconds": f"{limits.timeout.total_seconds():g}"}))
    except AddressRefusedError as error:
        return FetchError("address", error.problem)
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return explain(error)
    finally:
        redirects.seconds_left -= time.monotonic() - begun


async def _follow(
    session: aiohttp.ClientSession, request: FetchRequest, limits: Limits, redirects: RedirectChain, deadline: asyncio.Timeout
) -> FetchResponse | NotModified | FetchError | RedirectChain:
    headers = {"Accept": request.accept}
    if request.etag:
        headers["If-None-Match"] = request.etag
    if request.last_modified:
        headers["If-Modified-Since"] = request.last_modified
    while True:
        url = redirects.url
        sent_headers = headers | {"Cookie": cookies} if (cookies := _cookies_for(redirects)) else headers
        async with session.get(checked_url(url, limits.allow_private_addresses), headers=sent_headers, allow_redirects=False) as response:
            status = response.status
            if status not in _REDIRECTS:
                return await _answer(response, request, limits, redirects, deadline)
            # A short body is read to its end, so that the connection can be reused. A compressed body can be long.
            short = "Content-Encoding" not in response.headers and (response.content_length or MAX_IGNORED) < MAX_IGNORED
            await response.read() if short else response.close()
        _keep_cookies(redirects, response.headers)
        error = next_hop(redirects, status, response.headers, limits)
        if error is not None:
            return error
        if redirects.stop_at_each or host_and_port(redirects.url) != host_and_port(url):
            return redirects


def _cookies_for(redirects: RedirectChain) -> str:
    host = host_and_port(redirects.url)
    cookies = redirects.cookies.get(host, {}) | (redirects.cookies.get(_SAFE + host, {}) if redirects.url.lower().startswith(_SAFE) else {})
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def _keep_cookies(redirects: RedirectChain, headers: Mapping[str, str]) -> None:
    """Stores the cookies from a response of `redirects.url`. After a new cookie, requesting an earlier address again is not a cycle."""
    for line in header_lines(headers, "Set-Cookie"):
        pair, _, attributes = line.partition(";")
        name, equals, value = (part.strip() for part in pair.partition("="))
        if not (equals and name and pair.isascii() and pair.isprintable()):
            continue
        secure = any(attribute.strip().lower() == "secure" for attribute in attributes.split(";"))
        if secure and not redirects.url.lower().startswith(_SAFE):
            continue
        cookies = redirects.cookies.setdefault((_SAFE if secure else "") + host_and_port(redirects.url), {})
        if cookies.get(name) != value and sum(map(len, (*cookies, *cookies.values(), name, value))) <= MAX_COOKIES:
            cookies[name] = value
            redirects.cycle_start = len(redirects.visited) + 1


def next_hop(redirects: RedirectChain, status: int, headers: Mapping[str, str], limits: Limits) -> FetchError | None:
    """Sets `redirects.url` to the target of a redirect. Returns an error if the redirect must not be followed, else None."""

    def error(code: str, kind: ErrorKind = "redirect", **args: str | int) -> FetchError:
        return FetchError(kind, Problem(f"redirect.{code}", dict(args)), status, headers)

    target = headers.get("Location", "").strip()
    if not target:
        return error("no_target", status=status)
    redirects.visited = (*redirects.visited, redirects.url)
    redirects.only_permanent = redirects.only_permanent and status in _PERMANENT
    try:
        redirects.url = urljoin(redirects.url, target.replace(" ", "%20")).partition("#")[0]
    except ValueError:
        return error("no_address", status=status)
    if redirects.url in redirects.visited[redirects.cycle_start :]:
        return error("circle")
    if len(redirects.visited) > limits.max_redirects:
        return error("many", count=limits.max_redirects)
    # RFC 9110, 10.2.3, asks to wait. A pause of a few seconds is ignored, because waiting would hold a slot at the host.
    wait = headers.get("Retry-After", "").strip()
    if wait.isascii() and wait.isdigit() and int(wait[:9]) > LONGEST_PAUSE:
        return error("later", "throttled", status=status, seconds=wait[:9])
    return None


async def _answer(
    response: aiohttp.ClientResponse, request: FetchRequest, limits: Limits, redirects: RedirectChain, deadline: asyncio.Timeout
) -> FetchResponse | NotModified | FetchError:
    status, url = response.status, redirects.url
    permanent = url if redirects.only_permanent and url != request.url else ""
    if status == 304:
        return NotModified(url, response.headers, permanent)
    if not 200 <= status < 300:
        response.close()
        words = f"{status} {sound(response.reason or '', 100)}".strip()
        return FetchError(_kind_of(status, response.headers), Problem("words", {"words": words}), status, response.headers)
    if status == 206:
        response.close()
        return FetchError("broken", Problem("partial"), status)
    body = await _read(response, request, limits, redirects, deadline)
    return body if isinstance(body, FetchError) else FetchResponse(url, body, response.headers, permanent)


async def _read(
    response: aiohttp.ClientResponse, request: FetchRequest, limits: Limits, redirects: RedirectChain, deadline: asyncio.Timeout
) -> bytes | FetchError:
    """Returns the decompressed body, or its first `request.first` bytes."""
    first = request.first
    too_large = FetchError("too_large", Problem("too_large", {"bytes": f"{limits.max_bytes:,}"}))
    if not first and (response.content_length or 0) > limits.max_bytes:
        response.close()
        return too_large
    chunks: list[bytes] = []
    size, stop_size = 0, first or limits.max_bytes + 1
    async for chunk in response.content.iter_any():
        chunks.append(chunk)
        size += len(chunk)
        if size >= stop_size:
            response.close()
            if not first:
                return too_large
            break
        if size > LARGE_BODY_BYTES and redirects.body_slot is not None:
            await redirects.body_slot.acquire(deadline)
    body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
    if body.startswith(GZIP):
        return await _unpacked(body, request, limits, redirects, deadline)
    return body[:first] if first else body


async def _unpacked(
    body: bytes, request: FetchRequest, limits: Limits, redirects: RedirectChain, deadline: asyncio.Timeout
) -> bytes | FetchError:
    if redirects.body_slot is not None:  # a short compressed body can be large after decompression
        await redirects.body_slot.acquire(deadline)
    try:
        return await asyncio.to_thread(unpack, body, request.first or limits.max_bytes, beginning=bool(request.first))
    except UnpackedTooLargeError as error:
        return FetchError("too_large", error.problem)
    except CutBodyError as error:
        return FetchError("broken", error.problem)


def _kind_of(status: int, headers: Mapping[str, str]) -> ErrorKind:
    if status == 410:
        return "gone"
    if status == 429 or (status == 503 and "Retry-After" in headers):
        return "throttled"
    return "server" if status >= 500 else "client"


@lru_cache(maxsize=ADDRESS_CACHE_SIZE)
def checked_url(url: str, allow_private: bool) -> URL:
    """Checks the address rules and returns the address as a yarl URL. Raises AddressRefusedError, or ValueError for an invalid address."""
    check_url(url, allow_private=allow_private)
    # Without `encoded`, yarl would decode and encode the percent signs and change the publisher's address.
    return URL(url, encoded=url.isascii() and "[" not in url)


def explain(error: Exception) -> FetchError:
    """Converts an exception of the HTTP library to a FetchError with a problem of our own; the library's text is not shown."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, AddressRefusedError):
            return FetchError("address", cause.problem)
        cause = cause.__cause__ or cause.__context__
    if "is not a public address" in str(error):  # the library tried several addresses and joined their error texts
        return FetchError("address", Problem("address.leads_to_private", {"host": _host(error)}))
    for error_types, kind, problem_of in _PROBLEMS:
        if isinstance(error, error_types):
            return FetchError(kind, problem_of(error))
    return FetchError("broken", Problem("broken.error", {"words": type(error).__name__}))


def _host(error: Exception) -> str:
    return str(getattr(error, "host", "") or "the host")


def _with_reason(code: str, error: Exception, host: str = "") -> Problem:
    """The problem `code`, or `code`.because where the system gives a reason."""
    inner = getattr(error, "os_error", None) or error
    reason = getattr(inner, "verify_message", "") or getattr(inner, "strerror", "") or ""
    # asyncio replaces the system's text by "Connect call failed ('203.0.113.9', 443)", but keeps the error number
    number = getattr(inner, "errno", None)
    if isinstance(number, int) and number in errno.errorcode:
        reason = os.strerror(number)
    args: dict[str, str | int | Problem] = {"host": host} if host else {}
    return Problem(f"{code}.because", args | {"words": str(reason).lower()}) if reason else Problem(code, args)


_PROBLEMS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], ErrorKind, Callable[[Exception], Problem]], ...] = (
    (aiohttp.InvalidURL, "address", lambda _: Problem("address.invalid")),
    ((aiohttp.ClientConnectorDNSError, socket.gaierror), "dns", lambda error: Problem("dns", {"host": _host(error)})),
    (
        (aiohttp.ClientConnectorCertificateError, aiohttp.ClientSSLError, ssl.SSLError),
        "tls",
        lambda error: _with_reason("tls", getattr(error, "certificate_error", error), _host(error)),
    ),
    (
        (aiohttp.ClientConnectorError, ConnectionRefusedError),
        "refused",
        lambda error: _with_reason("refused", error, _host(error)),
    ),
    (aiohttp.ClientPayloadError, "broken", lambda _: Problem("incomplete")),
    (aiohttp.ServerDisconnectedError, "broken", lambda _: Problem("closed")),
    (aiohttp.ClientResponseError, "broken", lambda _: Problem("not_http")),
    (OSError, "broken", lambda error: _with_reason("broken", error)),
)
