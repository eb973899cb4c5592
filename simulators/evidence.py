"""Which transmission an event at the consumer stands for."""

from __future__ import annotations

import msgspec

from gateway.contract.event import AlarmEvent
from simulators.ledger import EventKey, event_key

_decoder = msgspec.json.Decoder(AlarmEvent)


def key_of(event: AlarmEvent) -> EventKey:
    """Take from an event what it has in common with its transmission."""
    data = event.data
    address = ""
    if data.zone is not None:
        address = data.zone.id
    elif data.user is not None:
        address = data.user.id
    elif data.address is not None:
        address = data.address.id
    return event_key(data.account.id, data.origin.sequence, data.code.value, address)


def read_event(payload: bytes) -> tuple[str, EventKey]:
    """Read a published event: its id and its key, as ``Ledger.compare`` takes them."""
    event = _decoder.decode(payload)
    return event.id, key_of(event)
