"""Bytes to items: both parsers, and that they agree."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seeds.feeds import Feed
from tests.support.feed_server import rss
from watchers.parsing import fast_xml, feedparser_adapter
from watchers.parsing.normalize import ParsedDocument, ParsedFeed, normalize_feed
from watchers.parsing.parse import NotAFeedError, parse_feed, read_fast
from watchers.state.identity import identities

NOW = datetime(2026, 11, 1, tzinfo=UTC)
FEED = Feed(url="https://example.com/feed", timezone="Asia/Ho_Chi_Minh")
CORPUS = Path(__file__).parents[1] / "corpus"
FEED_FILES = {".xml", ".rss", ".atom", ".rdf"}


def finished(channel: ParsedDocument) -> ParsedFeed:
    return normalize_feed(channel, feed=FEED, base=FEED.url, now=NOW)


def assert_parsers_agree(body: bytes, name: str) -> bool:
    """True when the fast path took the body. What it gives must be what the reference gives."""
    fast = fast_xml.read(body)
    if fast is None:
        return False
    reference = feedparser_adapter.read(body, "")
    assert reference is not None, name
    one, other = finished(fast), finished(reference)
    assert one.items == other.items, name
    assert identities(one.items) == identities(other.items), name
    assert (one.title, one.lang, one.hub, one.topic) == (other.title, other.lang, other.hub, other.topic), name
    assert one.hints == other.hints, name
    return True


def test_both_parsers_agree_over_our_own_corpus() -> None:
    taken = {path.name for path in sorted(CORPUS.glob("*.xml")) if assert_parsers_agree(path.read_bytes(), path.name)}
    assert {"plain-rss.xml", "plain-atom.xml", "plain-rdf.xml", "blanks-before-declaration.xml", "comments-and-cdata.xml"} <= taken
    assert not taken & {"entity-in-title.xml", "undeclared-entity.xml", "two-titles.xml", "xml-base.xml", "prefixed-atom.xml", "latin1.xml"}


@pytest.mark.shared
def test_both_parsers_agree_over_real_feeds(shared: Path) -> None:
    files = [path for path in sorted((shared / "data" / "feeds").rglob("*")) if path.suffix in FEED_FILES]
    taken = sum(assert_parsers_agree(path.read_bytes(), str(path)) for path in files)
    assert len(files) > 600
    assert taken > 250  # most of the files are edge cases of other parsers' suites; nearly every living news feed is plain


ATOM = '<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>{}<entry><title>A</title><id>tag:x,1</id><link href="http://x/1"/>{}</entry></feed>'


@pytest.mark.parametrize(
    "body",
    [
        rss({"title": "A", "link": "", 'guid isPermaLink=""': "http://x/1"}),
        rss({"title": "A", "link": "", 'guid isPermaLink="TRUE"': "http://x/1"}),
        rss({"title": "A", "category term='advertorial'": ""}),
        rss({"title": "A", "link": "", "guid": "http://x/1"}),
        rss({"title": "A", "link": "", "guid": "http://x/1", "description": "&lt;p&gt;B"}),
        ATOM.format("", "<author><name>One</name></author><author><name>Two</name></author>").encode(),
        ATOM.format("", "<author>a@b.example (Three)</author>").encode(),
        ATOM.format("", "<author><name/></author><author><name>Four</name></author>").encode(),
        ATOM.format("", "<author><name>Five</name><email>e@x</email></author>").encode(),
        ATOM.format("", "<category scheme='x'>advertorial</category>").encode(),
        ATOM.format("<language>vi</language>", "").encode(),
    ],
)
def test_oddities_that_chance_found_are_read_alike_or_left_to_feedparser(body: bytes) -> None:
    """The finds of 80,000 feeds made by cutting, doubling and putting in elements."""
    assert_parsers_agree(body, body.decode())


@given(st.binary(max_size=300))
def test_no_bytes_make_the_fast_path_raise(body: bytes) -> None:
    fast_xml.read(body)
    fast_xml.read(b"<rss><channel><item><title>" + body + b"</title></item></channel></rss>")


@given(st.lists(st.tuples(st.text(max_size=40), st.text(alphabet="<>&;ab \n'\"é", max_size=60)), max_size=4))
def test_both_parsers_agree_on_generated_feeds(entries: list[tuple[str, str]]) -> None:
    from html import escape

    def xml(text: str) -> str:
        kept = "".join(letter for letter in text if letter.isprintable() or letter in "\n\t")
        return escape(kept.replace("]]>", ""), quote=False)

    body = rss(
        *({"title": xml(title), "description": xml(text), "link": f"https://x.example/{n}"} for n, (title, text) in enumerate(entries))
    )
    fast_xml.read(body)
    assert_parsers_agree(body, repr(entries))


@given(st.data())
def test_a_damaged_feed_is_read_or_named_no_feed(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(path.name for path in CORPUS.glob("*.xml"))))
    body = bytearray((CORPUS / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body) - 1))
        body[at : at + data.draw(st.integers(0, 30))] = data.draw(
            st.sampled_from([b"", b"<", b"&", b"]]>", b"\x00", b"\xff\xfe", b'"', b"<!--", b"</"])
        )
    with suppress(NotAFeedError):
        parse_feed(
            bytes(body), feed=FEED, content_type=data.draw(st.sampled_from(["", "text/html; charset=big5", "x; charset=\x00"])), now=NOW
        )


def parse(name: str) -> ParsedFeed:
    return parse_feed((CORPUS / name).read_bytes(), feed=FEED, content_type="application/xml", now=NOW)


def test_an_rss_feed_gives_its_items_whole() -> None:
    parsed = parse("plain-rss.xml")
    first, second, third, fourth = parsed.items
    assert parsed.title == "Harbour Chronicle & Gazette"
    assert first.title == "Crane & dock: the new quay opens"
    assert first.summary == "The quay opened & ships came."
    assert first.text == "The quay opened.\nThree ships came — the first at noon."
    assert (first.guid, first.author, first.sponsored, first.lang) == ("quay-77", "A. Writer", True, "en")
    assert first.published == datetime(2024, 12, 5, 7, 30, tzinfo=UTC)
    assert (second.url, second.summary) == ("https://harbour.example/permalink", "5 < 6 & so on")
    assert second.published == datetime(2024, 12, 5, 5, 0, tzinfo=UTC)
    assert (third.url, third.text, third.summary) == ("https://example.com/relative/path", "Body alone", "")
    assert (fourth.lang, fourth.source) == ("vi", "Wire")
    assert fourth.published == datetime(2024, 12, 5, 2, 15, tzinfo=UTC)


def test_what_a_feed_says_about_its_pace_and_hub_is_kept() -> None:
    parsed = parse("plain-rss.xml")
    assert parsed.hints.floor == 1_800.0  # twice an hour is longer than the ttl of 20 minutes
    assert (parsed.hints.skip_hours, parsed.hints.skip_days) == (frozenset({1, 2}), frozenset({6}))
    assert (parsed.hub, parsed.topic) == ("https://hub.example/", "https://harbour.example/feed")


def test_atom_texts_of_every_type_become_plain() -> None:
    first, second, third = parse("plain-atom.xml").items
    assert first.title == "Bridge reopens & trains run"
    assert first.text == "Long <not a tag>"
    assert first.published == datetime(2024, 12, 5, 1, 0, tzinfo=UTC)
    assert second.title == "Plain title with 1 < 2"
    assert second.text == "First & second\nThird\nfourth"
    assert third.published is None


def test_a_channel_without_items_is_a_feed_and_a_page_is_not() -> None:
    assert parse("empty.xml").items == ()
    for body, says in (
        (b"<html><body>x</body></html>", "web page"),
        (b"", "empty"),
        (b'{"a": 1}', "JSON"),
        (b"<urlset></urlset>", "sitemap"),
    ):
        with pytest.raises(NotAFeedError, match=says):
            parse_feed(body, feed=FEED, content_type="text/html", now=NOW)


def test_one_bad_entry_does_not_lose_the_others() -> None:
    parsed = parse("empty-entries.xml")
    assert [item.title or item.summary for item in parsed.items] == ["The one that holds something", "A description stands alone"]
    assert parsed.notes == ("2 of 4 entries are empty",)


def test_the_same_entry_twice_is_one_item() -> None:
    assert [item.url for item in parse("repeated-guid.xml").items] == ["https://counter.example/1", "https://counter.example/2"]


def test_entities_of_html_are_read_whether_declared_or_not() -> None:
    assert parse("entity-in-title.xml").items[0].title == "Café opens by the river"
    assert parse("undeclared-entity.xml").items[0].title == "Café & bar open"
    assert parse("undeclared-entity.xml").items[0].url == "https://loose.example/1?a=1&b=2"


def test_text_that_was_encoded_twice_is_mended() -> None:
    twice = "Caféteria à Huê".encode().decode("iso-8859-1")
    assert parse_feed(rss(twice), feed=FEED, content_type="", now=NOW).items[0].title == "Caféteria à Huê"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Ready &#55357;&#56960; to go", "Ready 🚀 to go"),
        ("Ready &#xD83D;&#xde80; to go", "Ready 🚀 to go"),
        ("Half &#xD83D; a letter", "Half � a letter"),
        ("Half &#56960;&#55357; wrong way", "Half �� wrong way"),
        ("Price &#8364; and &#x55;", "Price € and U"),
    ],
)
def test_letters_that_were_written_as_two_halves_are_read_and_lose_no_feed(written: str, read: str) -> None:
    parsed = parse_feed(rss(written, "Another entry of the feed"), feed=FEED, content_type="", now=NOW)
    assert [item.title for item in parsed.items] == [read, "Another entry of the feed"]


def test_a_base_inside_the_document_is_respected() -> None:
    assert parse("xml-base.xml").items[0].url == "https://base.example/blog/2024/one"


def test_the_publisher_behind_a_search_feeds_title_is_taken_off() -> None:
    body = rss({"title": "Chip maker opens a plant - The Daily Wire", 'source url="https://wire.example"': "The Daily Wire"})
    item = parse_feed(body, feed=FEED, content_type="", now=NOW).items[0]
    assert (item.title, item.source) == ("Chip maker opens a plant", "The Daily Wire")


def test_a_date_in_the_future_is_first_seen() -> None:
    body = rss({"title": "From the future", "pubDate": "Thu, 05 Dec 2030 10:00:00 GMT"})
    assert parse_feed(body, feed=FEED, content_type="", now=NOW).items[0].published == NOW


@pytest.mark.parametrize(
    ("written", "stored"), [("9999-12-31T23:59:59Z", NOW), ("9999-12-31T23:59:59-11:00", None), ("0001-01-01T00:00:00+07:00", None)]
)
def test_a_date_at_the_rim_of_the_calendar_is_not_stored(written: str, stored: datetime | None) -> None:
    row = PIER_ROW.format(1, "x").replace("{", f'{{"date_published": "{written}", ')
    bodies = (json_feed(row), rss({"title": "From the rim", "pubDate": written}), ATOM.format("", f"<updated>{written}</updated>").encode())
    for body in bodies:
        assert [item.published for item in parse_feed(body, feed=FEED, content_type="", now=NOW).items] == [stored]


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "mailto:a@b.example"])
def test_a_link_that_is_no_web_address_is_dropped(link: str) -> None:
    assert parse_feed(rss({"title": "A title that is long", "link": link}), feed=FEED, content_type="", now=NOW).items[0].url == ""


def test_an_endless_link_is_dropped() -> None:
    body = rss({"title": "A title that is long", "link": "https://x.example/" + "a" * 10_000})
    assert parse_feed(body, feed=FEED, content_type="", now=NOW).items[0].url == ""


JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Notes <plain>",
    "feed_url": "https://json.example/feed.json",
    "language": "en",
    "hubs": [{"type": "WebSub", "url": "https://hub.example/"}],
    "items": [
        {
            "id": 7,
            "url": "https://json.example/7",
            "title": "R&D <centre> opens",
            "content_html": "<p>It &amp; more</p>",
            "date_published": "2024-12-05T14:30:00+07:00",
            "authors": [{"name": "D. Writer"}],
            "tags": ["sponsored"],
        },
        {
            "id": "8",
            "external_url": "https://other.example/8",
            "content_text": "Text with 1 < 2 &amp; kept",
            "date_modified": "2024-12-04T00:00:00Z",
        },
        "not an object",
        {},
    ],
}


@pytest.mark.parametrize("content_type", ["application/feed+json", "application/json", "text/plain", ""])
def test_json_feed_is_read_whatever_it_is_called(content_type: str) -> None:
    parsed = parse_feed(json.dumps(JSON_FEED).encode(), feed=FEED, content_type=content_type, now=NOW)
    first, second = parsed.items
    assert (parsed.parser, parsed.title, parsed.hub) == ("json", "Notes <plain>", "https://hub.example/")
    assert (first.guid, first.title, first.text, first.author, first.sponsored) == (
        "7",
        "R&D <centre> opens",
        "It & more",
        "D. Writer",
        True,
    )
    assert first.published == datetime(2024, 12, 5, 7, 30, tzinfo=UTC)
    assert (second.url, second.text) == ("https://other.example/8", "Text with 1 < 2 &amp; kept")
    assert parsed.notes == ("1 items are not objects", "1 of 3 entries are empty")


def json_feed(*rows: str) -> bytes:
    return f'{{"version": "https://jsonfeed.org/version/1.1", "title": "Pier", "items": [{", ".join(rows)}]}}'.encode()


PIER_ROW = '{{"id": {0}, "url": "https://pier.example/{0}", "title": "Boat {0} arrives", "content_html": "{1}"}}'


def test_raw_line_breaks_in_strings_lose_no_json_feed() -> None:
    parsed = parse_feed(
        json_feed(PIER_ROW.format(1, "\n<p>Line one\n line two</p>\t"), PIER_ROW.format(2, "x")), feed=FEED, content_type="", now=NOW
    )
    assert [(item.guid, item.text) for item in parsed.items] == [("1", "Line one\nline two"), ("2", "x")]
    assert parsed.notes == ()


@pytest.mark.parametrize(
    ("row", "guids", "notes"),
    [
        (PIER_ROW.format(2, 'a "raw" quote'), ["1", "2", "3"], ()),
        (PIER_ROW.format(2, r"an apostrophe\'s escape"), ["1", "2", "3"], ()),
        ('{"id": 2, "title": }', ["1", "3"], ("1 of 3 items are broken JSON",)),
        ('{"id": ' + "9" * 5_000 + "}", ["1", "3"], ("1 of 3 items are broken JSON",)),
    ],
)
def test_a_broken_item_of_a_json_feed_is_mended_or_lost_alone(row: str, guids: list[str], notes: tuple[str, ...]) -> None:
    body = json_feed(PIER_ROW.format(1, "x"), row, PIER_ROW.format(3, "x"))
    parsed = parse_feed(body, feed=FEED, content_type="application/feed+json", now=NOW)
    assert ([item.guid for item in parsed.items], parsed.notes, parsed.title) == (guids, notes, "Pier")
    assert read_fast(body, "application/json", max_entries=100) is None, "mending takes long, so it is done in a worker process"


def test_a_json_feed_that_cannot_be_mended_is_called_what_it_is() -> None:
    with pytest.raises(NotAFeedError, match="a JSON Feed of broken JSON"):
        parse_feed(json_feed('{"id": '), feed=FEED, content_type="", now=NOW)


NAMES = st.sampled_from(["id", "title", "items", "version", "authors", "tags", "url", "hubs"])
PLAIN = st.none() | st.booleans() | st.floats() | st.text(max_size=9)


def nested(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4)


DOCUMENTS = st.recursive(PLAIN, nested, max_leaves=8)


@given(DOCUMENTS)
def test_no_json_makes_the_reader_raise(document: object) -> None:
    body = json.dumps({"version": "https://jsonfeed.org/version/1", "items": [document], "title": document, "hubs": document}).encode()
    channel = read_fast(body, "application/json")
    assert channel is not None
    finished(channel)


@pytest.mark.parametrize("name", ["item", "entry"])
def test_an_entry_that_was_cut_in_the_middle_is_left_to_the_next_look(name: str) -> None:
    body = rss(*({"title": title, "pubDate": "Mon, 02 Mar 2026 01:25:00 GMT"} for title in ("Whole", "Cut short")))
    if name == "entry":
        entry = "<entry><id>{0}</id><title>{0}</title><updated>2026-03-02T01:25:00Z</updated></entry>"
        start = '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><id>f</id><title>f</title>'
        body = f"{start}{entry.format('Whole')}{entry.format('Cut short')}</feed>".encode()
    end = body.rfind(f"</{name}>".encode())
    for cut in range(body.rfind(b"Cut short"), end, 7):
        parsed = parse_feed(body[:cut], feed=FEED, content_type="application/xml", now=NOW)
        assert [item.title for item in parsed.items] == ["Whole"], body[cut - 20 : cut]


def test_a_feed_that_never_closes_its_items_keeps_the_last() -> None:
    body = b"<rss version='2.0'><channel><title>t</title><item><title>One</title><link>https://a.example/1</link></channel></rss>"
    assert [item.title for item in parse_feed(body, feed=FEED, content_type="text/xml", now=NOW).items] == ["One"]


BASES = {"rss": "", "channel": "", "item": "", "link": "", "guid": ""}
RSS_WITH_BASES = """<rss version="2.0"{rss}><channel{channel}><title>Pier</title><link>https://pier.example/</link>
<item{item}><title>A pilot boat arrives</title><link{link}>news/one</link>
<guid isPermaLink="false"{guid}>g-1</guid></item></channel></rss>"""
PIER = Feed(url="https://pier.example/feed.xml")


@pytest.mark.parametrize("written", ["xml:base", "base"])
@pytest.mark.parametrize(
    ("bases", "url"),
    [
        ({}, "https://pier.example/news/one"),
        ({"rss": "https://pier.example/en/"}, "https://pier.example/en/news/one"),
        ({"channel": "https://pier.example/en/"}, "https://pier.example/en/news/one"),
        ({"item": "https://pier.example/en/"}, "https://pier.example/en/news/one"),
        ({"link": "https://pier.example/en/"}, "https://pier.example/en/news/one"),
        ({"guid": "https://pier.example/en/"}, "https://pier.example/news/one"),
        ({"rss": "https://quay.example/", "channel": "en/", "item": "2024/"}, "https://quay.example/en/2024/news/one"),
        ({"channel": "/en/"}, "https://pier.example/en/news/one"),
        ({"channel": "javascript:alert(1)"}, "https://pier.example/news/one"),
    ],
)
def test_a_base_counts_wherever_it_stands(bases: dict[str, str], url: str, written: str) -> None:
    body = RSS_WITH_BASES.format(**BASES | {name: f' {written}="{base}"' for name, base in bases.items()}).encode()
    assert [(item.url, item.guid) for item in parse_feed(body, feed=PIER, content_type="", now=NOW).items] == [(url, "g-1")]
    assert assert_parsers_agree(body, body.decode()) == (not bases)


@pytest.mark.parametrize("place", ["<entry{}>", "<link{} href"])
def test_a_base_of_atom_counts_wherever_it_stands(place: str) -> None:
    body = ATOM.format("", "").replace("http://x/1", "one")
    body = body.replace(place.replace("{}", ""), place.format(' xml:base="https://pier.example/en/"'))
    assert parse_feed(body.encode(), feed=PIER, content_type="", now=NOW).items[0].url == "https://pier.example/en/one"
    assert_parsers_agree(body.encode(), body)


def test_a_base_of_a_text_alone_leaves_a_feed_on_the_fast_path() -> None:
    body = ATOM.format("", '<content type="html" xml:base="https://pier.example/en/">A &lt;a href="x"&gt;link&lt;/a&gt;</content>').encode()
    assert assert_parsers_agree(body, "WordPress writes each content so")


RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" {}>
<channel rdf:about="https://quay.example/"><title>Quay</title><link>https://quay.example/</link><description>d</description>{}</channel>{}</rdf:RDF>"""
RDF_ITEM = '<item rdf:about="https://quay.example/{0}"><title>Ship number {0} arrives</title><link>https://quay.example/{0}</link></item>'
NO_SPACE = (
    '<item xmlns="" xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" r:about="https://quay.example/{0}">'
    "<title>Ship {0} arrives</title></item>"
)


