"""A12: a thousand events a second for long; memory does not grow, descriptors stay flat (REL-52).

Memory that caches fill is no growth: they are bounded, and the run begins to measure when they
are full. In the shorter sizes the windows that bound them are shortened, so that they are. From
then on the least memory of each quarter of a minute counts, since what is between is the journal's
and the broker's rhythm; a line is fitted to it, and its slope told with its uncertainty.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from simulators import loop
from tests.harness.figure import Figure, Outcome, Size
from tests.harness.storm import process
from tests.harness.storm.rig import Rig, running
from tests.support.station import LAUNCH

PER_S = 1_000.0
CONNECTIONS, DATAGRAM_PANELS = 80, 20
FIRST, FIRST_DATAGRAM = 100_000, 200_000
SLOPE_MIB_H = 1.0
GRAIN_MIB = 1.0  # Python takes memory in such pieces: one of them in a run is no growth
MOST_MIB = 512.0
MORE_FILES = 2  # a connection of the control socket or of the broker may just be under way
SAMPLE_S = 1.0
BLOCK_S = 15.0
SEGMENT_S = 1_800.0  # the load generator runs an hour at most


@dataclass(frozen=True)
class Plan:
    """How long, and from when on it counts."""

    warm_s: float
    seconds: float
    has_slope: bool
    duplicate_window_s: float = 600.0
    keeps_evidence: bool = True
    """Whether every event is compared in the end; 30 days of them would fill a disk."""


PLANS = {
    Size.SMOKE: Plan(warm_s=4.0, seconds=11.0, has_slope=False, duplicate_window_s=2.0),
    Size.SHORT: Plan(warm_s=110.0, seconds=480.0, has_slope=True, duplicate_window_s=20.0),
    Size.FULL: Plan(warm_s=3_600.0, seconds=30 * 86_400.0, has_slope=True, keeps_evidence=False),
}


@dataclass(frozen=True)
class Slope:
    """A straight line through memory over time."""

    mib_h: float
    error_mib_h: float
    """Standard error of the slope."""


def fitted(times_s: Sequence[float], mib: Sequence[float]) -> Slope:
    """The least squares line; needs three points at least."""
    count = len(times_s)
    mean_t, mean_m = sum(times_s) / count, sum(mib) / count
    spread = sum((t - mean_t) ** 2 for t in times_s)
    slope = sum((t - mean_t) * (m - mean_m) for t, m in zip(times_s, mib, strict=True)) / spread
    left = sum((m - mean_m - slope * (t - mean_t)) ** 2 for t, m in zip(times_s, mib, strict=True))
    return Slope(slope * 3_600, (left / (count - 2) / spread) ** 0.5 * 3_600)


def least_of_blocks(samples: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The sample with the least memory of each ``BLOCK_S``."""
    blocks: dict[int, tuple[float, float]] = {}
    for at, mib in samples:
        block = int(at / BLOCK_S)
        if block not in blocks or mib < blocks[block][1]:
            blocks[block] = (at, mib)
    return [blocks[block] for block in sorted(blocks)]


