"""One explanation out of what a connection handed up and the declarations that it read by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from protocols._core import Incoming, LinkTest, Report
from protocols.receiver_link.computer import Envelope
from protocols.receiver_link.explanation import Explanation, fields_of, misfit


def explained(
    protocol: str, incoming: Incoming, declared: Mapping[str, Any], *, kind: str
) -> Explanation:
    """Tell a frame by the layout that it fits, else by the one that it follows furthest."""
    envelope = incoming.envelope
    raw = incoming.raw
    if not isinstance(envelope, Envelope):
        return Explanation(raw=raw, kind="noise", protocol=protocol, incoming=incoming)
    layout = envelope.layout
    if layout not in declared:
        place = misfit(raw, declared)
        layout = next(iter(declared)) if place is None else place.layout
    fields = fields_of(declared[layout], raw)
    values = {field.name: field.value for field in fields}
    is_taken = isinstance(incoming, Report | LinkTest)
    return Explanation(
        raw=raw,
        kind=kind,
        protocol=protocol,
        incoming=incoming,
        layout=envelope.layout,
        token=_text(values.get("token")),
        receiver=getattr(incoming, "receiver", None) or _text(values.get("receiver")),
        line=getattr(incoming, "line", None) or _text(values.get("line")),
        account=incoming.account,
        parts=incoming.parts if isinstance(incoming, Report) else (),
        fields=fields,
        response="ACK" if is_taken else "NAK",
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
