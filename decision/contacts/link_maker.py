"""Makes the address that is sent to a contact."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from decision.contacts.link import VALID_FOR, sign
from decision.contacts.link_key import LinkKey
from decision.contacts.page import link_url


class IncidentLink(msgspec.Struct, frozen=True, kw_only=True):
    """One link as it was made."""

    url: str
    expires: datetime


class LinkMaker:
    """Links of one station: its key, its public address, how long they are good for."""

    def __init__(self, key: LinkKey, public_url: str, valid_for: timedelta = VALID_FOR) -> None:
        self._key = key
        self._public_url = public_url
        self._valid_for = valid_for

    def make(self, incident: str, contact: str, now: datetime) -> IncidentLink:
        """Make the link of a contact in an incident."""
        token = sign(
            self._key, incident=incident, contact=contact, now=now, valid_for=self._valid_for
        )
        return IncidentLink(url=link_url(self._public_url, token), expires=now + self._valid_for)
