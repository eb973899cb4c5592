"""A5: the broker is away while events come in; afterwards all arrive, in their accounts' order.

The broker is killed and its port refuses, then it comes back hung (SIGSTOP) and is killed again,
and at last it serves. While the backlog drains, new events arrive within two seconds and a panic
within one (REL-43, REL-44). Intake notices nothing of all that (REL-42).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from benchmarks import loadgen
from simulators import loop
from simulators.ledger import Ledger
from simulators.links import TcpLink
from simulators.panels import Panel, PanelPath, PanelSettings
from simulators.runner import Runner
from simulators.scenarios import Happening, meanings
from tests.harness.figure import Figure, Outcome, Size
from tests.harness.storm import process
from tests.harness.storm.rig import Rig, Verdict, judge, running
from tests.support.mosquitto import Mosquitto
from tests.support.station import LAUNCH

PANELS = 200
FIRST = 100_000
NEW_S = 2.0
PRIORITY_S = 1.0
P99_MS = 100.0
DRAIN_S = 900.0  # for 1.44 million (REL-43); fewer in proportion, and not below 20 s
PART_S = 1_700.0
PROBE_EVERY_S = 0.25
NEW_ACCOUNTS = tuple(str(800_001 + number) for number in range(40))
PANIC_ACCOUNTS = tuple(str(900_001 + number) for number in range(40))
"""So many that none of them floods: an account with more than 60 events a minute gives way."""


@dataclass(frozen=True)
class Plan:
    """How many events, how fast they come, and how late their ACK may be."""

    events: int
    per_s: float
    p99_ms: float = P99_MS


PLANS = {
    Size.SMOKE: Plan(events=5_000, per_s=1_500, p99_ms=1_000.0),  # in a test run others work too
    Size.SHORT: Plan(events=400_000, per_s=2_500),
    Size.FULL: Plan(events=1_440_000, per_s=50),
}


@dataclass
class Run:
    """What was seen."""

    plan: Plan
    verdict: Verdict
    sent: int
    acked: int
    p99_ms: float
    outstanding: int
    drain_s: float
    memory_mib: float
    new_s: list[float] = field(default_factory=list)
    """How long each new event took from its telling to the core while the backlog drained."""
    priority_s: list[float] = field(default_factory=list)

    def faults(self) -> list[str]:
        """What broke the promise."""
        found = self.verdict.faults()
        if self.acked != self.sent:
            found.append(f"{self.sent - self.acked} reports without an ACK")
        if self.p99_ms > self.plan.p99_ms:
            found.append(f"ACK p99 {self.p99_ms:.0f} ms > {self.plan.p99_ms:.0f} ms")
        if self.outstanding < self.plan.events * 0.99:
            found.append(f"only {self.outstanding} events were held: the broker was not away")
        most_s = max(20.0, DRAIN_S * self.plan.events / 1_440_000)
        if self.drain_s > most_s:
            found.append(f"drained in {self.drain_s:.0f} s > {most_s:.0f} s")
        for what, seen, limit_s in (
            ("new event", self.new_s, NEW_S),
            ("panic", self.priority_s, PRIORITY_S),
        ):
            if not seen:
                found.append(f"no {what} was told while the backlog drained")
            elif max(seen) > limit_s:
                found.append(f"a {what} took {max(seen):.2f} s > {limit_s:.0f} s")
        return found

    def said(self) -> str:
        """The figure in words."""
        new, panic = max(self.new_s, default=0.0), max(self.priority_s, default=0.0)
        return (
            f"{self.outstanding:,} events held, ACK p99 {self.p99_ms:.1f} ms meanwhile; drained in "
            f"{self.drain_s:.1f} s ({self.outstanding / self.drain_s:,.0f}/s), "
            f"{self.verdict.missing} missing, {self.verdict.doubled} doubled, "
            f"{self.verdict.disordered} out of order; {len(self.new_s)} new events within "
            f"{new:.2f} s, {len(self.priority_s)} panics within {panic:.2f} s; "
            f"{self.memory_mib:.0f} MiB"
        )


class Witnesses:
    """Panels that tell something now and then, in turn; they remember when."""

    def __init__(self, port: int, accounts: Sequence[str], name: str):
        self._what = name
        self._ledger = Ledger(keeps_bytes=False)
        self._runners = [self._runner(port, account) for account in accounts]
        self._count = 0

    def _runner(self, port: int, account: str) -> Runner:
        panel = Panel(
            PanelSettings(
                account=account,
                paths=(PanelPath(host="127.0.0.1", port=port, transport="tcp"),),
                answer_timeout_s=5.0,
            ),
            ledger=self._ledger,
            random=Random(1),
            now=time.monotonic(),
        )
        return Runner(panel, [TcpLink("127.0.0.1", port)])

    async def start(self) -> None:
        for runner in self._runners:
            await runner.start()

    async def close(self) -> None:
        for runner in self._runners:
            await runner.close()

    def tell(self) -> None:
        turn, which = divmod(self._count, len(self._runners))
        self._count += 1
        # It must ascend for as long as a drain takes: the verdict tells an account's order by it.
        happening = Happening(
            name=self._what, meaning=meanings()[self._what], area=1, address=turn % 900 + 1
        )
        runner = self._runners[which]
        runner.device.tell(happening, now=runner.now())
        runner.turn()

    def told_at(self) -> dict[tuple[str, str], float]:
        """Account and sequence -> when its first byte left."""
        return {
            (one.account, one.sequence): one.first_sent_at
            for one in self._ledger.transmissions
            if one.first_sent_at is not None
        }


async def _load(rig: Rig, plan: Plan) -> list[loadgen.Result]:
    """Have the panels report, in parts: the load generator runs an hour at most."""
    results, told = [], 0
    while told < plan.events:
        count = min(plan.events - told, int(plan.per_s * PART_S))
        results.append(
            await rig.load(
                f"outage-{told}", connections=PANELS, base_account=FIRST, rate=plan.per_s,
                count=count, first=2 * told // PANELS,
                seconds=min(3_600.0, count / plan.per_s * 2 + 10), drain_s=30.0,
            )
        )  # fmt: skip
        told += count
    return results


async def _misbehave(broker: Mosquitto, until_done: asyncio.Task) -> None:
    """Come back hung, after a third of the outage; then be gone again."""
    await asyncio.sleep(0.5)
    await broker.start()
    broker.freeze()
    await asyncio.wait([until_done], timeout=30)
    broker.thaw()
    broker.kill()


async def outage(folder: Path, plan: Plan, launch: Iterable[str] = LAUNCH) -> Run:
    """Play it."""
    accounts = [*(str(FIRST + number) for number in range(PANELS)), *NEW_ACCOUNTS, *PANIC_ACCOUNTS]
    async with running(folder, accounts, launch=launch) as rig:
        await rig.drained()
        rig.broker.kill()
        loading = asyncio.create_task(_load(rig, plan))
        trouble = asyncio.create_task(_misbehave(rig.broker, loading))
        results = await loading
        await trouble
        outstanding = (await rig.health())["outstanding"]
        new, panic = (
            Witnesses(rig.station.port, accounts, name)
            for accounts, name in ((NEW_ACCOUNTS, "tamper"), (PANIC_ACCOUNTS, "hold_up"))
        )
        await new.start()
        await panic.start()
        await rig.broker.start()
        began = time.monotonic()
        memory = process.resident_bytes(rig.pid)
        drained_s = await _drain(rig, new, panic, began, limit_s=max(120.0, plan.events / 500))
        memory = max(memory, process.resident_bytes(rig.pid))
        await asyncio.sleep(0.5)  # the core writes down what it got last
        verdict = judge(rig)
        arrived = {
            (effect.account, effect.sequence): effect.at
            for effect in rig.core.of_panels()
            if effect.account >= NEW_ACCOUNTS[0]
        }
        connected = min((each.at for each in rig.core.effects() if each.at > began), default=began)
        delays = [
            [
                arrived.get(key, float("inf")) - at
                for key, at in witnesses.told_at().items()
                if at > connected  # what came before is part of the backlog
            ]
            for witnesses in (new, panic)
        ]
        await new.close()
        await panic.close()
    return Run(
        plan=plan,
        verdict=verdict,
        sent=sum(result.sent for result in results),
        acked=sum(result.acked for result in results),
        p99_ms=max(result.p99_us for result in results) / 1000,
        outstanding=outstanding,
        drain_s=drained_s,
        memory_mib=memory / process.MIB,
        new_s=delays[0],
        priority_s=delays[1],
    )


async def _drain(
    rig: Rig, new: Witnesses, panic: Witnesses, began: float, *, limit_s: float
) -> float:
    """Wait until all is confirmed, with a new event and a panic told now and then."""
    while True:
        new.tell()
        panic.tell()
        await asyncio.sleep(PROBE_EVERY_S)
        if (await rig.health())["outstanding"] <= 4:  # the newest may just be under way
            drained_s = time.monotonic() - began
            await rig.drained()
            return drained_s
        if time.monotonic() - began > limit_s:
            raise AssertionError(f"not drained in {limit_s:.0f} s: {await rig.health()}")


def run(size: Size, folder: Path) -> Outcome:
    """See ``Figure.run``."""
    result = loop.run(lambda: outage(folder, PLANS[size]))
    return Outcome(said=result.said(), faults=result.faults())


FIGURE = Figure(id="A5", title="the broker is away", command="storm", run=run)
