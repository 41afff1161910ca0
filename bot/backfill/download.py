"""Defines all_sources, which opens paths, standard input and web addresses as sources.

A web address is downloaded to a temporary file first; an interrupted download is resumed. The user typed the address, so the request uses
the proxy of the environment (http_proxy, https_proxy, all_proxy, no_proxy), and the address may be on a private network. Feeds and pages
are requested without a proxy: their addresses come from third parties, and the address check would only see the proxy's address.

Redirects are restricted: only to http and https, and from a public address to no private one. Each read has a timeout, the whole download
has none, because large archives take hours.
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

_MAX_ATTEMPTS = 5
_READ_SIZE = 1 << 20
_PARTIAL, _NOT_MODIFIED, _RANGE_NOT_SATISFIABLE = 206, 304, 416


def all_sources(paths: Sequence[str]) -> Iterator[tuple[ByteSource, str]]:
    """Yields the sources of each path with an error message ("" if there is none). "-" is standard input."""
    for path in paths:
        if path == "-":
            yield pipe_source("standard input", sys.stdin.buffer), ""
        elif path.startswith(("http://", "https://")):
            yield _download_source(path)
        else:
            yield from sources_of([path])


def size_of(paths: Sequence[str]) -> int | None:
    """Returns the number of bytes that will be read, for the estimate of the remaining time. None if it is unknown: for pipes, addresses,
    and compressed files other than gzipped WARCs (those are read compressed)."""
    size = 0
    for path in paths:
        if path == "-" or path.startswith(("http://", "https://")):
            return None
        for source, problem in sources_of([path]):
            if problem or source.path is None:
                continue
            head = source.head()
            if (compression(head) or container_of(head)) and not source.name.endswith(".warc.gz"):
                return None
            size += source.path.stat().st_size
    return size


def _download_source(url: str) -> tuple[ByteSource, str]:
    """Downloads the address to a temporary file and returns it as a source, with an error message. The user typed the address, so it may be
    on a private network."""
    problem = ""
    try:
        file = _download_folder() / blake2b(url.encode(), digest_size=12).hexdigest()
        for attempt in range(_MAX_ATTEMPTS):
            try:
                _download(url, file, again=attempt > 0)
            except urllib.error.HTTPError as error:
                problem = sound(f"the server answered {error.code} {error.reason}", 300)
                if error.code < 500 and error.code != _RANGE_NOT_SATISFIABLE:
                    break
            except (OSError, http.client.HTTPException) as error:
                problem = f"could not be loaded: {error}"
            else:
                source = file_source(file)
                return ByteSource(url, source.open, source.path, url=url), ""
    except (OSError, ValueError) as error:
        problem = str(error)
    return ByteSource(url, BytesIO), problem


class _RedirectHandler(urllib.request.HTTPRedirectHandler):
    """Follows redirects to http(s) only, and never from a public address to a private one."""

    def redirect_request(  # noqa: PLR0917 - as urllib has it
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """Returns the next request. Raises HTTPError if the redirect is not allowed."""
        if not newurl.lower().startswith(("http://", "https://")):
            raise urllib.error.HTTPError(newurl, code, "with a redirect to what is not on the web", headers, fp)
        if leads_inside(req.full_url, newurl):
            raise urllib.error.HTTPError(newurl, code, "with a redirect from a public address to a private one", headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> urllib.request.OpenerDirector:
    """Builds an opener for http(s) only; urllib's default also opens files and FTP."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),  # reads the environment now
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        _RedirectHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.HTTPDefaultErrorHandler(),
    ):
        opener.add_handler(handler)
    return opener


def leads_inside(origin: str, target: str) -> bool:
    """Whether a redirect leads from the public web to a private network. Names that only a proxy can resolve count as public."""
    return _is_private(target) and not _is_private(origin)


