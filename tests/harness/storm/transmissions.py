"""A7: duplicates, reordering and lost ACKs on every kind of line; effects = alarms, exactly.

A tenth of the frames comes twice, a tenth out of order, and one ACK in twenty is lost: datagrams
and streams through an unreliable relay, the receiver on a pty by itself. Every panel insists until
it has its ACK, with a fresh timestamp as real ones do, so each transmission must have had exactly
one effect, and each effect its transmission (REL-5, REL-6, REL-36, REL-37).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from simulators import loop
from simulators.faults import Fault, Faults
from simulators.ledger import Comparison, Ledger
from simulators.links import PtyLink
from simulators.load import Fleet, LoadSettings
from simulators.receivers import Receiver, ReceiverSettings
from simulators.runner import Runner
from simulators.scenarios import Happening, meanings
from tests.harness.figure import Figure, Outcome, Size
from tests.harness.storm.relay import Dice, TcpRelay, UdpRelay
from tests.harness.storm.rig import running
from tests.support.fleet import KEY, RECEIVER_ACCOUNT
from tests.support.station import LAUNCH

COUNTS = {Size.SMOKE: 3_000, Size.SHORT: 200_000, Size.FULL: 10_000_000}
PANELS = {Size.SMOKE: 120, Size.SHORT: 500, Size.FULL: 500}
LOST, DOUBLED, REORDERED = 0.05, 0.1, 0.1
ANSWER_S = 0.4
# The ACK of this line is a bare byte: one that came later than the receiver waits would be taken
# for that of its next message. The gateway is told how long that is, and keeps silent then.
RECEIVER_S = 1.5
RECEIVER_WORDS = ("perimeter_alarm", "interior_alarm", "entry_alarm")
# All three lines are slower than what comes between two frames of a receiver under load.
RECEIVER_WINDOW = "[ingest]\nlink_repeat_s = 600.0"


@dataclass(frozen=True)
class Run:
    """What was seen."""

    told: int
    acknowledged: int
    frames: int
    serial: int
    losses: int
    doubles: int
    reorders: int
    effects: int
    comparison: Comparison

    def faults(self) -> list[str]:
        """What broke the promise."""
        found = []
        if self.acknowledged != self.told:
            found.append(f"{self.told - self.acknowledged} transmissions without an ACK")
        if self.effects != self.told:
            found.append(f"{self.told} transmissions had {self.effects} effects")
        if not self.comparison.is_clean:
            found.append(
                f"missing {self.comparison.missing[:5]}, doubled {self.comparison.doubled[:5]}, "
                f"foreign {self.comparison.foreign[:5]}"
            )
        return found

    def said(self) -> str:
        """The figure in words."""
        return (
            f"{self.told:,} transmissions ({self.serial:,} on a serial line) in {self.frames:,} "
            f"frames, {self.losses:,} datagrams or ACKs lost, {self.doubles:,} doubled, "
            f"{self.reorders:,} out of order: {self.effects:,} effects, "
            f"{len(self.comparison.missing)} missing, {len(self.comparison.doubled)} doubled"
        )


def _fleet(port: int, ledger: Ledger, *, panels: int, count: int, first: int, **said) -> Fleet:
    return Fleet(
        LoadSettings(
            host="127.0.0.1", port=port, panels=panels, base_account=first, count=count,
            seconds=86_400.0, drain_s=120.0, aes_share=0.25, key=KEY, lost_acks=LOST,
            answer_timeout_s=ANSWER_S, **said,
        ),
        ledger,
    )  # fmt: skip


async def transmit(
    folder: Path, count: int, panels: int, launch: Iterable[str] = LAUNCH, seed: int = 4711
) -> Run:
    """Play it: a third over UDP, the rest over TCP, and beside them what a serial line can take."""
    serial, ledger = folder / "serial", Ledger(keeps_bytes=False)
    by_udp, by_tcp = panels // 3, panels - panels // 3
    udp = {"panels": by_udp, "count": count // 3, "first": 100_000, "udp_share": 1.0, "seed": 1}
    tcp = {"panels": by_tcp, "count": count - count // 3, "first": 200_000, "seed": 2}
    fleets = [_fleet(9, ledger, **said) for said in (udp, tcp)]
    async with running(
        folder,
        [account for fleet in fleets for account in fleet.settings.accounts()],
        encrypted=[one for fleet in fleets for one in fleet.settings.encrypted_accounts()],
        key=KEY,
        serial=serial,
        ack_timeout_s=RECEIVER_S,
        extra=RECEIVER_WINDOW,
        launch=launch,
    ) as rig:
        target = ("127.0.0.1", rig.station.port)
        dice = Dice(Random(seed), lost=LOST, doubled=DOUBLED, reordered=REORDERED)
        # On TCP the panels themselves lose the ACKs.
        stream_dice = Dice(Random(seed + 1), doubled=DOUBLED, reordered=REORDERED)
        udp_relay, tcp_relay = UdpRelay(target, dice), TcpRelay(target, stream_dice)
        await udp_relay.start()
        await tcp_relay.start()
        receiver = _Line(serial, ledger, seed)
        await receiver.start()
        await asyncio.gather(
            _fleet(udp_relay.port, ledger, **udp).run(), _fleet(tcp_relay.port, ledger, **tcp).run()
        )
        await receiver.finish()
        await udp_relay.stop()
        await tcp_relay.stop()
        await rig.drained(timeout_s=120)
        await asyncio.sleep(0.5)  # the core writes down what it got last
    summary = ledger.summary()
    pairs = {(each.id, each.key) for each in rig.core.of_panels()}
    return Run(
        told=summary.told,
        acknowledged=summary.acknowledged,
        frames=summary.frames,
        serial=receiver.told,
        losses=dice.losses,
        doubles=dice.doubles + stream_dice.doubles,
        reorders=dice.reorders + stream_dice.reorders,
        effects=len(pairs),
        comparison=ledger.compare(pairs),
    )


class _Line:
    """A receiver on a pty that takes one call after the other."""

    def __init__(self, symlink: Path, ledger: Ledger, seed: int):
        self.told = 0
        self._is_over = False
        self._runner: Runner | None = None
        self._link, self._ledger, self._seed = PtyLink(symlink), ledger, seed

    async def start(self) -> None:
        device = Receiver(
            ReceiverSettings(
                ids=("5",),
                ack_timeout_s=RECEIVER_S,
                heartbeat_s=0.1,
                faults=Faults({Fault.LOST_ACK: LOST, Fault.DUPLICATE: DOUBLED}),
            ),
            ledger=self._ledger,
            random=Random(self._seed),
            account=RECEIVER_ACCOUNT,
            now=asyncio.get_running_loop().time(),
        )
        self._runner = Runner(device, [self._link], on_idle=self._call)
        await self._runner.start()

    def _call(self) -> bool:
        if self._is_over:
            return False
        number, self.told = self.told, self.told + 1
        name = RECEIVER_WORDS[number // 40 // 900 % len(RECEIVER_WORDS)]
        happening = Happening(
            name=name, meaning=meanings()[name], area=1, address=number // 40 % 900 + 1
        )
        account = str(int(RECEIVER_ACCOUNT) + number % 40)
        self._runner.device.take_call(account, happening, now=self._runner.now())
        return True

    async def finish(self) -> None:
        self._is_over = True
        async with asyncio.timeout(30):
            await self._runner.done()
        await self._runner.close()


def run(size: Size, folder: Path) -> Outcome:
    """See ``Figure.run``."""
    result = loop.run(lambda: transmit(folder, COUNTS[size], PANELS[size]))
    return Outcome(said=result.said(), faults=result.faults())


FIGURE = Figure(id="A7", title="duplicates, reordering, lost ACKs", command="storm", run=run)
