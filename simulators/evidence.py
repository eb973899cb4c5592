"""Which transmission an event at the consumer stands for."""

from __future__ import annotations

from typing import Protocol

import msgspec

from gateway.contract.event import Address, AlarmEvent, User, Zone
from simulators.ledger import EventKey, event_key

_decoder = msgspec.json.Decoder(AlarmEvent)


class Where(Protocol):
    """What says where an event happened: the data of one, or what a code means."""

    @property
    def zone(self) -> Zone | None:
        """The zone."""
        ...

    @property
    def user(self) -> User | None:
        """The user."""
        ...

    @property
    def address(self) -> Address | None:
        """An address of another kind."""
        ...


def address_of(where: Where) -> str:
    """The number that the panel sent, whatever kind of address it is; "" for none."""
    for place in (where.zone, where.user, where.address):
        if place is not None:
            return place.id
    return ""


def key_of(event: AlarmEvent) -> EventKey:
    """Take from an event what it has in common with its transmission."""
    data = event.data
    return event_key(data.account.id, data.origin.sequence, data.code.value, address_of(data))


def read_event(payload: bytes) -> tuple[str, EventKey]:
    """Read a published event: its id and its key, as ``Ledger.compare`` takes them."""
    event = _decoder.decode(payload)
    return event.id, key_of(event)
