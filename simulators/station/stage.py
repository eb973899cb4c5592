"""Compressed time: it passes only while everybody waits, and then jumps to what comes first.

An actor is a coroutine that does what it does in no time and then waits with ``sleep`` or a
``Bell``. One actor runs at a time, so the same story happens in the same order on every machine;
how long the jumps take on the wall is the pace, which is for those who watch.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

_MS: Final = timedelta(milliseconds=1)


class StoryClock:
    """The time of the story, with every face that a clock is asked for by.

    It stands still, or glides to a later moment in a given number of real seconds. ``monotonic``
    is the machine's own: time-outs of real connections are no part of the story.
    """

    def __init__(self, start: datetime) -> None:
        """``start``: aware UTC."""
        self._from = self._to = start
        self._began = self._lasts_s = 0.0

    def now(self) -> datetime:
        """Aware UTC."""
        if self._to == self._from:
            return self._to
        part = (time.monotonic() - self._began) / self._lasts_s if self._lasts_s > 0 else 1.0
        # In whole milliseconds, as events are stamped: nothing is told before it came.
        return self._to if part >= 1.0 else self._from + _whole_ms((self._to - self._from) * part)

    def utc(self) -> datetime:
        """See ``now``."""
        return self.now()

    def utc_ms(self) -> int:
        """Whole milliseconds since 1970."""
        return round(self.now().timestamp() * 1000)

    def monotonic(self) -> float:
        """The machine's."""
        return time.monotonic()

    def seconds_until(self, at: datetime) -> float:
        """Real seconds: none when it has come; else a while, after which to look again."""
        return 0.0 if self.now() >= at else 3600.0

    async def glide(self, to: datetime, real_s: float) -> None:
        """Let time pass until ``to``."""
        self._from, self._to = self._to, max(to, self._to)
        self._began, self._lasts_s = time.monotonic(), real_s
        if real_s > 0:
            await asyncio.sleep(real_s)
        self._from = self._to


def _whole_ms(passed: timedelta) -> timedelta:
    return _MS * (passed // _MS)


class Alarms(Protocol):
    """What somebody outside of the stage does by the story's clock: the core's timers."""

    def next_due(self) -> datetime | None:
        """When ``fire`` has something to do."""
        ...

    async def fire(self) -> None:
        """Do what is due; afterwards ``next_due`` is later, or None."""
        ...


class Ended(Exception):  # noqa: N818  the curtain is no error
    """Somebody said stop."""


class Stage:
    """Runs the actors; ``play`` until the story is told."""

    def __init__(
        self, clock: StoryClock, *, alarms: Alarms, pace: Callable[[timedelta], float]
    ) -> None:
        """``pace``: how many real seconds a step of story time takes."""
        self.clock = clock
        self._alarms = alarms
        self._pace = pace
        self._agenda: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._running = 0
        self._all_wait = asyncio.Event()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._bells: list[Bell] = []
        self._has_ended = False
        self._failure: BaseException | None = None
        self.steps = 0
        """How many steps of time there were."""

    def now(self) -> datetime:
        """The time of the story."""
        return self.clock.now()

    # -- what actors do --------------------------------------------------------------------

    def spawn(self, actor: Coroutine[Any, Any, None]) -> None:
        """Send an actor on stage; its turn comes when everybody waits."""
        turn = self._turn(self.now())
        self._running += 1

        async def run() -> None:
            await self.wait(turn)
            await actor

        task = asyncio.get_running_loop().create_task(run())
        self._tasks.add(task)
        task.add_done_callback(self._left)

    def _left(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._failure = self._failure or task.exception()
        self._waits()

    async def sleep(self, seconds: float) -> None:
        """Wait for so many seconds of the story."""
        await self.sleep_until(self.now() + timedelta(seconds=seconds))

    async def sleep_until(self, at: datetime) -> None:
        """Wait until a moment of the story; one that is over is now."""
        await self.wait(self._turn(max(at, self.now())))

    def bell(self) -> Bell:
        """A bell that wakes whoever waits for it."""
        one = Bell(self)
        self._bells.append(one)
        return one

    def _turn(self, at: datetime) -> asyncio.Future[None]:
        turn = asyncio.get_running_loop().create_future()
        heapq.heappush(self._agenda, (at, next(self._order), turn))
        return turn

    def wake(self, turn: asyncio.Future[None]) -> None:
        """Let who waits for ``turn`` go on, when it is their turn."""
        heapq.heappush(self._agenda, (self.now(), next(self._order), turn))

    async def wait(self, turn: Awaitable[None]) -> None:
        """Wait for a turn that somebody gives."""
        self._waits()
        await turn

    def _waits(self) -> None:
        self._running -= 1
        if self._running <= 0:
            self._all_wait.set()

    # -- the run ---------------------------------------------------------------------------

    async def play(self, story: Coroutine[Any, Any, None], until: asyncio.Event) -> None:
        """Play until the story's own coroutine ends, or ``until`` is set.

        Raises:
            Ended: ``until`` was set before the story ended.
        """
        is_told = False

        async def whole() -> None:
            nonlocal is_told
            await story
            is_told = True

        self.spawn(whole())
        stop = asyncio.get_running_loop().create_task(until.wait())
        try:
            while not is_told:
                await self._until_all_wait(stop)
                if self._failure is not None:
                    raise self._failure
                if is_told:
                    return
                if stop.done():
                    raise Ended
                await self._step(stop)
        finally:
            stop.cancel()
            for task in tuple(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _until_all_wait(self, stop: asyncio.Task[Any]) -> None:
        while self._running > 0:
            self._all_wait.clear()
            waiting = asyncio.get_running_loop().create_task(self._all_wait.wait())
            await asyncio.wait({waiting, stop}, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            if stop.done():
                return

    async def _step(self, stop: asyncio.Task[Any]) -> None:
        """Let time pass until the next thing, then let it happen."""
        due = self._alarms.next_due()
        if not self._agenda and due is None:
            raise RuntimeError("everybody waits for somebody else: the story cannot go on")
        is_alarm = due is not None and (not self._agenda or due <= self._agenda[0][0])
        at = due if is_alarm and due is not None else self._agenda[0][0]
        if at > self.now():
            self.steps += 1
            glide = asyncio.get_running_loop().create_task(
                self.clock.glide(at, self._pace(at - self.now()))
            )
            await asyncio.wait({glide, stop}, return_when=asyncio.FIRST_COMPLETED)
            if not glide.done():
                glide.cancel()
                return
        if is_alarm:
            await self._alarms.fire()
            for bell in self._bells:
                bell.ring()
            return
        _, _, turn = heapq.heappop(self._agenda)
        if not turn.done():
            self._running += 1
            turn.set_result(None)


class Bell:
    """Wakes an actor that waits for something that others do."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._waiting: asyncio.Future[None] | None = None
        self._is_rung = False

    def ring(self) -> None:
        """Wake who waits, or let the next wait return at once."""
        if self._waiting is None:
            self._is_rung = True
        else:
            self._stage.wake(self._waiting)
            self._waiting = None

    def clear(self) -> None:
        """Forget that it was rung."""
        self._is_rung = False

    async def wait(self) -> None:
        """Wait until it is rung."""
        if self._is_rung:
            self._is_rung = False
            return
        self._waiting = asyncio.get_running_loop().create_future()
        await self._stage.wait(self._waiting)
