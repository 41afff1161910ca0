"""The outbox: what was written is sent, once, in order, at the service's pace, whatever answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.deliver.limits import NONE, Limits
from bot.deliver.message import Message, NotSent, Sent
from bot.deliver.outbox import Outbox
from bot.store import Store, StoreThread, deliveries
from bot.store.chats import ChatSettings, add_chat, change_settings
from bot.store.deliveries import NewDelivery
from tests.support.fake_clock import FakeClock
from tests.support.scripted_chat import ScriptedChat

AN = "telegram:100"
TEAM = "telegram:-200"
BOSS = "telegram:1"


class World:
    """A database, a chat service that the test scripts, and an outbox between them."""

    def __init__(self, path: Path, limits: Limits = NONE) -> None:
        self.path, self.clock = path, FakeClock()
        self.chat = ScriptedChat(time=self.clock.monotonic)
        self.thread = StoreThread(path)
        self.thread.start()
        self.outbox = Outbox(self.thread, {"telegram": self.chat}, self.clock, settings=ChatSettings(), limits={"telegram": limits})

    async def restart(self) -> None:
        """The process is gone and starts again on the same file."""
        self.thread.close()
        self.thread = StoreThread(self.path)
        self.thread.start()
        self.outbox = Outbox(self.thread, {"telegram": self.chat}, self.clock, settings=ChatSettings(), limits={"telegram": NONE})
        await self.outbox.start()

    async def add(self, chat: str, text: str, *, kind: deliveries.Kind = "alert", key: str = "", **more: object) -> None:
        message = Message(chat, text, text)
        new = NewDelivery(chat, kind, key or f"{kind}:{text}", message, self.clock.now(), **more)  # type: ignore[arg-type]
        await self.thread.write(deliveries.add, new, self.clock.now())

    async def rows(self, columns: str = "state") -> list[object]:
        sql = f"SELECT {columns} FROM deliveries ORDER BY id"
        found = await self.thread.read(lambda store: [tuple(row) for row in store.conn.execute(sql)])
        return [row[0] if len(row) == 1 else row for row in found]

    async def deliver_for(self, time: timedelta) -> None:
        """The loop runs until that much time has passed."""
        until = self.clock.now() + time
        while self.clock.now() < until:
            await self.outbox.deliver_due()
            self.clock.advance(5)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    world = World(tmp_path / "outbox.db")
    await world.thread.write(add_chat, AN)
    await world.thread.write(add_chat, TEAM)
    await world.thread.write(add_chat, BOSS)
    await world.thread.write(change_settings, BOSS, {"role": "admin"})
    yield world
    world.thread.close()


async def test_what_was_written_is_sent_once_and_in_order(world: World) -> None:
    for text in ("one", "two", "three"):
        await world.add(AN, text)
    assert (await world.outbox.deliver_due()).sent == 3
    await world.restart()
    await world.outbox.deliver_due()
    assert world.chat.texts(AN) == ["one", "two", "three"]
    assert await world.rows() == ["sent"] * 3


async def test_the_same_key_is_written_once_for_a_chat(world: World) -> None:
    await world.add(AN, "first", key="alert:1")
    await world.add(AN, "again", key="alert:1")
    await world.add(TEAM, "first", key="alert:1")
    await world.outbox.deliver_due()
    assert world.chat.texts(AN) == ["first"]
    assert world.chat.texts(TEAM) == ["first"]


async def test_a_reply_goes_before_alerts_and_a_digest_after_them(world: World) -> None:
    await world.add(AN, "digest", kind="digest")
    await world.add(AN, "alert")
    await world.add(AN, "reply", kind="reply")
    await world.outbox.deliver_due()
    assert world.chat.texts(AN) == ["reply", "alert", "digest"]


async def test_a_connection_that_never_opened_is_tried_again_soon_and_repeats_nothing(world: World) -> None:
    world.chat.script(AN, *[NotSent("retry", "connection refused")] * 3)
    await world.add(AN, "one")
    await world.add(AN, "two")
    await world.deliver_for(timedelta(minutes=1))
    assert world.chat.texts(AN) == ["one", "two"]


async def test_a_line_that_is_down_for_a_day_loses_nothing(world: World) -> None:
    world.chat.script(AN, *[NotSent("retry", "no route to host")] * 288)
    await world.add(AN, "one")
    await world.deliver_for(timedelta(days=1, minutes=10))
    assert world.chat.texts(AN) == ["one"]


async def test_a_lost_answer_is_repeated_after_a_minute_then_ten_then_an_hour_and_no_more(world: World) -> None:
    world.chat.script(AN, *[NotSent("uncertain", "timed out")] * 9)
    begin = world.clock.monotonic()
    await world.add(AN, "one")
    await world.deliver_for(timedelta(hours=6))
    times = [round((at - begin) / 60) for at, _ in world.chat.arrived]
    assert times == [0, 1, 11, 71]
    assert await world.rows("state, lost") == [("uncertain", 4)]


async def test_a_repeat_that_is_answered_ends_the_doubt(world: World) -> None:
    world.chat.script(AN, NotSent("uncertain", "connection reset"))
    await world.add(AN, "one")
    await world.deliver_for(timedelta(hours=2))
    assert world.chat.texts(AN) == ["one", "one"]
    assert await world.rows("state, lost, error") == [("sent", 1, None)]


async def test_a_process_killed_in_the_middle_of_a_send_repeats_it_late(world: World) -> None:
    await world.add(AN, "one")
    claimed = await world.thread.write(deliveries.claim, 1, world.clock.now())
    assert claimed is not None
    await world.restart()
    await world.outbox.deliver_due()
    assert world.chat.texts(AN) == []
    world.clock.advance(61)
    await world.outbox.deliver_due()
    assert world.chat.texts(AN) == ["one"]


async def test_a_row_is_claimed_by_one_of_two(world: World) -> None:
    await world.add(AN, "one")
    first = await world.thread.write(deliveries.claim, 1, world.clock.now())
    second = await world.thread.write(deliveries.claim, 1, world.clock.now())
    assert (first is None, second is None) == (False, True)


async def test_a_flood_limit_stops_that_chat_alone_and_survives_a_restart(world: World) -> None:
    world.chat.script(AN, NotSent("flood", "Too Many Requests: retry after 43838", retry_after=43838))
    await world.add(AN, "one")
    await world.add(AN, "two")
    await world.add(TEAM, "three")
    await world.outbox.deliver_due()
    assert (world.chat.texts(AN), world.chat.texts(TEAM)) == ([], ["three"])
    await world.restart()
    world.clock.advance(43800)
    await world.outbox.deliver_due()
    assert world.chat.texts(AN) == []
    world.clock.advance(60)
    await world.outbox.deliver_due()
    assert world.chat.texts(AN) == ["one", "two"]


async def test_a_group_that_became_a_supergroup_gets_its_messages_there(world: World) -> None:
    world.chat.script(TEAM, NotSent("migrated", "group chat was upgraded", new_chat="telegram:-1009"))
    await world.thread.write(change_settings, TEAM, {"language": "vi"})
    await world.add(TEAM, "one")
    await world.add(TEAM, "two")
    await world.outbox.deliver_due()
    assert world.chat.texts("telegram:-1009") == ["one", "two"]
    found = await world.thread.read(lambda store: [tuple(row) for row in store.conn.execute("SELECT id, settings FROM chats ORDER BY id")])
    assert ("telegram:-1009", '{"language": "vi"}') in found
    assert TEAM not in [row[0] for row in found]
    assert "telegram:-1009" in world.chat.texts(BOSS)[0]


async def test_a_move_to_itself_does_not_go_round_for_ever(world: World) -> None:
    world.chat.script(TEAM, *[NotSent("migrated", "?", new_chat=TEAM)] * 50)
    await world.add(TEAM, "one")
    await world.outbox.deliver_due()
    assert (await world.rows())[0] == "refused"


async def test_a_chat_that_blocked_the_bot_is_set_aside_and_admins_hear_of_it(world: World) -> None:
    world.chat.script(AN, NotSent("gone", "Forbidden: bot was blocked by the user"))
    for text in ("one", "two"):
        await world.add(AN, text)
    await world.outbox.deliver_due()
    states = await world.thread.read(lambda store: dict(store.conn.execute("SELECT id, state FROM chats").fetchall()))
    assert states == {AN: "gone", TEAM: "active", BOSS: "active"}
    assert len(world.chat.texts(BOSS)) == 1
    assert "blocked by the user" in world.chat.texts(BOSS)[0]
    assert (await world.rows())[:2] == ["refused", "refused"]


async def test_markup_that_the_service_cannot_parse_goes_out_as_plain_text(world: World) -> None:
    world.chat.script(AN, NotSent("bad_markup", "can't parse entities"))
    new = NewDelivery(AN, "alert", "alert:1", Message(AN, "<b>5 < 6", "5 < 6 & more"), world.clock.now())
    await world.thread.write(deliveries.add, new, world.clock.now())
    await world.outbox.deliver_due()
    assert world.chat.texts(AN) == ["5 &lt; 6 &amp; more"]


async def test_poison_is_set_aside_reported_and_stops_nothing(world: World) -> None:
    world.chat.script(AN, RuntimeError("cannot encode"))
    await world.add(AN, "poison", key="alert:7")
    await world.add(AN, "two")
    await world.outbox.deliver_due()
    assert world.chat.texts(AN) == ["two"]
    assert "alert:7" in world.chat.texts(BOSS)[0]
    assert (await world.rows())[0] == "refused"


async def test_a_body_that_cannot_be_read_is_set_aside(world: World) -> None:
    await world.add(AN, "one")
    await world.add(AN, "two")
    await world.thread.write(lambda store: store.db.execute("UPDATE deliveries SET body = '{' WHERE id = 1") and None)
    await world.outbox.deliver_due()
    assert world.chat.texts(AN) == ["two"]
    assert await world.rows() == ["refused", "sent"]


async def test_a_notice_that_cannot_be_sent_makes_no_other_notice(world: World) -> None:
    world.chat.script(BOSS, *[RuntimeError("no")] * 5)
    world.chat.script(AN, RuntimeError("no"))
    await world.add(AN, "one")
    await world.outbox.deliver_due()
    assert await world.rows("kind") == ["alert", "notice"]


async def test_an_edit_waits_for_its_message_and_names_it(world: World) -> None:
    world.chat.script(AN, NotSent("uncertain", "timed out"))
    await world.add(AN, "alert", key="alert:1", story=1)
    await world.add(AN, "three sources", kind="edit", key="edit:1:1", story=1, reply_to="alert:1")
    await world.add(AN, "denied now", kind="news", key="news:1:1", story=1, reply_to="alert:1")
    await world.outbox.deliver_due()
    assert world.chat.texts(AN) == ["alert"]
    world.clock.advance(61)
    await world.outbox.deliver_due()
    answered = await world.rows("message_id")
    sent = [message for _, message in world.chat.arrived][2:]
    assert {(one.html, one.edit, one.reply_to) for one in sent} == {("three sources", answered[0], None), ("denied now", None, answered[0])}


async def test_an_edit_of_a_message_that_never_arrived_is_dropped_and_news_go_alone(world: World) -> None:
    world.chat.script(AN, NotSent("refused", "no rights to send"))
    await world.add(AN, "alert", key="alert:1", story=1)
    await world.add(AN, "edit", kind="edit", key="edit:1:1", story=1, reply_to="alert:1")
    await world.add(AN, "news", kind="news", key="news:1:1", story=1, reply_to="alert:1")
    await world.outbox.deliver_due()
    assert world.chat.texts(AN) == ["news"]


async def test_what_is_held_waits_for_its_digest_and_is_settled_with_it(world: World) -> None:
    await world.add(AN, "night", key="alert:1", held="quiet")
    await world.outbox.deliver_due()
    assert world.chat.texts(AN) == []
    await world.add(AN, "digest", kind="digest", key="digest:2026-03-02:1")
    await world.thread.write(
        lambda store: store.db.execute("UPDATE deliveries SET in_digest = 'digest:2026-03-02:1' WHERE key = 'alert:1'") and None
    )
    await world.outbox.deliver_due()
    assert world.chat.texts(AN) == ["digest"]
    assert await world.rows() == ["sent", "sent"]


async def test_a_clock_set_back_by_a_day_silences_nobody(world: World) -> None:
    await world.add(AN, "one")
    world.clock.set(world.clock.now() - timedelta(days=1))
    await world.outbox.deliver_due()
    assert world.chat.texts(AN) == ["one"]


async def test_a_clock_set_back_while_a_message_waits_delays_it_no_further(world: World) -> None:
    world.chat.script(AN, NotSent("retry", "refused"))
    await world.add(AN, "one")
    await world.outbox.deliver_due()
    world.clock.set(datetime(2020, 1, 1, tzinfo=UTC))
    await world.deliver_for(timedelta(seconds=20))
    assert world.chat.texts(AN) == ["one"]


async def test_a_clock_set_forward_repeats_nothing_early(world: World) -> None:
    world.chat.script(AN, NotSent("uncertain", "timed out"))
    await world.add(AN, "one")
    await world.outbox.deliver_due()
    world.clock.set(world.clock.now() + timedelta(days=400))
    await world.outbox.deliver_due()
    assert world.chat.texts(AN) == ["one"]
    world.clock.advance(61)
    await world.outbox.deliver_due()
    assert world.chat.texts(AN) == ["one", "one"]


async def test_the_loop_sends_what_is_written_while_it_sleeps(world: World) -> None:
    loop = asyncio.create_task(world.outbox.run())
    await world.add(AN, "one")
    world.outbox.wake()
    while not world.chat.arrived:
        await asyncio.sleep(0)
    loop.cancel()
    with pytest.raises(asyncio.CancelledError):
        await loop
    assert world.chat.texts(AN) == ["one"]


async def test_stopping_waits_for_the_answer_that_is_on_its_way(world: World) -> None:
    answer, asked = asyncio.Event(), asyncio.Event()

    class Slow(ScriptedChat):
        async def send(self, message: Message) -> Sent | NotSent:
            asked.set()
            await answer.wait()
            return await super().send(message)

    slow = Slow()
    outbox = Outbox(world.thread, {"telegram": slow}, world.clock, settings=ChatSettings(), limits={"telegram": NONE})
    await world.add(AN, "one")
    loop = asyncio.create_task(outbox.run())
    await asked.wait()
    loop.cancel()
    asyncio.get_running_loop().call_soon(answer.set)
    with pytest.raises(asyncio.CancelledError):
        await loop
    assert await world.rows() == ["sent"]


async def test_stopping_between_the_claim_and_the_send_leaves_no_doubt(world: World) -> None:
    await world.add(AN, "one")
    for patience in range(40):
        loop = asyncio.create_task(world.outbox.run())
        for _ in range(patience):
            await asyncio.sleep(0)
        loop.cancel()
        with pytest.raises(asyncio.CancelledError):
            await loop
    await world.outbox.deliver_due()
    assert world.chat.texts(AN) == ["one"]
    assert await world.rows("state, lost") == [("sent", 0)]


async def test_rows_of_a_service_that_is_not_there_stay_where_they_are(world: World) -> None:
    await world.add("also:SLACK", "one")
    await world.outbox.deliver_due()
    assert await world.rows() == ["waiting"]


def _most_within(times: list[float], window: float) -> int:
    return max(sum(start <= at < start + window for at in times) for start in times)


@pytest.mark.parametrize(("chats", "each"), [(60, 5), pytest.param(1000, 100, marks=[pytest.mark.full, pytest.mark.timeout(1200)])])
async def test_many_chats_get_theirs_as_fast_as_the_limits_allow(tmp_path: Path, chats: int, each: int) -> None:
    world = World(tmp_path / "many.db", Limits())
    now = world.clock.now()

    def fill(store: Store) -> None:
        for number in range(each):
            for chat in range(1, chats + 1):
                message = Message(f"telegram:{chat}", f"{number}", f"{number}")
                deliveries.add(store, NewDelivery(message.chat, "alert", f"alert:{number}", message, now), now)

    await world.thread.write(fill)
    begin = world.clock.monotonic()
    done = await world.outbox.deliver_due()
    world.thread.close()
    assert done.sent == chats * each
    assert world.chat.texts("telegram:7") == [str(number) for number in range(each)]
    times = [at for at, _ in world.chat.arrived]
    assert _most_within(times[:2000], 1.0) <= 30
    assert _most_within([at for at, message in world.chat.arrived if message.chat == "telegram:3"], 1.0) == 1
    assert world.clock.monotonic() - begin <= max(chats * each / 30, each) * 1.05


async def test_a_group_gets_twenty_a_minute_while_others_go_on(tmp_path: Path) -> None:
    world = World(tmp_path / "group.db", Limits())
    for number in range(45):
        await world.add(TEAM, f"g{number}")
    await world.add(AN, "private")
    await world.outbox.deliver_due()
    world.thread.close()
    times = [at for at, message in world.chat.arrived if message.chat == TEAM]
    assert len(times) == 45
    assert _most_within(times, 60.0) == 20
    assert next(at for at, message in world.chat.arrived if message.chat == AN) - times[0] < 2


async def test_an_outcome_that_a_full_disk_refuses_is_kept_and_written_later(world: World) -> None:
    await world.add(AN, "one")
    await world.add(AN, "two")
    blocking = "CREATE TRIGGER full BEFORE UPDATE OF message_id ON deliveries BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
    await world.thread.write(lambda store: store.db.execute(blocking) and None)
    delivering = asyncio.create_task(world.outbox.deliver_due())
    while world.clock.slept < 60:
        await asyncio.sleep(0)
    assert world.chat.texts(AN) == ["one"]
    await world.thread.write(lambda store: store.db.execute("DROP TRIGGER full") and None)
    assert (await delivering).sent == 2
    assert world.chat.texts(AN) == ["one", "two"]
    assert await world.rows() == ["sent", "sent"]


async def test_old_settled_rows_go_and_what_a_story_needs_or_a_digest_must_name_stays(world: World) -> None:
    def fill(store: Store) -> None:
        insert = "INSERT INTO deliveries (chat, kind, key, state, due_at, created_at, story) VALUES ('telegram:100', ?, ?, ?, '', ?, ?)"
        store.db.execute("INSERT INTO stories (id, first_at, last_at) VALUES (1, '2020', '2020'), (2, '2020', '2026-03-01T00:00:00Z')")
        for kind, key, state, written, story in (
            ("reply", "old reply", "sent", "2026-02-28", None),
            ("reply", "new reply", "sent", "2026-03-02", None),
            ("alert", "old story", "sent", "2025-01-01", 1),
            ("alert", "moving story", "sent", "2025-01-01", 2),
            ("alert", "waiting", "waiting", "2025-01-01", 1),
            ("alert", "lost", "uncertain", "2025-01-01", 1),
            ("notice", "recent notice", "sent", "2026-02-01", None),
        ):
            store.db.execute(insert, [kind, key, state, written, story])

    await world.thread.write(fill)
    assert await world.thread.write(deliveries.prune, world.clock.now()) == 2
    assert await world.rows("key") == ["new reply", "moving story", "waiting", "lost", "recent notice"]
    assert await world.thread.write(deliveries.prune, world.clock.now()) == 0
