"""How messages read, in both languages (golden files), and that nothing a feed says reaches a chat as more than words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n import formats
from bot.i18n.translate import t_plain
from bot.render import headline as sentence
from bot.render import story as render
from bot.render.markup import LIMIT, utf16_length
from bot.stories.view import EventView, RuleHit, StorySource, StoryView
from seeds.events import Behaviour
from seeds.load import load_seeds
from tests.bot.render.test_markup import read
from tests.support.golden import golden
from watchers.match.result import Reason
from watchers.stories.developments import Development

AT = datetime(2026, 3, 2, 5, 4, tzinfo=UTC)
NAMING = load_seeds().naming
REUTERS = StorySource(1, "Reuters", "https://reuters.example/a?b=1&c=2", "Nvidia to put $200 million into Hanoi centre - Reuters", AT)
DEVELOPMENTS = (Development("investment", "denied"), Development("investment", "amount", 2e8, "USD"))
WHY = Reason("salience", {"reasons": (Reason("title.subject", {"text": "Nvidia"}), Reason("lead.list", {"text": "FPT"}))})
STORY = StoryView(
    id=7,
    title="",
    first_at=AT,
    last_at=AT,
    sources=(
        replace(REUTERS, body="Nvidia and FPT will build a centre in Hanoi. The weather was fine."),
        StorySource(2, "VnExpress", "https://vnexpress.example/1", "Nvidia đầu tư", AT + timedelta(minutes=5)),
        StorySource(3, "Wire", "https://wire.example/1", "Nvidia invests", AT + timedelta(minutes=9), sponsored=True),
    ),
    events=(
        EventView(
            "investment",
            {"en": "investment", "vi": "đầu tư"},
            ("Nvidia",),
            ("FPT",),
            2e8,
            "USD",
            "Hanoi",
            "2026-10",
            "planned",
            "Bloomberg",
            "Nvidia and FPT will build a centre in Hanoi for $200 million, Bloomberg says.",
            item_id=1,
            naming=NAMING,
            behaviour=Behaviour(directed=True),
        ),
    ),
    reasons=(
        RuleHit(
            11,
            "deals",
            "Deals of the four",
            0.82,
            "alert",
            ('"Nvidia" leads the title; "FPT" in the first sentence with others',),
            1,
            reasons=(WHY,),
            titles={"vi": "Thương vụ của bốn công ty"},
            naming=NAMING,
        ),
    ),
    names=frozenset({"Nvidia", "FPT"}),
    publishers=("Reuters", "VnExpress", "Wire"),
)
ALONE = replace(STORY, sources=STORY.sources[:1], publishers=("Reuters",), events=())


@pytest.mark.parametrize("language", ["en", "vi"])
def test_an_alert_reads_as_a_careful_editor_would_write_it(language: str) -> None:
    message = render.alert(STORY, chat="telegram:1", language=language, tz="Asia/Ho_Chi_Minh")
    golden(f"alert.{language}.html", message.html + "\n")
    golden(f"alert.{language}.txt", message.plain + "\n")


@pytest.mark.parametrize("language", ["en", "vi"])
def test_an_alert_from_one_source_without_an_event(language: str) -> None:
    note = t_plain(language, "cap_reached", n=20)
    golden(f"alert_alone.{language}.html", render.alert(ALONE, chat="c", language=language, tz="Asia/Ho_Chi_Minh", note=note).html + "\n")


@pytest.mark.parametrize("language", ["en", "vi"])
def test_news_inside_a_story(language: str) -> None:
    message = render.follow_up(STORY, DEVELOPMENTS, 1, chat="c", language=language, tz="UTC")
    golden(f"news.{language}.html", message.html + "\n")


def test_an_update_told_by_a_headline_leaves_its_publisher_out() -> None:
    told = replace(STORY.events[0], in_title=True, sentence=REUTERS.title)
    said = render.follow_up(replace(STORY, events=(told,)), DEVELOPMENTS[:1], 1, chat="c", language="en", tz="UTC").plain
    assert said.splitlines()[1] == "Nvidia to put $200 million into Hanoi centre"


def test_the_first_line_carries_the_news_without_the_publisher() -> None:
    message = render.alert(STORY, chat="c", language="en", tz="UTC")
    assert message.plain.splitlines()[0] == "Nvidia to put $200 million into Hanoi centre"


@pytest.mark.parametrize(
    ("title", "source", "shown"),
    [
        ("Nvidia rises - Yahoo Finance", "finance.yahoo.com", "Nvidia rises"),
        ("Nvidia rises - 24/7 Wall St.", "247wallst.com", "Nvidia rises"),
        ("Nvidia rises – MarketBeat", "marketbeat.com", "Nvidia rises"),
        ("Nvidia rises | Báo Đầu Tư", "báo đầu tư", "Nvidia rises"),
        ("Nvidia - the quiet giant", "Reuters", "Nvidia - the quiet giant"),
        ("Hanoi-based FPT - Nvidia deal", "nvidianews.example", "Hanoi-based FPT - Nvidia deal"),
        (" - Reuters", "Reuters", "- Reuters"),
    ],
)
def test_only_a_publisher_is_taken_off_a_headline(title: str, source: str, shown: str) -> None:
    story = replace(ALONE, sources=(replace(REUTERS, title=title, name=source, url=""),), publishers=(source,))
    assert sentence.headline(story, "en") == shown


def test_the_sentence_shown_is_what_the_headline_is_about() -> None:
    body = "Tip: follow FPT and Nvidia prices here. Accept cookies. Nvidia opens a design centre in Hanoi in June, it said."
    story = replace(ALONE, sources=(replace(REUTERS, title="Design centre of Nvidia opens in June", body=body),))
    assert (
        render.alert(story, chat="c", language="en", tz="UTC").plain.splitlines()[1]
        == "Nvidia opens a design centre in Hanoi in June, it said."
    )


def test_a_page_that_begins_with_something_else_lends_no_sentence() -> None:
    title = "Cadence and Nvidia work on robots that learn faster"
    tip = "Tip: try a valid symbol. Nvidia leaps to a record as the market opens."
    said = replace(ALONE, sources=(replace(REUTERS, title=title, body=tip),))
    assert "symbol" not in render.alert(said, chat="c", language="en", tz="UTC").plain
    assert "record" not in render.alert(said, chat="c", language="en", tz="UTC").plain


def test_a_sites_own_words_are_no_sentence_though_they_name_the_company() -> None:
    body = "Tip: Try a valid symbol such as Nvidia to see its fund. Nvidia is praised by the fund in its letter."
    said = replace(ALONE, sources=(replace(REUTERS, title="A fund's letter", body=body),))
    assert render.alert(said, chat="c", language="en", tz="UTC").plain.splitlines()[1] == "Nvidia is praised by the fund in its letter."


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ("Nvidia took part in the round.Founded in 2016, the firm stores data.", "Nvidia took part in the round."),
        ("A new round for a data firm in Hanoi Nvidia took part in it.", "Nvidia took part in it."),
        ("Nvidia sold 3.5 million chips to U.S. firms in the round.", "Nvidia sold 3.5 million chips to U.S. firms in the round."),
    ],
)
def test_a_sentence_stands_without_what_a_page_glued_to_it(body: str, shown: str) -> None:
    story = replace(ALONE, sources=(replace(REUTERS, title="A new round for a data firm in Hanoi", body=body),))
    assert render.alert(story, chat="c", language="en", tz="UTC").plain.splitlines()[1] == shown


def test_the_price_of_a_share_is_not_told_as_a_sum() -> None:
    told = EventView("market", {}, actors=("Nvidia",), amount=202.0, currency="USD", behaviour=Behaviour(market=True))
    assert render.event_line(told, "en") == "Market: Nvidia"
    assert render.event_line(replace(told, amount=4.9e12), "en") == "Market: Nvidia · $4.9 trillion"


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Cohere buys a rival backed by Nvidia (N - GuruFocus", "Cohere buys a rival backed by Nvidia"),
        ("Cohere buys a rival backed by Nvidia (", "Cohere buys a rival backed by Nvidia"),
        ("Cohere buys a rival (again)", "Cohere buys a rival (again)"),
        ("(N", "(N"),
    ],
)
def test_a_bracket_that_a_feed_cut_off_is_left_out(title: str, shown: str) -> None:
    story = replace(ALONE, sources=(replace(REUTERS, title=title, name="GuruFocus"),), publishers=("GuruFocus",))
    assert sentence.headline(story, "en") == shown


def test_whoever_tells_its_own_deed_is_no_source_for_it() -> None:
    deed = EventView("product", {}, actors=("Nvidia",), status="planned", attributed_to="NVIDIA")
    assert render.event_line(deed, "en") == "Product: Nvidia · planned"
    assert render.event_line(replace(deed, attributed_to="Reuters"), "en") == "Product: Nvidia · planned · according to Reuters"


def test_a_party_on_both_sides_stands_once() -> None:
    order = EventView("order", {}, actors=("China",), targets=("China", "FPT"), behaviour=Behaviour(directed=True))
    assert render.event_line(order, "en") == "Order: China → FPT"
    alone = EventView("export_control", {}, targets=("China",), place="China")
    assert render.format_event(replace(ALONE, events=(alone,)), "en") == ""


def test_an_arrow_stands_only_where_one_acts_on_the_other() -> None:
    deed = EventView("investment", {}, actors=("Nvidia",), targets=("FPT",), behaviour=Behaviour(directed=True))
    assert render.event_line(deed, "en") == "Investment: Nvidia → FPT"
    assert render.event_line(replace(deed, type="partnership", behaviour=Behaviour(mutual=True)), "en") == "Partnership: Nvidia, FPT"


def test_an_event_that_only_repeats_a_name_is_left_out() -> None:
    bare = EventView("partnership", {}, actors=("Nvidia",))
    shown = render.alert(replace(ALONE, events=(bare,)), chat="c", language="en", tz="UTC").plain
    assert "Partnership" not in shown
    shown = render.alert(replace(ALONE, events=(replace(bare, place="Hanoi"),)), chat="c", language="en", tz="UTC").plain
    assert "Partnership: Nvidia · Hanoi" in shown


def test_a_place_that_is_a_party_too_stands_once() -> None:
    told = EventView("export_control", {}, ("China",), (), place="China", status="done")
    assert render.event_line(told, "en") == "Export control: China"


def test_the_sentence_is_not_the_headline_again() -> None:
    same = replace(ALONE, sources=(replace(REUTERS, title="Nvidia comes", body="Nvidia comes. It brings 500 jobs to FPT."),))
    assert "It brings 500 jobs to FPT." in render.alert(same, chat="c", language="en", tz="UTC").plain


def test_a_name_is_bold_only_as_a_word() -> None:
    said = replace(ALONE, sources=(replace(REUTERS, title="Title", body="FPTs and XFPT are not FPT."),))
    assert "FPTs and XFPT are not <b>FPT</b>." in render.alert(said, chat="c", language="en", tz="UTC").html


HOSTILE = [
    "</b><a href='tg://user?id=1'>tap</a>",
    "<b>bold</b> &lt;i&gt; &amp;",
    "@everyone look",
    "/start@bot now",
    "visit t.me/evil or tg://resolve?domain=x",
    "a\u202eb\u200bc\u2066d",
    "[button](https://evil.example)",
    "line\nbreak\r\nand\u2028more",
    "😀" * 3000,
    "",
]


@pytest.mark.parametrize("words", HOSTILE)
@pytest.mark.parametrize("language", ["en", "vi"])
def test_nothing_a_feed_says_becomes_markup_a_mention_or_a_command(words: str, language: str) -> None:
    sources = tuple(StorySource(n, words, f"https://x.example/{n}?{words}", words, AT, body=words) for n in range(8))
    told = EventView(words, {}, (words,), (words,), 1e9, words, words, words, "planned", words, words, item_id=0)
    story = replace(
        STORY,
        title=words,
        sources=sources,
        events=(told,),
        reasons=(RuleHit(1, "r", words, 0.5, "alert", (words,), 0),),
        names=frozenset({words}),
        publishers=(words, "other"),
    )
    answer = render.alert(story, chat="c", language=language, tz="UTC")
    follow_up = render.follow_up(
        story, [*DEVELOPMENTS[:1], Development(words, "amount", 1e9, words)], 0, chat="c", language=language, tz="UTC"
    )
    for html in (answer.html, follow_up.html, render.story_block(story, language=language, tz="UTC").html()):
        parser = read(html)
        assert utf16_length(parser.text) <= LIMIT
        assert all(link.startswith("https://x.example/") for link in parser.links)
        assert not any(letter in parser.text for letter in "\u202e\u200b\u2066\u2028\r")
        for sign in ("@e", "t.me", "tg://", " /s"):
            assert sign not in parser.text


@given(st.text(max_size=5000), st.text(max_size=300))
def test_any_words_give_a_message_that_parses_and_fits(body: str, name: str) -> None:
    story = replace(STORY, sources=(replace(REUTERS, title=body, body=body, name=name),), publishers=(name,), names=frozenset({name}))
    message = render.alert(story, chat="c", language="en", tz="UTC")
    assert utf16_length(read(message.html).text) <= LIMIT
    assert message.plain.splitlines()[0].strip()


@pytest.mark.parametrize(
    ("value", "currency", "en", "vi"),
    [
        (2e8, "USD", "$200 million", "200 triệu USD"),
        (5.5e12, "VND", "5.5 trillion VND", "5,5 nghìn tỷ đồng"),
        (1_234, "USD", "$1,234", "1.234 USD"),
        (1.25e9, "EUR", "€1.25 billion", "1,25 tỷ EUR"),
    ],
)
def test_sums_of_money_read_as_people_say_them(value: float, currency: str, en: str, vi: str) -> None:
    assert formats.money("en", value, currency) == en
    assert formats.money("vi", value, currency) == vi


def test_dates_of_events_keep_their_precision() -> None:
    assert [formats.event_date("en", one) for one in ("2026-10-05", "2026-10", "2026", "soon")] == [
        "5 Oct 2026",
        "Oct 2026",
        "2026",
        "soon",
    ]
    assert [formats.event_date("vi", one) for one in ("2026-10-05", "2026-10", "2026")] == ["5/10/2026", "10/2026", "2026"]
