"""Answers with letters that no database takes, and values of wrong types everywhere: each ends in items or in an error of its own feed.

Every feed here stands beside the others in one pass: one row that cannot be written once took the states of all with it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from bot.store.feeds import known_feeds
from tests.support.bot_app import config_of, open_bot
from tests.support.clock import RunningClock
from tests.support.feed_server import Answer, feed_server, rss

HALF = "\ud800"
"""Half a letter of UTF-16: JSON can write it, UTF-8 cannot."""
TITLE = "A title that is long enough to be known by"
WRONG: list[object] = [None, True, 0, -1, 1.5, 1e308, 10**300, "", HALF, "\x00\x1b[31m", "x" * 5_000, [], [[None]], {}, {"name": HALF}]
FIELDS = [
    "id", "url", "external_url", "title", "summary", "content_html", "content_text", "date_published", "date_modified", "authors", "author",
    "tags", "language",
]  # fmt: skip
SLASH = "http://purl.org/rss/1.0/modules/syndication/"


def sent(head: bytes = b"", body: bytes = b"", status: bytes = b"200 OK") -> Answer:
    """An answer byte for byte."""

    async def play(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 %s\r\nContent-Length: %d\r\n%s\r\n" % (status, len(body), head) + body)
        await writer.drain()

    return Answer(raw=play)


def entry(**more: object) -> dict[str, object]:
    return {"id": "1", "url": "https://news.example/a", "title": TITLE, **more}


def json_feed(items: object, **top: object) -> bytes:
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": items, **top}).encode()


def hub(address: str) -> str:
    return f'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="hub" href="{address}"/>'


READ: Mapping[str, bytes | Answer] = {
    "half a letter as id": json_feed([entry(id=HALF, url="https://news.example/1")]),
    "half a letter in the address": json_feed([entry(url="https://news.example/2" + HALF)]),
    "half a letter everywhere": json_feed(
        [entry(id=HALF, url=HALF, language=HALF, tags=[HALF], authors=[{"name": HALF}])], language=HALF, feed_url=HALF, title=HALF
    ),
    "half a letter in the hub": json_feed([entry()], hubs=[{"type": "WebSub", "url": "https://hub.example/" + HALF}]),
    "wrong types everywhere": json_feed(
        [dict.fromkeys(FIELDS, value) for value in WRONG] + WRONG, title=[1], home_page_url={}, language=[], feed_url=3, hubs={}
    ),
    "hubs of wrong types": json_feed([entry()], hubs=[1, None, [], {"type": 1, "url": []}, {"type": "WebSub", "url": {}}]),
    "dates at both ends of the calendar": json_feed(
        [entry(date_published="9999-12-31T23:59:59-14:00"), entry(id="2", date_published="0001-01-01T00:00:00+14:00")]
    ),
    "an ETag in Latin-1": sent(b'ETag: "caf\xe9"\r\n', rss(TITLE)),
    "an ETag of twelve kilobytes": sent(b'ETag: "' + b"e" * 12_000 + b'"\r\n', rss(TITLE)),
    "a Last-Modified that is none": sent(b"Last-Modified: gestern \xff\r\n", rss(TITLE)),
    "a Link header of bytes": sent(b'Link: <https://hub.example/\xff>; rel="hub"\r\n', rss(TITLE)),
    "an Expires outside the calendar": sent(b"Expires: Fri, 31 Dec 9999 23:59:59 -1200\r\n", rss(TITLE)),
    "a hub that is no address": rss(TITLE, head=hub("http://[")),
    "hours that are digits and no numbers": rss(
        TITLE,
        head="<ttl>²</ttl><skipHours><hour>²</hour><hour>25</hour><hour>x</hour></skipHours>"
        f"<sy:updatePeriod xmlns:sy='{SLASH}'>daily</sy:updatePeriod><sy:updateFrequency xmlns:sy='{SLASH}'>³</sy:updateFrequency>",
    ),
    "half letters as references": rss({"title": f"{TITLE} &#xD800; &#57343;", "guid": "a&#xDFFF;", "link": "https://news.example/&#xD801;"}),
}
FAILED: Mapping[str, tuple[bytes | Answer, str]] = {
    "a phrase that colours terminals": (sent(status=b"500 \x1b[31mboo\xff"), "server: 500 [31mboo"),
    "a phrase of eight kilobytes": (sent(status=b"500 " + b"long " * 1_500), "server: 500 long"),
    "a redirect to no address": (sent(b"Location: http://[\r\n", status=b"302 Found"), "redirect: 302 to what is no address"),
    "a 304 that nobody asked for": (sent(b'ETag: "x"\r\n', status=b"304 Not Modified"), "broken: 304"),
    "items that are no list": (json_feed({"a": 1}), "not_a_feed"),
    "a number of five thousand digits": (json_feed([7]).replace(b"7", b"7" * 5_000), "not_a_feed"),
    "a pause of four hundred digits": (sent(b"Retry-After: " + b"9" * 400 + b"\r\n", status=b"429 Slow"), "throttled: 429 Slow"),
    "a pause until the end of the calendar": (
        sent(b"Retry-After: Fri, 31 Dec 9999 23:59:59 -1200\r\n", status=b"503 No"),
        "throttled: 503 No",
    ),
}


async def test_no_answer_is_unexpected_and_none_takes_the_states_of_other_feeds_with_it(tmp_path: Path) -> None:
    clock = RunningClock()
    async with feed_server() as server:
        play: Callable[[str, bytes | Answer], str] = server.play
        read = {name: play(f"/r{number}", answer) for number, (name, answer) in enumerate(READ.items())}
        failed = {name: play(f"/f{number}", answer) for number, (name, (answer, _)) in enumerate(FAILED.items())}
        async with open_bot(tmp_path / "a.db", [*read.values(), *failed.values()], clock=clock) as bot:
            await bot.app.poll_once()
            outcomes = {report.feed.url: report.outcome for report in bot.reports}
            assert {name: outcomes[url] for name, url in read.items()} == dict.fromkeys(read, "items")
            assert {name: outcomes[url] for name, url in failed.items()} == dict.fromkeys(failed, "failed")
            states = {feed.url: feed.state for feed in await bot.app.store.read(known_feeds)}
            for name, url in failed.items():
                state = states[url]
                assert state.failures == 1, name
                assert state.last_error.startswith(FAILED[name][1]), name
                assert state.last_error.isprintable(), name
                assert len(state.last_error) < 200, name
            assert {states[url].polls for url in read.values()} == {1}
            assert {(states[url].etag, states[url].last_modified) for url in read.values()} == {("", "")}
            for name in ("a pause of four hundred digits", "a pause until the end of the calendar"):
                assert _days_until(states[failed[name]].paced_until, clock.now()) == 7, name


def _days_until(moment: datetime | None, now: datetime) -> int:
    assert moment is not None
    return round((moment - now).total_seconds() / 86_400)


async def test_a_hub_that_is_no_address_keeps_no_other_feed_from_its_hub(tmp_path: Path) -> None:
    from tests.support.hub import open_hub

    async with feed_server() as server, open_hub() as good:
        broken = server.play("/broken", rss(TITLE, head=hub("http://[")))
        whole = server.play("/whole", rss("Another title that is long enough", head=hub(good.url)))
        config = config_of(web={"port": 0, "public_url": "https://bot.example"})
        async with open_bot(tmp_path / "a.db", [broken, whole], config=config) as bot:
            await bot.app.poll_once()
            assert bot.app.hubs is not None
            good.verifies = False
            await bot.app.hubs.tick()
            assert [one["hub.topic"] for one in good.asked] == [whole]


