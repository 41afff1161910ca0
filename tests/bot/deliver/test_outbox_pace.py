"""The outbox: as fast as the service's limits allow, and no faster."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.deliver.limits import Limits
from bot.deliver.message import Message
from bot.store import Store, deliveries
from bot.store.deliveries import NewDelivery
from tests.support.outbox_world import AN, TEAM, World


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