@pytest.mark.parametrize(
    "body",
    [
        RDF.format("", RDF_ITEM.format(1) + RDF_ITEM.format(2), ""),
        RDF.format("", RDF_ITEM.format(1), RDF_ITEM.format(2)),
        RDF.format("", "<extra>" + RDF_ITEM.format(1) + "</extra>", RDF_ITEM.format(2)),
        RDF.format("", NO_SPACE.format(1), NO_SPACE.format(2)),
        RDF.format("", "", NO_SPACE.format(1) + RDF_ITEM.format(2)),
    ],
)
def test_items_of_rss_1_are_read_wherever_they_stand(body: str) -> None:
    parsed = parse_feed(body.encode(), feed=FEED, content_type="", now=NOW)
    assert [item.guid for item in parsed.items] == ["https://quay.example/1", "https://quay.example/2"]
    assert_parsers_agree(body.encode(), body)


def test_the_fast_path_takes_items_inside_the_channel_of_rss_1() -> None:
    assert assert_parsers_agree(RDF.format("", RDF_ITEM.format(1) + RDF_ITEM.format(2), "").encode(), "items in the channel")


def test_entries_that_have_a_description_alone_are_no_copies() -> None:
    """RSS 0.92 asks for nothing but a description."""
    texts = ["The pilot boat left at six.", "The pilot boat came back at nine.", "The tide stands high.", "The tide stands high."]
    entries = "".join(f"<item><description>{text}</description></item>" for text in texts)
    parsed = parse_feed(
        f'<rss version="0.92"><channel><title>Pier</title>{entries}</channel></rss>'.encode(), feed=FEED, content_type="", now=NOW
    )
    assert [item.summary for item in parsed.items] == texts[:3]
    assert len({key for keys in identities(parsed.items) for key in keys}) == 3