@dataclass
class Run:
    """What was seen after the warm-up."""

    plan: Plan
    sent: int = 0
    acked: int = 0
    samples: list[tuple[float, float]] = field(default_factory=list)
    """Seconds since the warm-up, MiB."""
    files: list[int] = field(default_factory=list)
    effects: int = 0

    def slope(self) -> Slope | None:
        """None when it was too short for one."""
        points = least_of_blocks(self.samples)
        if not self.plan.has_slope or len(points) < 3:
            return None
        return fitted(*zip(*points, strict=True))

    def faults(self) -> list[str]:
        """What broke the promise."""
        found = []
        if self.acked != self.sent:
            found.append(f"{self.sent - self.acked} of {self.sent} reports without an ACK")
        if self.plan.keeps_evidence and self.effects != self.acked:
            found.append(f"{self.acked} reports had {self.effects} effects")
        if min(self.files[-3:]) > min(self.files[:3]) + MORE_FILES:
            found.append(f"descriptors went from {min(self.files[:3])} to {min(self.files[-3:])}")
        most = max(mib for _, mib in self.samples)
        if most > MOST_MIB:
            found.append(f"{most:.0f} MiB > {MOST_MIB:.0f} MiB")
        slope = self.slope()
        hours = self.samples[-1][0] / 3_600
        allowed = SLOPE_MIB_H + GRAIN_MIB / hours
        if slope is not None and slope.mib_h - 2 * slope.error_mib_h > allowed:
            found.append(
                f"memory grows by {slope.mib_h:.1f} MiB/h (+- {2 * slope.error_mib_h:.1f}), "
                f"more than {SLOPE_MIB_H:.0f} and a step of {GRAIN_MIB:.0f} MiB"
            )
        return found

    def said(self) -> str:
        """The figure in words."""
        least, most = min(m for _, m in self.samples), max(m for _, m in self.samples)
        slope = self.slope()
        words = (
            "too short for a slope"
            if slope is None
            else f"slope {slope.mib_h:+.2f} +- {2 * slope.error_mib_h:.2f} MiB/h"
        )
        return (
            f"{self.acked:,} events in {self.samples[-1][0]:.0f} s after the warm-up, memory "
            f"{least:.1f} to {most:.1f} MiB, {words}; descriptors {min(self.files)} to "
            f"{max(self.files)}"
        )


async def soak(folder: Path, plan: Plan, launch: Iterable[str] = LAUNCH) -> Run:
    """Play it."""
    accounts = [str(FIRST + number) for number in range(CONNECTIONS)]
    accounts += [str(FIRST_DATAGRAM + number) for number in range(DATAGRAM_PANELS)]
    window = f"[ingest]\nduplicate_window_s = {plan.duplicate_window_s}"
    run = Run(plan)
    async with running(folder, accounts, extra=window, launch=launch) as rig:
        loading = asyncio.create_task(_load(rig, plan.warm_s + plan.seconds))
        began = time.monotonic() + plan.warm_s
        while not loading.done():
            await asyncio.wait([loading], timeout=SAMPLE_S)
            at = time.monotonic() - began
            if 0 <= at <= plan.seconds:
                run.samples.append((at, process.resident_bytes(rig.pid) / process.MIB))
                run.files.append(process.descriptors(rig.pid))
        run.sent, run.acked = await loading
        await rig.drained()
        await asyncio.sleep(0.5)  # the core writes down what it got last
        if plan.keeps_evidence:
            run.effects = len({each.id for each in rig.core.of_panels()})
    return run


async def _load(rig: Rig, seconds: float) -> tuple[int, int]:
    """A thousand reports a second: eight of ten on connections that stay, two as datagrams."""
    sent = acked = first = 0
    while seconds > 0:
        part_s = min(seconds, SEGMENT_S)
        seconds -= part_s
        both = await asyncio.gather(
            rig.load(
                "tcp", connections=CONNECTIONS, base_account=FIRST, rate=PER_S * 0.8,
                seconds=part_s, drain_s=20.0, first=first,
            ),
            rig.load(
                "udp", transport="udp", connections=DATAGRAM_PANELS, base_account=FIRST_DATAGRAM,
                rate=PER_S * 0.2, seconds=part_s, drain_s=20.0, first=first,
            ),
        )  # fmt: skip
        sent += sum(result.sent for result in both)
        acked += sum(result.acked for result in both)
        first = (first + int(PER_S * SEGMENT_S / DATAGRAM_PANELS)) % 9_000_000
    return sent, acked


def run(size: Size, folder: Path) -> Outcome:
    """See ``Figure.run``."""
    result = loop.run(lambda: soak(folder, PLANS[size]))
    return Outcome(said=result.said(), faults=result.faults())


FIGURE = Figure(id="A12", title="a thousand events a second for long", command="soak", run=run)
