"""What a SIA DC-03 event or block means: its code in the tables, its address and modifiers.

The rules are those of the data grammar: ``id`` wins over an address that is a user, ``ri``
over an address that is an area, zeros mean "not applicable", letters in an address make it
base 16 whatever the account says.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from gateway.accounts import Account
from gateway.contract.event import Address, Code
from gateway.normalise import occurrence
from gateway.normalise.carrier import TIME_UNREADABLE
from gateway.normalise.contact_id import NOT_APPLICABLE
from gateway.normalise.meaning import Meaning
from gateway.normalise.tables import Severity, SiaRow
from gateway.normalise.templates import SIA, SiaTemplates, Template, build, meaning_of
from protocols.sia_dc03.message import SiaBlock, SiaEvent

_HEX_DIGITS: Final = frozenset("0123456789ABCDEF")
_MAX_SECONDS_DIGITS: Final = 5

_BLOCKS: Final[dict[str, SiaRow]] = {
    "L": SiaRow(category="listen_in", name="Listen-in follows", kind="info", follow_on="audio"),
    "V": SiaRow(category="listen_in", name="V-channel request", kind="info", follow_on="video"),
    "v": SiaRow(category="listen_in", name="V-channel frame", kind="info", follow_on="video"),
    "I": SiaRow(category="listen_in", name="Video", kind="info", follow_on="video"),
}
_OTHER_BLOCKS: Final[dict[str, str]] = {
    "C": "Control block",
    "E": "Environmental block",
    "P": "Program block",
    "X": "Extended block",
    "@": "Configuration block",
    "?": "Remote login block",
    "&": "Origin block",
    "0": "End of data block",
    "1": "Wait block",
    "2": "Abort block",
    "6": "Acknowledge and standby block",
    "7": "Acknowledge and disconnect block",
    "8": "Acknowledge block",
    "9": "Reject block",
}


class Fields(msgspec.Struct, kw_only=True):
    """The modifiers of one event, zeros left out."""

    ri: str | None = None
    id: str | None = None
    pi: str | None = None
    ti: str | None = None
    da: str | None = None
    ri_text: str | None = None
    id_text: str | None = None


def _fields(modifiers: tuple[tuple[str, str], ...]) -> Fields:
    fields = Fields()
    for name, value in modifiers:
        if name in ("ri", "id", "pi"):
            setattr(fields, name, None if value in NOT_APPLICABLE else value)
        elif name in ("ti", "da", "ri_text", "id_text"):
            setattr(fields, name, value)
    return fields


def number(address: str, base: int) -> str | None:
    """Return an address as the account numbers it; None when it is not applicable.

    Decimal ones stay as sent. Base 16 and addresses with the letters A to F (which no decimal
    one can have) are told as the decimal number.
    """
    if address in NOT_APPLICABLE:
        return None
    if (base == 16 or not address.isdecimal()) and _HEX_DIGITS.issuperset(address):  # noqa: PLR2004 - number base
        return str(int(address, 16))
    return address


def meaning(
    part: SiaEvent, account: Account, templates: SiaTemplates, received: datetime
) -> Meaning:
    """Return the meaning of one event of an N or O block. Never raises."""
    template = templates[part.block + part.code]
    rest = account.rest
    modifiers = part.modifiers
    if part.trailing is not None and rest.modifiers_trail:
        modifiers = part.trailing
    address = number(part.address, rest.address_base) if part.address else None
    if not modifiers:
        return _assembled(part, account, template, address, _NO_FIELDS)
    fields = _fields(modifiers)
    found = _assembled(part, account, template, address, fields)
    if fields.ti is None and fields.da is None and not fields.ri_text and not fields.id_text:
        return found
    return _completed(found, fields, rest.time_zone, received)


_NO_FIELDS: Final = Fields()


def _assembled(
    part: SiaEvent, account: Account, template: Template, number_: str | None, fields: Fields
) -> Meaning:
    area_id, user_id, zone_id = fields.ri, fields.id, None
    address = None
    kind = template.address_type
    if number_ is not None:
        if kind == "zone":
            zone_id = number_
        elif kind == "user":
            user_id = user_id or number_
        elif kind == "area":
            area_id = area_id or number_
        elif kind != "none":
            address = Address(type=kind, id=number_)
    if address is None and fields.pi is not None:
        address = Address(type="device", id=fields.pi)
    area, zone = account.place(zone_id, area_id)
    return meaning_of(
        template,
        account,
        area=area,
        zone=zone,
        user=None if user_id is None else account.user(user_id),
        address=address,
        text=part.text,
    )


def _completed(found: Meaning, fields: Fields, time_zone: str, received: datetime) -> Meaning:
    """Add the time, and the names that the panel sent where the station has none."""
    area, user, flags, occurred_at = found.area, found.user, found.flags, found.occurred_at
    if fields.ti is not None or fields.da is not None:
        occurred_at = occurrence.from_modifiers(
            fields.ti, fields.da, time_zone=time_zone, received=received
        )
        if occurred_at is None:
            flags = (*flags, TIME_UNREADABLE)
    if fields.ri_text and area.id is not None and area.name is None:
        area = msgspec.structs.replace(area, name=fields.ri_text.strip() or None)
    if fields.id_text and user is not None and user.name is None:
        user = msgspec.structs.replace(user, name=fields.id_text.strip() or None)
    return msgspec.structs.replace(
        found, area=area, user=user, flags=flags, occurred_at=occurred_at
    )


def block_meaning(part: SiaBlock, account: Account, severity: Severity) -> Meaning:
    """Return the meaning of a block that is no event: listen-in and video follow, or its text."""
    function = part.function
    row = _BLOCKS.get(function)
    known = row is not None
    if row is None:
        name = _OTHER_BLOCKS.get(function, "Block of an unknown function")
        row = SiaRow(category="information", name=name, kind="info")
    code = Code(format=SIA, value=function, qualifier=None, name=row.name, known=known)
    seconds = None
    if function == "L" and part.data.isascii() and part.data.isdecimal():
        seconds = int(part.data[:_MAX_SECONDS_DIGITS])
    template = build(row, row.kind, code, new=None, severity=severity, seconds=seconds)
    area, _ = account.place(None, None)
    text = None if seconds is not None else part.data or None
    return meaning_of(template, account, area=area, text=text)
