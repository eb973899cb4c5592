"""What a police call, a declaration and a registration do to the state."""

from __future__ import annotations

import msgspec

from decision.ledger.counting import is_post_suspension, suspended_by
from decision.ledger.facts import DeclaredFalse, PoliceCall, SystemRegistered
from decision.ledger.state import Call
from decision.ledger.words import LedgerInput
from decision.ledger.work import Work
from decision.packs.topics import Topic

_KEPT = (
    "alarm_type", "category", "premise_type", "accepted", "accepted_by", "disposition",
    "cancelled_before_arrival", "closed_at", "occurrence", "incident",
)  # fmt: skip


def registered(work: Work, fact: SystemRegistered) -> None:
    """Who and where the system is; what is not named stays."""
    told = {
        name: value for name in fact.__struct_fields__ if (value := getattr(fact, name)) is not None
    }
    work.put(registration=msgspec.structs.replace(work.state.registration, **told))


def called(work: Work, fact: PoliceCall) -> None:
    """A request for police, or more about one that is known."""
    known = work.state.call(fact.call)
    told = {name: value for name in _KEPT if (value := getattr(fact, name)) is not None}
    at = fact.at or (known.at if known else work.now)
    if at > work.now:
        work.refuse(f"the call of {at.isoformat()} lies in the future", Topic.CALL_OPEN)
        return
    closed = fact.closed_at or (known.closed_at if known else None)
    day = work.pack.calendar.day(at)
    if work.pack.counting.dated_by == "closed" and closed is not None:
        day = work.pack.calendar.day(closed)
    if known is None:
        call = Call(call=fact.call, at=at, day=day, recorded=work.now, **told)
        work.put(calls=(*work.state.calls, call))
    else:
        call = msgspec.structs.replace(known, at=at, day=day, **told)
        _put(work, call)
    if is_post_suspension(call, work.state, work.pack) and _in_scope(work, call):
        _requested(work, call, is_new=known is None)


def _in_scope(work: Work, call: Call) -> bool:
    premise = call.premise_type or work.state.registration.premise_type
    scope = work.pack.scope(
        alarm_type=call.alarm_type, premise_type=premise, category=call.category
    )
    return scope.verdict == "APPLIES"


def _requested(work: Work, call: Call, *, is_new: bool) -> None:
    """A post-suspension request (SJ-B7): refused by default, accepted by an explicit decision."""
    day = work.pack.calendar.day(call.at)
    stands = suspended_by(work.state.suspensions, day) is not None
    if is_new and stands and work.state.is_suspended:
        work.move(
            LedgerInput.POST_SUSPENSION_REQUEST,
            day,
            Topic.COUNTED_POST_SUSPENSION,
            f"request {call.call} on {day} is a post-suspension alarm",
        )
    since = work.state.discontinued_on
    if call.accepted and since is not None and day >= since:
        _put(work, msgspec.structs.replace(call, accepted=False))
        text = f"response is discontinued since {since}: request {call.call} cannot be accepted"
        work.say(text, Topic.DISCONTINUED)
    elif call.accepted:
        by = f" by {call.accepted_by}" if call.accepted_by else ""
        text = f"request {call.call} was accepted{by}; it costs a fee if found false"
        work.say(text, Topic.REQUEST_ACCEPTED)
    elif call.accepted is False:
        work.say(f"request {call.call} was refused", Topic.REQUEST_REFUSED)


def declared_false(work: Work, fact: DeclaredFalse) -> None:
    """The Chief, or who is designated, judges the alarm false (SJ-B5b)."""
    call = work.state.call(fact.call)
    if call is None:
        work.refuse(f"there is no call {fact.call!r}", Topic.DECLARED_FALSE)
        return
    if not call.day <= fact.on <= work.today:
        work.refuse(
            f"a declaration on {fact.on} is before the call or in the future",
            Topic.DECLARED_FALSE,
        )
        return
    _put(work, msgspec.structs.replace(call, declared_by=fact.by, declared_on=fact.on))


def _put(work: Work, call: Call) -> None:
    rest = tuple(call if one.call == call.call else one for one in work.state.calls)
    work.put(calls=rest)
