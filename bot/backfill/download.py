"""Defines all_sources: paths, a pipe and web addresses as sources.

What lies on the web is loaded to a temporary file first, and goes on where it broke off. The address was typed by the person at the
keyboard, so it is asked the way that person's other programs ask, through the proxy that the environment names (http_proxy, https_proxy,
all_proxy, no_proxy), and it may lie on a private network. Feeds and pages are asked without: their addresses come from elsewhere, and the
check of each of them would only see the proxy's.

What a server answers is trusted with less: its redirects lead to http and https alone, and from a public address to no private one. Each
read has a limit in time, the whole has none: an archive takes hours.
"""

from __future__ import annotations

import email.utils
import getpass
import http.client
import ipaddress
import json
import os
import socket
import stat
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from io import BytesIO
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from watchers.archives.formats import container_of, sources_of
from watchers.archives.source import ByteSource, compression, file_source, pipe_source
from watchers.http.address_rules import is_public
from watchers.text.html_text import sound

_TRIES = 5
_PART = 1 << 20
_PARTIAL, _UNCHANGED, _RANGE_WRONG = 206, 304, 416


def all_sources(paths: Sequence[str]) -> Iterator[tuple[ByteSource, str]]:
    """Each path as sources, with what is wrong with it ("" for nothing). "-" is standard input."""
    for path in paths:
        if path == "-":
            yield pipe_source("standard input", sys.stdin.buffer), ""
        elif path.startswith(("http://", "https://")):
            yield _loaded(path)
        else:
            yield from sources_of([path])


def size_of(paths: Sequence[str]) -> int | None:
    """Bytes that will be read, for the time left; None where that is not known: pipes, addresses, and packed files other than gzipped WARCs
    (these are read packed), whose plain size nothing tells."""
    size = 0
    for path in paths:
        if path == "-" or path.startswith(("http://", "https://")):
            return None
        for source, wrong in sources_of([path]):
            if wrong or source.path is None:
                continue
            head = source.head()
            if (compression(head) or container_of(head)) and not source.name.endswith(".warc.gz"):
                return None
            size += source.path.stat().st_size
    return size


def _loaded(url: str) -> tuple[ByteSource, str]:
    """The address as a file in the folder for temporary files. A person names it on the command line: it may lie on a private network."""
    wrong = ""
    try:
        whole = _folder() / blake2b(url.encode(), digest_size=12).hexdigest()
        for attempt in range(_TRIES):
            try:
                _load(url, whole, again=attempt > 0)
            except urllib.error.HTTPError as error:
                wrong = sound(f"the server answered {error.code} {error.reason}", 300)
                if error.code < 500 and error.code != _RANGE_WRONG:
                    break
            except (OSError, http.client.HTTPException) as error:
                wrong = f"could not be loaded: {error}"
            else:
                source = file_source(whole)
                return ByteSource(url, source.open, source.path, url=url), ""
    except (OSError, ValueError) as error:
        wrong = str(error)
    return ByteSource(url, BytesIO), wrong


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows what may be followed."""

    def redirect_request(  # noqa: PLR0917 - as urllib has it
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """What to ask next. Raises HTTPError where that may not be asked."""
        if not newurl.lower().startswith(("http://", "https://")):
            raise urllib.error.HTTPError(newurl, code, "with a redirect to what is not on the web", headers, fp)
        if leads_inside(req.full_url, newurl):
            raise urllib.error.HTTPError(newurl, code, "with a redirect from a public address to a private one", headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> urllib.request.OpenerDirector:
    """Only what is needed: the usual one also opens files and FTP."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),  # of the environment, as it is now
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        _Redirects(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.HTTPDefaultErrorHandler(),
    ):
        opener.add_handler(handler)
    return opener


def leads_inside(begun: str, target: str) -> bool:
    """Whether a redirect leads from the public web to a private network. Names that only a proxy knows are left to it."""
    return _is_private(target) and not _is_private(begun)


def _is_private(url: str) -> bool:
    parts = urlsplit(url)
    try:
        found = socket.getaddrinfo(parts.hostname or "", parts.port or 80, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    return not all(is_public(ipaddress.ip_address(str(one[4][0]).partition("%")[0])) for one in found)


def _folder() -> Path:
    """A folder that nobody else can write in: its files' names can be guessed. Raises PermissionError where it is not ours."""
    folder = Path(tempfile.gettempdir()) / f"seedwatch-{getpass.getuser()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()  # a link would lead wherever who made it likes
    if not stat.S_ISDIR(found.st_mode) or (hasattr(os, "getuid") and (found.st_uid != os.getuid() or found.st_mode & 0o022)):
        raise PermissionError(f"{folder} is not a folder of this user's own")
    return folder


def _load(url: str, whole: Path, *, again: bool) -> None:
    """Makes the file that of the server: asks whether the one that is here still holds, goes on with one that was broken off if it is still
    the same there, or begins anew. `again`: what was broken off was so just now. Raises OSError, HTTPError, or http.client.HTTPException.
    """
    part, marks = whole.with_suffix(".part"), whole.with_suffix(".marks")
    known = _read_marks(marks)
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"User-Agent": "seedwatch"})  # noqa: S310 - http(s) only, see all_sources
    if have and (known.get("same") or again):
        request.add_header("Range", f"bytes={have}-")
        if known.get("same"):
            request.add_header("If-Range", known["same"])
    elif whole.exists() and known.get("etag"):
        request.add_header("If-None-Match", known["etag"])
    elif whole.exists() and known.get("modified"):
        request.add_header("If-Modified-Since", known["modified"])
    try:
        answer = _opener().open(request, timeout=60)
    except urllib.error.HTTPError as error:
        if error.code == _UNCHANGED:
            return
        if error.code == _RANGE_WRONG:
            part.unlink(missing_ok=True)
        raise
    with answer:
        if answer.status == _PARTIAL:
            _same_file(answer, have, known, part)
        else:
            etag, modified, size = (answer.headers.get(name) for name in ("ETag", "Last-Modified", "Content-Length"))
            same = modified if not etag or etag.startswith("W/") else etag  # a weak one does not say that every byte is the same
            known = {"etag": etag, "modified": modified, "same": same, "size": size}
            part.unlink(missing_ok=True)
            marks.write_text(json.dumps(known), "utf-8")
        _take(answer, part)
    part.replace(whole)
    date = email.utils.parsedate_tz(known.get("modified") or "")
    if date:  # by its time a file that is loaded once more is known to be the one that was read
        os.utime(whole, (email.utils.mktime_tz(date),) * 2)


def _read_marks(marks: Path) -> dict[str, Any]:
    """What was noted of the file; nothing where the process ended while it wrote that."""
    try:
        known = json.loads(marks.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _same_file(answer: http.client.HTTPResponse, have: int, known: dict[str, str], part: Path) -> None:
    """Raises OSError, and lets the part go, where what comes is not the rest of it."""
    begins, _, size = (answer.headers.get("Content-Range") or "").partition("/")
    if not begins.startswith(f"bytes {have}-") or (known.get("size") and size not in {known["size"], "*"}):
        part.unlink(missing_ok=True)
        raise OSError(f"expected the rest from byte {have} on, the server sent {begins!r} of {size or 'nobody knows'} bytes")


def _take(answer: http.client.HTTPResponse, part: Path) -> None:
    expected = answer.headers.get("Content-Length")
    got = 0
    with part.open("ab") as file:
        while data := answer.read(_PART):
            file.write(data)
            got += len(data)
    if expected is not None and got < int(expected):
        raise OSError(f"the connection ended after {got} of {expected} bytes")
