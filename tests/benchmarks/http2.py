"""Measures whether HTTP/2 would pay: many feeds of one host over TLS, asked with aiohttp (HTTP/1.1) and httpx (HTTP/1.1 and HTTP/2).

    pip install 'httpx[http2]' hypercorn trustme      # none of them is needed for anything else here
    python -m tests.benchmarks.http2 [FEEDS] [ROUND_TRIP_MS]

One server speaks both; a relay in front of it makes connecting and every piece of data take a round trip, as a distant host does. Whole
answers and 304s, as many at once as `poll.per_host` allows, and sixteen: more than any host should be asked. Each number is the median of
five passes that begin without a connection, in milliseconds a feed: waited, and computed by the client.
"""

from __future__ import annotations

import asyncio
import gzip
import random
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import aiohttp
import httpx

from tests.support.feed_server import rss

PASSES = 5
AT_ONCE = (2, 16)


def document(number: int) -> bytes:
    """A feed of twenty items, some 9 KB, packed."""
    draw = random.Random(number)
    words = ["".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=draw.randint(3, 9))) for _ in range(400)]
    entries = [{"title": " ".join(draw.choices(words, k=9)), "description": " ".join(draw.choices(words, k=40))} for _ in range(20)]
    return gzip.compress(rss(*entries), 6)


async def serve(folder: Path, port: int, feeds: int, trip: float) -> None:
    """The server at `port`, and at `port` + 1 the same at a distance. Runs until it is killed."""
    bodies = [document(number) for number in range(feeds)]

    async def app(scope: Mapping[str, Any], _receive: object, send: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        if scope["type"] != "http":
            return
        number = int(scope["path"][1:])
        etag = b'"%d"' % number
        known = dict(scope["headers"]).get(b"if-none-match") == etag
        head = [(b"etag", etag)] if known else [(b"etag", etag), (b"content-type", b"application/rss+xml"), (b"content-encoding", b"gzip")]
        await send({"type": "http.response.start", "status": 304 if known else 200, "headers": head})
        await send({"type": "http.response.body", "body": b"" if known else bodies[number]})

    config = import_module("hypercorn.config").Config()
    config.bind, config.accesslog, config.errorlog = [f"127.0.0.1:{port}"], None, None
    config.certfile, config.keyfile = str(folder / "cert.pem"), str(folder / "key.pem")
    config.keep_alive_max_requests = 1_000_000
    distant = await asyncio.start_server(lambda reader, writer: relay(reader, writer, port, trip), "127.0.0.1", port + 1)
    async with distant:
        await import_module("hypercorn.asyncio").serve(app, config, shutdown_trigger=asyncio.Event().wait)


async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int, trip: float) -> None:
    """Passes a connection on: opening it takes a round trip, every piece half of one each way."""
    await asyncio.sleep(trip)
    behind, before = await asyncio.open_connection("127.0.0.1", port)
    await asyncio.gather(pump(reader, before, trip / 2), pump(behind, writer, trip / 2))


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, late: float) -> None:
    """Every piece arrives `late` seconds after it was sent, in order."""
    waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def deliver() -> None:
        while True:
            moment, data = await waiting.get()
            await asyncio.sleep(max(0.0, moment - time.monotonic()))
            if not data:
                writer.close()
                return
            writer.write(data)

    delivering = asyncio.create_task(deliver())
    data = b"begin"
    while data:
        try:
            data = await reader.read(65_536)
        except OSError:
            data = b""
        waiting.put_nowait((time.monotonic() + late, data))
    await delivering


async def timed(asking: Iterable[Awaitable[None]]) -> tuple[float, float]:
    """Seconds waited and computed."""
    computed, begun = time.process_time(), time.perf_counter()
    await asyncio.gather(*asking)
    return time.perf_counter() - begun, time.process_time() - computed


