"""REL-22 and SEC-13: how late is an ACK on a slow disk, and beside bad datagrams of the same host?

The disk is made slow by a small library that lets every flush take five milliseconds. The bad
datagrams come from the panels' own addresses, a thousand a second.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmarks import loadgen
from benchmarks.compiling import compiled
from simulators import loop
from tests.harness.figure import Figure, Outcome, Size
from tests.harness.storm.attack import Attack, attack
from tests.harness.storm.rig import judge, running
from tests.support.station import LAUNCH

SLOW_DISK = Path(loadgen.__file__).with_name("slowflush.c")
FLUSH_US = 5_000
PER_S = 1_000.0
P50_MS, P99_MS, P999_MS = 20.0, 100.0, 1_000.0
PANELS = 200
FIRST = 100_000
SECONDS = {Size.SMOKE: 4.0, Size.SHORT: 60.0, Size.FULL: 3_600.0}

BAD_PER_S = 1_000.0
DATAGRAM_PANELS = 20
DATAGRAMS_PER_S = 200.0
AT_FIRST_TRY = 0.999


def slow_disk(folder: Path, seconds: float, launch: Iterable[str] = LAUNCH) -> Outcome:
    """Have a thousand reports a second acknowledged on a disk that takes 5 ms to flush."""

    async def play() -> tuple[loadgen.Result, list[str]]:
        accounts = [str(FIRST + number) for number in range(PANELS)]
        library = await asyncio.to_thread(compiled, SLOW_DISK, "-shared", "-fPIC", "-ldl")
        async with running(folder, accounts, starts=False, launch=launch) as rig:
            await rig.station.start(LD_PRELOAD=str(library), SLOW_FLUSH_US=str(FLUSH_US))
            result = await rig.load(
                "slow", connections=PANELS, base_account=FIRST, rate=PER_S, seconds=seconds
            )
            await rig.drained()
            await asyncio.sleep(0.5)  # the core writes down what it got last
            return result, judge(rig).faults()

    result, faults = loop.run(play)
    if result.acked != result.sent:
        faults.append(f"{result.sent - result.acked} reports without an ACK")
    for name, seen_us, limit_ms in (
        ("p50", result.p50_us, P50_MS),
        ("p99", result.p99_us, P99_MS),
        ("p99.9", result.p999_us, P999_MS),
    ):
        if seen_us > limit_ms * 1_000:
            faults.append(f"{name} {seen_us / 1_000:.1f} ms > {limit_ms:.0f} ms")
    said = (
        f"{result.sent:,} reports at {PER_S:,.0f}/s, flushes of {FLUSH_US / 1_000:.0f} ms: ACK p50 "
        f"{result.p50_us / 1_000:.1f} ms, p99 {result.p99_us / 1_000:.1f} ms, p99.9 "
        f"{result.p999_us / 1_000:.1f} ms, worst {result.max_us / 1_000:.0f} ms"
    )
    return Outcome(said=said, faults=faults)


@dataclass(frozen=True)
class Beside:
    """Valid datagrams and the bad ones beside them."""

    valid: loadgen.Result
    bad: Attack
    faults: list[str]


async def bad_datagrams(folder: Path, seconds: float, launch: Iterable[str] = LAUNCH) -> Beside:
    """Have panels report by datagram while somebody sends junk with their addresses."""
    accounts = [str(FIRST + number) for number in range(DATAGRAM_PANELS)]
    async with running(folder, accounts, launch=launch) as rig:
        valid, bad = await asyncio.gather(
            rig.load(
                "valid", transport="udp", connections=DATAGRAM_PANELS, base_account=FIRST,
                rate=DATAGRAMS_PER_S, seconds=seconds, source="127.22.0.1", timeout_ms=2_000,
                drain_s=10.0,
            ),
            attack(
                port=rig.station.port, udp=1, source="127.22.0.1", sources=DATAGRAM_PANELS,
                rate=BAD_PER_S, seconds=seconds, total=100_000_000,
            ),
        )  # fmt: skip
        await rig.drained()
        await asyncio.sleep(0.5)  # the core writes down what it got last
        faults = judge(rig).faults()
    first = 1 - valid.retries / max(1, valid.sent)
    if valid.acked != valid.sent or first < AT_FIRST_TRY:
        faults.append(
            f"{valid.sent - valid.acked} reports without an ACK, {first:.2%} at the first try"
        )
    if bad.bytes_in > bad.bytes_out:
        faults.append(f"{bad.bytes_in} bytes came back for {bad.bytes_out}")
    return Beside(valid, bad, faults)


def run_slow_disk(size: Size, folder: Path) -> Outcome:
    """See ``Figure.run``."""
    return slow_disk(folder, SECONDS[size])


def run_bad_datagrams(size: Size, folder: Path) -> Outcome:
    """See ``Figure.run``."""
    seen = loop.run(lambda: bad_datagrams(folder, SECONDS[size]))
    valid = seen.valid
    said = (
        f"{seen.bad.datagrams:,} bad datagrams with panels' addresses, {valid.sent:,} valid ones: "
        f"{valid.sent - valid.acked} lost, {1 - valid.retries / max(1, valid.sent):.2%} answered "
        f"at the first try, ACK p99 {valid.p99_us / 1_000:.1f} ms"
    )
    return Outcome(said=said, faults=seen.faults)


SLOW_DISK_FIGURE = Figure(
    id="A9-slow-disk", title="ACK latency on a slow disk", command="storm", run=run_slow_disk
)
BAD_DATAGRAMS_FIGURE = Figure(
    id="A9-datagrams", title="bad datagrams with panels' addresses", command="storm",
    run=run_bad_datagrams,
)  # fmt: skip
