"""A happening in the words of a Sur-Gard protocol id."""

from __future__ import annotations

import msgspec

from protocols.receiver_link import PulseEvent
from simulators.payload import Content, content
from simulators.scenarios import Happening

PULSE_FORMAT = "surgard-4/3"


def message(happening: Happening, protocol_id: str, *, account: str) -> Content:
    """Say a happening under a protocol id.

    5 is Contact ID (Q when the account has more than four digits), S and 3 are SIA, 1 pulse.
    """
    match protocol_id:
        case "5":
            return content(happening, "cid", account=account)
        case "S":
            return content(happening, "sia", account=account)
        case "3":
            return _one_code(happening, account)
        case _:
            return _pulse(happening)


def _one_code(happening: Happening, account: str) -> Content:
    # Id 3 has room for one code and its number: area, text and id modifier stay behind.
    plain = msgspec.structs.replace(
        happening,
        meaning=happening.meaning.model_copy(update={"sia_id": False}),
        area=0,
        text=None,
    )
    return content(plain, "sia", account=account)


def _pulse(happening: Happening) -> Content:
    area = f"{happening.area:X}" if happening.area else ""
    zone = str(happening.address) if happening.address else ""
    part = PulseEvent(
        raw=b"",
        format=PULSE_FORMAT,
        event_code=happening.meaning.pulse,
        group=area or None,
        zone=zone,
    )
    return Content(
        parts=(part,),
        format=PULSE_FORMAT,
        code=part.event_code,
        qualifier="",
        area=area,
        address=zone,
        meaning=happening.name,
    )
