"""A station for the harnesses: broker, core and gateway, each a process, ended in any case."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmarks import loadgen
from tests.harness.storm.core import Core
from tests.support.mosquitto import Mosquitto
from tests.support.station import Station, until


@dataclass
class Rig:
    """What runs, and where its evidence is."""

    folder: Path
    broker: Mosquitto
    station: Station
    core: Core

    @property
    def pid(self) -> int:
        """The gateway's process."""
        return self.station.process.pid

    async def health(self) -> dict:
        """The gateway's own word."""
        return await self.station.ask(do="health")

    async def counters(self) -> dict[str, int]:
        """What it counted."""
        return (await self.station.ask(do="counters"))["counters"]

    async def drained(self, *, timeout_s: float = 60.0) -> None:
        """Wait until every event is confirmed."""

        async def is_drained() -> bool:
            return (await self.health())["outstanding"] == 0

        try:
            await until(is_drained, timeout_s=timeout_s, every_s=0.2)
        except TimeoutError:
            raise AssertionError(f"events stay outstanding: {await self.evidence()}") from None

    async def evidence(self) -> dict[str, object]:
        """What a person would look at first when something does not move."""
        return {
            "health": await self.health(),
            "counters": await self.counters(),
            "log": list(self.station.log)[-20:],
            "core": "runs" if self.core.status is None else f"ended with {self.core.status}",
            "broker": self.broker.log().splitlines()[-20:],
        }

    async def load(self, name: str, **options: object) -> loadgen.Result:
        """Have simulated panels report; what they had acknowledged stands in ``ledger-NAME``."""
        return await loadgen.run_async(
            port=self.station.port, ledger=self.folder / f"ledger-{name}", **options
        )


@contextlib.asynccontextmanager
async def running(
    folder: Path, accounts: Iterable[str], *, starts: bool = True, **settings: object
) -> AsyncIterator[Rig]:
    """Start broker, core and, if it ``starts``, the gateway; settings as those of ``Station``."""
    broker = Mosquitto(folder)
    await broker.start()
    station = Station(folder, accounts=accounts, broker=broker.address.url, **settings)
    try:
        async with Core(folder / "effects", broker.address) as core:
            if starts:
                await station.start()
            yield Rig(folder, broker, station, core)
            await station.stop()
    finally:
        station.kill_now()
        if station.process is not None:
            await station.ended()
        broker.stop()


def reported(folder: Path) -> set[tuple[str, str, str]]:
    """Account, sequence and zone of all that simulated panels had acknowledged."""
    return {
        (account, sequence, zone.lstrip("0"))
        for ledger in folder.glob("ledger-*")
        for account, sequence, zone in (line.split() for line in ledger.read_text().splitlines())
    }


@dataclass(frozen=True)
class Verdict:
    """The core's effects against the panels' ledgers."""

    reports: int
    missing: int
    doubled: int
    disordered: int
    """Events of an account that came after a later one of it (REL-9)."""

    def faults(self) -> list[str]:
        """What broke the promise."""
        found = []
        if self.missing or self.doubled:
            found.append(f"{self.missing} acknowledged reports missing, {self.doubled} doubled")
        if self.disordered:
            found.append(f"{self.disordered} events out of their account's order")
        return found


def judge(rig: Rig) -> Verdict:
    """Compare; a panel's running number is told by its zone and sequence."""
    count: dict[tuple[str, str, str], int] = {}
    last: dict[str, int] = {}
    disordered = 0
    for effect in rig.core.of_panels():
        zone = effect.address.lstrip("0")
        key = (effect.account, effect.sequence, zone)
        count[key] = count.get(key, 0) + 1
        if zone.isdigit() and effect.sequence.isdigit():
            number = int(zone) * 10_000 + int(effect.sequence)
            disordered += number < last.get(effect.account, 0)
            last[effect.account] = number
    told = reported(rig.folder)
    return Verdict(
        reports=len(told),
        missing=len(told - count.keys()),
        doubled=sum(times > 1 for times in count.values()),
        disordered=disordered,
    )
