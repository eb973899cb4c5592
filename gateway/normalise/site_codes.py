"""What the event codes of pulse and other dialled formats mean at this station, group by group."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.config import PulseCode
from gateway.normalise.tables import SiaRow


def site_codes(codes: Iterable[PulseCode]) -> dict[str, dict[str, SiaRow]]:
    """Return the rows of ``[[pulse_codes]]`` by account group and code."""
    groups: dict[str, dict[str, SiaRow]] = {}
    for one in codes:
        groups.setdefault(one.group, {})[one.code] = SiaRow(
            category=one.category, name=one.name, kind=one.kind, address_type=one.address
        )
    return groups
