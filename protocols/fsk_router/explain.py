"""A frame field by field, broken ones included: for the decode command."""

from __future__ import annotations

from protocols.fsk_router.session import LAYOUTS, FskComputer
from protocols.receiver_link import Explanation
from protocols.receiver_link.kinds import explained_all


def explain(data: bytes) -> Explanation:
    """Tell every field of the first frame in these bytes; never raises."""
    return explain_all(data)[0]


def explain_all(data: bytes) -> list[Explanation]:
    """Tell every frame of a stream, and what stands between them; never raises."""
    return explained_all(FskComputer(), data, LAYOUTS.declared)
