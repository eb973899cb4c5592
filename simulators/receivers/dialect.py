"""What a dialect of receivers or panels is, for whoever plays one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from protocols._core import Answer
from protocols.receiver_link import Connection, PulseEvent
from simulators.payload import Content
from simulators.scenarios import DialledCode, Happening, dialled_codes
from simulators.scenarios.dialled import Spelling

if TYPE_CHECKING:
    from simulators.receivers.settings import ReceiverSettings

Say: TypeAlias = Callable[[Happening, str], Content]
"""Says a happening for an account; ``UnsayableError`` where the format has no word for it."""


class UnsayableError(ValueError):
    """A format has no word for what happened, e.g. for a cancel in the state of a channel."""


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How one receiver speaks."""

    protocol: str
    """Registry name of what reads it."""
    connect: Callable[[ReceiverSettings], Connection[Answer]]
    ids: Mapping[str, Say]
    """What it can say a happening as; the first is the default."""
    receiver: str
    """Its default number."""
    lines: tuple[str, ...]
    """Default lines; two where it has lines, so that equal events in a row are told apart."""
    options: Mapping[str, object] = field(default_factory=dict)
    """What the gateway's input has to be set to."""
    speaker: Literal["receiver", "panel"] = "receiver"
    """Who speaks so: a receiver, or a panel (or a communicator) without one."""
    about: str = ""
    """What it is, for people."""
    spelling: Spelling = "character"
    """How it writes a code that the installer chose."""
    piece: Callable[[bytes], str] | None = None
    """``piece(unit)``: what a unit of either side is that is no whole message or no bare answer;
    empty where it is."""
    broken_at: int = -2
    """Where a fault puts a ``?``, from the end: a byte of the body that may not be one."""


def dialled(happening: Happening) -> DialledCode:
    """What a happening is as a code that the installer chose."""
    return dialled_codes()[happening.meaning.pulse]


def coded(happening: Happening, format_: str, zone: str, *, code: str = "") -> Content:
    """Say a happening as a code and a number."""
    part = PulseEvent(
        raw=b"", format=format_, event_code=code or happening.meaning.pulse, zone=zone
    )
    return Content(
        parts=(part,),
        format=format_,
        code=part.event_code,
        qualifier="",
        area="",
        address=zone,
        meaning=happening.name,
    )


def units(side: Any, data: bytes) -> tuple[list[bytes], bytes]:
    """Split what came back into answers, and what is left of one that is not whole."""
    found: list[bytes] = []
    while data:
        end: bytes = getattr(side, "answer_end", b"")
        size = data.find(end) + len(end) if end and end in data else 0
        if not end:
            size = int(side.answer_bytes)
        if not size or size > len(data):
            break
        found.append(data[:size])
        data = data[size:]
        if not getattr(side, "is_ready", True):
            break  # the first unit is a key, and decides how the next ones are split
    return found, data
