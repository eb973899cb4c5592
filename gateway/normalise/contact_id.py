"""What a Contact ID event means: (qualifier, code) in the tables, group and zone in the account."""

from __future__ import annotations

from gateway.accounts import Account
from gateway.contract.event import Address
from gateway.normalise.meaning import Meaning
from gateway.normalise.templates import ContactIdTemplates, meaning_of
from protocols.contact_id.message import ContactId

NOT_APPLICABLE = frozenset(("", "0", "00", "000", "0000"))
"""An address of zeros means that there is none, never zone 0 (DC-05, DC-03)."""


def meaning(part: ContactId, account: Account, templates: ContactIdTemplates) -> Meaning:
    """Return the meaning of one Contact ID event. Never raises; unknown codes stay visible."""
    template = templates[part.qualifier + part.event]
    group = part.group
    number: str | None = part.zone
    if number in NOT_APPLICABLE:
        number = None
    kind = template.address_type
    area, zone = account.place(
        number if kind == "zone" else None, None if group in NOT_APPLICABLE else group
    )
    user = address = None
    if kind != "zone" and number is not None:
        if kind == "user":
            user = account.user(number)
        elif kind != "none":
            address = Address(type=kind, id=number)
    return meaning_of(template, account, area=area, zone=zone, user=user, address=address)
