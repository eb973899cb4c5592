"""Compressed time: passes only while everybody waits, in one order, and can be ended."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from simulators.station.stage import Ended, Stage, StoryClock

START = datetime(2026, 1, 14, 22, tzinfo=UTC)


class Timers:
    """Timers of somebody outside."""

    def __init__(self, *due_s: float) -> None:
        self.due = sorted(START + timedelta(seconds=one) for one in due_s)
        self.fired: list[datetime] = []

    def next_due(self) -> datetime | None:
        return self.due[0] if self.due else None

    async def fire(self) -> None:
        self.fired.append(self.due.pop(0))


def stage(*due_s: float, pace: float = 0.0) -> tuple[Stage, Timers]:
    timers = Timers(*due_s)
    return Stage(StoryClock(START), alarms=timers, pace=lambda _: pace), timers


def seconds(one: Stage) -> float:
    return (one.now() - START).total_seconds()


async def test_time_stands_still_while_somebody_works():
    one, _ = stage()

    async def story() -> None:
        for _ in range(100):  # work that takes its turns of the loop
            await asyncio.sleep(0)
        assert seconds(one) == 0
        await one.sleep(3600)
        assert seconds(one) == 3600

    await one.play(story(), asyncio.Event())


async def test_actors_take_turns_in_the_order_of_their_moments():
    one, _ = stage()
    told = []

    async def actor(name: str, *waits: float) -> None:
        for wait in waits:
            await one.sleep(wait)
            told.append((name, seconds(one)))

    async def story() -> None:
        one.spawn(actor("a", 10, 30))
        one.spawn(actor("b", 20, 20))
        await one.sleep(60)

    await one.play(story(), asyncio.Event())
    assert told == [("a", 10), ("b", 20), ("a", 40), ("b", 40)]


async def test_timers_outside_fire_at_their_own_moment():
    one, timers = stage(15, 14_400)

    async def story() -> None:
        await one.sleep(20_000)

    await one.play(story(), asyncio.Event())
    assert timers.fired == [START + timedelta(seconds=15), START + timedelta(seconds=14_400)]


async def test_a_bell_wakes_who_waits_or_will_wait():
    one, _ = stage()
    bell = one.bell()
    told = []

    async def waiter() -> None:
        for _ in range(2):
            await bell.wait()
            told.append(seconds(one))

    async def story() -> None:
        bell.ring()  # nobody waits yet
        one.spawn(waiter())
        await one.sleep(5)
        bell.ring()
        await one.sleep(5)

    await one.play(story(), asyncio.Event())
    assert told == [0, 5]


async def test_everybody_waiting_for_everybody_is_told_and_not_waited_for():
    one, _ = stage()

    async def story() -> None:
        await one.bell().wait()

    with pytest.raises(RuntimeError, match="waits for somebody else"):
        await one.play(story(), asyncio.Event())


async def test_it_can_be_ended_in_the_middle_of_a_step():
    one, _ = stage(pace=30.0)
    stop = asyncio.Event()

    async def story() -> None:
        asyncio.get_running_loop().call_later(0.02, stop.set)
        await one.sleep(3600)

    async with asyncio.timeout(5):
        with pytest.raises(Ended):
            await one.play(story(), stop)


async def test_an_actor_that_fails_ends_the_story():
    one, _ = stage()

    async def broken() -> None:
        await one.sleep(1)
        raise ValueError("no such telephone")

    async def story() -> None:
        one.spawn(broken())
        await one.sleep(10)

    with pytest.raises(ValueError, match="no such telephone"):
        await one.play(story(), asyncio.Event())


async def test_the_clock_glides_and_never_passes_its_moment():
    clock = StoryClock(START)
    gliding = asyncio.ensure_future(clock.glide(START + timedelta(hours=1), 0.2))
    await asyncio.sleep(0.1)
    assert START < clock.now() < START + timedelta(hours=1)
    assert clock.now().microsecond % 1000 == 0
    assert clock.seconds_until(START + timedelta(hours=1)) > 0
    await gliding
    assert clock.now() == clock.utc() == START + timedelta(hours=1)
    assert clock.utc_ms() == round(clock.now().timestamp() * 1000)
    assert clock.seconds_until(clock.now()) == 0
