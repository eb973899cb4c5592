"""A10: recorded frames sent again, and plain frames of encrypted accounts; none makes an alarm.

Panels with a key report, and every byte they send is recorded. Then the recording is played over
TCP and UDP as often as asked, with kill -9 and a restart between two parts, and in the larger
sizes once more when its timestamps are too old. Plain frames for the same accounts (downgrades)
come in between. The journal and the core must hold what the panels told and nothing else (SEC-1,
SEC-2). An answer to a datagram is never longer than the datagram was (SEC-11).
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

from gateway.journal import Reader
from simulators import loop
from simulators.ledger import Direction, Ledger
from simulators.load import Fleet, LoadSettings
from tests.harness.figure import Figure, Outcome, Size
from tests.harness.storm.rig import Rig, running
from tests.support.dc09 import seal
from tests.support.fleet import KEY
from tests.support.station import LAUNCH

PANELS = 20
FIRST = 100_000
PLAIN = "900000"  # an account without a key, whose link test tells when all before it was handled
PARTS = 4  # between them the gateway is killed
CHUNK = 200
TOO_OLD_S = 130.0  # the window, its minute of grace, and some more
ANSWER_S = 30.0


@dataclass(frozen=True)
class Plan:
    """How often."""

    replays: int
    downgrades: int
    recorded: int
    waits: bool
    """Whether the recording is played once more when it is too old."""


PLANS = {
    Size.SMOKE: Plan(replays=2_000, downgrades=2_000, recorded=200, waits=False),
    Size.SHORT: Plan(replays=100_000, downgrades=100_000, recorded=2_000, waits=True),
    Size.FULL: Plan(replays=1_000_000, downgrades=1_000_000, recorded=10_000, waits=True),
}


@dataclass
class Run:
    """What was seen."""

    told: int
    kills: int = 0
    replays: int = 0
    downgrades: int = 0
    datagrams: int = 0
    bytes_sent: int = 0
    bytes_heard: int = 0
    journalled: int = 0
    effects: int = 0
    answered_plain: int = 0

    def faults(self) -> list[str]:
        """What broke the promise."""
        found = []
        if self.journalled != self.told or self.effects != self.told:
            found.append(
                f"{self.told} reports: {self.journalled} events in the journal, "
                f"{self.effects} at the core"
            )
        if self.answered_plain:
            found.append(f"{self.answered_plain} plain frames of encrypted accounts were answered")
        if self.bytes_heard > self.bytes_sent:
            found.append(f"{self.bytes_heard} bytes came back for {self.bytes_sent} in datagrams")
        return found

    def said(self) -> str:
        """The figure in words."""
        ratio = self.bytes_heard / max(1, self.bytes_sent)
        return (
            f"{self.replays:,} replays ({self.datagrams:,} of them and of the downgrades as "
            f"datagrams) and {self.downgrades:,} downgrades, {self.kills} kills between: "
            f"{self.journalled - self.told} false alarms; byte ratio of UDP {ratio:.2f}"
        )


def downgrade(number: int) -> bytes:
    """A plain frame of an account that has a key; no two alike."""
    account = FIRST + number % PANELS
    sequence, zone = number // PANELS % 9_999 + 1, number // PANELS // 9_999 % 999 + 1
    return seal(b'"SIA-DCS"%04dL0#%d[#%d|Nri1/BA%03d]' % (sequence, account, account, zone))


LINK_TEST = seal(b'"NULL"0000L0#%b[]' % PLAIN.encode())


async def play(port: int, frames: Iterable[bytes]) -> int:
    """Send frames over TCP; how many of them were answered with an ACK."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    acknowledged = 0
    frames = iter(frames)
    try:
        while chunk := list(islice(frames, CHUNK)):
            writer.write(b"".join(chunk) + LINK_TEST)
            async with asyncio.timeout(ANSWER_S):
                while b"#" + PLAIN.encode() not in (answer := await reader.readuntil(b"\r")):
                    acknowledged += b"ACK" in answer
    finally:
        writer.close()
    return acknowledged


