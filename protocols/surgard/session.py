"""One link between a Sur-Gard receiver and the computer, in either role of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum, auto
from types import MappingProxyType
from typing import Any, Final, Generic, Literal, TypeVar, overload

from protocols._core import Answer, Incoming, Keys, Pad, Part, Verdict
from protocols.surgard.computer import PARTIAL_FRAME_S, Computer
from protocols.surgard.frame import Header
from protocols.surgard.meaning import Site
from protocols.surgard.receiver import ACK_TIMEOUT_S, Receiver
from protocols.surgard.write import Output

T = TypeVar("T", Incoming, Answer)

HEADERS: Final = ("auto", "RRL", "RRLLL")
_ACCOUNT_DIGITS: Final = frozenset("0123456789ABCDEF")
_NO_OPTIONS: Final[Mapping[str, object]] = MappingProxyType({})


class Role(Enum):
    """Which end of the link a connection is."""

    COMPUTER = auto()
    """The automation computer that takes the events: what the gateway is."""
    RECEIVER = auto()
    """The alarm receiver that sends them: for simulators."""


class Connection(Generic[T]):
    """A link over a serial line or TCP; the bytes are the same on both.

    In the role COMPUTER ``receive`` and ``on_deadline`` return ``Report``, ``LinkTest`` and
    ``Rejected``; in the role RECEIVER they return ``Answer``, whose ``sequence`` is the number
    that ``report`` gave (None for a heartbeat). See ``protocols._core.Connection`` for the
    methods that both have; ``report``, ``raw``, ``noise``, ``heartbeat`` and ``resume`` belong
    to the RECEIVER alone.

    Attributes:
        side: What does the work: a ``Computer`` or a ``Receiver``.
    """

    @overload
    def __init__(
        self: Connection[Incoming],
        role: Literal[Role.COMPUTER],
        *,
        header: Header = "auto",
        b32: bool | None = None,
        site: Site | None = None,
        partial_s: float = PARTIAL_FRAME_S,
    ) -> None: ...

    @overload
    def __init__(
        self: Connection[Answer],
        role: Literal[Role.RECEIVER],
        *,
        output: Output | None = None,
        ack_s: float = ACK_TIMEOUT_S,
    ) -> None: ...

    def __init__(self, role: Role, **settings: Any) -> None:
        """Take what is programmed at the receiver.

        Args:
            role: Which end this is.
            settings: For the COMPUTER the header's form (``auto`` reads both), whether packets
                have the B32 prefix (None finds out), the site's programming and how long a
                partial frame is kept; for the RECEIVER how it sends and how long it waits.
        """
        self.role = role
        self.side: Any = Computer(**settings) if role is Role.COMPUTER else Receiver(**settings)

    def receive(self, data: bytes, *, now: float) -> list[T]:
        """Take what was read and say what it held, oldest first. Never raises."""
        found: list[T] = self.side.receive(data, now=now)
        return found

    def answer(self, to: Incoming, verdict: Verdict, *, utc: datetime) -> None:
        """Queue the byte for this verdict; ``ACK`` only once the report is durable."""
        self.side.answer(to, verdict, utc=utc)

    def data_to_send(self) -> bytes:
        """Hand out what is queued, and forget it."""
        data: bytes = self.side.data_to_send()
        return data

    def eof(self) -> list[T]:
        """Start clean: the other end is gone."""
        found: list[T] = self.side.eof()
        return found

    def deadline(self) -> float | None:
        """When ``on_deadline`` wants calling, in monotonic seconds."""
        due: float | None = self.side.deadline()
        return due

    def on_deadline(self, *, now: float) -> list[T]:
        """Hand up what ran out of time; the RECEIVER sends again or declares the link failed."""
        found: list[T] = self.side.on_deadline(now=now)
        return found

    def report(
        self,
        *parts: Part,
        account: str,
        now: float,
        line: str | None = None,
        token: str = "",
    ) -> str:
        """Queue an event and return its number; see ``Receiver.report``."""
        number: str = self.side.report(*parts, account=account, now=now, line=line, token=token)
        return number

    def raw(self, data: bytes, *, now: float) -> str:
        """Queue any bytes as if they were an event frame, and return their number."""
        number: str = self.side.raw(data, now=now)
        return number

    def noise(self, data: bytes) -> None:
        """Send bytes at once that nobody is to answer."""
        self.side.noise(data)

    def heartbeat(self, *, now: float) -> bool:
        """Send a heartbeat; False while an answer is awaited."""
        is_sent: bool = self.side.heartbeat(now=now)
        return is_sent

    def resume(self, *, now: float) -> None:
        """Go on with the backlog, after ``eof`` and a new connection."""
        self.side.resume(now=now)


def connect(
    *,
    keys: Keys,
    pad: Pad,
    datagram: bool = False,
    options: Mapping[str, object] = _NO_OPTIONS,
) -> Connection[Incoming]:
    """Make a link in the computer's role, as the registry does.

    Options: ``header`` (``auto``, ``RRL``, ``RRLLL``), ``b32`` (``auto``, true, false),
    ``internal_account`` (default ``0000``; empty where a panel has that number),
    ``audio_code`` (default ``P``).

    Raises:
        ValueError: An option that does not exist, a wrong value of one, or UDP.
    """
    del keys, pad  # nothing is encrypted here
    if datagram:
        raise ValueError("udp seen; a Sur-Gard receiver speaks over serial lines and TCP")
    known = {"header", "b32", "internal_account", "audio_code"}
    if unknown := sorted(set(options) - known):
        raise ValueError(f"options {unknown} seen; surgard has {sorted(known)}")
    header = options.get("header", "auto")
    if header not in HEADERS:
        raise ValueError(f"header {header!r} seen; expected one of {', '.join(HEADERS)}")
    b32 = options.get("b32", "auto")
    if b32 not in (True, False, "auto"):
        raise ValueError(f"b32 {b32!r} seen; expected true, false or auto")
    return Connection(
        Role.COMPUTER,
        header=header,
        b32=None if b32 == "auto" else bool(b32),
        site=Site(
            internal_account=_account(options.get("internal_account", "0000")),
            audio_code=_letter(options.get("audio_code", "P")),
        ),
    )


def _account(value: object) -> str:
    if not isinstance(value, str) or not _ACCOUNT_DIGITS.issuperset(value):
        raise ValueError(f"internal_account {value!r} seen; expected digits 0-9, A-F, or nothing")
    return value


def _letter(value: object) -> str:
    if not isinstance(value, str) or len(value) != 1:
        raise ValueError(f"audio_code {value!r} seen; expected one character")
    return value
