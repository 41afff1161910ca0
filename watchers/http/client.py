"""Defines fetch, one conditional GET with every limit on it: Fetched, NotModified or FetchError.

Redirects are followed by hand, because each hop has to pass the address rules and the kind of each hop matters later. A cookie that
a host sets with a redirect goes back to it until the request is answered, and nowhere else.
The body is unpacked, and never decoded: its charset is the parser's business.
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
from watchers.http.host_limits import KEPT, LargeBodySlot, host_of
from watchers.http.resolver import ThreadedResolver
from watchers.http.unpack import GZIP, CutBodyError, UnpackedTooLargeError, unpack
from watchers.models.polling import ErrorKind, Limits
from watchers.state.poll_schedule import header_lines
from watchers.text.html_text import sound

ACCEPT_FEED = (
    "application/atom+xml,application/rss+xml,application/feed+json,application/rdf+xml;q=0.9,"
    "application/xml;q=0.8,text/xml;q=0.8,*/*;q=0.1"
)
_PERMANENT = frozenset({301, 308})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
MAX_IGNORED = 65_536
"""Bytes of a redirect's own body that are read to its end."""
LONGEST_PAUSE = 5
"""Seconds of Retry-After in a redirect up to which it is followed."""
_SAFE = "https:"
MAX_COOKIES = 8_000
"""Characters of all cookies of one host that go back to it; servers refuse more."""
LARGE_BODY_BYTES = 300_000
"""Bytes from which a body waits for its turn to be read on."""
KEEP_ALIVE = 2.0
"""Seconds an idle connection is kept. Enough for the feeds of one host in one pass; idle TLS connections to thousands of
hosts would cost some 100 KB each."""


class FetchRequest(msgspec.Struct, frozen=True):
    """What to ask for. Validators are sent exactly as they were given; "" sends none."""

    url: str
    etag: str = ""
    last_modified: str = ""
    accept: str = ACCEPT_FEED
    first: int = 0
    """Only so many bytes of a body are wanted, and what follows is left there; 0: all of it, or an error."""


class Fetched(msgspec.Struct, frozen=True):
    """A whole body of a good answer. `headers` is case-insensitive; `permanent` is `url` when only permanent redirects led there."""

    url: str
    body: bytes
    headers: Mapping[str, str]
    permanent: str = ""


class NotModified(msgspec.Struct, frozen=True):
    """304."""

    url: str
    headers: Mapping[str, str]
    permanent: str = ""


@dataclass(frozen=True, slots=True)
class FetchError:
    """Why there is no body. `headers` are those of the answer that said so, if there was one."""

    kind: ErrorKind
    message: str
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)


def open_session(limits: Limits) -> aiohttp.ClientSession:
    """Gives the session that all looks share: guarded connections, no cookies, no proxy of the environment. Close it after use."""
    connector = aiohttp.TCPConnector(
        limit=0,  # `host_limits.HostLimiter` holds the limits, outside the time cap
        keepalive_timeout=KEEP_ALIVE,
        resolver=ThreadedResolver(),
        ttl_dns_cache=300,
        socket_factory=guarded_socket(allow_private=limits.allow_private_addresses),
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, connect=None, sock_connect=None, sock_read=None),  # one cap over all, in `fetch`
        headers={"User-Agent": limits.user_agent, "Accept-Encoding": "gzip, deflate, br"},
        read_bufsize=65_536,  # of each connection that waits for its turn, twice and more
        max_line_size=16_384,
        max_field_size=16_384,
        trust_env=False,
    )


class RedirectChain(msgspec.Struct):
    """How far a request has come through redirects; `fetch` goes on from here and writes here where it stopped."""

    url: str
    left: float
    """Seconds of the one time cap over all hops."""
    turn: LargeBodySlot | None = None
    """Taken for a large body; None: as many as there are."""
    stops: bool = False
    """At every redirect, not only at those to another host."""
    seen: tuple[str, ...] = ()
    """The addresses that redirected."""
    asked_alike: int = 0
    """Where in `seen` those begin that were asked with the cookies of now: only these make a circle."""
    cookies: dict[str, dict[str, str]] = msgspec.field(default_factory=dict)
    """Values by name, of each host that set some; behind `_SAFE` those for https alone. They end with the request: nothing else counts."""
    only_permanent: bool = True


