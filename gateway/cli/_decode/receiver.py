"""A receiver's frame told field by field, with what the computer answers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from gateway.cli._decode import words
from gateway.cli._decode.families import FAMILIES, Family
from gateway.cli._decode.pieces import said
from gateway.cli._decode.station import Station
from gateway.cli._decode.told import Answer, Broken, Field, Quirk, Status, Told
from protocols._core import Rejected, Report, Unreadable, Verdict
from protocols.receiver_link import Explanation
from protocols.receiver_link import Field as SentField
from protocols.registry import PROTOCOLS

_KINDS: Final = {
    "event": "event",
    "internal": "the receiver's own event",
    "two-way-audio": "two-way audio on a line",
    "modifier": "a modifier for the event that follows",
    "caller-id": "the number that the event's panel called from",
    "calling-name": "the name that goes with the calling number",
    "test": "a test record of the receiver",
    "text": "a text of the receiver",
    "log-start": "a log record that encloses a call",
    "command": "a command, the computer's own",
    "link-test-request": "a request for a link test, the computer's own",
    "heartbeat": "heartbeat",
    "ack": "ACK, the computer's answer",
    "nak": "NAK, the computer's answer",
    "other": "a protocol id that is not decoded",
    "invalid": "a frame whose data fits no layout of its id",
    "noise": "no frame",
}
_ACK: Final = Field(offset=0, raw=b"\x06", name="ACK", meaning="the event is safe")
_NAK: Final = Field(offset=0, raw=b"\x15", name="NAK", meaning="not readable, send again")


def tell(raw: bytes, station: Station, name: str = "surgard") -> list[Told]:
    """Tell every frame of these bytes, of the family of this name."""
    family = FAMILIES[name]
    told = family.explain_all(raw)
    return [_told(one, station.at(one.receiver, one.line), family) for one in told]


def _told(one: Explanation, station: Station, family: Family) -> Told:
    incoming = one.incoming
    report = incoming if isinstance(incoming, Report) else None
    events = station.events(report) if report is not None else ()
    names = report.quirks if report is not None else ()
    return Told(
        protocol=family.name,
        title=_title(one, family),
        raw=one.raw,
        status=_status(one),
        account=one.account,
        broken=_broken(one),
        fields=_fields(one, family.clause),
        says=said(one.parts, events),
        quirks=tuple(Quirk(name=name, words=words.quirk(name)) for name in names),
        notes=_notes(one),
        events=events,
        answer=_answer(one, family),
    )


def _title(one: Explanation, family: Family) -> str:
    kind = _KINDS.get(one.kind, one.kind)
    if family.name != "surgard":
        token = "" if one.token is None else f" {one.token}"
        return f"{family.title}{token}: {kind}"
    layout = words.SURGARD_IDS.get(one.token or "")
    if one.token is None:
        return f"Sur-Gard: {kind}"
    return f"Sur-Gard id {one.token}" + (f" ({layout})" if layout else "") + f": {kind}"


def _status(one: Explanation) -> Status:
    if isinstance(one.incoming, Rejected) or one.kind == "noise":
        return "broken"
    is_unread = any(isinstance(part, Unreadable) for part in one.parts)
    return "unreadable" if is_unread else "decoded"


def _broken(one: Explanation) -> Broken | None:
    error = one.error
    if error is None:
        return None
    rule = one.incoming.reason if isinstance(one.incoming, Rejected) else "noise"
    return Broken(
        rule=rule,
        reason=error.reason,
        offset=error.offset + (4 if one.b32_length is not None else 0),
        clause=error.clause,
        hint=words.HINTS.get(rule, ""),
    )


def _notes(one: Explanation) -> tuple[str, ...]:
    if one.kind in ("ack", "nak"):
        return ("This is what the gateway sends; a receiver never does.",)
    if one.protocol == "surgard" and one.terminator is None and isinstance(one.incoming, Report):
        return ("No terminator; it was told by its id and its fixed widths.",)
    return ()


def _fields(one: Explanation, clause: str) -> tuple[Field, ...]:
    """Name the fields, and what stands between them (blanks, brackets), up to the end."""
    fields: list[Field] = []
    at = 0
    wrong_at = None if one.error is None else one.error.offset
    if one.b32_length is not None:
        shown = f"B32 prefix: {one.b32_length} bytes in all, as {len(one.raw)} are"
        if one.b32_length != len(one.raw):
            shown = f"B32 prefix says {one.b32_length} bytes; there are {len(one.raw)}"
        fields.append(Field(offset=0, raw=one.raw[:4], name="length", meaning=shown, clause=clause))
        at = 4
        wrong_at = None if wrong_at is None else wrong_at + 4
    for field in one.fields:
        if field.offset > at:
            fields.append(_filling(one.raw, at, field.offset, wrong_at, clause))
        fields.append(
            Field(
                offset=field.offset,
                raw=field.raw,
                name=field.name.replace("_", " "),
                meaning=_meaning(one, field),
                clause=clause,
                is_wrong=_is_within(wrong_at, field.offset, len(field.raw)),
            )
        )
        at = field.offset + len(field.raw)
    if at < len(one.raw):
        fields.append(_tail(one, at, wrong_at, clause))
    return tuple(fields)


def _is_within(wrong_at: int | None, offset: int, size: int) -> bool:
    return wrong_at is not None and offset <= wrong_at < offset + size


def _filling(raw: bytes, at: int, end: int, wrong_at: int | None, clause: str) -> Field:
    bytes_ = raw[at:end]
    blanks = len(bytes_) if not bytes_.strip(b" ") else 0
    meaning = f"{blanks} blank{'s' if blanks > 1 else ''}" if blanks else "fixed"
    is_wrong = _is_within(wrong_at, at, end - at)
    return Field(offset=at, raw=bytes_, name="", meaning=meaning, clause=clause, is_wrong=is_wrong)


def _tail(one: Explanation, at: int, wrong_at: int | None, clause: str) -> Field:
    rest = one.raw[at:]
    answers = {"ack": _ACK, "nak": _NAK}
    if one.kind in answers:
        known = answers[one.kind]
        return Field(offset=at, raw=rest, name=known.name, meaning=known.meaning, clause=clause)
    meaning = "not read" if rest.strip() else "filling"
    if one.response == "ACK" and len(rest) == 1:
        meaning = "end of the frame"
    is_wrong = _is_within(wrong_at, at, len(rest))
    if is_wrong and one.error is not None:
        meaning = one.error.reason
    return Field(
        offset=at, raw=rest, name="rest", meaning=meaning, clause=clause, is_wrong=is_wrong
    )


def _meaning(one: Explanation, field: SentField) -> str:
    known = words.SURGARD_FIELDS.get(field.name, field.name)
    if field.name == "token":
        return f"{known}: {words.SURGARD_IDS.get(one.token or '', 'not decoded')}"
    if field.name == "line" and one.line is not None and not one.line.strip("0"):
        return "central processor" if len(one.line) > 1 else known
    if field.name == "group" and field.value == "00":
        return "no area"
    if field.name == "zone" and field.value == "000":
        return "no zone or user"
    return known


def _answer(one: Explanation, family: Family) -> Answer:
    if one.response == "none":
        is_ours = one.kind in ("ack", "nak", "command", "link-test-request")
        why = "answers are not answered" if is_ours else "noise is not answered"
        return Answer(verdict="silence", why=why)
    field = _ACK if one.response == "ACK" else _NAK
    raw = _written(one, family) or field.raw
    fields: tuple[Field, ...]
    if one.b32_length is not None:
        prefix = Field(
            offset=0, raw=b"\x00\x00\x00\x05", name="length", meaning="B32 prefix: 5 bytes in all"
        )
        raw = prefix.raw + field.raw
        fields = (
            prefix,
            Field(offset=4, raw=field.raw, name=field.name, meaning=field.meaning),
        )
    else:
        fields = (Field(offset=0, raw=raw, name=field.name, meaning=field.meaning),)
    why = "once the event is on disk"
    if one.kind == "heartbeat":
        why = "a sign of life; never journaled, answered while commits succeed"
    elif one.response != "ACK":
        why = "asks for it again; its third identical copy is stored as unknown, and ACKed"
    return Answer(verdict=one.response, why=why, raw=raw, fields=fields)


def _written(one: Explanation, family: Family) -> bytes:
    """Let the family's own end write its answer; empty where that is a bare byte."""
    if one.incoming is None:
        return b""
    link = PROTOCOLS[family.name].connect(keys=lambda _: (), pad=bytes)
    link.data_to_send()  # a greeting is no answer
    heard = link.receive(one.raw, now=0.0)
    due = link.deadline()
    heard += [] if due is None else link.on_deadline(now=due)
    verdict = Verdict.ACK if one.response == "ACK" else Verdict.DUH
    for each in heard:
        link.answer(each, verdict, utc=datetime.now(UTC))
    return link.data_to_send()
