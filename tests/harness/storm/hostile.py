"""A9: thousands of hostile connections beside the valid events of panels that the station knows.

The panels call from addresses of their own: half of those on TCP stay connected, the others call
for each report, and some use UDP. Their reports must all be acknowledged, in time, and be
effected; what the strangers took must be given back.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmarks import loadgen
from simulators import loop
from tests.harness.figure import Figure, Outcome, Size
from tests.harness.storm import process
from tests.harness.storm.attack import Attack, attack
from tests.harness.storm.core import Core
from tests.harness.storm.rig import reported
from tests.support.mosquitto import Mosquitto
from tests.support.station import LAUNCH, Station, until

P99_MS = 250.0
BACK_S = 60.0
MORE_MIB = 6.0  # "back": so much more than before is allowed for what the panels reported, and
POOLED_KIB = 2.0  # so much for each connection there was at once: what Python pools for the next
EVENTS_PER_S = 200.0
WARM_S = 2.0


@dataclass(frozen=True)
class Plan:
    """How many strangers, how fast, and how long the panels go on beside them."""

    total: int
    at_once: int
    per_s: float
    sources: int
    seconds: float
    hold_s: float
    limits: str = ""
    """Of the gateway; in a small storm smaller ones, or it would never be crowded."""
    p99_ms: float = P99_MS


PLANS = {
    Size.SMOKE: Plan(
        total=1_000,
        at_once=200,
        per_s=250,
        sources=20,
        seconds=6,
        hold_s=1.5,
        limits="connections = 240\nfirst_frame_busy_s = 1.0",
        p99_ms=1_500.0,
    ),
    Size.SHORT: Plan(
        total=100_000, at_once=15_000, per_s=2_500, sources=4_000, seconds=80, hold_s=30
    ),
}
PLANS[Size.FULL] = PLANS[Size.SHORT]


@dataclass(frozen=True)
class Panels:
    """Panels of one habit; account and address of the first, the others count on."""

    name: str
    count: int
    per_s: float
    account: int
    source: str
    redial: int | None = None
    transport: str = "tcp"

    def accounts(self) -> list[str]:
        return [str(self.account + number) for number in range(self.count)]


PANELS = (
    Panels("connected", 40, 80.0, 100_000, "127.20.0.1"),
    Panels("calling", 40, 80.0, 200_000, "127.21.0.1", redial=1),
    Panels("datagrams", 20, 40.0, 300_000, "127.22.0.1", transport="udp"),
)


async def load(
    station: Station, folder: Path, seconds: float, *, first: int, panels: Iterable[Panels] = PANELS
) -> dict[str, loadgen.Result]:
    """Have all panels report; habit -> what came of it."""
    running = {
        each.name: loadgen.run_async(
            port=station.port,
            transport=each.transport,
            connections=each.count,
            base_account=each.account,
            source=each.source,
            redial=each.redial,
            rate=each.per_s,
            seconds=seconds,
            drain_s=20.0,
            timeout_ms=5_000,
            first=first,
            ledger=folder / f"ledger-{each.name}-{first}",
        )
        for each in panels
    }
    return dict(zip(running, await asyncio.gather(*running.values()), strict=True))


@dataclass
class Run:
    """What was seen."""

    plan: Plan
    warm: dict[str, loadgen.Result]
    valid: dict[str, loadgen.Result]
    attack: Attack
    missing: int
    doubled: int
    before_mib: float
    most_mib: float
    after_mib: float
    back_s: float | None
    cpu_share: float
    """Of one core, that the gateway used during the storm."""
    descriptors_before: int
    descriptors_after: int
    counters: dict[str, int]

    def faults(self) -> list[str]:
        """What broke the promise."""
        found = []
        for name, result in (*self.warm.items(), *self.valid.items()):
            if result.acked != result.sent:
                found.append(
                    f"{name}: {result.sent - result.acked} of {result.sent} reports without an ACK"
                )
        for name, result in self.valid.items():
            if result.p99_us > self.plan.p99_ms * 1000:
                limit_ms = self.plan.p99_ms
                found.append(f"{name}: ACK p99 {result.p99_us / 1000:.0f} ms > {limit_ms:.0f} ms")
            if result.lost_connections:
                found.append(f"{name}: {result.lost_connections} calls refused or cut off")
        if self.missing or self.doubled:
            found.append(f"{self.missing} acknowledged reports missing, {self.doubled} doubled")
        if self.attack.bytes_in:
            found.append(f"strangers were told {self.attack.bytes_in} bytes")
        if self.back_s is None:
            found.append(
                f"{self.before_mib:.1f} MiB before, {self.after_mib:.1f} {BACK_S:.0f} s after"
            )
        if self.descriptors_after > self.descriptors_before:
            found.append(
                f"{self.descriptors_after} descriptors after, {self.descriptors_before} before"
            )
        return found

    def said(self) -> str:
        """The figure in words."""
        p99 = max(result.p99_us for result in self.valid.values()) / 1000
        worst = max(result.max_us for result in self.valid.values()) / 1000
        sent = sum(result.sent for result in self.valid.values())
        acked = sum(result.acked for result in self.valid.values())
        retries = sum(result.retries for result in self.valid.values())
        back = "not back" if self.back_s is None else f"back after {self.back_s:.0f} s"
        return (
            f"{self.attack.opened:,} hostile connections, {self.attack.at_once:,} at once, "
            f"{self.attack.refused:,} refused; {sent:,} valid events, {sent - acked} lost, "
            f"{retries} tried again, ACK p99 {p99:.1f} ms, worst {worst:.0f} ms; memory "
            f"{self.before_mib:.1f} -> {self.most_mib:.1f} MiB, {back} ({self.after_mib:.1f}); "
            f"{self.cpu_share:.0%} of a core"
        )


async def storm(folder: Path, plan: Plan, launch: Iterable[str] = LAUNCH) -> Run:
    """Play it."""
    broker = Mosquitto(folder)
    await broker.start()
    station = Station(
        folder,
        accounts=[account for panels in PANELS for account in panels.accounts()],
        broker=broker.address.url,
        limits=plan.limits,
        launch=launch,
    )
    try:
        async with Core(folder / "effects", broker.address) as core:
            await station.start()
            pid = station.process.pid
            warm = await load(station, folder, WARM_S, first=0)
            before = process.resident_bytes(pid)
            files_before = process.descriptors(pid)
            most, cpu_s, began = before, process.cpu_s(pid), time.monotonic()
            valid = asyncio.create_task(load(station, folder, plan.seconds, first=100_000))
            strangers = asyncio.create_task(
                attack(
                    port=station.port,
                    total=plan.total,
                    at_once=plan.at_once,
                    rate=plan.per_s,
                    source="127.64.0.1",
                    sources=plan.sources,
                    seconds=plan.seconds,
                    hold=plan.hold_s,
                )
            )
            while not (valid.done() and strangers.done()):
                await asyncio.wait([valid, strangers], timeout=0.5)
                most = max(most, process.resident_bytes(pid))
            allowed = before + MORE_MIB * process.MIB + POOLED_KIB * 1024 * plan.at_once
            over, back_s = time.monotonic(), None
            cpu_share = (process.cpu_s(pid) - cpu_s) / (over - began)
            while time.monotonic() - over < BACK_S and back_s is None:
                if process.resident_bytes(pid) <= allowed:
                    back_s = time.monotonic() - over
                else:
                    await asyncio.sleep(0.5)
            after = process.resident_bytes(pid)

            async def is_drained() -> bool:
                return (await station.ask(do="health"))["outstanding"] == 0

            await until(is_drained, timeout_s=60)
            with contextlib.suppress(TimeoutError):
                await until(lambda: process.descriptors(pid) <= files_before, timeout_s=BACK_S)
            files_after = process.descriptors(pid)
            counters = (await station.ask(do="counters"))["counters"]
            await station.stop()
    finally:
        station.kill_now()
        broker.stop()
    effected: dict[tuple[str, str, str], int] = {}
    for effect in core.of_panels():
        key = (effect.account, effect.sequence, effect.address.lstrip("0"))
        effected[key] = effected.get(key, 0) + 1
    return Run(
        plan=plan,
        warm=warm,
        valid=valid.result(),
        attack=strangers.result(),
        missing=len(reported(folder) - effected.keys()),
        doubled=sum(count > 1 for count in effected.values()),
        before_mib=before / process.MIB,
        most_mib=most / process.MIB,
        after_mib=after / process.MIB,
        back_s=back_s,
        cpu_share=cpu_share,
        descriptors_before=files_before,
        descriptors_after=files_after,
        counters=counters,
    )


def run(size: Size, folder: Path) -> Outcome:
    """See ``Figure.run``."""
    result = loop.run(lambda: storm(folder, PLANS[size]))
    return Outcome(said=result.said(), faults=result.faults())


FIGURE = Figure(id="A9", title="hostile connections beside valid panels", command="storm", run=run)
