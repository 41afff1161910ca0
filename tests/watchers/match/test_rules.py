"""Rules, to the letter of the contract."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from msgspec import structs

from seeds.events import EventType, Trigger
from seeds.feeds import Feed
from seeds.load import load_seeds
from seeds.rules import Rule
from tests.watchers.match.world import read, seeds
from watchers.match.matcher import Matcher
from watchers.match.result import Amount, Event, Match, Mention, Reason, Salience, UnknownName
from watchers.match.rules import ItemFacts, RuleMatcher
from watchers.models.item import Item

TITLE = "Nvidia and FPT open a school in Đà Nẵng"


def hits(rule: Rule, title: str = TITLE, text: str = "", *, lang: str = "en", **more: Any) -> bool:
    return [hit.rule for hit in read(title, text, lang=lang, matcher=Matcher(seeds(rule)), **more).hits] == [rule.id]


@pytest.mark.parametrize(
    ("conditions", "wanted"),
    [
        ({"any": ["nvidia"]}, True),
        ({"any": ["amd", "nvidia"]}, True),
        ({"any": ["amd"]}, False),
        ({"any": ["nvidia"], "all": ["vietnam"]}, True),
        ({"any": ["nvidia"], "all": ["vietnam", "amd"]}, False),
        ({"all": ["nvidia", "fpt"]}, True),
        ({"any": ["nvidia"], "none": ["fpt"]}, False),
        ({"any": ["nvidia"], "none": ["amd"]}, True),
        ({"groups": [["nvidia", "amd"], ["vietnam"]]}, True),
        ({"groups": [["nvidia", "amd"], ["intel"]]}, False),
        ({"groups": [["nvidia"], ["fpt"], ["intel"]]}, True),
        ({"words": ["school"]}, True),
        ({"words": ["SCHOOL"]}, True),
        ({"words": ["SCHOOL"], "exact": True}, False),
        ({"words": ["da nang"]}, True),
        ({"words": ["da nang"], "exact": True}, False),
        ({"words": ["Đà Nẵng"], "exact": True}, True),
        ({"words": ["scho"]}, False),
        ({"words": ["open a school"]}, True),
        ({"any": ["nvidia"], "not_words": ["school"]}, False),
        ({"any": ["nvidia"], "not_words": ["scho"]}, True),
        ({"any": ["nvidia"], "languages": ["vi"]}, False),
        ({"any": ["nvidia"], "languages": ["en"]}, True),
        ({"any": ["nvidia"], "events": ["acquisition"]}, False),
    ],
)
def test_each_condition_that_is_given_must_hold(conditions: dict[str, Any], wanted: bool) -> None:
    assert hits(Rule(id="r", **conditions)) is wanted


def test_about_tells_a_passing_mention_from_the_matter() -> None:
    passing = "Nvidia supplier Kumo lifts its forecast"
    assert not hits(Rule(id="r", any=("nvidia",)), passing)
    assert hits(Rule(id="r", any=("nvidia",), about=False), passing)


def test_subsidiaries_count_unless_the_rule_says_no() -> None:
    title = "FPT Play opens a channel"
    assert hits(Rule(id="r", any=("fpt",)), title)
    assert not hits(Rule(id="r", any=("fpt",), subsidiaries=False), title)
    assert not hits(Rule(id="r", any=("fpt-play",), none=("fpt",)), title)
    assert hits(Rule(id="r", any=("fpt-play",), none=("fpt",), subsidiaries=False), title)


def test_words_are_looked_for_in_title_summary_and_text() -> None:
    rule = Rule(id="r", words=("kettle",))
    assert hits(rule, "x", "a kettle")
    assert hits(rule, "x", "", summary="a Kettle")
    assert not hits(rule, "x", "kettles")


FEED = Feed(url="https://news.example.com/rss", name="News")


def test_a_rule_may_want_only_some_feeds_by_name_or_address() -> None:
    for wanted in ("News", "https://news.example.com/rss"):
        matcher = Matcher(seeds(Rule(id="r", any=("nvidia",), feeds=(wanted,)), feeds=(FEED,)))
        assert matcher.match(Item(feed=FEED.url, title=TITLE)).hits
        assert not matcher.match(Item(feed="https://other.example.com", title=TITLE)).hits


def test_a_feed_may_be_held_against_only_some_rules() -> None:
    feed = Feed(url="https://news.example.com/rss", rules=("b",))
    matcher = Matcher(seeds(Rule(id="a", any=("nvidia",)), Rule(id="b", any=("fpt",)), feeds=(feed,)))
    assert [hit.rule for hit in matcher.match(Item(feed=feed.url, title=TITLE)).hits] == ["b"]


def test_everything_of_a_feed_hits_without_matching() -> None:
    matcher = Matcher(seeds(Rule(id="r", everything=True, feeds=("News",), severity="digest"), feeds=(FEED,)))
    (hit,) = matcher.match(Item(feed=FEED.url, title="Nothing that has a name")).hits
    assert (hit.rule, hit.severity, hit.reasons) == ("r", "digest", (Reason("everything"),))
    assert not matcher.match(Item(feed="", title=TITLE)).hits


def match(rule: Rule, title: str, text: str = "") -> Match:
    return read(title, text, matcher=Matcher(seeds(rule)))


def test_a_miss_says_what_was_missing_and_a_rule_that_found_nothing_is_silent() -> None:
    (miss,) = match(Rule(id="r", any=("nvidia",), all=("intel",), words=("kettle",)), TITLE).misses
    assert miss.reasons == (Reason("absent", {"name": "Intel"}), Reason("no_word", {"words": ("kettle",)}))
    (miss,) = match(Rule(id="r", any=("nvidia",)), "Nvidia supplier Kumo lifts its forecast").misses
    explained = (Reason("title.explains", {"text": "Nvidia"}, supports=False),)
    assert miss.reasons == (Reason("in_passing", {"name": "Nvidia", "value": 0.0233, "limit": 0.15, "reasons": explained}),)
    assert match(Rule(id="r", any=("intel",)), TITLE).misses == ()


def facts(event: Event | None = None, value: float = 0.9, **more: Any) -> ItemFacts:
    mention = Mention("nvidia", "Nvidia", "title", 0, 6)
    told = Salience(value, (SUBJECT,))
    keys = {"sponsored": False, "with_parts": {"nvidia": told}, "alone": {"nvidia": told}, **more}
    return ItemFacts("", "en", "Nvidia", (mention,), (event,) if event else (), **keys)


def judge(rule: Rule, given: ItemFacts) -> Any:
    book = RuleMatcher({rule.id: rule}, seeds().entities, {"partnership": PARTNERSHIP}, feeds={}, only={}, threshold=0.15)
    hits, _ = book.judge(given, explain=False)
    return hits[0]


SUBJECT = Reason("title.subject", {"text": "Nvidia"})
PARTNERSHIP = EventType(id="partnership", mutual=True, triggers=(Trigger(lang="en", patterns=("partner~",)),))
DEAL = Event("partnership", ("nvidia",), ("vietnam", UnknownName("Kumo")), Amount(2e8, "USD"), "Hanoi", "2024-12-05", "done", "Reuters")


def test_an_event_is_a_reason_with_its_parts() -> None:
    hit = judge(Rule(id="r", any=("nvidia",), events=("partnership",)), facts(DEAL))
    event = {
        "type": "partnership", "actors": ("Nvidia",), "targets": ("Việt Nam", "Kumo"), "mutual": True, "amount": 2e8, "currency": "USD",
        "place": "Hanoi", "date": "2024-12-05", "attributed_to": "Reuters",
    }  # fmt: skip
    assert hit.reasons == (Reason("salience", {"reasons": (SUBJECT,)}), Reason("event", event))


def test_scores_put_the_matter_before_the_mention_the_event_before_the_talk_and_paid_content_last() -> None:
    rule = Rule(id="r", any=("nvidia",), about=False)
    order = [facts(DEAL), facts(), facts(value=0.2), facts(value=0.1), facts(value=0.1, sponsored=True)]
    scores = [judge(rule, item).score for item in order]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == len(scores)
    assert all(0 <= score <= 1 for score in scores)


_TEXTS = (
    ("Vingroup signs a deal with Nvidia to build a $200 million data centre in Hanoi", "Nvidia said on Monday that it would invest."),
    ("Weather in Hanoi", "Heavy rain is expected. A spokesman of FPT, which runs the school, said that lessons go on."),
    ("FPT thắng Hà Nội 3-1", "Trận đấu bóng đá diễn ra tối qua. Nvidia không liên quan."),
    ("Chips in short supply", "Amkor and Nvidia were mentioned in passing by analysts of the semiconductor industry."),
    ("Vietnam and the United States hold talks", "Nothing was agreed. Export controls were not discussed."),
)


@pytest.mark.parametrize(("title", "text"), _TEXTS)
def test_events_that_decide_nothing_may_be_left_unread_and_hits_and_narrow_misses_stay(title: str, text: str) -> None:
    matcher, item = Matcher(load_seeds(packaged_feeds=False)), Item("f", title=title, text=text)
    whole, thrifty = matcher.match(item), matcher.match(item, all_events=False)
    assert thrifty.hits == whole.hits
    assert thrifty.mentions == whole.mentions
    assert thrifty.events == (whole.events if thrifty.events or whole.hits else ())
    narrow = [
        [miss for miss in matcher.match(item, explain=True, all_events=every).misses if len(miss.reasons) == 1] for every in (True, False)
    ]  # fmt: skip
    assert narrow[0] == narrow[1]


def test_a_text_in_which_no_rule_can_hit_is_not_read_for_events() -> None:
    rule = Rule(id="both", all=("nvidia", "amkor"), about=False, events=("acquisition",))
    matcher = Matcher(replace(load_seeds(packaged_feeds=False), rules={"both": rule}))
    item = Item("f", title="Nvidia buys a start-up for $200 million", lang="en")
    assert matcher.match(item).events
    assert not matcher.match(item, all_events=False).events
    assert matcher.match(structs.replace(item, text="Amkor is near."), all_events=False).hits
