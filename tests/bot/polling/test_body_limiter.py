"""Room: no further feed is asked while enough bodies are in work, and nobody waits for ever."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack

from bot.polling.body_limiter import BodyLimiter


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_who_comes_while_it_is_full_goes_on_in_order_as_places_become_free() -> None:
    room, gone = BodyLimiter(2, lambda: 0), []

    async def visit(number: int) -> None:
        await room.wait_until_free()
        gone.append(number)

    with ExitStack() as one, ExitStack() as other:
        one.enter_context(room.hold_slot())
        await visit(0)
        other.enter_context(room.hold_slot())
        waiting = [asyncio.create_task(visit(number)) for number in (1, 2, 3)]
        await settled()
        assert gone == [0]
        room.notify_waiters()
        await settled()
        assert gone == [0], "a visit that ends without a body frees nothing while it is full"
        one.close()
        room.notify_waiters()
        await settled()
        assert gone == [0, 1]
    room.notify_waiters()
    await asyncio.gather(*waiting)
    assert gone == [0, 1, 2, 3]


async def test_what_waits_for_a_second_process_counts() -> None:
    elsewhere = 2
    room = BodyLimiter(2, lambda: elsewhere)
    waiting = asyncio.create_task(room.wait_until_free())
    await settled()
    assert not waiting.done()
    elsewhere = 0
    room.notify_waiters()
    await waiting


async def test_work_that_rests_lets_others_go_on_and_has_its_place_again_afterwards() -> None:
    room = BodyLimiter(1, lambda: 0)
    with room.hold_slot():
        waiting = asyncio.create_task(room.wait_until_free())
        await settled()
        with room.release_slot():
            await waiting
        late = asyncio.create_task(room.wait_until_free())
        await settled()
        assert not late.done()
    room.notify_waiters()
    await late


async def test_one_that_was_broken_off_takes_nobodys_place() -> None:
    room = BodyLimiter(1, lambda: 0)
    with room.hold_slot():
        broken, waiting = asyncio.create_task(room.wait_until_free()), asyncio.create_task(room.wait_until_free())
        await settled()
        broken.cancel()
        await settled()
    room.notify_waiters()
    await waiting


async def test_nobody_overtakes_those_who_wait() -> None:
    busy = True
    room = BodyLimiter(1, lambda: int(busy))
    first = asyncio.create_task(room.wait_until_free())
    await settled()
    busy = False
    second = asyncio.create_task(room.wait_until_free())
    await settled()
    assert not second.done()
    room.notify_waiters()
    await first
    assert not second.done()
    room.notify_waiters()
    await second
