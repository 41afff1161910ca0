"""Which addresses may be fetched."""

from __future__ import annotations

import ipaddress
import socket
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult

from seeds.feeds import Feed
from tests.support.feed_server import Answer, feed_server, rss
from watchers.http.address_rules import AddressRefusedError, check_url, guarded_socket, is_public
from watchers.http.client import open_session
from watchers.models.polling import FeedState, Limits, PollResult
from watchers.parsing.sandbox import ParseWorkers
from watchers.sources.feed import FeedWatcher

NOW = datetime(2024, 12, 6, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://news.example/feed",
        "gopher://news.example/",
        "news.example/feed",
        "//news.example/feed",
        "javascript:alert(1)",
        "http://",
        "http:///feed",
        "https://user@news.example/feed",
        "https://news.example@127.0.0.1/feed",
        "https://news.example%40127.0.0.1:x@evil.example/",
        "http://127.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.0.0.1/",
        "http://0177.0.0.1/",
        "http://017700000001/",
        "http://127.0.0.1./",
        "http://localhost/",
        "http://LOCALHOST:8080/",
        "http://a.localhost/",
        "http://printer.local/",
        "http://metadata.google.internal/",
        "http://router/",
        "http://0.0.0.0/",
        "http://10.1.2.3/",
        "http://172.16.0.1/",
        "http://192.168.1.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://100.64.0.1/",
        "http://224.0.0.1/",
        "http://255.255.255.255/",
        "http://198.18.0.1/",
        "http://[::1]/",
        "http://[::]/",
        "http://[fe80::1]/",
        "http://[fe80::1%25eth0]/",
        "http://[fc00::1]/",
        "http://[ff02::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://[::127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[64:ff9b::10.0.0.1]/",
        "http://[2002:7f00:1::]/",
        "http://[2002:a00:1::]/",
        "http://[2001:0:7f00:1::]/",
        "http://[::ffff:0:127.0.0.1]/",
        "http://[64:ff9b:1:7f00:0:100:808:808]/",
        "http://[2001:0:4136:e378:8000:63bf:80ff:fffe]/",
        "http://[::5efe:7f00:1]/",
        "http://[2606:4700:1:1:200:5efe:10.0.0.1]/",
        "http://[3fff::1]/",
        "http://[2001:db8::1]/",
        "http://[100::1]/",
        "http://\uff11\uff12\uff17.\uff10.\uff10.\uff11/",
        "http://127\u30020\u30020\u30021/",
        "http://127.0.0.1\u3002/",
        "http://\u2460\u2461\u2466.\u24ea.\u24ea.\u2460/",
        "http://\u24dbocalhost/",
        "http://printer.\uff4cocal/",
        "http://\u0664.\u0664.\u0664.\u0664/",
        "http://%31%32%37.0.0.1/",
        "http://127.0.0.1%00.example/",
        "http://localhost.localdomain/",
        "http://news.example/\r\nHost: x",
        "http://news.example\\@127.0.0.1/",
        "http://news.example:99999/",
        "http://[::1/",
        "http://news.example/" + "a" * 5_000,
    ],
)
def test_what_must_not_be_fetched_is_refused_by_its_address(url: str) -> None:
    with pytest.raises(AddressRefusedError):
        check_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://news.example/feed",
        "https://b\u00fccher.example/feed",
        "https://xn--bcher-kva.example/",
        "http://203.0.114.9/feed",
        "https://[2606:4700::1111]:8443/x?y=@z",
        "HTTPS://News.Example/",
    ],
)
def test_public_addresses_pass(url: str) -> None:
    check_url(url)


def test_permission_for_private_addresses_is_no_permission_for_schemes_or_user_names() -> None:
    check_url("http://127.0.0.1:8080/feed", allow_private=True)
    for url in ("file:///etc/passwd", "http://user@127.0.0.1/"):
        with pytest.raises(AddressRefusedError):
            check_url(url, allow_private=True)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808", "2002:808:808::1", "::ffff:8.8.8.8"])
