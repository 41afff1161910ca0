"""The outbox: whatever answers, nothing is lost, nothing repeated beyond the promise, and no chat holds up another."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot.delivery.settlement import SERVER_ERRORS
from bot.message import Message, NotSent
from bot.store import deliveries
from bot.store.chats import change_settings
from bot.store.deliveries import NewDelivery
from tests.support.outbox_world import AN, BOSS, TEAM, World


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


async def test_a_message_that_the_service_fails_over_each_time_is_set_aside_and_the_others_go_on(world: World) -> None:
    world.chat.always["cursed"] = NotSent("server_error", "the server answered 500")
    begin = world.clock.monotonic()
    await world.add(AN, "cursed", key="alert:7")
    for number in range(5):
        await world.add(AN, f"good {number}")
    await world.deliver_for(timedelta(minutes=1))
    assert world.chat.texts(AN) == [f"good {number}" for number in range(5)], "one message holds up its chat for seconds, not for ever"
    await world.deliver_for(timedelta(hours=1))
    tries = [at - begin for at, text in world.chat.tries if text == "cursed"]
    assert len(tries) == SERVER_ERRORS
    assert tries[-1] < 25 * 60
    assert await world.rows("key, state, error") == [
        ("alert:7", "refused", "server_error: the server answered 500"),
        *((f"alert:good {number}", "sent", None) for number in range(5)),
        ("notice:poison:1", "sent", None),
    ]
    assert "alert:7" in world.chat.texts(BOSS)[0]


async def test_a_message_that_fails_lets_the_others_go_first_where_each_look_is_short(world: World) -> None:
    world.chat.always["cursed"] = NotSent("server_error", "the server answered 500")
    for text in ("cursed", "one", "two"):
        await world.add(AN, text)
    for _ in range(5):  # as a job does that polls once an hour
        await world.outbox.deliver_due()
        world.clock.advance(3600)
    assert world.chat.texts(AN) == ["one", "two"]


async def test_a_service_that_fails_over_every_message_loses_none(world: World) -> None:
    await world.add(AN, "before")
    await world.outbox.deliver_due()
    texts = [f"{number}" for number in range(40)]
    for text in texts:
        world.chat.always[text] = NotSent("server_error", "the server answered 500")
        await world.add(AN, text)
    await world.deliver_for(timedelta(hours=6))
    assert len(world.chat.tries) < 6 * 3600 / 10, "a service in trouble is left in peace"
    world.chat.always.clear()
    await world.deliver_for(timedelta(minutes=10))
    assert sorted(world.chat.texts(AN)) == sorted(["before", *texts])


async def test_a_short_trouble_of_the_service_keeps_the_order(world: World) -> None:
    world.chat.script(AN, *[NotSent("server_error", "the server answered 500")] * 3)
    for text in ("one", "two", "three"):
        await world.add(AN, text)
    await world.deliver_for(timedelta(minutes=1))
    assert world.chat.texts(AN) == ["one", "two", "three"]


async def test_a_message_that_is_failed_over_for_a_day_is_set_aside_though_no_other_came(world: World) -> None:
    world.chat.always["cursed"] = NotSent("server_error", "the server answered 500")
    await world.add(AN, "cursed")
    await world.deliver_for(timedelta(hours=20))
    assert await world.rows() == ["waiting"]
    await world.deliver_for(timedelta(hours=8))
    assert (await world.rows())[0] == "refused"


async def test_what_was_sent_before_the_trouble_is_no_reason_to_give_a_message_up(world: World) -> None:
    await world.add(AN, "late", kind="edit")
    await world.add(AN, "early", kind="reply")
    world.chat.always["late"] = NotSent("server_error", "the server answered 500")
    await world.deliver_for(timedelta(hours=3))
    assert await world.rows("state") == ["waiting", "sent"]


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
