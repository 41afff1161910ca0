"""The outbox: clocks that are set forward or back silence nobody and repeat nothing early."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.message import NotSent
from tests.support.outbox_world import AN, World


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
