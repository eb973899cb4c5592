"""What a customer sees and may do behind the incident link: resolve it, or ask for police.

Both only while the alarm is active; otherwise the page says why not (DISP-M1 to DISP-M4). A request
for a suspended system needs the fee warning accepted (XS-5); a discontinued one is refused.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from decision.contacts.link import Grant
from decision.context import Context
from decision.facts import Actor, ManualDispatchRequested, Resolved
from decision.rules import gate
from decision.rules.incident import MANUAL, Manual
from decision.rules.message_text import local
from decision.site import Contact
from decision.state import IncidentState
from decision.vocabulary import (
    AlarmState,
    CallOffStatus,
    Channel,
    GateResult,
    Procedure,
    RequestStatus,
)


class CustomerAct(StrEnum):
    """What a customer may ask for."""

    RESOLVE = "resolve"
    REQUEST_DISPATCH = "request_dispatch"


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to do, or why it cannot be done."""

    act: CustomerAct
    label: str
    is_open: bool
    why_not: str = ""
    rule: str
    explains: str = ""
    """What will happen."""
    fee_warning: str = ""
    """Must be accepted with the request when not empty (XS-5)."""


class CustomerPage(msgspec.Struct, frozen=True, kw_only=True):
    """The page."""

    incident: str
    site: str
    address: str
    contact: str
    headline: str
    happened: tuple[str, ...]
    """What happened and what was done, oldest first."""
    responders: str
    """What is known of the responders; requested is not responding (DISP-J10)."""
    call_off: str
    offers: tuple[Offer, ...]
    expires: datetime


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to an act that is not accepted; it says why (DISP-M4)."""

    text: str
    rule: str


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """The fact to record, by whom, and what the customer is told."""

    fact: ManualDispatchRequested | Resolved
    actor: Actor
    text: str


HEADLINES = {
    AlarmState.OPEN: "An alarm is being handled",
    AlarmState.DISPATCHED: "An alarm is being handled; responders were asked for",
    AlarmState.RESOLVED: "This alarm was resolved",
    AlarmState.EXPIRED: "This alarm is over: its active time has ended",
    AlarmState.CLOSED: "This alarm was closed",
}
RESPONDERS = {
    RequestStatus.DECIDED: "We are asking for responders",
    RequestStatus.SENT: "We asked for responders; they have not answered yet",
    RequestStatus.ACCEPTED: "Responders took the request; nobody is on the way yet that we know of",
    RequestStatus.REJECTED: "Responders declined our request",
    RequestStatus.DISPATCHED: "Responders are on their way",
    RequestStatus.ON_SCENE: "Responders are there",
    RequestStatus.CLOSED: "Responders have ended their call",
}
CALL_OFFS = {
    CallOffStatus.REQUESTED: "We asked them not to come; they have not answered yet",
    CallOffStatus.CONFIRMED: "They confirmed that nobody comes",
    CallOffStatus.REFUSED: "They come all the same",
    CallOffStatus.UNKNOWN: "We asked them not to come and do not know whether they heed it",
}


def is_active(state: IncidentState, now: datetime) -> bool:
    """Whether the alarm is active at ``now``, a timer that has yet to fire included (AMB-D5)."""
    end = state.request.window_end if state.request else None
    return state.is_active and (end is None or now < end)


def customer_page(
    grant: Grant, state: IncidentState, context: Context, now: datetime
) -> CustomerPage:
    """Show the incident to the contact of the link."""
    site = context.site
    contact = site.contact(grant.contact)
    shown = AlarmState.EXPIRED if state.is_active and not is_active(state, now) else state.state
    request = state.request
    return CustomerPage(
        incident=state.id,
        site=site.name or site.id,
        address=site.address,
        contact=contact.name if contact else grant.contact,
        headline=HEADLINES[shown],
        happened=tuple(_happened(state, context)),
        responders=RESPONDERS[request.status] if request else _not_asked(state),
        call_off=CALL_OFFS[request.call_off] if request and request.call_off else "",
        offers=(_resolve(state, contact, now), _request(state, context, contact, now)),
        expires=grant.expires,
    )


def act(  # noqa: PLR0913  who asks for what, when, with what accepted
    wanted: CustomerAct,
    grant: Grant,
    state: IncidentState,
    context: Context,
    now: datetime,
    *,
    is_fee_accepted: bool = False,
    note: str = "",
) -> Accepted | Refused:
    """Accept or refuse what a customer asks for; refusing says why (DISP-M4)."""
    if grant.incident != state.id:
        return Refused(text="this link belongs to another alarm", rule="DISP-M2")
    contact = context.site.contact(grant.contact)
    is_request = wanted is CustomerAct.REQUEST_DISPATCH
    offer = _request(state, context, contact, now) if is_request else _resolve(state, contact, now)
    if not offer.is_open:
        return Refused(text=offer.why_not, rule=offer.rule)
    if offer.fee_warning and not is_fee_accepted:
        return Refused(text=offer.fee_warning, rule="XS-5")
    actor = Actor(kind="contact", id=grant.contact)
    fact: ManualDispatchRequested | Resolved
    if is_request:
        fact = ManualDispatchRequested(
            channel=Channel.LINK,
            user=grant.contact,
            is_fee_accepted=bool(offer.fee_warning) and is_fee_accepted,
            note=note.strip(),
        )
    else:
        fact = Resolved(channel=Channel.LINK, user=grant.contact, note=note.strip())
    return Accepted(fact=fact, actor=actor, text=offer.explains)


def _ended(state: IncidentState, now: datetime) -> str:
    """Say why nothing can be asked for any more; empty while the alarm is active."""
    if is_active(state, now):
        return ""
    shown = AlarmState.EXPIRED if state.is_active else state.state
    return f"{HEADLINES[shown]}. For a new emergency call your emergency number."


def _stranger(contact: Contact | None) -> str:
    return "" if contact else "you are no longer a contact of this site; call the station"


def _resolve(state: IncidentState, contact: Contact | None, now: datetime) -> Offer:
    why_not = _ended(state, now) or _stranger(contact)
    if not why_not and contact is not None and not contact.is_authorised:
        why_not = "only an authorised contact of the site can end an alarm"
    after = "We end this alarm"
    if state.request is not None:
        after += " and ask the responders not to come; that may be too late"
    return Offer(
        act=CustomerAct.RESOLVE,
        label="All is well: end this alarm",
        is_open=not why_not,
        why_not=why_not,
        rule="DISP-M4" if why_not else "DISP-I6",
        explains=after,
    )


def _request(
    state: IncidentState, context: Context, contact: Contact | None, now: datetime
) -> Offer:
    why_not, rule = _ended(state, now), "DISP-M4"
    what, _ = MANUAL[state.state]
    verdict = gate.check(state, context, now)
    is_blocked = verdict.result is GateResult.BLOCK and what is Manual.DISPATCH
    if not why_not and (stranger := _stranger(contact)):
        why_not, rule = stranger, "DISP-M2"
    if not why_not and is_blocked and not verdict.can_override:
        why_not, rule = gate.words(verdict), "SJ-E1c"
    explains = "We ask for responders at once"
    if what is Manual.UPDATE:
        explains = "Responders were asked for already; we tell them that you ask, too"
    return Offer(
        act=CustomerAct.REQUEST_DISPATCH,
        label="Send help",
        is_open=not why_not,
        why_not=why_not,
        rule=rule if why_not else "DISP-M1",
        explains=explains,
        fee_warning=verdict.fee_warning if is_blocked and not why_not else "",
    )


def _not_asked(state: IncidentState) -> str:
    if state.withheld is not None:
        return "Responders were not asked: they do not respond to this system at present"
    return "Responders were not asked"


_KINDS = {
    Procedure.LIFE_SAFETY: "Life-safety alarm",
    Procedure.HOLD_UP: "Hold-up alarm",
    Procedure.BURGLAR: "Burglar alarm",
}


def _happened(state: IncidentState, context: Context) -> list[str]:
    """Tell it in plain words: what happened and what was done (DISP-I3). No audio, no names."""
    zone_time = context.site.time_zone
    told = []
    for signal in state.signals:
        zone = context.site.zone(signal.zone) if signal.zone else None
        where = (zone.location or zone.name if zone else "") or signal.zone_name or ""
        kind = _KINDS.get(state.procedure, "Alarm")
        at = local(signal.received_at, zone_time)
        told.append(f"{at} {kind}{f', {where}' if where else ''}")
    request = state.request
    if request is not None and request.sent_at is not None:
        told.append(f"{local(request.sent_at, zone_time)} Responders asked for")
    if request is not None and request.closed_at is not None:
        told.append(f"{local(request.closed_at, zone_time)} Responders ended their call")
    if state.ended_at is not None:
        told.append(f"{local(state.ended_at, zone_time)} Alarm ended")
    return told
