"""Frames from parts: what a receiver sends, built from the declarations that read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from construct import ConstructError

from protocols._core import Part
from protocols.contact_id import ContactId
from protocols.sia_dc03 import SiaBlock, SiaEvent, SiaText, build_sia_dcs
from protocols.surgard import frame, written
from protocols.surgard.frame import Header
from protocols.surgard.message import Internal, Modifier, PulseEvent, TwoWayAudio

_LETTERS: Final = {"1": "E", "3": "R", "6": "P"}
_CONTACT_ID_ACCOUNT: Final = 4
_PAIR: Final = 2


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """How a receiver is programmed to send."""

    header: Header = "RRL"
    receiver: str = "01"
    line: str = "1"
    """One character, or three with RRLLL."""
    b32: bool = False
    terminator: str = "\x14"
    """Empty for none."""
    clock: str | None = None
    """``HH:MM:SS-dd/mm`` where the clock option is on."""
    internal_account: str = "0000"


def frame_of(parts: Sequence[Part], output: Output, *, account: str, token: str = "") -> bytes:
    """Write one frame: several parts only where all of them are SIA data (id S).

    ``token`` asks for an id where a part can go under more than one: ``3`` for a SIA event.

    Raises:
        ValueError: The parts do not fit the frame; says which field.
    """
    layout, fields = _fields(parts, output, account, token)
    return packet(layout, fields, output)


def heartbeat(output: Output) -> bytes:
    """Write a heartbeat: on RRLLL the line is the central processor's, 000."""
    line = "000" if output.header == "RRLLL" else output.line
    return packet("heartbeat", {"token": "1", "line": line}, output)


def packet(layout: str, fields: dict[str, Any], output: Output) -> bytes:
    """Build a layout of ``frame.py`` with the programmed header, tail and prefix."""
    values = {
        "receiver": output.receiver,
        "line": output.line,
        "clock": output.clock,
        "terminator": output.terminator or None,
        **fields,
    }
    try:
        body: bytes = frame.frames(output.header)[layout].build(values)
    except ConstructError as error:
        message = f"no {layout} frame can be built of {values}: {error}"
        raise ValueError(message) from error
    if not output.b32:
        return body
    return bytes(frame.B32.build({"length": len(body) + frame.B32_BYTES})) + body


def _fields(
    parts: Sequence[Part], output: Output, account: str, token: str
) -> tuple[str, dict[str, Any]]:
    part = parts[0]
    if isinstance(part, SiaEvent) and token == "3":  # noqa: S105  (a protocol id)
        return _one("3", account, part.code, part.address)
    if all(isinstance(each, SiaEvent | SiaText | SiaBlock) for each in parts):
        return _sia("S", account, parts)
    if all(isinstance(each, PulseEvent) and each.format == "surtec" for each in parts):
        return written.surtec(parts, account)
    if len(parts) > 1:
        message = f"{len(parts)} parts in one frame: only SIA data and Surtec can be packed"
        raise ValueError(message)
    if isinstance(part, Internal):
        return _internal(part, output)
    if isinstance(part, TwoWayAudio):
        return _pulse(output.internal_account, part.event_code, None, part.audio_line)
    return _panel(part, account, token)


def _panel(part: Part, account: str, token: str) -> tuple[str, dict[str, Any]]:
    """Write what a panel said, one part."""
    if isinstance(part, ContactId):
        return _contact_id(part, account)
    if isinstance(part, Modifier):
        return _one("3", account, part.name, part.value)
    if isinstance(part, PulseEvent):
        write = written.PULSE.get(part.format)
        return _pulse_event(part, account, token) if write is None else write(part, account)
    other = written.OTHERS.get(type(part))
    if other is not None:
        return other(part, account)
    message = f"{type(part).__name__} has no frame"
    raise ValueError(message)


def _one(token: str, account: str, code: str, address: str) -> tuple[str, dict[str, Any]]:
    fields = {"token": token, "account": account, "code": code, "address": address.rjust(4)}
    return "sia-protocol-1", fields


def _sia(token: str, account: str, parts: Sequence[Part]) -> tuple[str, dict[str, Any]]:
    _, _, blocks = build_sia_dcs(account, parts).partition(b"|")
    return "sia", {"token": token, "content": {"account": account, "blocks": blocks}}


def _contact_id(part: ContactId, account: str) -> tuple[str, dict[str, Any]]:
    is_long = len(account) > _CONTACT_ID_ACCOUNT
    fields = {
        "token": "Q" if is_long else "5",
        "message_type": "58" if is_long else "18",
        "account": account,
        "qualifier": part.qualifier_sent or _LETTERS.get(part.qualifier, part.qualifier),
        "event": part.event,
        "group": part.group,
        "zone": part.zone,
    }
    return "contact-id-10" if is_long else "contact-id", fields


def _internal(part: Internal, output: Output) -> tuple[str, dict[str, Any]]:
    account = output.internal_account
    if len(part.code) != _PAIR:
        return _pulse(account, part.code, None, part.number)
    area = () if part.area is None else (("ri", part.area),)
    event = SiaEvent(
        raw=b"", block="N", code=part.code, address=part.number, modifiers=area, text=part.text
    )
    return _sia("0", account, [event])


def _pulse(account: str, code: str, group: str | None, zone: str) -> tuple[str, dict[str, Any]]:
    fields = {"token": "1", "account": account, "code": code, "group": group or " ", "zone": zone}
    return "pulse", fields


def _pulse_event(part: PulseEvent, account: str, token: str) -> tuple[str, dict[str, Any]]:
    if part.format == "modem-ii" and token == "6":  # noqa: S105  (a protocol id)
        return written.modem_ii(part, account)
    if part.iti is not None:
        is_own = token == "I"  # noqa: S105  (a protocol id)
        return "iti-own" if is_own else "iti", {
            "token": "I" if is_own else "1",
            "account_high": account[:-4] or "0",
            "attribute": chr(part.iti.attribute),
            "account": account[-4:],
            "group": part.group,
            "user": part.iti.user,
            "zone": part.zone,
            "condition": part.event_code,
            "was_level": part.iti.was_level,
            "now_level": part.iti.now_level,
        }
    if part.format == "pima-2char":
        return _pulse(account, " ", None, part.event_code)
    if len(part.event_code) == _PAIR:
        fields = {"token": "1", "account": account, "code": part.event_code, "zone": part.zone}
        return "pulse-two", fields
    return _pulse(account, part.event_code, part.group, part.zone)
