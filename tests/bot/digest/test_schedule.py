"""The digest: once for a chat and local date, with everything of the period, what was held back, and what may be lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from bot.cli.digest import draw
from bot.cli.digest import read as digest_of
from bot.config import Config
from bot.digest import schedule as digests
from bot.digest.message import messages
from bot.digest.unusual import is_unusual
from bot.message import Message
from bot.store import Store, deliveries, iso
from bot.store.chats import ChatSettings, add_chat, change_settings, read_chat
from bot.store.deliveries import NewDelivery
from tests.support.golden import golden
from tests.support.news import SEEDS, investment, publish
from watchers.match.result import Hit
from watchers.models.item import Item

CHAT = "telegram:1"
MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # 08:00 in Hanoi
NOON = MORNING + timedelta(hours=4)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def item(title: str = "Nvidia invests in Hanoi", source: str = "Reuters", *, at: datetime = NOON, **more: Any) -> Item:
    url = f"https://{source.lower()}.example/{title.replace(' ', '-')}"
    return Item(feed="f", url=url, title=title, text=f"{title}, said the company. More follows.", source=source, published=at, **more)


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store.open(":memory:")
    add_chat(store, CHAT)
    run(store, MORNING)  # the chat's digests begin
    yield store
    store.close()


def run(store: Store, now: datetime, config: Config | None = None) -> int:
    with store.atomic():
        return digests.due_digests(store, SEEDS, config or Config(), now)


def sent(store: Store, chat: str = CHAT) -> list[str]:
    rows = store.db.query("SELECT body FROM deliveries WHERE chat = ? AND kind = 'digest' ORDER BY id", [chat])
    return [Message.from_json(row["body"]).plain for row in rows]


def arrive(store: Store, now: datetime) -> None:
    """Everything that is due is sent and arrives."""
    for row in deliveries.due(store, now, kinds=("telegram",)):
        if deliveries.claim(store, row.id, now):
            deliveries.sent(store, row.id, f"m{row.id}", now)


def test_the_digest_goes_out_at_its_time_with_the_stories_since_the_last(store: Store) -> None:
    publish(store, item("Nvidia invests in Hanoi"), NOON)
    publish(store, item("FPT opens a campus"), NOON + HOUR, hits=[Hit("fpt", 0.7, "digest", ())])
    assert run(store, MORNING + DAY - timedelta(seconds=1)) == 0
    assert run(store, MORNING + DAY) == 1
    last = sent(store)[-1]
    assert last.startswith("Digest, 3 Mar 2026\n2 stories from 1 source")
    assert "Nvidia invests in Hanoi" in last
    assert "FPT opens a campus" in last


def test_running_twice_or_late_or_after_a_restart_sends_one(store: Store) -> None:
    publish(store, item(), NOON)
    for minutes in (0, 0, 1, 60, 600):
        run(store, MORNING + DAY + timedelta(minutes=minutes))
    assert len(sent(store)) == 1


def test_what_one_digest_told_the_next_does_not(store: Store) -> None:
    publish(store, item("Nvidia one"), NOON)
    run(store, MORNING + DAY)
    publish(store, item("Nvidia two"), NOON + DAY)
    run(store, MORNING + 2 * DAY)
    assert "Nvidia one" not in sent(store)[1]
    assert "Nvidia two" in sent(store)[1]


def test_a_bot_that_was_off_for_days_sends_one_digest_with_all_of_it(store: Store) -> None:
    publish(store, item("Nvidia one"), NOON)
    publish(store, item("Nvidia two", at=NOON + DAY), NOON + DAY)
    run(store, MORNING + 5 * DAY + HOUR)
    run(store, MORNING + 5 * DAY + 2 * HOUR)
    assert len(sent(store)) == 1
    assert "Nvidia one" in sent(store)[0]
    assert "Nvidia two" in sent(store)[0]


def test_a_clock_that_jumped_ahead_and_back_loses_no_hit(store: Store) -> None:
    publish(store, item("Nvidia one"), NOON)
    run(store, MORNING + 400 * DAY)
    publish(store, item("Nvidia two"), NOON + HOUR)
    run(store, MORNING + DAY)
    assert ["Nvidia one" in text for text in sent(store)] == [True, False]
    assert "Nvidia two" in sent(store)[1]


def test_nothing_found_sends_nothing_unless_it_shall(store: Store) -> None:
    assert run(store, MORNING + DAY) == 0
    config = Config.model_validate({"digest": {"when_empty": True}})
    assert run(store, MORNING + 2 * DAY, config) == 1
    assert sent(store) == ["Digest, 4 Mar 2026\nNothing matched your rules in this period."]


def test_a_new_chat_starts_with_its_next_digest_time(store: Store) -> None:
    publish(store, item(), NOON)
    add_chat(store, "telegram:2")
    assert run(store, NOON + HOUR) == 0
    run(store, MORNING + DAY)
    assert len(sent(store, "telegram:2")) == 1


def test_a_chat_that_wants_no_digests_gets_none(store: Store) -> None:
    change_settings(store, CHAT, {"send": ["alert"]})
    publish(store, item(), NOON)
    assert run(store, MORNING + DAY) == 0


def test_each_chat_has_its_own_time_zone_language_and_rules(store: Store) -> None:
    add_chat(store, "telegram:2", settings={"timezone": "America/New_York", "digest_at": "07:30", "language": "vi", "rules": ["nvidia"]})
    run(store, MORNING)
    publish(store, item(), NOON, hits=[Hit("deals", 0.9, "alert", ()), Hit("nvidia", 0.5, "digest", ())])
    publish(store, item("FPT opens"), NOON, hits=[Hit("fpt", 0.9, "alert", ())])
    run(store, datetime(2026, 3, 2, 12, 29, tzinfo=UTC))
    assert sent(store, "telegram:2") == []
    run(store, datetime(2026, 3, 2, 12, 30, tzinfo=UTC))
    assert sent(store, "telegram:2")[0].startswith("Tổng hợp, 2/3/2026\n1 tin từ 1 nguồn")
    assert "FPT" not in sent(store, "telegram:2")[0]


def test_what_was_held_back_stands_in_it_with_the_reason_and_is_settled_when_it_arrives(store: Store) -> None:
    change_settings(store, CHAT, {"quiet_hours": "00:00-23:59", "max_per_hour": 1})
    publish(store, item("Nvidia at night"), NOON)
    run(store, MORNING + DAY)
    assert "Nvidia at night <https://reuters.example/Nvidia-at-night> (quiet hours)" in sent(store)[0]
    assert "Held back until now: 1 (quiet hours)" in sent(store)[0]
    held = "SELECT state FROM deliveries WHERE kind = 'alert'"
    assert store.conn.execute(held).fetchone()[0] == "waiting"
    arrive(store, MORNING + DAY)
    assert store.conn.execute(held).fetchone()[0] == "sent"
    run(store, MORNING + 2 * DAY)
    assert len(sent(store)) == 1


def test_what_a_flood_limit_keeps_back_stands_in_it_and_is_not_sent_too(store: Store) -> None:
    publish(store, item(), NOON)
    deliveries.claim(store, 1, NOON)
    deliveries.retry(store, 1, "retry after 90000", NOON + timedelta(seconds=90000))
    run(store, MORNING + DAY)
    assert "(Telegram's flood limit)" in sent(store)[0]
    assert [row.kind for row in deliveries.due(store, NOON + 3 * DAY, kinds=("telegram",))] == ["digest"]


def test_what_may_not_have_arrived_is_named_once(store: Store) -> None:
    publish(store, item("Nvidia perhaps"), NOON)
    for _ in range(4):
        deliveries.claim(store, 1, NOON)
        deliveries.mark_unconfirmed(store, 1, "timed out", NOON)
    run(store, MORNING + DAY)
    assert "May not have arrived\n• Nvidia perhaps – sent 4 times without an answer" in sent(store)[0]
    publish(store, item("Nvidia next"), NOON + DAY)
    run(store, MORNING + 2 * DAY)
    assert "May not have arrived" not in sent(store)[1]


def test_what_could_not_be_sent_is_named_once(store: Store) -> None:
    for number, title in enumerate(("Nvidia refused", "FPT refused"), 1):
        publish(store, item(title), NOON)
        deliveries.claim(store, number, NOON)
        deliveries.refuse(store, number, "server_error: the server answered 500")
    run(store, MORNING + DAY)
    assert "Could not be sent\n• Nvidia refused – tries: 1\n• FPT refused – tries: 1" in sent(store)[0]
    deliveries.claim(store, 3, MORNING + DAY)
    deliveries.refuse(store, 3, "message is too long")
    publish(store, item("Nvidia next"), NOON + DAY)
    run(store, MORNING + 2 * DAY)
    assert "Could not be sent\n• Digest, 3 Mar 2026 – tries: 1" in sent(store)[1]
    assert "Nvidia refused – tries" not in sent(store)[1], "a headline that cannot be sent would keep every digest back"


def test_what_could_not_be_sent_long_ago_or_was_never_tried_is_not_named(store: Store) -> None:
    publish(store, item("Nvidia of old"), NOON)
    deliveries.claim(store, 1, NOON)
    deliveries.refuse(store, 1, "message is too long")
    publish(store, item("Nvidia untried"), NOON + 9 * DAY)
    deliveries.refuse_chat(store, CHAT, "bot was blocked")
    run(store, MORNING + 10 * DAY)
    assert "Could not be sent" not in sent(store)[0]


def give_up(store: Store, now: datetime) -> None:
    """Everything that is due is sent, and every answer is lost."""
    for hours in range(5):
        at = now + hours * HOUR
        for row in deliveries.due(store, at, kinds=("telegram",)):
            if deliveries.claim(store, row.id, at):
                deliveries.mark_unconfirmed(store, row.id, "no answer", at)


def test_what_a_digest_named_that_never_arrived_is_named_by_the_next(store: Store) -> None:
    change_settings(store, CHAT, {"quiet_hours": "12:00-13:00"})
    publish(store, item("Nvidia perhaps"), NOON - HOUR)
    give_up(store, NOON - HOUR)
    publish(store, item("FPT at noon"), NOON)
    run(store, MORNING + DAY)
    give_up(store, MORNING + DAY)
    run(store, MORNING + 2 * DAY)
    arrive(store, MORNING + 2 * DAY)
    run(store, MORNING + 3 * DAY)
    lost, told = sent(store)
    assert "• Nvidia perhaps – sent 4 times without an answer" in lost
    assert "• Nvidia perhaps – sent 4 times without an answer\n• Digest, 3 Mar 2026 – sent 4 times without an answer" in told
    assert "FPT at noon" in told
    assert "Held back until now: 1 (quiet hours)" in told


def test_a_muted_story_and_a_muted_entity_are_left_out(store: Store) -> None:
    story = publish(store, item("Nvidia muted"), NOON)
    publish(store, item("FPT muted"), NOON, hits=[Hit("fpt", 0.9, "digest", ())])
    publish(store, item("Nvidia told"), NOON)
    change_settings(store, CHAT, {"muted_stories": [story], "muted_entities": ["fpt"]})
    run(store, MORNING + DAY)
    assert "muted" not in sent(store)[0]
    assert "Nvidia told" in sent(store)[0]


def test_old_items_of_a_new_feed_and_backfilled_ones_are_no_news(store: Store) -> None:
    publish(store, item("Nvidia of last week", at=NOON - 7 * DAY), NOON, baseline=True)
    publish(store, item("Nvidia of the archive"), NOON, baseline=True, origin="backfill")
    publish(store, item("Nvidia asked for", at=NOON - 900 * DAY), NOON, baseline=True, origin="digest")
    run(store, MORNING + DAY)
    assert [name in sent(store)[0] for name in ("last week", "of the archive", "asked for")] == [False, False, True]


def test_a_story_stands_once_ranked_by_score_sources_and_freshness(store: Store) -> None:
    publish(store, item("FPT weak"), NOON, hits=[Hit("fpt", 0.3, "digest", ())])
    many = publish(store, item("FPT many sources", "Reuters"), NOON, hits=[Hit("fpt", 0.5, "digest", ())])
    for source in ("AFP", "AP", "VnExpress"):
        publish(store, item("FPT many sources", source), NOON, story=many, hits=[Hit("fpt", 0.4, "digest", ())])
    publish(store, item("FPT middle"), NOON, hits=[Hit("fpt", 0.55, "digest", ())])
    publish(store, item("FPT paid", sponsored=True), NOON, hits=[Hit("fpt", 1.0, "digest", ())])
    run(store, MORNING + DAY)
    order = [line.partition(" <")[0].removeprefix("• ") for line in sent(store)[0].splitlines() if line.startswith("• ")]
    assert order == ["FPT many sources", "FPT middle", "FPT weak", "FPT paid"]


def test_one_odd_hit_among_many_does_not_name_the_story(store: Store) -> None:
    story = publish(store, item("Nvidia rises"), NOON, hits=[Hit("nvidia", 0.5, "digest", ())])
    for source in ("AFP", "AP", "UPI"):
        publish(store, item("Nvidia rises", source), NOON, story=story, hits=[Hit("nvidia", 0.5, "digest", ())])
    publish(
        store,
        item("Nvidia rises, deal or not", "Odd"),
        NOON,
        story=story,
        hits=[Hit("nvidia", 0.5, "digest", ()), Hit("deals", 0.9, "alert", ())],
    )
    run(store, MORNING + DAY)
    assert "▍Nvidia\n" in sent(store)[0]
    assert "▍Deals" not in sent(store)[0]


def test_a_long_digest_comes_in_numbered_parts_of_one_row_each(store: Store) -> None:
    for number in range(60):
        rule = ("deals", "nvidia", "fpt")[number % 3]
        publish(store, item(f"Nvidia and FPT story number {number} " + "which is long " * 12), NOON, hits=[Hit(rule, 0.5, "digest", ())])
    written = run(store, MORNING + DAY)
    keys = [row["key"] for row in store.db.query("SELECT key FROM deliveries WHERE kind = 'digest' ORDER BY id")]
    assert keys == [f"digest:2026-03-03:{n}" for n in range(1, written + 1)]
    assert written > 1
    assert sent(store)[0].endswith(f"(1/{written})")
    for part in sent(store):
        assert part.startswith(("Digest, 3 Mar 2026\n", "▍Deals\n• ", "▍Nvidia\n• ", "▍FPT\n• ")), "a part names the rule it goes on with"
    assert all(f"story number {number} which" in "".join(sent(store)) for number in range(60))


def test_of_very_many_stories_of_a_rule_the_last_are_counted(store: Store) -> None:
    for number in range(12 + 30 + 5):
        publish(store, item(f"FPT story number {number}"), NOON, hits=[Hit("fpt", 0.5, "digest", ())])
    run(store, MORNING + DAY)
    said = "".join(sent(store))
    assert said.count("• FPT story number") == 12 + 30
    assert said.count(", said the company") == 12, "after the best a headline must do"
    assert "and 5 more stories of this rule" in said


def test_what_happened_comes_before_prices_and_the_rules_that_alert_before_the_others(store: Store) -> None:
    risen = item("Nvidia rises")
    market = replace(investment("nvidia", risen), type="market")
    publish(store, risen, NOON, events=[market], hits=[Hit("nvidia", 0.52, "digest", ())])
    built = item("Nvidia builds")
    publish(store, built, NOON, events=[investment("nvidia", built)], hits=[Hit("nvidia", 0.5, "digest", ())])
    publish(store, item("FPT deal"), NOON, hits=[Hit("deals", 0.3, "alert", ())])
    run(store, MORNING + DAY)
    order = [line.partition(" <")[0] for line in sent(store)[0].splitlines() if line.startswith(("• ", "▍"))]
    assert order == ["▍Deals", "• FPT deal", "▍Nvidia", "• Nvidia builds", "• Nvidia rises"]


def test_a_picture_is_a_part_of_its_own(store: Store) -> None:
    publish(store, item(), NOON)
    with store.atomic():
        digests.due_digests(store, SEEDS, Config(), MORNING + DAY, charts={CHAT: b"png"})
    bodies = [Message.from_json(row["body"]) for row in store.db.query("SELECT body FROM deliveries WHERE kind = 'digest' ORDER BY id")]
    assert [body.photo for body in bodies] == [None, b"png"]


@pytest.mark.parametrize(
    ("before", "today", "unusual"),
    [
        *[([6] * 28, 14, True), ([6] * 28, 9, False), ([5, 7] * 14, 14, True)],
        *[([0] * 28, 2, False), ([0] * 28, 3, True), ([20] * 28, 3, True), ([2] * 28, 0, False)],
    ],
)
def test_a_count_is_unusual_only_when_chance_does_not_explain_it(before: list[int], today: int, unusual: bool) -> None:
    assert is_unusual(before, today) is unusual


def test_an_unusual_count_is_said_against_the_usual(store: Store) -> None:
    for day in range(28):
        publish(store, item(f"Nvidia on day {day}"), NOON - (28 - day) * DAY)
    for number in range(9):
        publish(store, item(f"Nvidia today {number}"), NOON)
    run(store, MORNING + DAY)
    assert "Unusual: Nvidia 9 (usual 1)" in sent(store)[0]


def test_feeds_in_trouble_stand_in_one_line(store: Store) -> None:
    store.conn.execute("INSERT INTO feeds (url, name, polls) VALUES ('https://a.example/f', 'Good', 9)")
    columns = "url, name, polls, failures, last_error, parked_at"
    store.conn.execute(f"INSERT INTO feeds ({columns}) VALUES ('https://b.example/f', 'Bad', 9, 12, 'HTTP <500>', ?)", [iso(NOON)])
    publish(store, item(), NOON)
    run(store, MORNING + DAY)
    assert sent(store)[0].splitlines()[-1] == "Failing feeds: Bad (12 failures: HTTP <500>)"


@pytest.mark.parametrize("language", ["en", "vi"])
def test_a_digest_reads_as_a_careful_editor_would_write_it(store: Store, language: str) -> None:
    change_settings(store, CHAT, {"language": language, "quiet_hours": "22:00-07:00"})
    deal = item("Nvidia puts $200 million into Hanoi centre")
    told = investment("nvidia", deal, amount=2e8, place="Hanoi", status="planned", target="FPT", attributed_to="Bloomberg")
    story = publish(store, deal, NOON, events=[told])
    publish(store, item("Nvidia rót 200 triệu USD vào Hà Nội", "VnExpress"), NOON + HOUR, story=story)
    publish(store, item("Vingroup sells VinBrain"), NOON + 11 * HOUR)
    publish(store, item("FPT profit up 20%", "AFP"), NOON, hits=[Hit("fpt", 0.6, "digest", ())])
    chat = read_chat(store, CHAT, ChatSettings())
    assert chat is not None
    period = digests.period_of(store, chat, date(2026, 3, 3), MORNING + DAY)
    digest = digests.read_digest(store, chat, date(2026, 3, 3), period, seeds=SEEDS, now=MORNING + DAY)
    golden(f"digest.{language}.html", "\n\n".join(message.html for message in messages(digest)) + "\n")


@pytest.mark.parametrize("tz", ["America/New_York", "Pacific/Chatham", "Africa/Casablanca", "America/Havana"])
@pytest.mark.parametrize("at", ["00:00", "02:30", "23:45"])
def test_one_digest_for_each_local_date_whatever_the_clocks_do(tz: str, at: str) -> None:
    store = Store.open(":memory:")
    add_chat(store, CHAT, settings={"timezone": tz, "digest_at": at})
    config = Config.model_validate({"digest": {"when_empty": True}})
    now = datetime(2026, 2, 20, 0, 20, tzinfo=UTC)
    while now < datetime(2026, 4, 10, tzinfo=UTC):
        run(store, now, config)
        run(store, now, config)
        now += 5 * HOUR
    dates = [row["key"].split(":")[1] for row in store.db.query("SELECT key FROM deliveries ORDER BY id")]
    store.close()
    first = date.fromisoformat(dates[0])
    assert dates == [(first + n * DAY).isoformat() for n in range(len(dates))]
    assert len(dates) >= 47


def test_a_digest_that_is_written_while_a_message_of_another_kind_waits_leaves_it_alone(store: Store) -> None:
    with store.atomic():
        deliveries.add(store, NewDelivery(CHAT, "reply", "update:1:1", Message(CHAT, "hi", "hi"), NOON + 3 * DAY), NOON)
    publish(store, item(), NOON)
    run(store, MORNING + DAY)
    assert store.conn.execute("SELECT held FROM deliveries WHERE kind = 'reply'").fetchone()[0] is None


# --- when a digest begins, and when its time is moved -------------------------------------------------------------------------------------

PAIRED = datetime(2026, 3, 2, 16, 8, tzinfo=UTC)  # 23:08 in Hanoi


def test_a_digest_time_later_today_brings_todays_digest_at_that_time(store: Store) -> None:
    add_chat(store, "telegram:2")
    run(store, PAIRED)
    publish(store, item("Nvidia at night", at=PAIRED), PAIRED)
    change_settings(store, "telegram:2", {"digest_at": "23:11"})
    for minutes in (2, 2.9):
        run(store, PAIRED + timedelta(minutes=minutes))
        assert sent(store, "telegram:2") == []
    for minutes in (3, 4, 60):
        run(store, PAIRED + timedelta(minutes=minutes))
        assert [text.splitlines()[0] for text in sent(store, "telegram:2")] == ["Digest, 2 Mar 2026"]


def test_a_chat_gets_no_digest_of_a_day_before_it_was_there(store: Store) -> None:
    add_chat(store, "telegram:2", settings={"digest_at": "12:00"})
    run(store, PAIRED)
    publish(store, item(at=PAIRED), PAIRED)
    change_settings(store, "telegram:2", {"digest_at": "23:59", "timezone": "America/New_York"})
    run(store, PAIRED + timedelta(minutes=1))
    assert sent(store, "telegram:2") == []


def test_a_digest_that_went_out_today_does_not_go_out_again_at_a_later_time(store: Store) -> None:
    publish(store, item("Nvidia one"), NOON)
    run(store, MORNING + DAY)
    publish(store, item("Nvidia two", at=NOON + DAY), NOON + DAY)
    change_settings(store, CHAT, {"digest_at": "20:00"})
    for hours in (1, 12, 15):
        run(store, MORNING + DAY + hours * HOUR)
    assert len(sent(store)) == 1
    run(store, MORNING + 2 * DAY + 12 * HOUR)
    assert [text.splitlines()[0] for text in sent(store)] == ["Digest, 3 Mar 2026", "Digest, 4 Mar 2026"]


def test_a_digest_that_was_empty_this_morning_goes_out_tonight_when_its_time_is_moved(store: Store) -> None:
    run(store, MORNING + DAY)
    publish(store, item("Nvidia at noon", at=NOON + DAY), NOON + DAY)
    change_settings(store, CHAT, {"digest_at": "20:00"})
    run(store, MORNING + DAY + 5 * HOUR)
    assert sent(store) == []
    run(store, MORNING + DAY + 12 * HOUR)
    assert sent(store)[0].startswith("Digest, 3 Mar 2026")


@pytest.mark.parametrize("back", [HOUR, 2 * DAY])
def test_each_digest_goes_out_once_when_the_clock_is_set_back(store: Store, back: timedelta) -> None:
    for day in range(1, 4):
        publish(store, item(f"Nvidia {day}", at=NOON + day * DAY - DAY), NOON + day * DAY - DAY)
        run(store, MORNING + day * DAY)
    now = MORNING + 3 * DAY + timedelta(minutes=5) - back
    for hours in range(24 * 5):
        publish(store, item(f"FPT {hours}", at=now + hours * HOUR), now + hours * HOUR)
        run(store, now + hours * HOUR)
    headed = [text.splitlines()[0] for text in sent(store) if text.startswith("Digest")]
    assert len(headed) == len(set(headed))
    assert headed[:3] == ["Digest, 3 Mar 2026", "Digest, 4 Mar 2026", "Digest, 5 Mar 2026"]
    assert headed[3] == "Digest, 6 Mar 2026"


@pytest.mark.parametrize("ahead", [HOUR, 2 * DAY])
def test_a_chat_that_was_paired_by_a_clock_ahead_gets_its_digest_the_next_morning(store: Store, ahead: timedelta) -> None:
    add_chat(store, "telegram:2")
    run(store, NOON + ahead)
    run(store, NOON)
    assert sent(store, "telegram:2") == []
    publish(store, item(), NOON + HOUR)
    run(store, MORNING + DAY)
    assert [text.splitlines()[0] for text in sent(store, "telegram:2")] == ["Digest, 3 Mar 2026"]


def test_a_chat_whose_digest_cannot_be_made_keeps_no_other_from_its_own(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    add_chat(store, "telegram:2")
    run(store, MORNING)
    publish(store, item(), NOON)
    read = digests.read_digest

    def fails_for_one(store: Store, chat: Any, *rest: Any, **more: Any) -> Any:
        if chat.id == CHAT:
            store.conn.execute("UPDATE chats SET title = 'half done'")
            raise OverflowError("date value out of range")
        return read(store, chat, *rest, **more)

    monkeypatch.setattr(digests, "read_digest", fails_for_one)
    assert run(store, MORNING + DAY) == 1
    assert len(sent(store, "telegram:2")) == 1
    assert store.conn.execute("SELECT count(*) FROM chats WHERE title = 'half done'").fetchone()[0] == 0
    monkeypatch.setattr(digests, "read_digest", read)
    assert run(store, MORNING + DAY + timedelta(minutes=1)) == 1, "it comes once nothing is in its way"


def test_news_found_by_a_clock_two_days_ahead_stands_in_the_digest(store: Store) -> None:
    publish(store, item(at=NOON), NOON + 2 * DAY + HOUR)
    run(store, MORNING + 3 * DAY)
    assert "Nvidia invests in Hanoi" in sent(store)[0]


def past(store: Store, on: date, now: datetime) -> str:
    chat = read_chat(store, CHAT, ChatSettings())
    assert chat is not None
    made = digests.read_digest(store, chat, on, digests.period_of(store, chat, on, now), seeds=SEEDS, now=now)
    return "\n".join(message.plain for message in messages(made))


def test_the_digest_of_a_past_date_has_what_an_archive_holds_of_it_and_no_digest_of_the_chat_sends_it(store: Store) -> None:
    day = datetime(2025, 10, 6, 10, 0, tzinfo=UTC)
    publish(store, item("Nvidia opens a school", at=day), NOON, origin="backfill")
    publish(store, item("Nvidia closes a school", at=day + DAY), NOON, origin="backfill")
    publish(store, replace(item("Nvidia knows no day"), published=None), NOON, origin="backfill")
    publish(store, item("Nvidia of this noon", at=NOON), NOON, origin="backfill")
    publish(store, item("Nvidia listed late", at=day - HOUR), NOON)
    told = past(store, day.date(), NOON + HOUR)
    assert "Nvidia opens a school" in told
    assert "Nvidia listed late" in told
    assert "closes a school" not in told
    assert "knows no day" not in told
    assert "Nvidia closes a school" in past(store, day.date() + DAY, NOON + HOUR)
    assert "Nvidia" not in past(store, NOON.date(), NOON + HOUR), "what an archive holds of today is no news"
    assert "Nvidia of this noon" in past(store, NOON.date(), NOON + DAY)
    assert run(store, MORNING + DAY) == 0
    assert sent(store) == []


def test_the_picture_of_a_past_digest_ends_with_its_day(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    day = datetime(2025, 10, 6, 10, 0, tzinfo=UTC)
    for title, at in (("Nvidia one", day), ("Nvidia two", day), ("Nvidia three", day - DAY), ("Nvidia now", NOON)):
        publish(store, item(title, at=at), NOON, origin="backfill")
    drawn: list[tuple[list[int], list[date]]] = []

    def picture(counts: dict[str, list[int]], days: list[date], **_more: object) -> None:
        drawn.append((counts["Nvidia"], days))

    monkeypatch.setattr("bot.digest.chart.picture", picture)
    chat = read_chat(store, CHAT, ChatSettings())
    assert chat is not None
    draw(store, digest_of(store, chat, day.date(), SEEDS, NOON), SEEDS, NOON)
    counts, days = drawn[0]
    assert dict(zip(days, counts, strict=True))[day.date()] == 2
    assert counts == [0] * 12 + [1, 2]


def test_a_story_without_a_date_says_so_in_a_digest(store: Store) -> None:
    publish(store, replace(item("Nvidia knows no day"), published=None), NOON, origin="digest")
    assert run(store, MORNING + DAY) == 1
    assert "Reuters · no date" in sent(store)[0]
