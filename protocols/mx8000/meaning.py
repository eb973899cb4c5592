"""From a frame's fields to what it says."""

from __future__ import annotations

from typing import Final

import msgspec

from protocols._core import Part, Unreadable
from protocols.mx8000.frame import BAD
from protocols.mx8000.layouts import CallAe, CallSk, SystemAe, SystemSk
from protocols.receiver_link import CallerId, CallingName, Internal, PulseEvent
from protocols.sia_dc03 import SiaBlock, parse_sia_dcs

SYSTEM: Final = {
    "77": "AC lost",
    "78": "AC restored",
    "7B": "computer trouble",
    "7D": "computer trouble restored",
    "70": "line card trouble",
    "72": "line card trouble restored",
    "71": "phone line trouble",
    "73": "phone line trouble restored",
    "79": "battery trouble",
    "7A": "battery trouble restored",
    "7F": "operator log on",
    "7E": "operator log off",
}
"""What the receiver says of itself, by its code in hex; the same in both outputs."""

WITH_MODEL: Final = frozenset({"79", "7A"})
"""Their argument is the model of the unit whose battery it is."""

SIA_AE: Final = "004"
SIA_SK: Final = "5"
"""Format whose events are SIA codes: AE8000 by its list, SK9000 by the one printed example."""


class Said(msgspec.Struct):
    """What a frame says, before it becomes a report."""

    account: str | None
    parts: tuple[Part, ...]
    internal: bool = False
    quirks: tuple[str, ...] = ()


def call_ae(fields: CallAe, raw: bytes, sia: str) -> Said:
    """AE8000 call: its events, who called, and whether to listen in."""
    parts = _events(fields, f"ae8000-{fields.format}", sia)
    if fields.number is not None:
        parts.append(CallerId(raw=raw, number=fields.number))
    if fields.name is not None:
        parts.append(CallingName(raw=raw, name=fields.name))
    if fields.listen_in is not None:
        parts.append(_listen_in(fields.listen_in))
    return Said(fields.account, tuple(parts), quirks=_quirks(fields))


def call_sk(fields: CallSk, raw: bytes, sia: str) -> Said:
    """SK9000 call."""
    del raw
    parts = _events(fields, f"sk9000-{fields.format}", sia)
    if fields.listen_in is not None:
        parts.append(_listen_in(fields.listen_in))
    return Said(fields.account, tuple(parts), quirks=_quirks(fields))


def system(fields: SystemAe | SystemSk, raw: bytes) -> Said:
    """Either output: the receiver about itself."""
    code = fields.code.hex().upper()
    own = Internal(raw=raw, code=code, number=fields.argument, meaning=SYSTEM.get(code))
    return Said(None, (own,), internal=True)


def texts(events: tuple[str, ...]) -> list[str]:
    """Return the events without the marks before them."""
    return [each[1:] for each in events]


def _events(fields: CallAe | CallSk, name: str, sia: str) -> list[Part]:
    parts: list[Part] = []
    is_sia = fields.format in sia.split()
    for each in fields.events:
        mark, text = each[0], each[1:]
        raw = text.encode("latin-1")
        if mark == BAD:
            reason = f"{text!r} marked by the receiver as bad data"
            parts.append(Unreadable(raw=raw, format=name, reason=reason))
        elif not is_sia:
            parts.append(PulseEvent(raw=raw, format=name, event_code=text))
    if is_sia:
        good = [each[1:] for each in fields.events if each[0] != BAD]
        account = f"#{fields.account}|" if fields.account is not None else ""
        if good:
            block = f"{account}N{'/'.join(good)}".encode("latin-1")
            parts = [*parse_sia_dcs(block)[1], *parts]
    return parts


def _listen_in(sent: str) -> SiaBlock:
    """Say it as DC-03 does: the digits are seconds."""
    return SiaBlock(raw=sent.encode("latin-1"), function="L", data=sent[1:])


def _quirks(fields: CallAe | CallSk) -> tuple[str, ...]:
    return () if fields.more is None else ("call_continues",)
