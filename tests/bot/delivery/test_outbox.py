"""The outbox: what was written is sent, once, in order, and stopping leaves no doubt."""

from __future__ import annotations

import asyncio

import pytest

from bot.delivery.outbox import Outbox
from bot.delivery.rate_limit import NONE
from bot.message import Message, NotSent, Sent
from bot.store import Store, deliveries
from bot.store.chats import ChatSettings
from tests.support.outbox_world import AN, TEAM, World
from tests.support.scripted_chat import ScriptedChat


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


async def test_a_row_is_claimed_by_one_of_two(world: World) -> None:
    await world.add(AN, "one")
    first = await world.thread.write(deliveries.claim, 1, world.clock.now())
    second = await world.thread.write(deliveries.claim, 1, world.clock.now())
    assert (first is None, second is None) == (False, True)


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
