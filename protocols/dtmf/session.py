"""A line interface that hands on dialled digits: both ends of its link to the computer.

The kissoff is the tone that ends a call's message. The line interface makes it when it is
told to, by one byte; a wrong check digit gets none, and the panel dials the message again,
four times in all. Which byte asks for the tone is the maker's choice: an option.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

from protocols._core import (
    Answer,
    Incoming,
    Keys,
    Pad,
    Part,
    ProtocolError,
    Repeat,
    Report,
    Verdict,
)
from protocols.dtmf import digits
from protocols.dtmf.cutting import DigitCutter
from protocols.dtmf.digits import CLAUSE, EnvelopeDigits
from protocols.receiver_link import NO_OPTIONS, Computer, Connection, Envelope, Role, Rules, Sender
from protocols.receiver_link.cutting import Cut
from protocols.receiver_link.options import Options

NAME: Final = "dtmf"
KISSOFF_TIMEOUT_S: Final = 1.25
"""Without a kissoff by then the panel dials the same message again (DC-05)."""
TRANSMISSIONS: Final = 4
"""Of one message; then the panel hangs up and calls again (count not confirmed in a source)."""
FOR_EVER: Final = 1_000_000_000


class DtmfComputer(Computer[Cut]):
    """The computer's side: digits in, a kissoff out for each message."""

    NAME: ClassVar[str] = NAME
    CLAUSE: ClassVar[str] = CLAUSE
    EXPECTED: ClassVar[str] = "four account digits and a message type (18, 98, 17, 27, 55, 56)"

    def __init__(self, *, kissoff: bytes = b"\x06", refusal: bytes = b"") -> None:
        super().__init__(DigitCutter())
        self._words = {Verdict.ACK: kissoff, Verdict.DUH: refusal}

    def _understood(self, found: Cut) -> Incoming:
        fields, raw = found.fields, found.raw
        said = raw.rstrip(b"\r\n")
        envelope = Envelope(found.layout or "other", self._session)
        if isinstance(fields, EnvelopeDigits):
            seen = said[:16].decode()
            error = ProtocolError(
                f"{seen} seen; expected four account digits, a message type and its digits",
                raw=raw, offset=min(4, len(said)), clause=CLAUSE,
            )  # fmt: skip
            return self._refused(raw, "message_unreadable", error, envelope)
        wrong = digits.wrong_check(fields, said)
        if wrong is not None:
            return self._refused(raw, "checksum_wrong", wrong, envelope)
        return Report(
            protocol=NAME,
            raw=raw,
            token=fields.message_type,
            account=fields.account,
            parts=(digits.part_of(found.layout, fields, said),),
            envelope=envelope,
            repeat=Repeat.LINK,
            identity=said,
        )

    def _written(self, envelope: Envelope, verdict: Verdict) -> bytes:
        del envelope
        return self._words.get(verdict, b"")


class DtmfPanel(Sender):
    """The panel's side behind its line interface, for simulators."""

    def __init__(
        self,
        *,
        terminator: bytes = b"\r",
        message_type: str = "18",
        ack_s: float = KISSOFF_TIMEOUT_S,
    ) -> None:
        super().__init__(Rules(ack_s=ack_s, transmissions=TRANSMISSIONS, naks=FOR_EVER))
        self._terminator = terminator
        self._message_type = message_type

    def _frame(
        self, parts: tuple[Part, ...], *, account: str, line: str | None, token: str
    ) -> bytes:
        del line
        (part,) = parts
        message = digits.build_message(part, account, message_type=token or self._message_type)
        return message + self._terminator

    def heartbeat(self, *, now: float) -> bool:
        """See ``Sender``: a telephone line has none."""
        del now
        return False


def connect(
    *,
    keys: Keys,
    pad: Pad,
    datagram: bool = False,
    options: Mapping[str, object] = NO_OPTIONS,
) -> Connection[Incoming]:
    """Make a link in the computer's role, as the registry does.

    Options: ``kissoff`` (the byte that asks for the tone, in hex, default ``06``),
    ``refusal`` (the byte for a wrong check digit; ``none``, the default, lets the panel time
    out as DC-05 has it).

    Raises:
        ValueError: An option that does not exist, a wrong value of one, or UDP.
    """
    del keys, pad
    given = Options(NAME, options, datagram=datagram)
    kissoff = given.byte("kissoff", b"\x06")
    refusal = b"" if given.text("refusal", "none") == "none" else given.byte("refusal", b"\x15")
    given.finish()
    return Connection(Role.COMPUTER, DtmfComputer(kissoff=kissoff, refusal=refusal))


def panel(*, terminator: bytes = b"\r", ack_s: float = KISSOFF_TIMEOUT_S) -> Connection[Answer]:
    """Make a link in the panel's role, for simulators."""
    return Connection(Role.RECEIVER, DtmfPanel(terminator=terminator, ack_s=ack_s))
