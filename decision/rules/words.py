"""What an incident holds, in short sentences for records, updates and evidence lists."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from decision.alarm_signal import Signal
from decision.context import Context
from decision.state import IncidentState
from decision.vocabulary import ContactResult


def clock(at: datetime) -> str:
    """Time of day in UTC; whoever shows it to people converts the record's own time."""
    return at.strftime("%H:%M:%SZ")


def of_signal(signal: Signal) -> str:
    """Say what the panel reported and where."""
    where = (
        signal.zone_name or signal.zone_location or (f"zone {signal.zone}" if signal.zone else "")
    )
    area = signal.area_name or (f"area {signal.area}" if signal.area else "")
    place = ", ".join(part for part in (where, area) if part)
    said = f"{signal.category.replace('_', ' ')} {signal.kind}"
    return f"{said}: {place}" if place else said


def evidence(state: IncidentState, context: Context) -> tuple[str, ...]:
    """List what a decision rests on, oldest first within each kind."""
    return tuple(_evidence(state, context))


def _evidence(state: IncidentState, context: Context) -> Iterator[str]:
    for signal in (*state.signals, *state.others):
        yield f"{clock(signal.received_at)} {of_signal(signal)}"
    for heard in state.heard:
        if heard.description:
            yield f"{clock(heard.at)} heard: {heard.description}"
    for access in state.accesses:
        live = ", live" if access.is_live_heard else ""
        yield f"{clock(access.at)} {access.step}{live}: {access.outcome}"
    for check in state.site_checks:
        what = f": {check.description}" if check.description else ""
        yield f"{clock(check.at)} {check.basis}: {check.outcome}{what}"
    for attempt in state.attempts:
        contact = context.site.contact(attempt.contact)
        name = contact.name if contact else attempt.contact
        how = attempt.ending if attempt.result is ContactResult.NO_ANSWER else attempt.result
        yield f"{clock(attempt.at)} call to {name}: {how}"
    if state.cancellation is not None:
        yield f"{clock(state.cancellation.at)} electronic cancellation"
    for one in state.evidence:
        yield f"{clock(one.at)} {one.kind}: {one.description or one.reference}"
    if state.is_armed is not None:
        yield "area armed" if state.is_armed else "area disarmed"