async def fetch(
    session: aiohttp.ClientSession, request: FetchRequest, limits: Limits, way: RedirectChain
) -> Fetched | NotModified | FetchError | RedirectChain:
    """Asks for `request` at `way.url` and gives what came of it. Expected trouble is a FetchError, never raised.

    The way itself comes back where a redirect leads to another host: that one has limits of its own to pass (`host_limits.HostLimiter`).
    So it does
    at every redirect of a way that `stops`.
    """
    begun = time.monotonic()
    try:
        async with asyncio.timeout(way.left) as cap:
            return await _follow(session, request, limits, way, cap)
    except TimeoutError:
        return FetchError("timeout", f"no whole answer within {limits.timeout.total_seconds():g} s")
    except AddressRefusedError as error:
        return FetchError("address", str(error))
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return explain(error)
    finally:
        way.left -= time.monotonic() - begun


async def _follow(
    session: aiohttp.ClientSession, request: FetchRequest, limits: Limits, way: RedirectChain, cap: asyncio.Timeout
) -> Fetched | NotModified | FetchError | RedirectChain:
    headers = {"Accept": request.accept}
    if request.etag:
        headers["If-None-Match"] = request.etag
    if request.last_modified:
        headers["If-Modified-Since"] = request.last_modified
    while True:
        url = way.url
        asked = headers | {"Cookie": cookies} if (cookies := _cookies_for(way)) else headers
        async with session.get(checked(url, limits.allow_private_addresses), headers=asked, allow_redirects=False) as response:
            status = response.status
            if status not in _REDIRECTS:
                return await _answer(response, request, limits, way, cap)
            # A short body is read, so that the connection can be used again; a packed one may be long.
            short = "Content-Encoding" not in response.headers and (response.content_length or MAX_IGNORED) < MAX_IGNORED
            await response.read() if short else response.close()
        _keep_cookies(way, response.headers)
        trouble = next_hop(way, status, response.headers, limits)
        if trouble is not None:
            return trouble
        if way.stops or host_of(way.url) != host_of(url):
            return way


def _cookies_for(way: RedirectChain) -> str:
    host = host_of(way.url)
    kept = way.cookies.get(host, {}) | (way.cookies.get(_SAFE + host, {}) if way.url.lower().startswith(_SAFE) else {})
    return "; ".join(f"{name}={value}" for name, value in kept.items())


def _keep_cookies(way: RedirectChain, headers: Mapping[str, str]) -> None:
    """Keeps the cookies that `way.url` sets. One that is new makes it worth asking an address again."""
    for line in header_lines(headers, "Set-Cookie"):
        pair, _, attributes = line.partition(";")
        name, equals, value = (part.strip() for part in pair.partition("="))
        if not (equals and name and pair.isascii() and pair.isprintable()):
            continue
        secure = any(attribute.strip().lower() == "secure" for attribute in attributes.split(";"))
        if secure and not way.url.lower().startswith(_SAFE):
            continue
        kept = way.cookies.setdefault((_SAFE if secure else "") + host_of(way.url), {})
        if kept.get(name) != value and sum(map(len, (*kept, *kept.values(), name, value))) <= MAX_COOKIES:
            kept[name] = value
            way.asked_alike = len(way.seen) + 1


def next_hop(way: RedirectChain, status: int, headers: Mapping[str, str], limits: Limits) -> FetchError | None:
    """Moves `way` to where a redirect leads, or says why it is not followed."""

    def refused(why: str, kind: ErrorKind = "redirect") -> FetchError:
        return FetchError(kind, why, status, headers)

    target = headers.get("Location", "").strip()
    if not target:
        return refused(f"{status} without a Location")
    way.seen = (*way.seen, way.url)
    way.only_permanent = way.only_permanent and status in _PERMANENT
    try:
        way.url = urljoin(way.url, target.replace(" ", "%20")).partition("#")[0]
    except ValueError:
        return refused(f"{status} to what is no address")
    if way.url in way.seen[way.asked_alike :]:
        return refused("redirects in a circle")
    if len(way.seen) > limits.max_redirects:
        return refused(f"more than {limits.max_redirects} redirects")
    # RFC 9110, 10.2.3: not before that long. A few seconds are followed at once: a pause would hold a place at the host.
    wait = headers.get("Retry-After", "").strip()
    if wait.isascii() and wait.isdigit() and int(wait[:9]) > LONGEST_PAUSE:
        return refused(f"{status} that may be followed in {wait[:9]} s only", "throttled")
    return None


async def _answer(
    response: aiohttp.ClientResponse, request: FetchRequest, limits: Limits, way: RedirectChain, cap: asyncio.Timeout
) -> Fetched | NotModified | FetchError:
    status, url = response.status, way.url
    permanent = url if way.only_permanent and url != request.url else ""
    if status == 304:
        return NotModified(url, response.headers, permanent)
    if not 200 <= status < 300:
        response.close()
        said = f"{status} {sound(response.reason or '', 100)}".strip()
        return FetchError(_kind_of(status, response.headers), said, status, response.headers)
    if status == 206:
        response.close()
        return FetchError("broken", "206: a part, though all of it was asked for", status)
    body = await _read(response, request, limits, way, cap)
    return body if isinstance(body, FetchError) else Fetched(url, body, response.headers, permanent)


