"""P5 and P6: what it costs to read one frame, without any socket.

P5: from the bytes of a read to the typed report that the gateway gets (cutting, check value,
decryption, fields, event parts), against pysiaalarm's ``SIAEvent.from_line`` on the same frames
with the same accounts; the peer is spared its decoding of bytes to text. Before anything is
timed, both must have read account, code and zone alike.

P6: the recogniser generated from a declaration against the same declaration read by Construct.
"""

from __future__ import annotations

import gc
import logging
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any, Final

import msgspec
from pysiaalarm import SIAAccount
from pysiaalarm.event import SIAEvent

from benchmarks import goals
from benchmarks.goals import Row
from benchmarks.programs import ProgramError
from protocols._core import Report
from protocols._core.recogniser import Recogniser
from protocols.contact_id import ContactId
from protocols.dc09 import Connection, Role, build_frame
from protocols.dc09 import frame as declared
from protocols.dc09.message import Content, DecryptedContent
from protocols.sia_dc03 import SiaEvent

FRAMES: Final = 400
"""Different ones; each has a timestamp of its own second, where it has one."""
ACCOUNTS: Final = 50
KEY: Final = b"benchmarks-key-0"
_START: Final = datetime(2026, 11, 20, 9, 15, tzinfo=UTC)
_KINDS: Final = ("SIA-DCS", "ADM-CID", "SIA-DCS in AES-128")


def _frame(kind: str, number: int) -> bytes:
    account = str(100_000 + number % ACCOUNTS)
    zone, sequence = number % 100, f"{number % 9999 + 1:04d}"
    if kind == "ADM-CID":
        data = f"#{account}|1131 01 {zone:03d}".encode()
        return build_frame("ADM-CID", account=account, data=data, sequence=sequence)
    data = f"#{account}|Nri1/BA{zone:03d}".encode()
    if kind == "SIA-DCS":
        return build_frame("SIA-DCS", account=account, data=data, sequence=sequence)
    stamp = _START + timedelta(seconds=number)
    return build_frame(
        "SIA-DCS",
        account=account,
        data=data,
        sequence=sequence,
        timestamp=stamp,
        key=KEY,
        pad=bytes,
    )


def _check_alike(kind: str, frames: Sequence[bytes], accounts: dict[str, SIAAccount]) -> None:
    """Hold that both understood the same, so that neither is quick by doing less.

    Raises:
        ProgramError: They did not.
    """
    connection = _connection()
    for raw in frames:
        (report,) = connection.receive(raw, now=0.0)
        event = SIAEvent.from_line(raw.decode().strip(), accounts)
        part = report.parts[0] if type(report) is Report else None
        if isinstance(part, ContactId):
            ours = (part.account, part.qualifier + part.event, part.group, part.zone)
            qualified = f"{event.event_qualifier}{event.event_type}"
            theirs = (event.account, qualified, event.partition, event.ri)
        elif isinstance(part, SiaEvent):
            ours = (part.account, part.code, f"ri{part.modifier('ri')}", part.address)
            theirs = (event.account, event.code, f"ri{event.ri}", event.message)
        else:
            raise ProgramError(f"{kind}: {raw!r} was not read as an event: {report}")
        if ours != theirs or not event.valid_message:
            raise ProgramError(f"{kind}: {raw!r} was read as {ours} and by the peer as {theirs}")


def _connection() -> Connection[Any]:
    return Connection(Role.CSR, keys=lambda _account: (KEY,), pad=bytes)


def _ours(frames: Sequence[bytes]) -> None:
    receive = _connection().receive
    for raw in frames:
        receive(raw, now=0.0)


def _theirs(lines: Sequence[str], accounts: dict[str, SIAAccount]) -> None:
    read = SIAEvent.from_line
    for line in lines:
        read(line, accounts)


def _spent_us(work: Callable[[], object], count: int) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) / count * 1e6


class _Duel(msgspec.Struct):
    """Two ways to do the same, timed in turn until the time is over."""

    ours_us: list[float] = []
    theirs_us: list[float] = []

    def fight(
        self, ours: Callable[[], object], theirs: Callable[[], object], count: int, seconds: float
    ) -> None:
        """Time both at least three times, and until ``seconds`` are over."""
        end = time.monotonic() + seconds
        while len(self.ours_us) < 3 or time.monotonic() < end:
            self.ours_us.append(_spent_us(ours, count))
            self.theirs_us.append(_spent_us(theirs, count))

    def row(self, goal: goals.Goal, what: str, peer: str) -> Row:
        """Sum it up."""
        ratios = tuple(two / one for one, two in zip(self.ours_us, self.theirs_us, strict=True))
        return Row(
            goal=msgspec.structs.replace(goal, what=goal.what.format(what)),
            measured=f"{median(self.ours_us):.1f} us",
            against=f"{peer} {median(self.theirs_us):.1f} us",
            figure=median(ratios),
            rounds=ratios,
        )


def run_parse(*, seconds: float, say: Callable[[str], None]) -> list[Row]:
    """Measure P5: one row for each kind of frame; the smallest decides like the others."""
    logging.getLogger("pysiaalarm").setLevel(logging.CRITICAL)
    rows = []
    for kind in _KINDS:
        say(f"P5: {kind}")
        frames = [_frame(kind, number) for number in range(FRAMES)]
        lines = [raw.decode().strip() for raw in frames]
        key = KEY.decode() if "AES" in kind else None
        accounts = {
            account.account_id: account
            for account in (SIAAccount(str(100_000 + n), key) for n in range(ACCOUNTS))
        }
        _check_alike(kind, frames, accounts)
        gc.collect()
        gc.freeze()  # as the gateway does; it spares both the objects of this program
        duel = _Duel()
        duel.fight(lambda: _ours(frames), lambda: _theirs(lines, accounts), FRAMES, seconds / 3)
        rows.append(duel.row(goals.P5, kind, "from_line"))
    return rows


def run_recogniser(*, seconds: float, say: Callable[[str], None]) -> list[Row]:
    """Measure P6 on the plain content of a frame and on the decrypted one."""
    rows = []
    plain = [_frame("SIA-DCS", number)[9:-1] for number in range(FRAMES)]
    opened = [
        b"0" * 20 + b"|#100000|Nri1/BA%03d]_09:15:%02d,11-20-2026" % (n % 100, n % 60)
        for n in range(FRAMES)
    ]
    for what, declaration, into, regions in (
        ("plain content", declared.PLAIN, Content, plain),
        ("decrypted content", declared.DECRYPTED, DecryptedContent, opened),
    ):
        say(f"P6: {what}")
        recogniser: Recogniser[Any] = Recogniser(declaration, into)
        for region in regions:
            if (seen := recogniser.fullmatch(region)) is None or seen != recogniser.interpret(
                region
            ):
                raise ProgramError(f"P6: {region!r} is read as {seen} and by Construct otherwise")
        fast, slow = recogniser.fullmatch, recogniser.interpret
        duel = _Duel()
        duel.fight(
            lambda fast=fast, regions=regions: [fast(region) for region in regions],
            lambda slow=slow, regions=regions: [slow(region) for region in regions],
            FRAMES,
            seconds / 2,
        )
        rows.append(duel.row(goals.P6, what, "Construct"))
    return rows