def test_public_addresses_stay_public_however_they_are_carried(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


def test_the_socket_is_refused_for_the_address_that_is_really_connected_to() -> None:
    opened = guarded_socket(allow_private=False)
    with pytest.raises(AddressRefusedError):
        opened((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 80)))
    with pytest.raises(AddressRefusedError):
        opened((socket.AF_INET6, socket.SOCK_STREAM, 0, "", ("::ffff:10.0.0.1", 80, 0, 0)))


class Rebinding(AbstractResolver):
    """A name server that gives a public address to whoever checks first and loopback to the one who connects."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        return [ResolveResult(hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing is held."""


async def look_at(url: str, limits: Limits, *, resolver: AbstractResolver | None = None) -> PollResult:
    workers = ParseWorkers(limits)
    async with open_session(limits) as session:
        if resolver:
            connector = session.connector
            assert isinstance(connector, TCPConnector)
            connector._resolver = resolver  # the only way in; the guard sits behind it
        look = await FeedWatcher(session, limits, workers).poll(Feed(url=url), FeedState(), NOW)
    workers.close()
    return look


async def test_a_public_name_that_leads_to_loopback_is_refused_before_a_byte_is_sent() -> None:
    async with feed_server() as server:
        server.play("/feed", rss("Secret"))
        port = int(server.base.rpartition(":")[2])
        look = await look_at(f"http://rebound.example:{port}/feed", Limits(), resolver=Rebinding(port))
        assert look.error is not None
        assert look.error.kind == "address"
        assert server.asked == []


class Twofold(Rebinding):
    """A name with two addresses, both of them private."""

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        one = (await super().resolve(host, port, family))[0]
        return [one, ResolveResult({**one, "host": "127.0.0.2"})]


async def test_a_name_with_several_private_addresses_is_refused_as_such() -> None:
    look = await look_at("http://inside.example/feed", Limits(), resolver=Twofold(80))
    assert look.error is not None
    assert look.error.kind == "address"


async def test_without_permission_loopback_is_refused() -> None:
    async with feed_server() as server:
        look = await look_at(server.play("/feed", rss("Secret")), Limits())
        assert look.error is not None
        assert look.error.kind == "address"
        assert server.asked == []


@pytest.mark.parametrize("target", ["file:///etc/passwd", "http://user@127.0.0.1/", "gopher://x.example/", "http://[::1", "//"])
async def test_a_redirect_to_what_must_not_be_fetched_is_refused(target: str) -> None:
    async with feed_server() as server:
        look = await look_at(server.redirect("/feed", target), Limits(allow_private_addresses=True))
        assert look.error is not None
        assert look.error.kind in {"address", "redirect", "broken"}
        assert look.items == ()


@pytest.mark.parametrize("target", ["http://127.0.0.2:{port}/latest/meta-data/", "http://second.example:{port}/feed"])
async def test_every_hop_is_checked_not_only_the_first(target: str) -> None:
    """The guard is told to take the server for a public host at the first connection, and for what it is after that."""
    limits = Limits()
    workers = ParseWorkers(limits)
    guard = guarded_socket(allow_private=False)
    opened: list[str] = []

    def first_is_public(addr_info: tuple[Any, ...]) -> socket.socket:
        opened.append(addr_info[4][0])
        return guarded_socket(allow_private=True)(addr_info) if len(opened) == 1 else guard(addr_info)

    async with feed_server() as server, open_session(limits) as session:
        port = int(server.base.rpartition(":")[2])
        server.play("/feed", Answer(status=302, headers={"Location": target.format(port=port), "Connection": "close"}), rss("Secret"))
        connector = session.connector
        assert isinstance(connector, TCPConnector)
        connector._resolver, connector._socket_factory = Rebinding(port), first_is_public
        look = await FeedWatcher(session, limits, workers).poll(Feed(url=f"http://first.example:{port}/feed"), FeedState(), NOW)
        assert look.error is not None
        assert look.error.kind == "address"
        assert server.count("/feed") == 1


@pytest.mark.parametrize("host", ["\x9b31mred.local", "\u202elacol.local", "\x9b31m", "a%\x9b2J.example"])
def test_a_refusal_names_the_host_without_what_a_terminal_obeys(host: str) -> None:
    with pytest.raises(AddressRefusedError) as refused:
        check_url(f"http://{host}/")
    assert str(refused.value).isprintable()
