"""What a new hit makes of a chat: an alert once, edits for more sources, an answer for real news, or something held for the digest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.message import Message
from bot.store import Store, deliveries, iso
from bot.store.chats import ChatSettings, add_chat, change_settings, read_settings
from bot.stories.read import read_story
from tests.support.news import SEEDS, investment, publish
from watchers.match.result import Hit, Reason
from watchers.models.item import Item
from watchers.stories.developments import Development

NOON = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)  # 12:00 in Hanoi
NIGHT = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)  # 23:00 in Hanoi
MINUTE = timedelta(minutes=1)


def item(source: str = "Reuters", **more: Any) -> Item:
    given = {"title": "Nvidia invests in Hanoi", "text": "Nvidia puts $200 million into a centre in Hanoi.", "published": NOON, **more}
    return Item(feed="f", url=f"https://{source.lower().replace(' ', '')}.example/1", source=source, **given)


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store.open(":memory:")
    add_chat(store, "telegram:1")
    yield store
    store.close()


def rows(store: Store, chat: str = "telegram:1") -> list[dict[str, Any]]:
    return list(store.db.query("SELECT * FROM deliveries WHERE chat = ? ORDER BY id", [chat]))


def texts(store: Store, chat: str = "telegram:1") -> list[str]:
    return [Message.from_json(row["body"]).plain for row in rows(store, chat)]


def send_all(store: Store, now: datetime) -> None:
    """Everything that is due arrives."""
    for row in deliveries.due(store, now, kinds=("telegram", "also")):
        if deliveries.claim(store, row.id, now):
            deliveries.sent(store, row.id, f"m{row.id}", now)


def test_the_first_hit_of_a_story_alerts_every_chat_that_wants_it(store: Store) -> None:
    add_chat(store, "telegram:2", settings={"rules": ["fpt"]})
    add_chat(store, "telegram:3", settings={"send": ["digest"]})
    add_chat(store, "telegram:4", settings={"severity": "digest"})
    publish(store, item(), NOON)
    assert [row["chat"] for row in store.db.query("SELECT chat FROM deliveries")] == ["telegram:1"]
    assert rows(store)[0]["key"] == "alert:1"


def test_a_hit_of_a_digest_rule_alerts_nobody(store: Store) -> None:
    publish(store, item(), NOON, hits=[Hit("nvidia", 0.9, "digest", ())])
    assert rows(store) == []


def test_a_story_that_began_in_the_digest_alerts_when_an_alert_rule_hits(store: Store) -> None:
    story = publish(store, item(), NOON, hits=[Hit("nvidia", 0.9, "digest", ())])
    publish(store, item("AFP"), NOON, story=story)
    assert [row["key"] for row in rows(store)] == ["alert:1"]


def test_one_odd_reading_among_many_reports_alerts_nobody_and_a_quarter_of_them_does(store: Store) -> None:
    story = publish(store, item(), NOON, hits=[Hit("nvidia", 0.9, "digest", ())])
    for number in range(7):
        publish(store, item(f"Paper {number}"), NOON, hits=[Hit("nvidia", 0.9, "digest", ())], story=story)
    publish(store, item("Odd"), NOON, story=story)
    assert rows(store) == []
    publish(store, item("Second"), NOON, story=story)
    assert rows(store) == []
    publish(store, item("Third"), NOON, story=story)
    assert [row["key"] for row in rows(store)] == ["alert:1"]


def test_an_old_item_of_a_first_poll_alerts_nobody(store: Store) -> None:
    publish(store, item(), NOON, baseline=True)
    assert rows(store) == []


def test_a_second_source_edits_the_message_that_was_sent(store: Store) -> None:
    story = publish(store, item(), NOON)
    send_all(store, NOON)
    publish(store, item("AFP"), NOON + MINUTE, story=story)
    assert [(row["kind"], row["key"]) for row in rows(store)] == [("alert", "alert:1"), ("edit", "edit:1:1")]
    assert rows(store)[1]["reply_to"] == "alert:1"
    assert "2 sources" in texts(store)[1]
    assert "Also in: AFP" in texts(store)[1]


def test_a_second_source_before_the_first_message_left_goes_into_it(store: Store) -> None:
    story = publish(store, item(), NOON)
    publish(store, item("AFP"), NOON, story=story)
    assert [row["key"] for row in rows(store)] == ["alert:1"]
    assert "2 sources" in texts(store)[0]


def test_twenty_sources_within_a_minute_are_one_edit(store: Store) -> None:
    story = publish(store, item(), NOON)
    send_all(store, NOON)
    for number in range(20):
        publish(store, item(f"Paper {number}"), NOON, story=story)
    assert [row["key"] for row in rows(store)] == ["alert:1", "edit:1:1"]
    assert "21 sources" in texts(store)[1]
    send_all(store, NOON)
    publish(store, item("Late"), NOON + timedelta(seconds=10), story=story)
    assert rows(store)[2]["due_at"] == "2026-03-02T05:01:00Z"


@pytest.mark.parametrize("back", [timedelta(hours=1), timedelta(days=2)])
def test_a_clock_that_is_set_back_holds_no_edit_up(store: Store, back: timedelta) -> None:
    story = publish(store, item(), NOON)
    send_all(store, NOON)
    publish(store, item("AFP"), NOON, story=story)
    send_all(store, NOON)
    publish(store, item("Late"), NOON - back, story=story)
    assert rows(store)[2]["due_at"] == iso(NOON - back + MINUTE)


def test_the_same_source_again_changes_nothing(store: Store) -> None:
    story = publish(store, item(), NOON)
    send_all(store, NOON)
    publish(store, item(), NOON + MINUTE, story=story)
    assert len(rows(store)) == 1


def test_an_alert_names_the_rule_for_which_this_chat_gets_it(store: Store) -> None:
    add_chat(store, "telegram:2", settings={"rules": ["fpt"]})
    publish(store, item(), NOON, hits=[Hit("deals", 0.9, "alert", ()), Hit("fpt", 0.5, "alert", ())])
    assert [texts(store, chat)[0].splitlines()[-1] for chat in ("telegram:1", "telegram:2")] == ["Why: Deals", "Why: FPT"]


def test_an_edit_keeps_the_reason_for_which_the_alert_came_and_another_reason_alone_is_no_edit(store: Store) -> None:
    story = publish(store, item(), NOON, hits=[Hit("fpt", 0.5, "alert", ())])
    send_all(store, NOON)
    better = [Hit("fpt", 0.6, "alert", (Reason("everything"),)), Hit("deals", 0.9, "alert", ()), Hit("nvidia", 1.0, "digest", ())]
    publish(store, item(), NOON + MINUTE, story=story, hits=better)
    assert len(rows(store)) == 1
    publish(store, item("AFP"), NOON + 2 * MINUTE, story=story, hits=better)
    assert texts(store)[1].splitlines()[-1] == "Why: FPT – every item of this feed is wanted"


def test_the_better_source_comes_first(store: Store) -> None:
    title = "Nvidia invests in Hanoi - Some Paper"
    relay = Item(feed="f", url="https://news.google.com/rss/1", title=title, source="Some Paper", published=NOON)
    story = publish(store, relay, NOON)
    publish(store, item("Reuters"), NOON + MINUTE, story=story)
    publish(store, item("Paid", sponsored=True), NOON - MINUTE, story=story)
    view = read_story(store, story, SEEDS)
    assert view is not None
    assert view.publishers == ("Reuters", "Some Paper", "Paid")


def test_real_news_inside_a_story_answers_the_first_message_once(store: Store) -> None:
    first = item()
    story = publish(store, first, NOON, events=[investment("nvidia", first, status="planned")])
    send_all(store, NOON)
    later = item("AFP", title="Nvidia signs", text="Nvidia has signed for $250 million in Hanoi.")
    news = (Development("investment", "confirmed"),)
    publish(store, later, NOON + MINUTE, story=story, events=[investment("nvidia", later, amount=2.5e8)], developments=news)
    kinds = [(row["kind"], row["reply_to"]) for row in rows(store)]
    assert kinds == [("alert", None), ("edit", "alert:1"), ("news", "alert:1")]
    assert texts(store)[2].startswith("Update: Investment: planned before, done now\nNvidia has signed")


def test_news_before_the_first_message_left_is_said_by_it_and_not_twice(store: Store) -> None:
    first = item()
    story = publish(store, first, NOON, events=[investment("nvidia", first, status="reported")])
    later = item("AFP", title="Nvidia denies it", text="Nvidia denies it.", published=NOON + MINUTE)
    denied = [investment("nvidia", later, status="denied")]
    publish(store, later, NOON + MINUTE, story=story, events=denied, developments=(Development("investment", "denied"),))
    assert [row["kind"] for row in rows(store)] == ["alert"]
    assert texts(store)[0].startswith("Nvidia denies it\n")
    assert "denied" in texts(store)[0].splitlines()[1]


def test_a_sponsored_item_never_leads(store: Store) -> None:
    paid = item("Wire", sponsored=True)
    story = publish(store, paid, NOON)
    assert rows(store) == []
    publish(store, item("Reuters"), NOON + MINUTE, story=story)
    assert len(rows(store)) == 1
    assert texts(store)[0].splitlines()[-2].endswith("Wire <https://wire.example/1> (sponsored)")


@pytest.mark.parametrize(
    ("settings", "alerted"),
    [
        ({"muted_stories": [1]}, False),
        ({"muted_stories": [2]}, True),
        ({"snoozed": {"deals": "2026-03-02T06:00:00Z"}}, False),
        ({"snoozed": {"deals": "2026-03-02T04:00:00Z"}}, True),
        ({"snoozed": {"fpt": "2026-03-02T06:00:00Z"}}, True),
        ({"muted_entities": ["nvidia"]}, False),
        ({"muted_entities": ["fpt"]}, True),
        ({"muted_entities": "nonsense", "quiet_hours": 7, "timezone": "Mars"}, True),
    ],
)
def test_mutes_and_snoozes(store: Store, settings: dict[str, Any], alerted: bool) -> None:
    change_settings(store, "telegram:1", settings)
    publish(store, item(), NOON)
    assert bool(rows(store)) == alerted


def test_quiet_hours_hold_the_alert_with_its_reason(store: Store) -> None:
    change_settings(store, "telegram:1", {"quiet_hours": "22:00-07:00"})
    publish(store, item(), NIGHT)
    assert [(row["held"], row["state"]) for row in rows(store)] == [("quiet", "waiting")]
    assert deliveries.due(store, NIGHT + timedelta(days=1), kinds=("telegram",)) == []


def test_what_was_held_is_not_sent_by_a_later_source(store: Store) -> None:
    change_settings(store, "telegram:1", {"quiet_hours": "22:00-07:00"})
    story = publish(store, item(), NIGHT)
    publish(store, item("AFP"), NIGHT + timedelta(hours=12), story=story)
    assert [row["held"] for row in rows(store)] == ["quiet"]


def test_news_inside_a_story_that_was_held_lets_it_out(store: Store) -> None:
    change_settings(store, "telegram:1", {"quiet_hours": "22:00-07:00"})
    story = publish(store, item(), NIGHT)
    publish(store, item("AFP"), NIGHT + timedelta(hours=12), story=story, developments=(Development("investment", "denied"),))
    assert [(row["key"], row["held"]) for row in rows(store)] == [("alert:1", None)]


def test_over_the_cap_the_last_alert_says_so_and_the_rest_is_held(store: Store) -> None:
    change_settings(store, "telegram:1", {"max_per_hour": 3})
    for number in range(5):
        publish(store, item(title=f"Nvidia invests in city {number}"), NOON + number * MINUTE)
    assert [row["held"] for row in rows(store)] == [None, None, None, "cap", "cap"]
    assert "Hourly limit of 3 alerts" in texts(store)[2]
    assert "Hourly limit" not in texts(store)[1]
    publish(store, item(title="Nvidia an hour later"), NOON + timedelta(minutes=61))
    assert rows(store)[-1]["held"] is None


def test_a_clock_that_was_set_back_finds_no_limit_reached_by_alerts_of_tomorrow(store: Store) -> None:
    change_settings(store, "telegram:1", {"max_per_hour": 2})
    for number in range(2):
        publish(store, item(title=f"Nvidia invests in city {number}"), NOON + timedelta(days=1))
    publish(store, item(title="Nvidia today"), NOON)
    assert rows(store)[-1]["held"] is None


def test_a_service_that_cannot_edit_gets_no_edits(store: Store) -> None:
    add_chat(store, "also:SLACK")
    story = publish(store, item(), NOON)
    send_all(store, NOON)
    publish(store, item("AFP"), NOON + MINUTE, story=story)
    assert [row["kind"] for row in rows(store, "also:SLACK")] == ["alert"]


def test_a_chat_that_is_gone_gets_nothing(store: Store) -> None:
    store.db.execute("UPDATE chats SET state = 'gone'")
    publish(store, item(), NOON)
    assert rows(store) == []


def test_buttons_stand_under_telegram_alerts_only(store: Store) -> None:
    add_chat(store, "also:SLACK")
    publish(store, item(), NOON)
    assert Message.from_json(rows(store)[0]["body"]).buttons
    assert not Message.from_json(rows(store, "also:SLACK")[0]["body"]).buttons


def test_settings_that_cannot_be_read_count_as_left_out() -> None:
    broken = {
        "language": "the one of Paris",
        "timezone": 3,
        "digest_at": "25:00",
        "quiet_hours": 7,
        "max_per_hour": "many",
        "snoozed": [],
        "send": "alert",
    }
    assert read_settings(broken, ChatSettings()) == ChatSettings()


def test_a_chat_may_switch_off_what_the_configuration_sets() -> None:
    defaults = read_settings({"quiet_hours": "22:00-07:00"}, ChatSettings())
    assert read_settings({}, defaults).quiet_hours is not None
    assert read_settings({"quiet_hours": ""}, defaults).quiet_hours is None
