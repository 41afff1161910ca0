"""Archives on the web: loaded to a file, going on where the connection broke."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bot.backfill.web import all_sources
from watchers.archives.walk import chunks_of

BODY = b"".join(b'{"title": "Number %d"}\n' % number for number in range(5_000))


class _Cut(BaseHTTPRequestHandler):
    """Sends half of what is left of the body the first time, and the rest when asked for it by its range."""

    asked: list[str]

    def do_GET(self) -> None:
        asked = self.headers.get("Range", "")
        type(self).asked.append(asked)
        if self.path == "/none":
            self.send_error(404)
            return
        start = int(asked[6:-1]) if asked else 0
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(len(BODY) - start))
        self.end_headers()
        self.wfile.write(BODY[start:] if asked else BODY[: len(BODY) // 2])

    def log_message(self, *_told: object) -> None:
        """Says nothing."""


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    _Cut.asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), _Cut) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_address[1]}"
        running.shutdown()
        thread.join()


def test_a_broken_connection_goes_on_by_range(server: str) -> None:
    ((source, wrong),) = all_sources([server + "/a.jsonl"])
    assert not wrong
    with source.open() as stream:
        assert stream.read() == BODY
    assert _Cut.asked == ["", f"bytes={len(BODY) // 2}-"]
    assert source.name == server + "/a.jsonl"
    assert sum(chunk.size for chunk in chunks_of(source)) == len(BODY)


def test_what_is_not_there_is_told(server: str) -> None:
    ((_, wrong),) = all_sources([server + "/none"])
    assert wrong == "the server answered 404 Not Found"
