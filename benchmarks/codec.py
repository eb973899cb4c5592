"""P5 and P6: what it costs to read one frame, without any socket.

P5: from the bytes of a read to the typed report that the gateway gets (cutting, check value,
decryption, fields, event parts), against pysiaalarm's ``SIAEvent.from_line`` on the same frames
with the same accounts; the peer is spared its decoding of bytes to text. Before anything is
timed, both must have read account, code and zone alike. Three kinds of frame decide, as most
panels in the field send them: with a timestamp. The same without one is shown beside them; it is
short, and the peer's cost is mostly its check value, bit by bit.

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
from pysiaalarm.account import SIAAccount
from pysiaalarm.event import SIAEvent

from benchmarks import goals
from benchmarks.goals import Row
from benchmarks.programs import BASE_ACCOUNT, ProgramError
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


class _Kind(msgspec.Struct, frozen=True):
    name: str
    is_sia: bool
    is_stamped: bool = True
    key: bytes | None = None


_KINDS: Final = (
    _Kind("SIA-DCS", is_sia=True),
    _Kind("ADM-CID", is_sia=False),
    _Kind("SIA-DCS in AES-128", is_sia=True, key=KEY),
    _Kind("SIA-DCS without timestamp", is_sia=True, is_stamped=False),
    _Kind("ADM-CID without timestamp", is_sia=False, is_stamped=False),
)


def _frame(kind: _Kind, number: int) -> bytes:
    account, zone = str(BASE_ACCOUNT + number % ACCOUNTS), number % 100
    says = f"Nri1/BA{zone:03d}" if kind.is_sia else f"1131 01 {zone:03d}"
    return build_frame(
        "SIA-DCS" if kind.is_sia else "ADM-CID",
        account=account,
        data=f"#{account}|{says}".encode(),
        sequence=f"{number % 9999 + 1:04d}",
        timestamp=_START + timedelta(seconds=number) if kind.is_stamped else None,
        key=kind.key,
        pad=bytes,
    )


def _check_alike(kind: _Kind, frames: Sequence[bytes], accounts: dict[str, SIAAccount]) -> None:
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
            ours: tuple[object, ...] = (
                part.account, part.qualifier, part.event, part.group, part.zone
            )  # fmt: skip
            theirs: tuple[object, ...] = (
                event.account, event.event_qualifier, event.event_type, event.partition, event.ri
            )  # fmt: skip
        elif isinstance(part, SiaEvent):
            ours = (part.account, part.code, part.modifier("ri"), part.address)
            theirs = (event.account, event.code, event.ri, event.message)
        else:
            raise ProgramError(f"{kind.name}: {raw!r} was not read as an event: {report}")
        if ours != theirs or not event.valid_message:
            raise ProgramError(
                f"{kind.name}: {raw!r} was read as {ours} and by the peer as {theirs}"
            )


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
    """Measure P5: one row for each kind of frame."""
    logging.getLogger("pysiaalarm").setLevel(logging.CRITICAL)
    return [_parsed(kind, seconds / len(_KINDS), say) for kind in _KINDS]


def _parsed(kind: _Kind, seconds: float, say: Callable[[str], None]) -> Row:
    say(f"P5: {kind.name}")
    frames = [_frame(kind, number) for number in range(FRAMES)]
    lines = [raw.decode().strip() for raw in frames]
    key = None if kind.key is None else kind.key.decode()
    accounts = {
        account.account_id: account
        for account in (SIAAccount(str(BASE_ACCOUNT + n), key) for n in range(ACCOUNTS))
    }
    _check_alike(kind, frames, accounts)
    gc.collect()
    gc.freeze()  # as the gateway does; it spares both the objects of this program
    duel = _Duel()
    duel.fight(lambda: _ours(frames), lambda: _theirs(lines, accounts), FRAMES, seconds)
    decides = kind.is_stamped
    goal = msgspec.structs.replace(goals.P5, decides=decides)
    return duel.row(goal, kind.name, "from_line")


def run_recogniser(*, seconds: float, say: Callable[[str], None]) -> list[Row]:
    """Measure P6 on the plain content of a frame and on the decrypted one.

    Raises:
        ProgramError: The two do not agree on every field.
    """
    plain = [_frame(_KINDS[0], number)[9:-1] for number in range(FRAMES)]
    opened = [
        b"0" * 20 + b"|#100000|Nri1/BA%03d]_09:15:%02d,11-20-2026" % (n % 100, n % 60)
        for n in range(FRAMES)
    ]
    return [
        _recognised("plain content", Recogniser(declared.PLAIN, Content), plain, seconds / 2, say),
        _recognised(
            "decrypted content", Recogniser(declared.DECRYPTED, DecryptedContent), opened,
            seconds / 2, say,
        ),
    ]  # fmt: skip


def _recognised(
    what: str,
    recogniser: Recogniser[Any],
    regions: Sequence[bytes],
    seconds: float,
    say: Callable[[str], None],
) -> Row:
    say(f"P6: {what}")
    fast, slow = recogniser.fullmatch, recogniser.interpret
    for region in regions:
        seen, expected = fast(region), slow(region)
        if seen is None or seen != expected:
            raise ProgramError(f"P6: {region!r} is read as {seen}, by Construct as {expected}")

    def generated() -> None:
        for region in regions:
            fast(region)

    def interpreted() -> None:
        for region in regions:
            slow(region)

    duel = _Duel()
    duel.fight(generated, interpreted, FRAMES, seconds)
    return duel.row(goals.P6, what, "Construct")
