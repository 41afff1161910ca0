"""Archives on the web: loaded to a file, going on where the connection broke."""

from __future__ import annotations

import getpass
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast

import pytest

from bot.backfill.download import all_sources, leads_inside
from watchers.archives.formats import chunks_of

BODY = b"".join(b'{"title": "Number %d"}\n' % number for number in range(5_000))


class _Server(BaseHTTPRequestHandler):
    """Sends half of the body the first time and then breaks off; later all that is asked for."""

    def do_GET(self) -> None:
        site = cast("Site", self.server)
        asked = self.headers.get("Range", "")
        site.asked.append((asked, self.headers.get("If-Range", ""), self.headers.get("If-None-Match", "")))
        site.paths.append(self.path)
        if self.path in site.moved:
            self.send_response(302)
            self.send_header("Location", site.moved[self.path])
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if self.path == "/none":
            self.send_error(404)
            return
        if site.etag and self.headers.get("If-None-Match") == site.etag:
            self.send_response(304)
            self.end_headers()
            return
        start = 0
        if asked and site.ranges and self.headers.get("If-Range", site.etag) == site.etag:
            start = int(asked[6:-1])
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(site.body) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(site.body) - 1}/{len(site.body)}")
        if site.etag:
            self.send_header("ETag", site.etag)
        self.end_headers()
        cut = len(site.body) // 2 if site.breaks else len(site.body)
        site.breaks = max(0, site.breaks - 1)
        self.wfile.write(site.body[start:cut])
        if site.breaks == 0 and site.then is not None and cut < len(site.body):
            site.then()

    def log_message(self, *_told: object) -> None:
        """Says nothing."""


class Site(ThreadingHTTPServer):
    """A server with one file, and what it was asked for: Range, If-Range, If-None-Match."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Server)
        self.asked: list[tuple[str, str, str]] = []
        self.paths: list[str] = []
        self.moved: dict[str, str] = {}
        self.body, self.etag, self.ranges, self.breaks = BODY, "", True, 1
        self.then: Callable[[], None] | None = None
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    with Site() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def loaded(site: Site) -> bytes:
    ((source, wrong),) = all_sources([site.url + "/a.jsonl"])
    assert not wrong
    with source.open() as stream:
        return stream.read()


HALF = f"bytes={len(BODY) // 2}-"


def test_a_broken_connection_goes_on_by_range(site: Site) -> None:
    ((source, wrong),) = all_sources([site.url + "/a.jsonl"])
    assert not wrong
    with source.open() as stream:
        assert stream.read() == BODY
    assert site.asked == [("", "", ""), (HALF, "", "")]
    assert source.name == site.url + "/a.jsonl"
    assert sum(chunk.size for chunk in chunks_of(source)) == len(BODY)


def test_a_server_without_ranges_sends_it_all_again(site: Site) -> None:
    site.ranges = False
    assert loaded(site) == BODY
    assert len(site.asked) == 2


@pytest.mark.parametrize("etag", ['"2"', ""])
def test_a_file_that_changed_meanwhile_is_not_joined_with_its_old_half(site: Site, etag: str) -> None:
    def change() -> None:
        site.body, site.etag = BODY[::-1] + b"more", etag

    site.etag, site.then = etag and '"1"', change
    assert loaded(site) == BODY[::-1] + b"more"


def test_a_later_run_goes_on_with_a_file_that_is_still_the_same(site: Site) -> None:
    site.etag, site.breaks = '"1"', 5  # as many as are tried
    ((_, wrong),) = all_sources([site.url + "/a.jsonl"])
    assert wrong.startswith("could not be loaded: the connection ended after")
    site.asked.clear()
    assert loaded(site) == BODY
    assert site.asked == [(HALF, '"1"', "")]


def test_a_file_that_is_here_is_asked_for_only_if_it_changed(site: Site) -> None:
    site.etag, site.breaks = '"1"', 0
    assert loaded(site) == BODY
    assert loaded(site) == BODY
    assert site.asked == [("", "", ""), ("", "", '"1"')]
    site.body, site.etag = BODY[::-1], '"2"'
    assert loaded(site) == BODY[::-1]


def test_what_is_not_there_is_told(site: Site) -> None:
    ((_, wrong),) = all_sources([site.url + "/none"])
    assert wrong == "the server answered 404 Not Found"


def test_the_proxy_of_the_environment_is_asked_as_other_programs_ask_it(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.breaks = 0
    monkeypatch.setenv("http_proxy", site.url)
    ((source, wrong),) = all_sources(["http://archive.example/a.jsonl"])
    assert not wrong
    with source.open() as stream:
        assert stream.read() == BODY
    assert site.paths == ["http://archive.example/a.jsonl"]


def test_what_the_environment_takes_out_is_asked_without_the_proxy(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.breaks = 0
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert loaded(site) == BODY
    assert site.paths == ["/a.jsonl"]


@pytest.mark.parametrize("target", ["file:///etc/hostname", "ftp://127.0.0.1:9/a.jsonl", "data:,x", "FILE:/etc/hostname"])
def test_a_redirect_leads_to_the_web_alone(site: Site, target: str) -> None:
    site.moved["/a.jsonl"] = target
    ((source, wrong),) = all_sources([site.url + "/a.jsonl"])
    assert "302" in wrong
    assert source.path is None


def test_a_redirect_is_followed(site: Site) -> None:
    site.moved["/a.jsonl"], site.breaks = "/b.jsonl", 0
    assert loaded(site) == BODY
    assert site.paths == ["/a.jsonl", "/b.jsonl"]


@pytest.mark.parametrize(
    ("begun", "target", "inside"),
    [
        ("http://93.184.216.34/a", "http://127.0.0.1:8080/b", True),
        ("http://93.184.216.34/a", "https://[::ffff:10.0.0.1]/b", True),
        ("http://93.184.216.34/a", "http://169.254.169.254/", True),
        ("http://93.184.216.34/a", "http://0x7f.1/", True),
        ("http://93.184.216.34/a", "http://8.8.8.8/", False),
        ("http://10.0.0.1/a", "http://10.0.0.2/", False),
    ],
)
def test_a_redirect_from_the_public_web_leads_to_no_private_network(begun: str, target: str, inside: bool) -> None:
    assert leads_inside(begun, target) is inside


@pytest.mark.parametrize("written", [b"", b'{"etag": "\\"1', b"[]", b"\xff"])
def test_notes_that_were_being_written_when_the_process_ended_keep_nobody_from_loading(site: Site, tmp_path: Path, written: bytes) -> None:
    site.etag, site.breaks = '"1"', 0
    assert loaded(site) == BODY
    (marks,) = tmp_path.rglob("*.marks")
    marks.write_bytes(written)
    assert loaded(site) == BODY


@pytest.mark.parametrize("kind", ["a link", "a file", "open to all"])
def test_a_folder_that_others_could_write_in_is_not_used(site: Site, tmp_path: Path, kind: str) -> None:
    site.breaks = 0
    folder = tmp_path / f"seedwatch-{getpass.getuser()}"
    if kind == "a link":
        (tmp_path / "elsewhere").mkdir()
        folder.symlink_to(tmp_path / "elsewhere")
    elif kind == "a file":
        folder.write_text("x")
    else:
        folder.mkdir()
        folder.chmod(0o777)
    ((source, wrong),) = all_sources([site.url + "/a.jsonl"])
    assert wrong
    assert source.path is None
    assert site.asked == []