def _is_private(url: str) -> bool:
    parts = urlsplit(url)
    try:
        addresses = socket.getaddrinfo(parts.hostname or "", parts.port or 80, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    return not all(is_public(ipaddress.ip_address(str(address[4][0]).partition("%")[0])) for address in addresses)


def _download_folder() -> Path:
    """Returns the folder for downloads, which only this user may write, because its file names can be guessed. Raises PermissionError if it
    belongs to someone else."""
    folder = Path(tempfile.gettempdir()) / f"seedwatch-{getpass.getuser()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    info = folder.lstat()  # lstat: another user may have put a link there
    if not stat.S_ISDIR(info.st_mode) or (hasattr(os, "getuid") and (info.st_uid != os.getuid() or info.st_mode & 0o022)):
        raise PermissionError(f"{folder} is not a folder of this user's own")
    return folder


def _download(url: str, file: Path, *, again: bool) -> None:
    """Makes `file` a copy of the resource: keeps it if the server says it is unchanged, resumes an interrupted download if the resource is
    the same, else starts again.

    `again`: the download was interrupted just now, so it is resumed even without a strong validator. Raises OSError, HTTPError or
    http.client.HTTPException.
    """
    part, validators_file = file.with_suffix(".part"), file.with_suffix(".marks")
    validators = _read_validators(validators_file)
    offset = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"User-Agent": "seedwatch"})  # noqa: S310 - http(s) only, see all_sources
    if offset and (validators.get("same") or again):
        request.add_header("Range", f"bytes={offset}-")
        if validators.get("same"):
            request.add_header("If-Range", validators["same"])
    elif file.exists() and validators.get("etag"):
        request.add_header("If-None-Match", validators["etag"])
    elif file.exists() and validators.get("modified"):
        request.add_header("If-Modified-Since", validators["modified"])
    try:
        answer = _opener().open(request, timeout=60)
    except urllib.error.HTTPError as error:
        if error.code == _NOT_MODIFIED:
            return
        if error.code == _RANGE_NOT_SATISFIABLE:
            part.unlink(missing_ok=True)
        raise
    with answer:
        if answer.status == _PARTIAL:
            _check_range(answer, offset, validators, part)
        else:
            etag, modified, size = (answer.headers.get(name) for name in ("ETag", "Last-Modified", "Content-Length"))
            strong_validator = modified if not etag or etag.startswith("W/") else etag  # a weak ETag does not guarantee equal bytes
            validators = {"etag": etag, "modified": modified, "same": strong_validator, "size": size}
            part.unlink(missing_ok=True)
            validators_file.write_text(json.dumps(validators), "utf-8")
        _append_body(answer, part)
    part.replace(file)
    date = email.utils.parsedate_tz(validators.get("modified") or "")
    if date:  # the modification time is part of the fingerprint by which a run is resumed
        os.utime(file, (email.utils.mktime_tz(date),) * 2)


def _read_validators(validators_file: Path) -> dict[str, Any]:
    """Returns the stored validators; none if the process ended while it wrote them."""
    try:
        validators = json.loads(validators_file.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return validators if isinstance(validators, dict) else {}


def _check_range(answer: http.client.HTTPResponse, offset: int, validators: dict[str, str], part: Path) -> None:
    """Raises OSError and deletes the partial file if the answer is not its continuation."""
    content_range, _, size = (answer.headers.get("Content-Range") or "").partition("/")
    if not content_range.startswith(f"bytes {offset}-") or (validators.get("size") and size not in {validators["size"], "*"}):
        part.unlink(missing_ok=True)
        raise OSError(f"expected the rest from byte {offset} on, the server sent {content_range!r} of {size or 'nobody knows'} bytes")


def _append_body(answer: http.client.HTTPResponse, part: Path) -> None:
    expected = answer.headers.get("Content-Length")
    received = 0
    with part.open("ab") as file:
        while data := answer.read(_READ_SIZE):
            file.write(data)
            received += len(data)
    if expected is not None and received < int(expected):
        raise OSError(f"the connection ended after {received} of {expected} bytes")