async def _read(
    response: aiohttp.ClientResponse, request: FetchRequest, limits: Limits, way: RedirectChain, cap: asyncio.Timeout
) -> bytes | FetchError:
    """The body unpacked, or its beginning where no more is wanted."""
    first = request.first
    too_large = FetchError("too_large", f"more than {limits.max_bytes:,} bytes")
    if not first and (response.content_length or 0) > limits.max_bytes:
        response.close()
        return too_large
    chunks: list[bytes] = []
    size, most = 0, first or limits.max_bytes + 1
    async for chunk in response.content.iter_any():
        chunks.append(chunk)
        size += len(chunk)
        if size >= most:
            response.close()
            if not first:
                return too_large
            break
        if size > LARGE_BODY_BYTES and way.turn is not None:
            await way.turn.take(cap)
    body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
    if body.startswith(GZIP):
        return await _unpacked(body, request, limits, way, cap)
    return body[:first] if first else body


async def _unpacked(body: bytes, request: FetchRequest, limits: Limits, way: RedirectChain, cap: asyncio.Timeout) -> bytes | FetchError:
    if way.turn is not None:  # a short body may be a large one, packed
        await way.turn.take(cap)
    try:
        return await asyncio.to_thread(unpack, body, request.first or limits.max_bytes, beginning=bool(request.first))
    except UnpackedTooLargeError as error:
        return FetchError("too_large", str(error))
    except CutBodyError as error:
        return FetchError("broken", str(error))


def _kind_of(status: int, headers: Mapping[str, str]) -> ErrorKind:
    if status == 410:
        return "gone"
    if status == 429 or (status == 503 and "Retry-After" in headers):
        return "throttled"
    return "server" if status >= 500 else "client"


@lru_cache(maxsize=KEPT)
def checked(url: str, allow_private: bool) -> URL:
    """The address in the library's form, once the rules let it pass. Raises AddressRefusedError, and ValueError for what is none."""
    check_url(url, allow_private=allow_private)
    # yarl would decode and encode again; what the publisher wrote in percent signs is kept as it is.
    return URL(url, encoded=url.isascii() and "[" not in url)


def explain(error: Exception) -> FetchError:
    """Says what went wrong in words for a person; the libraries' own words stay out."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, AddressRefusedError):
            return FetchError("address", str(cause))
        cause = cause.__cause__ or cause.__context__
    if "is not a public address" in str(error):  # several addresses were tried, and their errors joined into one text
        return FetchError("address", f"{_host(error)} leads to addresses that are not public")
    for kinds, kind, says in _EXPLAINED:
        if isinstance(error, kinds):
            return FetchError(kind, says(error))
    return FetchError("broken", f"the connection broke ({type(error).__name__})")


def _host(error: Exception) -> str:
    return str(getattr(error, "host", "") or "the host")


def _reason(error: Exception) -> str:
    inner = getattr(error, "os_error", None) or error
    reason = getattr(inner, "verify_message", "") or getattr(inner, "strerror", "") or ""
    # asyncio wraps it: "Connect call failed ('203.0.113.9', 443)" with the number apart
    code = getattr(inner, "errno", None)
    if isinstance(code, int) and code in errno.errorcode:
        reason = os.strerror(code)
    return f": {str(reason).lower()}" if reason else ""


_EXPLAINED: tuple[tuple[type[Exception] | tuple[type[Exception], ...], ErrorKind, Callable[[Exception], str]], ...] = (
    (aiohttp.InvalidURL, "address", lambda _: "not an address that can be asked"),
    ((aiohttp.ClientConnectorDNSError, socket.gaierror), "dns", lambda error: f"the name {_host(error)} is not known"),
    (
        (aiohttp.ClientConnectorCertificateError, aiohttp.ClientSSLError, ssl.SSLError),
        "tls",
        lambda error: f"no safe connection to {_host(error)}{_reason(getattr(error, 'certificate_error', error))}",
    ),
    ((aiohttp.ClientConnectorError, ConnectionRefusedError), "refused", lambda error: f"no connection to {_host(error)}{_reason(error)}"),
    (aiohttp.ClientPayloadError, "broken", lambda _: "the answer did not arrive whole"),
    (aiohttp.ServerDisconnectedError, "broken", lambda _: "the connection was closed before an answer came"),
    (aiohttp.ClientResponseError, "broken", lambda _: "the answer is not sound HTTP"),
    (OSError, "broken", lambda error: f"the connection broke{_reason(error)}"),
)
