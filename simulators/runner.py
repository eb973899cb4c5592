"""Drives a device over its links: the only place where a simulator meets the loop and the clock."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from hardware.clock import Clock, LoopTimers, SystemClock, Timer, Timers
from simulators.device import Device, Hangup, Write
from simulators.ledger import Transmission
from simulators.links import Link
from simulators.scenarios import Deed, Happening, Story


class Tell(Protocol):
    """Takes what happened at some premises."""

    def __call__(self, happening: Happening, /, *, now: float) -> Transmission:
        """Queue a message about it."""
        ...


_SOONEST_S: Final = 0.001  # uvloop rounds timers to milliseconds and may fire that much too early


class Runner:
    """One device, its links and its agenda. Driven by callbacks: no task waits per message.

    Args:
        device: The panel or receiver.
        links: Its wires; the index is the path.
        clock: True time.
        timers: How to be called later.
        on_trouble: Told, in words, why a link cannot be opened.
        on_idle: Asked for more when the device has nothing left to say; True if it told it
            something, so that a load generator needs no task per panel.
        on_deed: Told, in words, what a story does to the line or the device.
    """

    def __init__(  # noqa: PLR0913  what a run is made of
        self,
        device: Device,
        links: Sequence[Link],
        *,
        clock: Clock | None = None,
        timers: Timers | None = None,
        on_trouble: Callable[[str], None] | None = None,
        on_idle: Callable[[], bool] | None = None,
        on_deed: Callable[[str], None] | None = None,
    ) -> None:
        self.device = device
        self.links = links
        self._clock = clock or SystemClock()
        self._timers = timers or LoopTimers()
        self._on_trouble = on_trouble
        self._on_idle = on_idle
        self._on_deed = on_deed
        self._agenda: list[tuple[float, int, Callable[[], object]]] = []
        self._order = itertools.count()
        self._waiting: list[list[Write]] = [[] for _ in links]
        self._timer: Timer | None = None
        self._timer_at = 0.0
        self._is_turning = False
        self._wants_turn = False
        self._is_closed = False
        self._done = asyncio.Event()

    async def start(self) -> None:
        """Prepare the links.

        Raises:
            OSError: A port is taken or a device is not there.
        """
        for path, link in enumerate(self.links):
            await link.start(self, path)
        self.turn()

    def now(self) -> float:
        """Monotonic seconds."""
        return self._clock.monotonic()

    def at(self, when: float, happens: Callable[[], object]) -> None:
        """Let something happen at a time; the run is not done before it did."""
        heapq.heappush(self._agenda, (when, next(self._order), happens))
        self._done.clear()

    def play(
        self,
        story: Story,
        *,
        speed: float = 1.0,
        start: float | None = None,
        tell: Tell | None = None,
    ) -> float:
        """Put a story on the agenda; return when its last moment comes.

        Args:
            story: What happens.
            speed: 10 plays an hour in six minutes.
            start: When it begins, monotonic seconds; now by default.
            tell: Who is told; the device by default. A receiver has many accounts.
        """
        begin = self.now() if start is None else start
        last = begin
        for moment in story.moments():
            last = begin + moment.at_s / speed
            self.at(last, self._deed(moment.what, speed, tell or self.device.tell))
        self.turn()
        return last

    def _deed(self, what: Happening | Deed, speed: float, tell: Tell) -> Callable[[], object]:
        if isinstance(what, Happening):
            return lambda: tell(what, now=self.now())
        return lambda: self._do(what, speed)

    def _do(self, deed: Deed, speed: float) -> None:
        lasts_s = deed.lasts_s / speed
        if self._on_deed is not None:
            told = {
                "link_test": "a sign of life is due",
                "restart": "the device loses power and starts again",
                "outage": f"the line is cut for {lasts_s:.4g} s",
            }
            self._on_deed(told[deed.action])
        match deed.action:
            case "link_test":
                self.device.link_test(now=self.now())
            case "restart":
                self.device.restart(now=self.now())
            case "outage":
                self.device.cut(until=self.now() + lasts_s)

    async def done(self) -> None:
        """Wait until the agenda is empty and the device has nothing left to say."""
        await self._done.wait()

    async def close(self) -> None:
        """Stop; what is not answered is abandoned."""
        self._is_closed = True
        self.device.abandon(now=self.now())
        if self._timer is not None:
            self._timer.cancel()
        for link in self.links:
            await link.close()

    # --------------------------------------------------------------------- one turn

    def turn(self) -> None:
        """Do all that is due now, then set the timer for what is not."""
        if self._is_closed:
            return
        if self._is_turning:  # a link that opens or fails at once calls back from within
            self._wants_turn = True
            return
        self._is_turning = True
        self._wants_turn = True
        while self._wants_turn:
            self._wants_turn = False
            self._one_turn()
        self._is_turning = False
        self._arm()

    def _one_turn(self) -> None:
        now = self._clock.monotonic()
        while self._agenda and self._agenda[0][0] <= now:
            heapq.heappop(self._agenda)[2]()
            self._wants_turn = True
        deadline = self.device.deadline()
        if deadline is not None and deadline <= now:
            self.device.on_deadline(now=now)
        for doing in self.device.doings(now=now, utc=self._clock.utc()):
            self._wants_turn = True
            if isinstance(doing, Hangup):
                self._waiting[doing.path].clear()
                self.links[doing.path].hang_up()
            else:
                self._write(doing)
        if self._on_idle is not None and self.device.is_done and self._on_idle():
            self._wants_turn = True

    def _write(self, write: Write) -> None:
        link = self.links[write.path]
        if not link.is_open:
            self._waiting[write.path].append(write)
            link.open()
            return
        link.forget_unread()
        if write.is_split:
            for byte in write.data:
                link.write(bytes((byte,)))
        else:
            link.write(write.data)
        self.device.written(write, now=self._clock.monotonic())

    def _arm(self) -> None:
        if self.device.is_done and not self._agenda:
            self._done.set()
        else:
            self._done.clear()
        deadline = self.device.deadline()
        if self._agenda and (deadline is None or self._agenda[0][0] < deadline):
            deadline = self._agenda[0][0]
        if deadline is None:
            return
        # A timer that fires too early looks again; only one that is too late must be replaced.
        if self._timer is not None and self._timer_at <= deadline:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = deadline
        delay_s = max(_SOONEST_S, deadline - self._clock.monotonic())
        self._timer = self._timers.call_later(delay_s, self._fired)

    def _fired(self) -> None:
        self._timer = None
        self.turn()

    # ----------------------------------------------------------------- what links tell

    def link_opened(self, path: int) -> None:
        """See ``LinkOwner``."""
        self.device.opened(path, now=self._clock.monotonic())
        waiting, self._waiting[path] = self._waiting[path], []
        for write in waiting:
            self._write(write)
        self.turn()

    def link_failed(self, path: int, reason: str) -> None:
        """See ``LinkOwner``."""
        if self._on_trouble is not None:
            self._on_trouble(reason)
        waiting, self._waiting[path] = self._waiting[path], []
        for write in waiting:
            self.device.unreachable(write, now=self._clock.monotonic())
        self.turn()

    def link_data(self, path: int, data: bytes) -> None:
        """See ``LinkOwner``."""
        self.device.receive(path, data, now=self._clock.monotonic(), utc=self._clock.utc())
        self.turn()

    def link_closed(self, path: int) -> None:
        """See ``LinkOwner``."""
        if not self._is_closed:
            self.device.closed(path, now=self._clock.monotonic())
            self.turn()
