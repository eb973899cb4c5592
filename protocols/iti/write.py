"""Frames from parts: what a receiver sends, built from the declarations that read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from construct import ConstructError

from protocols._core import Part
from protocols.iti import frame
from protocols.receiver_link import ItiFields, PulseEvent

_ATTRIBUTE: Final = 0x60
"""SX-V panel: the attribute of a part that has none."""
_ACCOUNT: Final = 4


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """How a receiver is programmed to send."""

    output: str = "generic"
    receiver: str = "1"
    line: str = "1"
    panel: str = "55600"
    """Panel and revision, field V."""
    date: str = "1120"
    time: str = "0915"
    check: str = "0000"
    """What stands in the place of the check value, whose rule is not known."""


def frame_of(
    parts: Sequence[Part], output: Output, *, account: str, reference: int, letter: str
) -> bytes:
    """Write one frame.

    Raises:
        ValueError: The parts do not fit a frame; says which field.
    """
    part = parts[0]
    if len(parts) != 1 or not isinstance(part, PulseEvent):
        message = f"{type(part).__name__} has no frame; an ITI event is one condition"
        raise ValueError(message)
    if output.output == "computer":
        return _report(part, output, account=account, reference=reference, letter=letter)
    iti = part.iti or ItiFields(attribute=_ATTRIBUTE, user="0")
    return _built("event", output, {
        "receiver": output.receiver, "line": output.line,
        "account_high": account[:-_ACCOUNT] or "0", "attribute": chr(iti.attribute),
        "account": account[-_ACCOUNT:], "group": part.group or "0", "user": iti.user,
        "zone": part.zone.rjust(2, "0"), "condition": part.event_code,
    })  # fmt: skip


def heartbeat(output: Output, *, letter: str) -> bytes:
    """Write a heartbeat."""
    if output.output == "generic":
        return _built("heartbeat", output, {"receiver": "0", "line": "0", "blank": None})
    fields = [f"|IA{output.receiver}", f"|D26{output.date}", f"|T{output.time}02"]
    return _record("S", fields, output, letter)


def _report(
    part: PulseEvent, output: Output, *, account: str, reference: int, letter: str
) -> bytes:
    fields = [
        f"|IA{output.receiver}", f"|L{output.line}", f"|A{account}", f"|V{output.panel}",
        f"|D{output.date}", f"|T{output.time}", f"|N{reference:04d}", f"|Z{part.zone}",
        f"|C{part.event_code}",
    ]  # fmt: skip
    return _record("R", fields, output, letter)


def _record(kind: str, fields: list[str], output: Output, letter: str) -> bytes:
    layout = {"R": "event", "S": "heartbeat"}[kind]
    said = {"type": kind, "fields": fields, "sequence": letter, "check": output.check}
    return _built(layout, output, said)


def _built(layout: str, output: Output, values: dict[str, Any]) -> bytes:
    try:
        written: bytes = frame.frames(output.output)[layout].build(values)
    except ConstructError as error:
        message = f"no {layout} frame can be built of {values}: {error}"
        raise ValueError(message) from error
    return written
