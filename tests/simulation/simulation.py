"""One seed: the world is made, lives for an hour, comes to rest, and is held to the promise."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from gateway.contract.topics import Topics
from tests.simulation import knobs, station
from tests.simulation.broker import SimulatedBroker
from tests.simulation.callers import Attackers, Callers
from tests.simulation.chaos import Chaos
from tests.simulation.clock import WallClock
from tests.simulation.core import Core
from tests.simulation.disk import Disk
from tests.simulation.judge import judge
from tests.simulation.lives import Lives
from tests.simulation.logs import quiet_logs
from tests.simulation.network import SimulatedNetwork
from tests.simulation.serial_line import SerialLine
from tests.simulation.timeline import Timeline
from tests.simulation.trace import Trace
from tests.simulation.witness import Witness

TROUBLE_ENDS_S = 2_700.0
HOUR_S = 3_600.0
REST_MOST_S = 2_400.0  # beyond the hour, for resends that backed off
HAPPENINGS = 120


@dataclass(frozen=True, kw_only=True)
class Result:
    """What came of a seed."""

    seed: int
    hash: str
    broken: tuple[str, ...]
    events: int
    """Events in the journal."""
    lives: int
    simulated_s: float
    cpu_s: float
    tail: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """The promise was kept."""
        return not self.broken


class Simulation:
    """Everything that one seed decides."""

    def __init__(self, seed: int, *, keeps_all: bool = False) -> None:
        self.seed = seed
        self.timeline = timeline = Timeline()
        self.trace = trace = Trace(timeline, keeps_all=keeps_all)
        self.clock = clock = WallClock(timeline)
        self.disk = disk = Disk(self._dice("disk"))
        self.witness = witness = Witness(timeline, trace, disk, clock)
        topics = Topics(station.SITE)
        self.network = network = SimulatedNetwork(timeline, self._dice("net"), trace, witness)
        self.line = SerialLine(timeline, self._dice("line"), witness)
        self.broker = SimulatedBroker(timeline, self._dice("broker"), trace, topics)
        self.broker.sent = witness.sent
        witness.broker = self.broker
        dice = self._dice("station")
        named = dice.choice((("core-1",), ("core-1",), ("core-1", "core-2")))
        self.cores = witness.cores = [
            Core(name, timeline, self._dice(name), self.broker, topics, is_named=name in named)
            for name in (*named, "observer")
        ]
        self.knobs = knobs.draw(dice)
        self.config = station.config(dice, named)
        self.callers = Callers(
            dice,
            timeline=timeline,
            witness=witness,
            network=network,
            line=self.line,
            window_s=self.config.ingest.duplicate_window_s,
        )
        self.attackers = Attackers(self._dice("attack"), timeline, witness, network)
        self.lives = Lives(
            self.config,
            seed=str(seed),
            timeline=timeline,
            trace=trace,
            witness=witness,
            disk=disk,
            clock=clock,
            network=network,
            line=self.line,
            broker=self.broker,
        )
        self.chaos = Chaos(self, self._dice("chaos"))

    def _dice(self, name: str) -> Random:
        return Random(f"{self.seed}/{name}")

    def run(self) -> Result:
        """Let it all happen."""
        began = time.process_time()
        with knobs.turned(self.knobs), quiet_logs(self.trace):
            try:
                self._live()
            finally:
                if self.lives.process is not None:
                    self.lives.process.loop.die()
        return Result(
            seed=self.seed,
            hash=self.trace.hash(),
            broken=tuple(self.witness.broken),
            events=len(self.disk.rows),
            lives=self.lives.count,
            simulated_s=self.timeline.now,
            cpu_s=time.process_time() - began,
            tail=tuple(self.trace.lines),
        )

    def _live(self) -> None:
        timeline = self.timeline
        self.lives.start()
        self.callers.begin()
        dice = self._dice("happenings")
        for _ in range(HAPPENINGS):
            timeline.after(dice.uniform(5.0, TROUBLE_ENDS_S), self.callers.something)
        self.chaos.plan(TROUBLE_ENDS_S)
        timeline.run(TROUBLE_ENDS_S, is_over=self._is_broken)
        if self._is_broken():
            return
        self.chaos.end()
        self._until(self._is_at_rest, HOUR_S + REST_MOST_S)
        timeline.run(timeline.now + 5.0, is_over=self._is_broken)
        if self._is_broken():
            return
        judge(self)
        self.lives.stop(again_s=None)
        timeline.run(timeline.now + 10.0)
        if self.lives.process is not None:
            self.witness.breaks("clean stop", "it did not end within 10 s")
        elif not self.disk.is_clean:
            self.witness.breaks("clean stop", "the journal was not closed")
        elif b'"offline"' not in self.broker.status:
            self.witness.breaks("clean stop", "nobody was told that the gateway is offline")

    def _is_broken(self) -> bool:
        return bool(self.witness.broken)

    def _until(self, is_so: Callable[[], bool], latest: float) -> None:
        while not is_so() and self.timeline.now < latest and not self._is_broken():
            self.timeline.run(self.timeline.now + 5.0, is_over=self._is_broken)

    def _is_at_rest(self) -> bool:
        return (
            self.timeline.now >= HOUR_S
            and self.lives.is_ready
            and self.callers.are_done
            and len(self.disk.done) == len(self.disk.rows)
        )
