"""Frames from parts: what a receiver sends, built from the declarations that read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from construct import ConstructError

from protocols._core import Part
from protocols.mx8000 import frame
from protocols.mx8000.fields import v_byte
from protocols.mx8000.meaning import SIA_AE, SIA_SK
from protocols.receiver_link import CallerId, CallingName, Internal, PulseEvent
from protocols.sia_dc03 import SiaBlock, SiaEvent

MAX_BYTES: Final = {"ae8000": 128, "sk9000": 70}
"""A longer call goes on in the next frame."""


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """How a receiver is programmed to send."""

    kind: str = "ae8000"
    receiver: str = "01"
    line: str = "01"
    """Two digits in AE8000, one in SK9000."""
    date: str = "112026"
    """MMDDYY."""
    time: str = "091502"
    """HHMMSS; SK9000 leaves the seconds out."""
    format: str = ""
    """Empty: the one whose events are SIA codes."""
    heartbeat: bytes = b""
    """For SK9000, whose manual shows none: the bytes that the site named."""


def frame_of(parts: Sequence[Part], output: Output, *, account: str, reference: int) -> bytes:
    """Write one frame: a call with all of its events, or a system message.

    Raises:
        ValueError: The parts do not fit the frame; says which field.
    """
    own = parts[0]
    if isinstance(own, Internal):
        said = {"code": bytes.fromhex(own.code), "argument": own.number}
        return packet("system", said, output, reference)
    marks = [_event(part) for part in parts]
    listen = next((part for part in parts if isinstance(part, SiaBlock)), None)
    fields: dict[str, Any] = {
        "format": output.format or (SIA_AE if output.kind == "ae8000" else SIA_SK),
        "account": account,
        "events": [mark for mark in marks if mark],
        "listen_in": None if listen is None else "*" + listen.data,
        "more": None,
        "number": _said(parts, CallerId, "number"),
        "name": _said(parts, CallingName, "name"),
    }
    return packet("call", fields, output, reference)


def heartbeat(output: Output) -> bytes:
    """Write a heartbeat; its reference is 0000."""
    if output.kind == "sk9000":
        return output.heartbeat
    return packet("heartbeat", {"rest": ""}, output, 0)


def packet(layout: str, fields: dict[str, Any], output: Output, reference: int) -> bytes:
    """Build a layout and put its check byte in."""
    values = {
        "date": output.date,
        "time": output.time if output.kind == "ae8000" else output.time[:4],
        "receiver": output.receiver,
        "line": output.line,
        "reference": f"{reference:04d}",
        "vbyte": 0x40,
        **fields,
    }
    try:
        body: bytes = frame.frames(output.kind)[layout].build(values)[:-2]
    except (ConstructError, KeyError) as error:
        message = f"no {layout} frame of {output.kind} can be built of {values}: {error}"
        raise ValueError(message) from error
    return body + bytes((v_byte(body),)) + frame.CR


def _said(parts: Sequence[Part], kind: type[Part], name: str) -> str | None:
    return next((getattr(part, name) for part in parts if isinstance(part, kind)), None)


def _event(part: Part) -> str:
    if isinstance(part, SiaEvent):
        packets = [pair + value for pair, value in part.modifiers]
        return "".join(f'"{each}' for each in (*packets, part.code + part.address))
    if isinstance(part, PulseEvent):
        return f'"{part.event_code}'
    if isinstance(part, CallerId | CallingName | SiaBlock):
        return ""
    message = f"{type(part).__name__} has no frame"
    raise ValueError(message)
