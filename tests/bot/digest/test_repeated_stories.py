"""What the next digest says of a story that an earlier one told: nothing twice, but what is new in it, and who has taken it up since."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.store import Store
from bot.store.chats import add_chat, change_settings
from tests.bot.digest.test_schedule import CHAT, DAY, HOUR, MORNING, NOON, item, run, sent
from tests.support.news import investment, publish
from watchers.match.result import Hit


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store.open(":memory:")
    add_chat(store, CHAT)
    run(store, MORNING)  # the chat's digests begin
    yield store
    store.close()


def test_a_story_that_another_paper_takes_up_the_next_day_is_named_in_one_line(store: Store) -> None:
    story = publish(store, item("Nvidia invests in Hanoi"), NOON)
    run(store, MORNING + DAY)
    publish(store, item("FPT opens", at=NOON + DAY), NOON + DAY, hits=[Hit("fpt", 0.5, "digest", ())])
    publish(store, item("Nvidia puts money into Hanoi", "AFP", at=NOON + DAY), NOON + DAY, story=story)
    run(store, MORNING + 2 * DAY)
    assert "• Nvidia invests in Hanoi <https://afp.example/Nvidia-puts-money-into-Hanoi> – AFP" in sent(store)[1]
    assert "1 story from 1 source" in sent(store)[1]
    assert ", said the company" not in sent(store)[1].partition("Told before")[2]
    run(store, MORNING + 3 * DAY)
    assert len(sent(store)) == 2


def test_a_digest_of_nothing_but_stories_told_before_says_so(store: Store) -> None:
    story = publish(store, item("Nvidia invests in Hanoi"), NOON)
    run(store, MORNING + DAY)
    publish(store, item("Nvidia puts money into Hanoi", "AFP", at=NOON + DAY), NOON + DAY, story=story)
    run(store, MORNING + 2 * DAY)
    assert sent(store)[1].startswith("Digest, 4 Mar 2026\nNothing new in this period.\n\nReported earlier, more coverage since\n• Nvidia")


@pytest.mark.parametrize(
    ("first", "then", "said"),
    [
        ({"status": "planned"}, {"status": "done"}, "Investment: planned before, done now"),
        ({"status": "reported"}, {"status": "denied"}, "Investment: denied now"),
        ({}, {"amount": 2e8}, "Investment: the sum is known, $200 million"),
    ],
)
def test_a_story_told_before_stands_again_when_something_new_happened_in_it(
    store: Store, first: dict[str, Any], then: dict[str, Any], said: str
) -> None:
    one, two = item("Nvidia to invest in Hanoi"), item("Nvidia and Hanoi", "AFP", at=NOON + DAY)
    story = publish(store, one, NOON, events=[investment("nvidia", one, **first)])
    run(store, MORNING + DAY)
    publish(store, two, NOON + DAY, story=story, events=[investment("nvidia", two, **then)])
    run(store, MORNING + 2 * DAY)
    assert f"({said})" in sent(store)[1]
    assert "Told before" not in sent(store)[1]


def test_a_story_is_new_to_a_chat_whose_digest_was_refused_or_wanted_other_rules(store: Store) -> None:
    add_chat(store, "telegram:2", settings={"rules": ["fpt"]})
    run(store, MORNING)
    story = publish(store, item("Nvidia invests in FPT"), NOON)
    publish(store, item("FPT opens"), NOON, hits=[Hit("fpt", 0.5, "digest", ())])
    run(store, MORNING + DAY)
    store.conn.execute("UPDATE deliveries SET state = 'refused' WHERE chat = ? AND kind = 'digest'", [CHAT])
    hits = [Hit("deals", 0.8, "alert", ()), Hit("fpt", 0.5, "digest", ())]
    publish(store, item("Nvidia and FPT", "AFP", at=NOON + DAY), NOON + DAY, story=story, hits=hits)
    run(store, MORNING + 2 * DAY)
    for chat in (CHAT, "telegram:2"):
        assert "Told before" not in sent(store, chat)[1]
        assert "Nvidia invests in FPT" in sent(store, chat)[1]


@pytest.mark.parametrize("seed", range(6))
def test_every_story_is_told_once_whatever_clock_and_zone_do(store: Store, seed: int) -> None:
    dice = random.Random(seed)
    zones = ("America/New_York", "Europe/Berlin", "Asia/Ho_Chi_Minh", "Pacific/Apia", "Australia/Lord_Howe")
    now = datetime(2026, 10, 15, tzinfo=UTC)  # clocks are set back and forward in the weeks that follow
    published = []
    for number in range(150):
        run(store, now)
        if dice.random() < 0.3:
            published.append(f"• Nvidia thing number {number}")
            publish(store, item(f"Nvidia thing number {number}", at=now), now)
        now += dice.choice([timedelta(minutes=1), HOUR, 5 * HOUR])
        if dice.random() < 0.05:
            now -= dice.choice([HOUR, 5 * HOUR, 30 * HOUR])
        if dice.random() < 0.05:
            change_settings(store, CHAT, {"timezone": dice.choice(zones), "digest_at": dice.choice(["00:00", "02:30", "23:59"])})
    run(store, now + 3 * DAY)
    told = [line.partition(" <")[0] for text in sent(store) for line in text.splitlines() if line.startswith("• ")]
    assert sorted(told) == sorted(published)
    dates = [row["date"] for row in store.db.query("SELECT date FROM digests WHERE chat = ?", [CHAT])]
    assert len(dates) == len(set(dates))
