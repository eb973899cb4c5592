"""One link of a MCDI Exprecium, from either end: Sur-Gard frames with habits of its own.

It sends again every two seconds until it hears 06, may send a bare ``@`` for a heartbeat, and
reports itself under numbers of its own. (Its 685 emulation is the protocol of that name.)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from protocols._core import Answer, Incoming, Keys, LinkTest, Pad, Rejected, Report, Verdict
from protocols.receiver_link import (
    NO_OPTIONS,
    Connection,
    Envelope,
    Internal,
    PulseEvent,
    Role,
    Rules,
)
from protocols.receiver_link.options import Options
from protocols.surgard import Output
from protocols.surgard import connect as connect_surgard
from protocols.surgard.receiver import Receiver as SurgardReceiver

NAME: Final = "mcdi"
ACK_TIMEOUT_S: Final = 2.0
"""It sends the same frame again so often, until it is acknowledged."""
FOR_EVER: Final = 1_000_000_000
NAK_LIMIT: Final = 20
HEARTBEAT: Final = b"@"
INTERNAL_CODE: Final = "MCDI"
INTERNALS: Final[Mapping[str, str]] = {
    "01": "printer fail", "02": "printer restored", "03": "line fault", "04": "line fault",
    "05": "line fault", "06": "line fault", "07": "battery", "08": "battery",
    "F1": "no signal on line 1", "F2": "no signal on line 2",
}  # fmt: skip
"""Number to words. Which of 03 to 06 are restorals, and of 07 and 08, the guide read does not
tell; none of them is read as good news."""

_PIECE: Final = re.compile(rb"[^\x14]*\x14|[^\x14]+\Z")
_FILLERS: Final = b"\r\n\x14"
_ALONE_COUNT: Final = 3
"""So many heartbeats with nothing beside them make a noisy line believed again: one byte is
soon found in noise, and noise must not be acknowledged."""


class HeartbeatEnvelope(Envelope, frozen=True):
    """Of a bare ``@``."""


class McdiComputer:
    """The computer's side: what is no bare heartbeat goes to a Sur-Gard link."""

    def __init__(self, inner: Connection[Incoming], *, internal_account: str = "0000") -> None:
        self._inner = inner
        self._internal_account = internal_account
        self._out: list[bytes] = []
        self._session = 0
        self._alone = _ALONE_COUNT

    def receive(self, data: bytes, *, now: float) -> list[Incoming]:
        """See ``protocols._core.Connection``."""
        found = self.on_deadline(now=now)
        for piece in _PIECE.findall(data):
            rest = piece
            if self._inner.deadline() is None:  # nothing is held: a frame may begin here
                rest = piece.lstrip(_FILLERS)
                if rest.startswith(HEARTBEAT):
                    found += self._heartbeats(rest)
                    rest = rest.lstrip(HEARTBEAT + _FILLERS)
            if rest:
                incoming = [self._own(each) for each in self._inner.receive(rest, now=now)]
                for each in incoming:
                    self._alone = 0 if isinstance(each, Rejected) else _ALONE_COUNT
                found += incoming
        return found

    def _heartbeats(self, data: bytes) -> list[Incoming]:
        """Take the heartbeats that a piece begins with."""
        count = len(data) - len(data.lstrip(HEARTBEAT))
        self._alone += count
        envelope = HeartbeatEnvelope("heartbeat", self._session)
        if self._alone < _ALONE_COUNT:
            return []
        return [LinkTest(protocol=NAME, raw=HEARTBEAT, envelope=envelope) for _ in range(count)]

    def _own(self, incoming: Incoming) -> Incoming:
        incoming = msgspec.structs.replace(incoming, protocol=NAME)
        if not isinstance(incoming, Report) or incoming.account != self._internal_account:
            return incoming
        part = incoming.parts[0] if len(incoming.parts) == 1 else None
        number = ""
        if isinstance(part, PulseEvent) and part.group is None:
            number = part.zone
        elif isinstance(part, Internal):  # a number of Sur-Gard's own list means another thing
            number = part.number
        meaning = INTERNALS.get(number)
        if part is None or meaning is None:
            return incoming
        own = Internal(raw=part.raw, code=INTERNAL_CODE, number=number, meaning=meaning)
        return msgspec.structs.replace(incoming, parts=(own,), internal=True)

    def answer(self, to: Incoming, verdict: Verdict, *, utc: datetime) -> None:
        """See ``protocols._core.Connection``."""
        if not isinstance(to.envelope, HeartbeatEnvelope):
            self._inner.answer(to, verdict, utc=utc)
            self._out.append(self._inner.data_to_send())
        elif verdict is Verdict.ACK and to.envelope.session == self._session:
            self._out.append(b"\x06")

    def data_to_send(self) -> bytes:
        """See ``protocols._core.Connection``."""
        out, self._out = self._out, []
        return b"".join(out)

    def eof(self) -> list[Incoming]:
        """See ``protocols._core.Connection``."""
        self._session += 1
        self._out = []
        return [self._own(each) for each in self._inner.eof()]

    def deadline(self) -> float | None:
        """See ``protocols._core.Connection``."""
        return self._inner.deadline()

    def on_deadline(self, *, now: float) -> list[Incoming]:
        """See ``protocols._core.Connection``."""
        return [self._own(each) for each in self._inner.on_deadline(now=now)]


class McdiReceiver(SurgardReceiver):
    """The receiver's side, for simulators."""

    def __init__(self, output: Output | None = None, *, ack_s: float = ACK_TIMEOUT_S) -> None:
        super().__init__(output, ack_s=ack_s)
        self.rules = Rules(ack_s=ack_s, transmissions=FOR_EVER, naks=NAK_LIMIT)

    def _heartbeat(self) -> bytes:
        return HEARTBEAT


def connect(
    *,
    keys: Keys,
    pad: Pad,
    datagram: bool = False,
    options: Mapping[str, object] = NO_OPTIONS,
) -> Connection[Any]:
    """Make a link in the computer's role, as the registry does.

    Options: ``header`` (``auto``, ``RRL``, ``RRLLL``), ``internal_account`` (default ``0000``).

    Raises:
        ValueError: An option that does not exist, a wrong value of one, or UDP.
    """
    given = Options(NAME, options, datagram=datagram)
    header = given.word("header", ("auto", "RRL", "RRLLL"))
    account = given.text("internal_account", "0000")
    given.finish()
    inner = connect_surgard(
        keys=keys,
        pad=pad,
        options={"header": header, "b32": False, "internal_account": account},
    )
    return Connection(Role.COMPUTER, McdiComputer(inner, internal_account=account))


def receiver(output: Output | None = None, *, ack_s: float = ACK_TIMEOUT_S) -> Connection[Answer]:
    """Make a link in the receiver's role, for simulators."""
    return Connection(Role.RECEIVER, McdiReceiver(output, ack_s=ack_s))