async def with_aiohttp(base: str, tls: ssl.SSLContext, feeds: int, at_once: int, known: bool) -> tuple[float, float]:
    """One pass, as `watchers.http.client` asks."""
    gate = asyncio.Semaphore(at_once)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=tls, limit=0), headers={"Accept-Encoding": "gzip"}) as session:

        async def one(number: int) -> None:
            async with gate, session.get(f"{base}/{number}", headers={"If-None-Match": f'"{number}"'} if known else {}) as answer:
                await answer.read()
                assert answer.status == (304 if known else 200)

        return await timed(map(one, range(feeds)))


async def with_httpx(base: str, tls: ssl.SSLContext, feeds: int, at_once: int, known: bool, *, http2: bool) -> tuple[float, float]:
    """The same with httpx."""
    gate = asyncio.Semaphore(at_once)
    async with httpx.AsyncClient(verify=tls, http2=http2, trust_env=False, timeout=60) as client:

        async def one(number: int) -> None:
            async with gate:
                answer = await client.get(f"{base}/{number}", headers={"If-None-Match": f'"{number}"'} if known else {})
                assert (answer.status_code, answer.http_version) == (304 if known else 200, "HTTP/2" if http2 else "HTTP/1.1")

        return await timed(map(one, range(feeds)))


async def with_http2(base: str, tls: ssl.SSLContext, feeds: int, at_once: int, known: bool) -> tuple[float, float]:
    """The same over HTTP/2."""
    return await with_httpx(base, tls, feeds, at_once, known, http2=True)


async def with_http1(base: str, tls: ssl.SSLContext, feeds: int, at_once: int, known: bool) -> tuple[float, float]:
    """The same library without it, to tell the protocol from the library."""
    return await with_httpx(base, tls, feeds, at_once, known, http2=False)


CLIENTS = {"aiohttp 1.1": with_aiohttp, "httpx 1.1": with_http1, "httpx 2": with_http2}


def measure(port: int, feeds: int, trip: float, tls: Callable[[], ssl.SSLContext]) -> None:
    """Prints a line a case."""
    for name, at in (("beside", port), (f"{trip * 1e3:.0f} ms away", port + 1)):
        for known in (False, True):
            for at_once in AT_ONCE:
                cells = []
                for client, ask in CLIENTS.items():
                    # A context of its own: clients write into it which protocols they offer.
                    passes = [asyncio.run(ask(f"https://127.0.0.1:{at}", tls(), feeds, at_once, known)) for _ in range(PASSES)]
                    waited, computed = (1e3 * statistics.median(column) / feeds for column in zip(*passes, strict=True))
                    cells.append(f"{client}: {waited:6.2f} waited, {computed:5.2f} computed")
                print(f"{name:>10}, {'304' if known else '200'}, {at_once:2} at once | " + " | ".join(cells), flush=True)


def main(feeds: int = 10, trip: float = 0.04) -> None:
    """Starts the server, measures, ends it."""
    trustme = import_module("trustme")
    with tempfile.TemporaryDirectory() as name:
        folder, authority = Path(name), trustme.CA()
        certificate = authority.issue_cert("127.0.0.1")
        certificate.private_key_pem.write_to_path(str(folder / "key.pem"))
        certificate.cert_chain_pems[0].write_to_path(str(folder / "cert.pem"))

        def tls() -> ssl.SSLContext:
            context = ssl.create_default_context()
            authority.configure_trust(context)
            return context

        port = free_ports()
        server = subprocess.Popen([sys.executable, "-m", "tests.benchmarks.http2", "serve", name, str(port), str(feeds), str(trip)])
        try:
            wait_for(port)
            measure(port, feeds, trip, tls)
        finally:
            server.kill()
            server.wait()


def free_ports() -> int:
    """The first of two free ports beside each other."""
    while True:
        with socket.socket() as one, socket.socket() as other:
            one.bind(("127.0.0.1", 0))
            port = int(one.getsockname()[1])
            try:
                other.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


def wait_for(port: int) -> None:
    """Returns when both ports answer."""
    until = time.monotonic() + 20
    for one in (port, port + 1):
        while True:
            try:
                socket.create_connection(("127.0.0.1", one), 1).close()
                break
            except OSError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        asyncio.run(serve(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5])))
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else 10, float(sys.argv[2]) / 1e3 if sys.argv[2:] else 0.04)
