"""An event as it stands in the design, and its parts, for tests of whatever reads events."""

from __future__ import annotations

from typing import Any

import msgspec

from gateway.contract.event import AlarmEvent

EXAMPLE: dict[str, Any] = {
    "specversion": "1.0",
    "id": "019a9f3c-6a10-7c3e-9b51-2f6d0c1a7e44",
    "source": "/alarm-gateway/site-a/input/ip-1",
    "type": "alarm-gateway.event.v1",
    "subject": "account/1234",
    "time": "2026-11-20T09:15:02.417Z",
    "datacontenttype": "application/json",
    "data": {
        "journal_seq": 48211,
        "dedupe_key": "b2f0",
        "report": {"id": "019a9f3c-6a10-7c3e-9b51-2f6d0c1a7e44", "index": 0, "count": 1},
        "class": "alarm",
        "account": {
            "group": "main", "id": "1234", "known": True,
            "name": "Harbour Street 5", "premise_type": "COMPANY",
        },
        "category": "burglary",
        "kind": "alarm",
        "alarm_type": "BURGLAR",
        "severity": 7,
        "attributes": {"new": True},
        "code": {
            "format": "contact-id", "value": "131", "qualifier": "new",
            "name": "Perimeter burglary", "known": True,
        },
        "area": {"id": "1", "name": "Stockroom", "class": "SECURED"},
        "zone": {
            "id": "015", "name": "Rear door", "sensor": "door", "location": "north wall",
        },
        "user": None,
        "address": None,
        "occurred_at": "2026-11-20T09:15:01Z",
        "received_at": "2026-11-20T09:15:02.417Z",
        "clock_skew_ms": 1417,
        "time_untrusted": False,
        "origin": {
            "input": "ip-1", "protocol": "dc09", "transport": "tcp",
            "peer": "192.0.2.7:51823", "receiver": "1", "line": "0", "sequence": "0007",
        },
        "trust": {
            "confidentiality": "aes-128", "integrity": "none",
            "authenticity": "key", "replay_checked": True,
        },
        "media": [{"kind": "link", "url": "https://example.com/clip"}],
        "follow_on": None,
        "companion_of": None,
        "position": None,
        "text": None,
        "on_test": False,
        "flags": [],
        "quirks": [],
        "raw": {"encoding": "latin-1", "value": "..."},
    },
}  # fmt: skip


def example(**data: Any) -> AlarmEvent:
    """The event of the design, with other data where said."""
    changed = EXAMPLE | {"data": EXAMPLE["data"] | data}
    return msgspec.convert(changed, AlarmEvent)
