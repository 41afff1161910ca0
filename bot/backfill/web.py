"""Defines all_sources: paths, a pipe and web addresses as sources.

What lies on the web is loaded to a temporary file first, and goes on where it broke off.
"""

from __future__ import annotations

import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from io import BytesIO
from pathlib import Path

from watchers.archives.source import Source, compression, file_source, pipe_source
from watchers.archives.walk import form_of, sources_of

_TRIES = 5
_PART = 1 << 20


def all_sources(paths: Sequence[str]) -> Iterator[tuple[Source, str]]:
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
            if (compression(head) or form_of(head) in {"tar", "zip"}) and not source.name.endswith(".warc.gz"):
                return None
            size += source.path.stat().st_size
    return size


def _loaded(url: str) -> tuple[Source, str]:
    """The address as a file in the folder for temporary files. A person names it on the command line: it may lie on a private network."""
    name = blake2b(url.encode(), digest_size=12).hexdigest()
    whole = Path(tempfile.gettempdir()) / f"seedwatch-archive-{name}"
    part = whole.with_suffix(".part")
    wrong = ""
    for _ in range(_TRIES):
        if whole.exists():
            break
        try:
            _go_on(url, part)
            part.replace(whole)
        except urllib.error.HTTPError as error:
            wrong = f"the server answered {error.code} {error.reason}"
            if error.code < 500:
                break
        except (OSError, ValueError) as error:
            wrong = f"could not be loaded: {error}"
    if not whole.exists():
        return Source(url, BytesIO), wrong
    source = file_source(whole)
    return Source(url, source.open, source.path, url=url), ""


def _go_on(url: str, part: Path) -> None:
    have = part.stat().st_size if part.exists() else 0
    headers = {"User-Agent": "seedwatch", **({"Range": f"bytes={have}-"} if have else {})}
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - http(s) only, see all_sources
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        resumed = answer.status == 206
        expected = answer.headers.get("Content-Length")
        got = 0
        with part.open("ab" if resumed else "wb") as file:
            while data := answer.read(_PART):
                file.write(data)
                got += len(data)
        if expected is not None and got < int(expected):
            raise OSError(f"the connection ended after {got} of {expected} bytes")
