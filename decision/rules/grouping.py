"""Which incident an event belongs to: opens one, joins one, bears on one, or none (XS-9..XS-12)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final

import msgspec

from decision.alarm_signal import Signal
from decision.context import Context
from decision.facts import EventReceived
from decision.state import IncidentState, Reason
from decision.vocabulary import Procedure

PROCEDURES: Final[Mapping[str, Procedure]] = {
    "fire": Procedure.LIFE_SAFETY,
    "gas": Procedure.LIFE_SAFETY,
    "medical": Procedure.LIFE_SAFETY,
    "panic": Procedure.HOLD_UP,
    "hold_up": Procedure.HOLD_UP,
    "burglary": Procedure.BURGLAR,
    # Alarms that say less than "burglary" and may mean the same: the careful way.
    "untyped": Procedure.BURGLAR,
    "twenty_four_hour": Procedure.BURGLAR,
    "tamper": Procedure.BURGLAR,
    "access": Procedure.BURGLAR,
    # A path lost while armed is handled as an alarm (UL practice); it is never verified by itself.
    "supervision": Procedure.BURGLAR,
    "communication": Procedure.BURGLAR,
    # No rule of the three sources sends police for these: a person decides.
    "environment": Procedure.OTHER,
    "trouble": Procedure.OTHER,
    "power": Procedure.OTHER,
    "open_close": Procedure.OTHER,
    "bypass": Procedure.OTHER,
    "test": Procedure.OTHER,
    "listen_in": Procedure.OTHER,
    "schedule": Procedure.OTHER,
    "programming": Procedure.OTHER,
    "cancel": Procedure.OTHER,
    "information": Procedure.OTHER,
    "user_defined": Procedure.OTHER,
}
"""Category of an alarm -> the chain it goes through (section 4). Every category has a row."""

URGENT: Final = frozenset({Procedure.LIFE_SAFETY, Procedure.HOLD_UP})
"""Outside audio verification, the Standard order and the gate (XS-8, XS-9)."""

BEARING_KINDS: Final = frozenset(
    {"restoral", "cancel", "open", "close", "bypass", "unbypass", "trouble", "info"}
)
"""Kinds that open nothing and say something about an incident that is open."""


RUNAWAY_AFTER: Final = 50
"""Same code of the same zone in one incident (ours): what comes after says nothing new, and a
detector that chatters for hours must not make the incident slow to decide. It stays on record in
the log of the site."""


RUNAWAY: Final = f"the same of the same zone {RUNAWAY_AFTER} times already: kept in the site's log"


class RouteKind(StrEnum):
    """What an event is to the incidents."""

    OPENS = "OPENS"
    JOINS = "JOINS"
    BEARS_ON = "BEARS_ON"
    NOTHING = "NOTHING"


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One effect of an event."""

    kind: RouteKind
    incident: str
    """Id of the incident; that of the event when it opens one; empty for NOTHING."""
    fact: EventReceived | None
    """To be recorded for the incident; None for NOTHING."""
    reason: Reason


def route(
    signal: Signal,
    *,
    incidents: Iterable[IncidentState],
    context: Context,
    is_armed: bool | None = None,
    test_scope: Collection[str] = (),
) -> tuple[Route, ...]:
    """Say what an event is to the incidents of its site.

    Args:
        signal: The event.
        incidents: Those of the same site; which are over does not matter.
        context: The site's.
        is_armed: Arm state of the event's area just before it; None: not known.
        test_scope: Categories that a running test declared to be part of it.

    """
    active = tuple(i for i in incidents if i.is_active and i.site == signal.site)
    if signal.kind == "alarm":
        return (_alarm(signal, active, context, is_armed=is_armed, test_scope=test_scope),)
    bearing = tuple(i for i in active if _bears_on(signal, i))
    if not bearing:
        return (_nothing("XS-12", f"a {signal.kind} and no incident of its area is open"),)
    bearing = tuple(i for i in bearing if not _is_runaway(signal, i))
    if not bearing:
        return (_nothing("XS-12", RUNAWAY),)
    return tuple(
        Route(
            kind=RouteKind.BEARS_ON,
            incident=incident.id,
            fact=EventReceived(signal=signal, is_armed=is_armed),
            reason=Reason(rule="XS-12", text=f"a {signal.kind} of the incident's area"),
        )
        for incident in bearing
    )


def _alarm(
    signal: Signal,
    active: tuple[IncidentState, ...],
    context: Context,
    *,
    is_armed: bool | None,
    test_scope: Collection[str],
) -> Route:
    is_exception = False
    if signal.is_on_test:
        if PROCEDURES[signal.category] not in URGENT:
            return _nothing("XS-10", "on test: opens no incident")
        if signal.category in test_scope:
            return _nothing("XS-10", f"on test, and {signal.category} is declared part of it")
        is_exception = True
    elif _is_passer_by(signal, context):
        return _nothing("DISP-J9", "layered response: no sustained presence, so no alarm yet")
    fact = EventReceived(signal=signal, is_armed=is_armed, is_test_exception=is_exception)
    joined = next((i for i in active if _joins(signal, i, context)), None)
    if joined is not None and _is_runaway(signal, joined):
        return _nothing("XS-12", RUNAWAY)
    if joined is not None:
        return Route(
            kind=RouteKind.JOINS,
            incident=joined.id,
            fact=fact,
            reason=Reason(rule="XS-12", text="same account, area and category as the open one"),
        )
    return Route(
        kind=RouteKind.OPENS,
        incident=signal.event_id,
        fact=fact,
        reason=Reason(rule="XS-12", text="no open incident of this account, area and category"),
    )


def _joins(signal: Signal, incident: IncidentState, context: Context) -> bool:
    first = incident.signals[0]
    if signal.companion_of and any(s.event_id == signal.companion_of for s in incident.signals):
        return True
    gap = signal.received_at - incident.last_alarm_at
    return (
        first.area == signal.area
        and first.category == signal.category
        and gap <= timedelta(seconds=context.settings.grouping_window_s)
    )


def _is_runaway(signal: Signal, incident: IncidentState) -> bool:
    known = (*incident.signals, *incident.others)
    if len(known) < RUNAWAY_AFTER:
        return False
    same = sum(
        one.zone == signal.zone
        and one.code == signal.code
        and one.kind == signal.kind
        and one.is_verified == signal.is_verified
        for one in known
    )
    return same >= RUNAWAY_AFTER


def _is_passer_by(signal: Signal, context: Context) -> bool:
    zone = context.site.zone(signal.zone) if signal.zone else None
    return zone is not None and zone.is_layered and not signal.is_verified


def _bears_on(signal: Signal, incident: IncidentState) -> bool:
    if signal.kind not in BEARING_KINDS or signal.is_on_test:
        return False
    is_area = signal.area is None or any(s.area in {None, signal.area} for s in incident.signals)
    match signal.kind:
        case "restoral":
            return is_area and incident.category == signal.category
        case "trouble" | "bypass" | "unbypass":
            zones = {s.zone for s in incident.signals}
            return is_area and signal.zone is not None and signal.zone in zones
        case "info":
            return is_area and (signal.follow_on is not None or bool(signal.media))
        case _:
            return is_area


def _nothing(rule: str, text: str) -> Route:
    return Route(
        kind=RouteKind.NOTHING, incident="", fact=None, reason=Reason(rule=rule, text=text)
    )
