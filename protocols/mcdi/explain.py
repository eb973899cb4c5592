"""A frame field by field: Sur-Gard's explanation with MCDI's own words."""

from __future__ import annotations

from typing import Any

import msgspec

from protocols import surgard
from protocols.mcdi.session import HEARTBEAT, NAME, connect
from protocols.receiver_link import Explanation


def explain(data: bytes) -> Explanation:
    """Tell every field of the first frame in these bytes; never raises."""
    return explain_all(data)[0]


def explain_all(data: bytes) -> list[Explanation]:
    """Tell every frame of a stream, and what stands between them; never raises."""
    if not data.strip(HEARTBEAT):
        return [Explanation(raw=data, kind="heartbeat", protocol=NAME, response="ACK")]
    told = []
    for one in surgard.explain_all(data):
        own: Any = connect(keys=lambda _account: (), pad=bytes)
        incoming = own.receive(one.raw, now=0.0) + own.eof()
        internal = next((each for each in incoming if getattr(each, "internal", False)), None)
        kind = "internal" if internal is not None else one.kind
        parts = getattr(internal, "parts", one.parts)
        told.append(msgspec.structs.replace(one, protocol=NAME, kind=kind, parts=parts))
    return told
