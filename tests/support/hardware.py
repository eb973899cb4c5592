"""What the tests of hardware/ share: a clock by hand, a sink that can be told what to do."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from hardware.clock import LoopTimers, SystemClock
from hardware.intake import Intake
from hardware.link_tools import LinkTools
from hardware.sink import Origin, PortFact, PortState, Respond
from protocols._core import Incoming, Rejected, Verdict
from tests.support.echo_connection import connect

PATIENCE_S = 10.0


async def until(condition: Callable[[], object], what: str = "") -> None:
    """Wait for something that another task, thread or the kernel brings about."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110  (no event tells it)
            await asyncio.sleep(0.002)
    assert condition(), what


class HandTimer:
    def __init__(self, callback: Callable[..., None], args: tuple[Any, ...]) -> None:
        self.callback, self.args, self.is_cancelled = callback, args, False

    def cancel(self) -> None:
        self.is_cancelled = True


class HandTime:
    """Clock and timers in one, moved by the test; nothing happens by itself."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._queue: list[tuple[float, int, HandTimer]] = []
        self._order = itertools.count()

    def monotonic(self) -> float:
        return self.now

    def utc(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.now)

    def utc_ms(self) -> int:
        return int(self.utc().timestamp() * 1000)

    def call_later(self, delay_s: float, callback: Callable[..., None], *args: Any) -> HandTimer:
        timer = HandTimer(callback, args)
        heapq.heappush(self._queue, (self.now + delay_s, next(self._order), timer))
        return timer

    def pass_s(self, seconds: float) -> None:
        """Let time pass; everything due happens in order, each at its own moment."""
        end = self.now + seconds
        while self._queue and self._queue[0][0] <= end:
            due, _, timer = heapq.heappop(self._queue)
            self.now = max(self.now, due)
            if not timer.is_cancelled:
                timer.callback(*timer.args)
        self.now = end

    @property
    def waiting_count(self) -> int:
        return sum(not timer.is_cancelled for _, _, timer in self._queue)


class RecordingSink:
    """Takes everything; answers as ``policy`` says, or keeps it open for the test to answer."""

    def __init__(self, policy: Callable[[Incoming], Verdict] | None = None) -> None:
        self.policy = policy
        self.items: list[Incoming] = []
        self.origins: list[Origin] = []
        self.open: list[tuple[Incoming, Respond]] = []
        self.facts: list[PortFact] = []
        self.reads: list[int] = []
        self.error: Exception | None = None

    def received(self, incoming: Sequence[Incoming], origin: Origin, respond: Respond) -> None:
        self.reads.append(len(incoming))
        self.items += incoming
        self.origins += [origin] * len(incoming)
        if self.error is not None:
            raise self.error
        for item in incoming:
            if self.policy is None:
                self.open.append((item, respond))
            else:
                respond(item, self.policy(item))

    def fact(self, fact: PortFact) -> None:
        self.facts.append(fact)

    @property
    def raws(self) -> list[bytes]:
        return [item.raw for item in self.items]

    @property
    def states(self) -> list[PortState]:
        return [fact.state for fact in self.facts]

    def answer_all(self, verdict: Verdict = Verdict.ACK, *, backwards: bool = False) -> None:
        waiting, self.open = self.open, []
        for item, respond in reversed(waiting) if backwards else waiting:
            respond(item, verdict)


def ack(item: Incoming) -> Verdict:
    """ACK of everything but what was rejected."""
    return Verdict.SILENCE if isinstance(item, Rejected) else Verdict.ACK


def link_tools(name: str, **given: Any) -> LinkTools:
    """What a port needs, with real time and nobody to hear it unless the test gives better."""
    usual: dict[str, Any] = {
        "name": name,
        "protocol": "echo",
        "connect": connect,
        "sink": RecordingSink(ack),
        "clock": SystemClock(),
        "timers": LoopTimers(),
        "random": Random(3),
        "count": Counts(),
        "intake": Intake(),
    }
    return LinkTools(**(usual | given))


class Counts(Counter[str]):
    """A ``count`` that remembers."""

    def __call__(self, name: str) -> None:
        self[name] += 1

    def __iter__(self) -> Iterator[str]:
        return super().__iter__()
