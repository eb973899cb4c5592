"""Which class the area has in which a human was heard (PPVAR-3.15, 3.21, 3.22, AMB-P3, P4, P10)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from decision.context import Context
from decision.state import IncidentState
from decision.vocabulary import AreaClass

ORDER: Final = (AreaClass.SECURED, AreaClass.UNKNOWN, AreaClass.COMMON, AreaClass.UNSECURED)
"""Of several zones the first of these decides (AMB-P4). An unknown one could be secured, so it goes
before those that may be closed."""


def area_class(state: IncidentState, context: Context) -> AreaClass:
    """Give the class that decides at AREA.

    In this order: an operator's word for the incident; the zones in which the human was heard;
    the zones of the alarms. A zone takes its class from the site's zone, the site's area, or the
    gateway's event.
    """
    if state.area_class is not None:
        return state.area_class
    if state.zones_heard:
        found = worst(_of_zone(zone, state, context) for zone in state.zones_heard)
    else:
        found = worst(
            _of_place(signal.zone, signal.area, signal.area_class, context)
            for signal in state.signals
        )
    if (
        found is AreaClass.SECURED
        and context.settings.secured_requires_armed
        and state.is_armed is False
    ):
        return AreaClass.COMMON
    return found


def worst(classes: Iterable[AreaClass]) -> AreaClass:
    """Say which of several classes decides; UNKNOWN of none."""
    return min(classes, key=ORDER.index, default=AreaClass.UNKNOWN)


def _of_zone(zone: str, state: IncidentState, context: Context) -> AreaClass:
    for signal in state.signals:
        if signal.zone == zone:
            return _of_place(zone, signal.area, signal.area_class, context)
    return _of_place(zone, None, AreaClass.UNKNOWN, context)


def _of_place(
    zone_id: str | None, area_id: str | None, told: AreaClass, context: Context
) -> AreaClass:
    zone = context.site.zone(zone_id) if zone_id else None
    if zone is not None and zone.area_class is not None:
        return zone.area_class
    area_id = (zone.area if zone is not None else "") or area_id
    area = context.site.area(area_id) if area_id else None
    if area is not None and area.area_class is not AreaClass.UNKNOWN:
        return area.area_class
    return told
