"""An envelope becomes what a connection hands up: report, link test, rejected, or an answer."""

from __future__ import annotations

from typing import Final

from protocols._core import Answer, LinkTest, ProtocolError, Rejected, Repeat, Report, Verdict
from protocols.dc09.foreign import OSBORNE_HOFFMAN, OSBORNE_HOFFMAN_CHECK
from protocols.dc09.message import Content, Envelope, Fault, Kind, text
from protocols.dc09.reading import further_groups, further_parts

PROTOCOL: Final = "dc09"
_ANSWER: Final = Kind.ANSWER  # an Enum's member costs as much as a line of code
_LINK_TEST: Final = Kind.LINK_TEST
_ACCOUNT: Final = Repeat.ACCOUNT
NEVER_MERGED: Final = b"0000"
_VERDICTS: Final = {
    "ACK": Verdict.ACK,
    "RSP": Verdict.ACK,  # a positive answer that carries data
    "NAK": Verdict.NAK_TIME,
    "DUH": Verdict.DUH,
}


def received_by_csr(envelope: Envelope) -> Report | LinkTest | Rejected:
    """Say what a frame from a panel is."""
    fault = envelope.fault
    kind = envelope.kind
    if fault is None and kind is _ANSWER:
        words = f"{envelope.token} seen; expected an id that a panel sends"
        fault = Fault("answer_misplaced", words, envelope.cut.raw.find(b'"', 1), "DC-09 5.5.3")
    if fault is not None:
        return rejected(envelope, fault)
    content = envelope.content
    assert content is not None  # noqa: S101  without one there is a fault
    encoding = envelope.encoding
    account = text(content.account, encoding)
    receiver, line = content.receiver, content.line
    key = envelope.key
    said = (
        None if receiver is None else receiver.decode(),
        None if line is None else line.decode(),
        content.seq.decode(),
        envelope.timestamp,
        0 if key is None else key.bits,
    )
    raw, quirks = envelope.cut.raw, envelope.quirks
    if kind is _LINK_TEST:
        return LinkTest(PROTOCOL, raw, envelope, account, *said, quirks)
    repeat, identity = _identity(envelope)
    xdata = extended(envelope) if envelope.xdata else ()
    parts = envelope.parts
    if envelope.trailing:
        parts += further_parts(envelope)
    return Report(
        PROTOCOL, raw, envelope.token or "", account, parts, envelope,
        repeat, identity, envelope.data_account, *said, xdata, quirks,
    )  # fmt: skip


def extended(envelope: Envelope) -> tuple[tuple[str, str], ...]:
    """Return the extended data as (letter, text)."""
    pairs = (entry.decode(envelope.encoding, "replace") for entry in envelope.xdata)
    return tuple((pair[0], pair[1:]) for pair in pairs)


def _identity(envelope: Envelope) -> tuple[Repeat, bytes]:
    """Tell a repeat by token, sequence and decoded data alone (REL-36).

    Pad, timestamp, check value, receiver and line change from one try to the next. Sequence
    0000 is never merged; encrypted, the same data with the same timestamp is a replay (SEC-2).
    """
    content = envelope.content
    assert content is not None  # noqa: S101  the caller has looked
    identity = b"%b\0%b\0%b" % (content.token, content.seq, envelope.data or b"")
    if envelope.trailing:
        identity += b"".join(further_groups(envelope.trailing))
    if content.seq != NEVER_MERGED:
        return _ACCOUNT, identity
    if envelope.key is None or envelope.timestamp is None:
        return Repeat.NEVER, b""
    return Repeat.ACCOUNT, identity + b"\0" + envelope.timestamp.isoformat().encode()


def rejected(envelope: Envelope, fault: Fault) -> Rejected:
    """Say what is wrong with a frame."""
    cut = envelope.cut
    is_oh = (
        cut.check == OSBORNE_HOFFMAN_CHECK
        and envelope.content is not None
        and envelope.content.account is None
    )
    return Rejected(
        protocol=PROTOCOL,
        raw=cut.raw,
        reason=fault.reason,
        error=ProtocolError(fault.words, raw=cut.raw, offset=fault.offset, clause=fault.clause),
        envelope_sound=cut.fault is None,
        envelope=envelope,
        account=envelope.account,
        foreign=OSBORNE_HOFFMAN if is_oh and not cut.crc_ok else None,
    )


def noise(raw: bytes, foreign: str | None) -> Rejected:
    """Say that bytes hold no frame at all."""
    named = "noise" if foreign is None else f"{foreign}, another protocol,"
    words = f"{named} of {len(raw)} bytes seen; expected LF and a header"
    return Rejected(
        protocol=PROTOCOL,
        raw=raw,
        reason="noise" if foreign is None else "foreign_received",
        error=ProtocolError(words, raw=raw, offset=0, clause="DC-09 5.4.1"),
        foreign=foreign,
    )


def received_by_pe(envelope: Envelope) -> Answer | None:
    """Say what a frame from the receiver answers; None when a panel would ignore it."""
    content = envelope.content
    verdict = _VERDICTS.get(envelope.token or "")
    if envelope.fault is not None or content is None or verdict is None:
        return None
    is_nak = verdict is Verdict.NAK_TIME
    if is_nak and (envelope.timestamp is None or not isinstance(content, Content)):
        return None
    return Answer(
        verdict=verdict,
        raw=envelope.cut.raw,
        sequence=content.seq.decode(),
        account=envelope.account,
        utc=envelope.timestamp,
    )
