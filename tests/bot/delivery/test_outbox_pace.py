"""The outbox: as fast as the service's limits allow, and no faster."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.message import Message, NotSent, RateLimits
from bot.store import Store, deliveries
from bot.store.deliveries import NewDelivery
from tests.support.outbox_world import AN, BOSS, TEAM, World

FLOODED = "telegram:77"


def _most_within(times: list[float], window: float) -> int:
    return max(sum(start <= at < start + window for at in times) for start in times)


@pytest.mark.parametrize(("chats", "each"), [(60, 5), pytest.param(1000, 100, marks=[pytest.mark.full, pytest.mark.timeout(1200)])])
async def test_many_chats_get_theirs_as_fast_as_the_limits_allow(tmp_path: Path, chats: int, each: int) -> None:
    world = World(tmp_path / "many.db", RateLimits())
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
    world = World(tmp_path / "group.db", RateLimits())
    for number in range(45):
        await world.add(TEAM, f"g{number}")
    await world.add(AN, "private")
    await world.outbox.deliver_due()
    world.thread.close()
    times = [at for at, message in world.chat.arrived if message.chat == TEAM]
    assert len(times) == 45
    assert _most_within(times, 60.0) == 20
    assert next(at for at, message in world.chat.arrived if message.chat == AN) - times[0] < 2


async def test_a_retry_and_a_repeat_are_due_when_they_are_due_whatever_waits_for_another_chat(tmp_path: Path) -> None:
    world = World(tmp_path / "due.db", RateLimits())
    world.chat.script(AN, NotSent("retry", "connection refused"))
    world.chat.script(BOSS, NotSent("uncertain", "timed out"))
    world.chat.script(FLOODED, NotSent("flood", "Too Many Requests: retry after 5", retry_after=5))
    begin = world.clock.monotonic()
    for chat in (AN, BOSS, FLOODED):
        await world.add(chat, chat)
    for number in range(100):
        await world.add(TEAM, f"{number}")
    await world.outbox.deliver_due()
    world.thread.close()
    again = {text: round(at - begin, 1) for at, text in world.chat.tries if text in {AN, BOSS, FLOODED}}
    assert again[AN] < 4
    assert 60 <= again[BOSS] < 63
    assert 5 <= again[FLOODED] < 9
    assert world.chat.texts(TEAM) == [f"{number}" for number in range(100)]


async def test_what_a_former_process_left_for_later_is_sent_when_it_is_due_beside_a_backlog(tmp_path: Path) -> None:
    world = World(tmp_path / "due.db", RateLimits())
    world.chat.script(AN, NotSent("uncertain", "timed out"))
    await world.add(AN, "again")
    await world.outbox.deliver_due()
    begin = world.clock.monotonic()
    await world.restart()
    for number in range(100):
        await world.add(TEAM, f"{number}")
    await world.outbox.deliver_due()
    world.thread.close()
    assert 59 <= [at - begin for at, text in world.chat.tries if text == "again"][-1] < 64


async def test_rows_of_a_chat_that_pauses_do_not_fill_the_room_for_those_of_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.delivery.outbox.READ_AHEAD", 3)
    world = World(tmp_path / "room.db", RateLimits())
    world.chat.script(AN, *[NotSent("retry", "connection refused")] * 3)
    for number in range(10):
        await world.add(AN, f"{number}")
    await world.add(TEAM, "other")
    begin = world.clock.monotonic()
    await world.deliver_for(timedelta(minutes=1))
    world.thread.close()
    assert next(at for at, text in world.chat.tries if text == "other") - begin < 1


@pytest.mark.parametrize("killed", ["after the answer", "before the answer"])
async def test_the_pace_of_a_chat_outlives_the_process(tmp_path: Path, killed: str) -> None:
    world = World(tmp_path / "pace.db", RateLimits())
    for number in range(25):
        await world.add(TEAM, f"g{number}")
    await world.add(AN, "first")
    await world.add(AN, "second")
    for text in ("first", *(f"g{number}" for number in range(20))):  # as a process does that is killed then
        claimed = await world.thread.write(deliveries.claim, await world.thread.read(_number, f"alert:{text}"), world.clock.now())
        assert claimed is not None
        if killed == "after the answer" or text != "g19":
            await world.thread.write(deliveries.sent, claimed.id, text, world.clock.now())
    dead = world.clock.monotonic()
    world.clock.advance(0.3)
    await world.restart()
    await world.outbox.deliver_due()
    world.thread.close()
    times = {text: at - dead for at, text in world.chat.tries}
    assert times["second"] >= 1
    assert min(times[f"g{number}"] for number in range(20, 25)) >= 60
    assert max(times[f"g{number}"] for number in range(20, 25)) < 70


def _number(store: Store, key: str) -> int:
    return int(store.conn.execute("SELECT id FROM deliveries WHERE key = ?", [key]).fetchone()[0])