async def play_datagrams(port: int, frames: Sequence[bytes], run: Run) -> int:
    """Send frames as datagrams, at a pace that no buffer loses; count the bytes both ways."""
    acknowledged = 0
    event_loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        sock.connect(("127.0.0.1", port))
        for start in range(0, len(frames), 50):
            for frame in frames[start : start + 50]:
                run.bytes_sent += len(frame)
                await event_loop.sock_sendall(sock, frame)
            await event_loop.sock_sendall(sock, LINK_TEST)
            async with asyncio.timeout(ANSWER_S):
                while b"#" + PLAIN.encode() not in (
                    answer := await event_loop.sock_recv(sock, 4_096)
                ):
                    run.bytes_heard += len(answer)
                    acknowledged += b"ACK" in answer
    run.datagrams += len(frames)
    return acknowledged


async def record(rig: Rig, count: int) -> tuple[int, list[bytes]]:
    """Let the panels report; how many did, and every frame that went over the wire."""
    heard: list[bytes] = []

    def on_line(line, transmission) -> None:
        if line.direction is Direction.SENT and transmission is not None:
            heard.append(line.data)

    ledger = Ledger(keeps_bytes=False, on_line=on_line)
    settings = LoadSettings(
        host="127.0.0.1", port=rig.station.port, panels=PANELS, base_account=FIRST, count=count,
        seconds=3_600.0, drain_s=30.0, aes_share=1.0, key=KEY, udp_share=0.5,
    )  # fmt: skip
    result = await Fleet(settings, ledger).run()
    assert result.lost == 0, "the panels themselves were not acknowledged"
    return result.summary.acknowledged, heard


async def replay(folder: Path, plan: Plan, launch: Iterable[str] = LAUNCH) -> Run:
    """Play it."""
    keyed = [str(FIRST + number) for number in range(PANELS)]
    async with running(folder, [*keyed, PLAIN], encrypted=keyed, key=KEY, launch=launch) as rig:
        began = time.monotonic()
        told, recording = await record(rig, plan.recorded)
        run = Run(told=told)
        frames = cycle(recording)
        for part in range(PARTS):
            await _part(rig, run, plan, frames)
            if part < PARTS - 1:
                rig.station.kill_now()
                await rig.station.ended()
                await rig.station.start()
                run.kills += 1
        if plan.waits:
            await asyncio.sleep(max(0.0, began + TOO_OLD_S - time.monotonic()))
            await play(rig.station.port, recording)
            run.replays += len(recording)
        await rig.drained()
        await asyncio.sleep(0.5)  # the core writes down what it got last
        run.effects = sum(1 for _ in rig.core.of_panels())
    reader = Reader(rig.station.journal)
    try:
        run.journalled = sum(each.class_ != "system" for each in reader.list(limit=10_000_000))
    finally:
        reader.close()
    return run


async def _part(rig: Rig, run: Run, plan: Plan, frames) -> None:
    port, many, plain = rig.station.port, plan.replays // PARTS, plan.downgrades // PARTS
    by_udp = many // 4
    await play(port, islice(frames, many - by_udp))
    await play_datagrams(port, list(islice(frames, by_udp)), run)
    run.replays += many
    downgrades = [downgrade(run.downgrades + number) for number in range(plain)]
    run.downgrades += plain
    run.answered_plain += await play(port, downgrades[plain // 4 :])
    run.answered_plain += await play_datagrams(port, downgrades[: plain // 4], run)


def run(size: Size, folder: Path) -> Outcome:
    """See ``Figure.run``."""
    result = loop.run(lambda: replay(folder, PLANS[size]))
    return Outcome(said=result.said(), faults=result.faults())


FIGURE = Figure(id="A10", title="replays and downgrades", command="storm", run=run)
