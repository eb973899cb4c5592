"""What a part of a report says, piece by piece: codes by name, modifiers by meaning."""

from __future__ import annotations

from gateway.cli._decode import words
from gateway.cli._decode.told import Said
from gateway.normalise import Meaning
from protocols._core import Part, Unreadable
from protocols.contact_id import ContactId
from protocols.receiver_link import (
    CallerId,
    CallingName,
    Channels,
    Digits,
    Internal,
    Modifier,
    PulseEvent,
    TwoWayAudio,
)
from protocols.sia_dc03 import SiaBlock, SiaEvent, SiaText

_BLOCKS = {"N": "new event", "O": "old event: happened before"}


def said(parts: tuple[Part, ...], events: tuple[Meaning, ...]) -> tuple[Said, ...]:
    """Spell out the parts; ``events`` are their meanings, texts joined to the one before."""
    told: list[Said] = []
    at = -1
    for part in parts:
        if at < 0 or not isinstance(part, SiaText):
            at += 1
        meaning = events[at] if at < len(events) else None
        told.append(Said(part=part, words=tuple(_pieces(part, meaning))))
    return tuple(told)


def _name(meaning: Meaning | None) -> str:
    if meaning is None:
        return ""
    return meaning.code.name or ("" if meaning.code.known else "unknown code")


def _pieces(part: Part, meaning: Meaning | None) -> list[tuple[str, str]]:  # noqa: PLR0911 - one per kind of part
    match part:
        case ContactId():
            return _contact_id(part, meaning)
        case SiaEvent():
            return _sia(part, meaning)
        case SiaText():
            return [(part.text, "text of the event before it")]
        case SiaBlock():
            return [(part.function + part.data, _name(meaning))]
        case PulseEvent():
            group = [] if part.group is None else [(part.group, "area (group)")]
            code = (part.event_code, f"event code of {part.format}: {_name(meaning)}")
            return [code, *group, (part.zone, "zone, user or alarm code")]
        case Internal():
            return [(f"{part.code} {part.number}".strip(), _name(meaning))]
        case TwoWayAudio():
            return [(part.event_code, "two-way audio"), (part.audio_line, "on this line")]
        case Modifier():
            pair = words.MODIFIERS.get(part.name, "modifier")
            return [(part.name + part.value, f"{pair} {part.value} of the event that follows")]
        case Channels():
            status = [] if part.status is None else [(part.status, "what the call is about")]
            return [("".join(part.channels), f"channels of {part.format}"), *status]
        case _:
            return _other(part)


def _other(part: Part) -> list[tuple[str, str]]:
    match part:
        case CallerId():
            area = [] if part.area is None else [(part.area, "area code")]
            return [*area, (part.number, "number that the panel called from")]
        case CallingName():
            return [(part.name, "name of the caller")]
        case Digits():
            return [(part.digits, f"digits of {part.format}, not divided")]
        case Unreadable():
            return [(part.raw.decode("latin-1"), f"unreadable: {part.reason}")]
        case _:
            return [(part.raw.decode("latin-1"), "not read")]


def _contact_id(part: ContactId, meaning: Meaning | None) -> list[tuple[str, str]]:
    sent = part.qualifier_sent or part.qualifier
    who = "user" if meaning is not None and meaning.user is not None else "zone"
    return [
        (sent, words.QUALIFIERS.get(part.qualifier, "not a qualifier")),
        (part.event, _name(meaning)),
        (part.group, "no area" if not part.group.strip("0") else f"area {part.group}"),
        (part.zone, "no zone or user" if not part.zone.strip("0") else f"{who} {part.zone}"),
    ]


def _sia(part: SiaEvent, meaning: Meaning | None) -> list[tuple[str, str]]:
    pieces = [(part.block, _BLOCKS.get(part.block, "block"))]
    for name, value in part.modifiers:
        if name.endswith("_text"):
            pieces.append((f"^{value}^", f"name of the {words.MODIFIERS.get(name[:2], 'value')}"))
        else:
            pieces.append((name + value, f"{words.MODIFIERS.get(name, 'modifier')} {value}"))
    if part.code:
        pieces.append((part.code, _name(meaning)))
    if part.address:
        pieces.append((part.address, _address(part, meaning)))
    if part.units:
        pieces.append((f"*{part.units}", "units"))
    if part.text is not None:
        pieces.append((f"^{part.text}^", "text"))
    return pieces


def _address(part: SiaEvent, meaning: Meaning | None) -> str:
    if not part.address.strip("0"):
        return "no address"
    if meaning is None:
        return "address"
    if meaning.zone is not None:
        return f"zone {meaning.zone.id}"
    if meaning.address is not None:
        return f"{meaning.address.type} {meaning.address.id}"
    if meaning.user is not None and part.modifier("id") is None:
        return f"user {meaning.user.id}"
    return "address"
