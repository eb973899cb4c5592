"""A Contact ID message as dialled (sixteen DTMF digits), told digit by digit."""

from __future__ import annotations

from typing import Final

from gateway.cli._decode import words
from gateway.cli._decode.pieces import said
from gateway.cli._decode.source import dialled
from gateway.cli._decode.station import Station
from gateway.cli._decode.told import Answer, Broken, Field, Told
from gateway.normalise import Meaning
from protocols._core import Part
from protocols.contact_id import ContactId, checksum, parse_dtmf

_CLAUSE: Final = "DC-05"
_DIGITS: Final = b"0123456789BCDEF"
_COUNT: Final = 16
_LAYOUT: Final = (
    ("account", 4),
    ("message type", 2),
    ("qualifier", 1),
    ("event", 3),
    ("group", 2),
    ("zone", 3),
    ("check digit", 1),
)


def tell(raw: bytes, station: Station) -> list[Told]:
    """Tell one message of sixteen digits."""
    digits = dialled(raw)
    part = parse_dtmf(digits)
    broken = None if isinstance(part, ContactId) else _broken(digits, part.reason)
    account = digits[:4].decode("latin-1")
    events = station.named("contact-id", account, (part,)) if broken is None else ()
    return [
        Told(
            protocol="contact-id",
            title="Contact ID as dialled (DTMF)",
            raw=digits,
            status="decoded" if broken is None else "broken",
            account=account,
            broken=broken,
            fields=_fields(digits, broken),
            says=said(*_named(part, digits, events, station)),
            events=events,
            answer=_answer(broken),
        )
    ]


def _named(
    part: Part, digits: bytes, events: tuple[Meaning, ...], station: Station
) -> tuple[tuple[Part, ...], tuple[Meaning, ...]]:
    """Return the part, or where only the check digit is wrong what it would be with the right."""
    if not isinstance(part, ContactId) and len(digits) == _COUNT and _is_dialled(digits):
        righted = parse_dtmf(digits[:-1] + checksum(digits[:-1]))
        if isinstance(righted, ContactId):
            return (righted,), station.named("contact-id", righted.account, (righted,))
    return (part,), events


def _is_dialled(digits: bytes) -> bool:
    return all(digit in _DIGITS for digit in digits)


def _fields(digits: bytes, broken: Broken | None) -> tuple[Field, ...]:
    fields: list[Field] = []
    at = 0
    for name, width in _LAYOUT:
        sent = digits[at : at + width]
        if not sent:
            break
        fields.append(_field(at, sent, name, _meaning(name, sent), broken))
        at += width
    if at < len(digits):
        fields.append(_field(at, digits[at:], "rest", "more digits than a message has", broken))
    return tuple(fields)


def _field(at: int, sent: bytes, name: str, meaning: str, broken: Broken | None) -> Field:
    is_wrong = broken is not None and at <= broken.offset < at + len(sent)
    return Field(offset=at, raw=sent, name=name, meaning=meaning, clause=_CLAUSE, is_wrong=is_wrong)


def _meaning(name: str, sent: bytes) -> str:
    text = sent.decode("latin-1")
    if name == "message type":
        return {"18": "Contact ID", "98": "Contact ID, the optional form"}.get(text, "not read")
    if name == "qualifier":
        return words.QUALIFIERS.get(text, "not a qualifier")
    if name == "group" and text == "00":
        return "no area"
    if name == "zone" and text == "000":
        return "no zone or user"
    if name == "check digit":
        return "makes the sum of all digits a multiple of 15 (0 counts 10)"
    return {"zone": "zone or user", "group": "area (group)", "event": "event code"}.get(name, name)


def _broken(digits: bytes, reason: str) -> Broken:
    offset = next((at for at, digit in enumerate(digits) if digit not in _DIGITS), None)
    if offset is None and len(digits) != _COUNT:
        offset = min(len(digits), _COUNT)
        reason = f"{len(digits)} digits seen; expected {_COUNT}"
    elif offset is not None:
        reason = f"{chr(digits[offset])!r} seen; expected a digit 0-9 or B-F"
    else:
        wrong = {4: digits[4:6] not in (b"18", b"98"), 6: digits[6:7] not in b"136"}
        offset = next((at for at, is_wrong in wrong.items() if is_wrong), _COUNT - 1)
        if offset == 4:  # noqa: PLR2004 - where the message type stands
            reason = f"message type {digits[4:6].decode()} seen; expected 18 or 98"
        elif offset != _COUNT - 1:
            reason = f"qualifier {digits[6:7].decode()} seen; expected 1, 3 or 6"
        else:
            right = checksum(digits[:-1]).decode()
            reason = f"check digit {digits[-1:].decode()} seen; expected {right}"
    rule = "checksum_wrong" if offset == _COUNT - 1 else "message_unreadable"
    return Broken(rule=rule, reason=reason, offset=offset, clause=_CLAUSE)


def _answer(broken: Broken | None) -> Answer:
    if broken is not None:
        return Answer(
            verdict="silence", why="no kissoff tone: the panel dials the message again, four times"
        )
    return Answer(
        verdict="kissoff tone",
        why="1400 Hz for 750 ms to 1 s, from the receiver that took the call",
    )
