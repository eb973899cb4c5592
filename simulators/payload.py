"""A happening in the words of a payload format: the parts that a message carries."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from protocols._core import Part
from protocols.contact_id import ContactId
from protocols.sia_dc03 import SiaEvent
from simulators.scenarios import Happening

Format: TypeAlias = Literal["cid", "sia"]


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """What one message says, ready for a codec, and what its event will show of it."""

    parts: tuple[Part, ...]
    format: str
    """``"contact-id"`` or ``"sia-dc03"``."""
    code: str
    qualifier: str
    area: str
    address: str
    meaning: str
    text: str | None = None


def content(happening: Happening, format_: Format, *, account: str) -> Content:
    """Say a happening in Contact ID or in SIA."""
    if format_ == "cid":
        return _contact_id(happening, account)
    return _sia(happening, account)


def _contact_id(happening: Happening, account: str) -> Content:
    meaning = happening.meaning
    part = ContactId(
        raw=b"",
        qualifier=meaning.qualifier,
        event=meaning.event,
        group=f"{happening.area:02d}",
        zone=f"{happening.address:03d}",
        account=account,
    )
    return Content(
        parts=(part,),
        format="contact-id",
        code=part.event,
        qualifier=part.qualifier,
        area=part.group,
        address=part.zone,
        meaning=happening.name,
        text=happening.text,
    )


def _sia(happening: Happening, account: str) -> Content:
    meaning = happening.meaning
    address = f"{happening.address:03d}" if happening.address else ""
    modifiers = [("ri", str(happening.area))] if happening.area else []
    if meaning.sia_id and address:
        modifiers.append(("id", str(happening.address)))
    part = SiaEvent(
        raw=b"",
        block="N",
        code=meaning.sia,
        address="" if meaning.sia_id else address,
        modifiers=tuple(modifiers),
        text=happening.text,
        account=account,
    )
    return Content(
        parts=(part,),
        format="sia-dc03",
        code=part.code,
        qualifier="",
        area=str(happening.area or ""),
        address=address,
        meaning=happening.name,
        text=happening.text,
    )
