"""REL-31: the receiver's cable is pulled and put back, again and again; nothing is lost.

A pty pair is taken away with its device and a new one comes under the same stable name, as with a
USB adapter. While the port is away the gateway must hardly work at all.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from simulators import loop
from simulators.ledger import Comparison, Ledger
from simulators.links import LinkOwner, PtyLink
from simulators.receivers import Receiver, ReceiverSettings
from simulators.runner import Runner
from simulators.scenarios import Happening, meanings
from tests.harness.figure import Figure, Outcome, Size
from tests.harness.storm import process
from tests.harness.storm.rig import Rig, running
from tests.support.fleet import RECEIVER_ACCOUNT
from tests.support.station import LAUNCH, until

TIMES = {Size.SMOKE: 3, Size.SHORT: 25, Size.FULL: 100}
TOLD_S = 5.0
BACK_S = 5.0
MESSAGES = 20  # between two times
IDLE_SHARE = 0.05
WORDS = ("perimeter_alarm", "interior_alarm", "entry_alarm")
WINDOW = "[ingest]\nlink_repeat_s = 600.0"


class Cable:
    """A link whose pty can be taken away; looks like one wire to the receiver."""

    def __init__(self, symlink: Path):
        self._symlink = symlink
        self._pty: PtyLink | None = None
        self._owner: LinkOwner | None = None
        self._path = 0

    @property
    def is_open(self) -> bool:
        return self._pty is not None and self._pty.is_open

    async def start(self, owner: LinkOwner, path: int) -> None:
        self._owner, self._path = owner, path
        self._pty = PtyLink(self._symlink)
        await self._pty.start(owner, path)

    async def plug(self) -> None:
        """A new device under the same name."""
        self._pty = PtyLink(self._symlink)
        await self._pty.start(self._owner, self._path)
        self._owner.link_opened(self._path)

    async def unplug(self) -> None:
        """The device is gone, and its name with it."""
        pty, self._pty = self._pty, None
        await pty.close()
        self._owner.link_closed(self._path)

    def open(self) -> None:
        if not self.is_open:
            self._owner.link_failed(self._path, "unplugged")

    def write(self, data: bytes) -> None:
        if self._pty is not None:
            self._pty.write(data)

    def forget_unread(self) -> None:
        if self._pty is not None:
            self._pty.forget_unread()

    def hang_up(self) -> None:
        """A cable has nothing to hang up."""

    async def close(self) -> None:
        if self._pty is not None:
            await self._pty.close()


@dataclass
class Run:
    """What was seen."""

    times: int
    lost_after_s: list[float] = field(default_factory=list)
    back_after_s: list[float] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)
    """Of a core, while the port was away."""
    acknowledged: int = 0
    unanswered: int = 0
    comparison: Comparison | None = None

    def faults(self) -> list[str]:
        """What broke the promise."""
        found = []
        if max(self.lost_after_s) > TOLD_S:
            found.append(f"a loss was told after {max(self.lost_after_s):.1f} s")
        if max(self.back_after_s) > BACK_S:
            found.append(f"the port was back after {max(self.back_after_s):.1f} s")
        if sorted(self.shares)[len(self.shares) // 2] > IDLE_SHARE:
            found.append(f"{max(self.shares):.0%} of a core without the port")
        if self.unanswered:
            found.append(f"{self.unanswered} messages of the receiver without an ACK")
        if not self.comparison.is_clean:
            found.append(
                f"missing {self.comparison.missing[:5]}, doubled {self.comparison.doubled[:5]}"
            )
        return found

    def said(self) -> str:
        """The figure in words."""
        return (
            f"{self.times} times unplugged: told within {max(self.lost_after_s):.1f} s, back "
            f"within {max(self.back_after_s):.1f} s, {max(self.shares):.1%} of a core meanwhile; "
            f"{self.acknowledged:,} messages, {len(self.comparison.missing)} missing, "
            f"{len(self.comparison.doubled)} doubled"
        )


async def unplug(folder: Path, times: int, launch: Iterable[str] = LAUNCH) -> Run:
    """Play it."""
    serial, ledger, run = folder / "serial", Ledger(keeps_bytes=False), Run(times)
    cable, is_over, number = Cable(serial), [False], [0]
    device = Receiver(
        ReceiverSettings(ids=("5",), ack_timeout_s=0.5, heartbeat_s=0.2),
        ledger=ledger,
        random=Random(1),
        account=RECEIVER_ACCOUNT,
        now=asyncio.get_running_loop().time(),
    )

    def call() -> bool:
        if is_over[0]:
            return False
        name = WORDS[number[0] // 900 % len(WORDS)]
        what = Happening(name=name, meaning=meanings()[name], area=1, address=number[0] % 900 + 1)
        number[0] += 1
        device.take_call(str(int(RECEIVER_ACCOUNT) + number[0] % 7), what, now=runner.now())
        return True

    runner = Runner(device, [cable], on_idle=call)
    await runner.start()
    async with running(folder, ["1000"], serial=serial, extra=WINDOW, launch=launch) as rig:
        for _ in range(times):
            calls = number[0] + MESSAGES
            await until(lambda calls=calls: number[0] >= calls, timeout_s=20)
            began = time.monotonic()
            await cable.unplug()
            run.lost_after_s.append(await _told(rig, "input_lost", began))
            cpu, at = process.cpu_s(rig.pid), time.monotonic()
            await asyncio.sleep(1.0)
            run.shares.append((process.cpu_s(rig.pid) - cpu) / (time.monotonic() - at))
            began = time.monotonic()
            await cable.plug()
            run.back_after_s.append(await _told(rig, "input_restored", began))
        is_over[0] = True
        async with asyncio.timeout(30):
            await runner.done()
        await runner.close()
        await rig.drained()
        await asyncio.sleep(0.5)  # the core writes down what it got last
    summary = ledger.summary()
    run.acknowledged = summary.acknowledged
    run.unanswered = summary.told - summary.acknowledged
    run.comparison = ledger.compare((each.id, each.key) for each in rig.core.of_panels())
    return run


async def _told(rig: Rig, code: str, since: float) -> float:
    """How long until the operator hears that; ten seconds when never."""
    found: list[float] = []

    def is_told() -> bool:
        found[:] = [each.at for each in rig.core.of_gateway(code) if each.at > since]
        return bool(found)

    try:
        await until(is_told, timeout_s=10.0, every_s=0.1)
    except TimeoutError:
        return float("inf")
    return found[0] - since


def run(size: Size, folder: Path) -> Outcome:
    """See ``Figure.run``."""
    result = loop.run(lambda: unplug(folder, TIMES[size]))
    return Outcome(said=result.said(), faults=result.faults())


FIGURE = Figure(id="A7-cable", title="the cable of a receiver is pulled", command="storm", run=run)
