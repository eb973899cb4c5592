"""From a frame's fields to what it says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from protocols._core import Part
from protocols.iti.layouts import EventFrame, RecordFrame, TestFrame
from protocols.receiver_link import Internal, ItiFields, PulseEvent

TEST: Final = "IT"
LOG: Final = "L"

SYSTEM: Final = "I"
LINE: Final = "L"
ACCOUNT: Final = "A"
PANEL: Final = "V"
REFERENCE: Final = "N"
ZONE: Final = "Z"
CONDITION: Final = "C"


def values(fields: RecordFrame) -> Mapping[str, str]:
    """Return a record's fields by their letter; of a repeated one the first counts."""
    found: dict[str, str] = {}
    for each in fields.fields:
        found.setdefault(each[1], each[2:])
    return found


def event(fields: EventFrame, raw: bytes) -> tuple[str, Part]:
    """Read an event of the generic form: its account and what it says."""
    part = PulseEvent(
        raw=raw,
        format="iti",
        event_code=fields.condition,
        group=fields.group,
        zone=fields.zone,
        iti=ItiFields(attribute=ord(fields.attribute), user=fields.user),
    )
    return fields.account_high + fields.account, part


def record(said: Mapping[str, str], raw: bytes) -> Part:
    """Read a report of the computer form."""
    return PulseEvent(
        raw=raw, format="iti", event_code=said.get(CONDITION, ""), zone=said.get(ZONE, "")
    )


def test(fields: TestFrame, raw: bytes) -> Part:
    """Read the test record of the generic form."""
    return Internal(raw=raw, code=TEST, number=fields.number)


def own(fields: RecordFrame, raw: bytes) -> Part:
    """Read a log or test record of the computer form: the receiver about itself."""
    code = TEST if fields.type == "T" else LOG
    text = " ".join(each[1:] for each in fields.fields)
    return Internal(raw=raw, code=code, number="", text=text)
