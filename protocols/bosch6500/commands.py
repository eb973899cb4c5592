"""What the computer may ask of a receiver: time, date, the end of listening in.

Only where menu 2.2.4 of the receiver is 1; else it answers with a text (type 3) that it
rejects the command. The gateway itself sends none.
"""

from __future__ import annotations

from typing import Any

import msgspec
from construct import ConstructError

from protocols._core.recogniser import Recogniser
from protocols.bosch6500 import frame


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """One command."""

    name: str
    """``set-time``, ``set-date``, ``stop-listen`` or ``switch-line``."""
    value: str | None = None
    """``hhmm`` or ``mmddyy``."""
    line: str | None = None
    """One digit on a D6500, ``01`` to ``32`` on a D6600."""


class _Value(msgspec.Struct):
    value: str


class _Line(msgspec.Struct):
    line: str


def _recognisers(declared: Any) -> dict[str, Recogniser[Any]]:
    return {
        name: Recogniser(form, _Line if "line" in name or "listen" in name else _Value)
        for name, form in declared.items()
    }


_D6500 = _recognisers(frame.COMMANDS)
_SIA = _recognisers(frame.SIA_COMMANDS)


def parse_command(data: bytes, *, sia: bool = False) -> Command | None:
    """Read a command; with ``sia`` what stands in the brackets. None when it is none."""
    for name, form in (_SIA if sia else _D6500).items():
        read = form.fullmatch(data)
        if read is not None:
            return Command(
                name=name, value=getattr(read, "value", None), line=getattr(read, "line", None)
            )
    return None


def build_command(command: Command, *, sia: bool = False) -> bytes:
    """Write a command; with ``sia`` what stands in the brackets of a frame.

    Raises:
        ValueError: There is no such command, or its value has another shape.
    """
    declared = frame.SIA_COMMANDS if sia else frame.COMMANDS
    form = declared.get(command.name)
    if form is None:
        message = f"command {command.name!r} seen; expected one of {sorted(declared)}"
        raise ValueError(message)
    try:
        written: bytes = form.build({"value": command.value, "line": command.line})
    except ConstructError as error:
        message = f"{command} has no such form: {error}"
        raise ValueError(message) from error
    return written