def test_entries_of_one_title_without_guid_and_address_are_told_apart_by_their_text() -> None:
    texts = ["Ferry one is late.", "Ferry two is late."]
    body = rss(*({"title": "Notice", "link": "", "description": text} for text in texts))
    assert [item.summary for item in parse_feed(body, feed=FEED, content_type="", now=NOW).items] == texts


@st.composite
def rss_documents(draw: st.DrawFn) -> str:
    """RSS 2.0 and 1.0 of the shapes that writers give them: bases, items in two places, entries with little in them."""

    def maybe(text: str) -> str:
        return draw(st.sampled_from(["", text]))

    def base() -> str:
        places = ["https://pier.example/en/", "/en/", "more/", "", "javascript:x", "http://["]
        return draw(st.sampled_from([""] * 60 + [f' xml:base="{place}"' for place in places]))

    def entry(number: int, about: str) -> str:
        link = draw(st.sampled_from(["", f"https://pier.example/{number}", f"news/{number}", f"/{number}", "//", "?a=1"]))
        guid = draw(
            st.sampled_from(
                ["", "<guid{}>g-{}</guid>", '<guid{} isPermaLink="false">g {}</guid>', "<guid{}>https://pier.example/{}</guid>"]
            )
        )
        return (
            f"<item{about}{base()}>{maybe(f'<title>Boat {draw(st.integers(0, 2))}</title>')}"
            f"{f'<link{base()}>{link}</link>' if link or draw(st.booleans()) else ''}{guid.format(base(), number) if not about else ''}"
            f"{maybe(f'<description>It arrived at {draw(st.integers(0, 2))}.</description>')}</item>"
        )

    old = draw(st.booleans())
    count = draw(st.integers(0, 3))
    items = [entry(number, f' rdf:about="https://pier.example/{number}"' if old else "") for number in range(count)]
    head = "<title>Pier</title><link>https://pier.example/</link>"
    if old:
        inside = draw(st.integers(0, count))
        return RDF.format(base(), "".join(items[:inside]), "".join(items[inside:]))
    return f'<rss version="{draw(st.sampled_from(["2.0", "0.92"]))}"{base()}><channel{base()}>{head}{"".join(items)}</channel></rss>'


@given(rss_documents())
def test_both_parsers_agree_on_generated_shapes(document: str) -> None:
    assert_parsers_agree(document.encode(), document)
