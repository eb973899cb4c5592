"""Which calls count, where and why: every call is judged by what is known now.

Pure. A verdict is never changed, a new one is added when it differs, so that the count explains
itself (append-only).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import msgspec

from decision.ledger.state import Call, Suspension, SystemState, Verdict
from decision.ledger.words import Counter, Outcome, SuspensionStatus
from decision.packs.model import Pack
from decision.packs.topics import Topic

ZERO = "0.00"


def suspended_by(suspensions: Iterable[Suspension], day: date) -> Suspension | None:
    """The suspension in force on a local day (from 00:00 of its effective date, AMB-S3)."""
    for one in suspensions:
        has_begun = one.status is not SuspensionStatus.WITHDRAWN and one.effective <= day
        if has_begun and (one.resumes is None or day < one.resumes):
            return one
    return None


def lead_time_of(suspensions: Iterable[Suspension], day: date) -> Suspension | None:
    """The suspension whose notice was issued but not yet effective on a day (AMB-S8)."""
    for one in suspensions:
        if one.status is not SuspensionStatus.WITHDRAWN and one.issued_on <= day < one.effective:
            return one
    return None


def period_of(state: SystemState, day: date, pack: Pack) -> date:
    """First day of the count in which a day lies (AMB-S1, AMB-S16)."""
    start = pack.calendar.year_start(day)
    if pack.counting.after_reinstatement == "zero":
        for one in state.suspensions:
            if one.resumes is not None and start < one.resumes <= day:
                start = one.resumes
    return start


def outcome_of(call: Call, pack: Pack) -> Outcome:
    """What became of a call (SJ-B5, SJ-B9, AMB-S17)."""
    if call.made_valid_by is not None:
        return Outcome.VALID
    if call.declared_by is not None and pack.counting.declaration_counts:
        return Outcome.FALSE
    if call.disposition is None:
        return Outcome.REFUSED if call.accepted is False else Outcome.OPEN
    outcome = _said(call.disposition, pack)
    if outcome is Outcome.FALSE and call.cancelled_before_arrival:
        return Outcome.FALSE if pack.counting.cancelled_counts else Outcome.OTHER
    return outcome


def _said(disposition: str, pack: Pack) -> Outcome:
    """What a call-ending text says."""
    texts = pack.dispositions
    if _matches(disposition, texts.false_alarm, pack):
        return Outcome.FALSE
    if texts.refused is not None and _matches(disposition, texts.refused, pack):
        return Outcome.REFUSED
    if any(_matches(disposition, one, pack) for one in texts.valid):
        return Outcome.VALID
    return Outcome.OTHER


def _matches(text: str, literal: str, pack: Pack) -> bool:
    if pack.dispositions.match == "ignore_case":
        return text.strip().casefold() == literal.casefold()
    return text == literal


def is_post_suspension(call: Call, state: SystemState, pack: Pack) -> bool:
    """Whether a call is a request for a suspended system (SJ-B7, AMB-S23)."""
    if pack.counting.post_suspension_told_by == "state_at_call":
        return suspended_by(state.suspensions, pack.calendar.day(call.at)) is not None
    return outcome_of(call, pack) is Outcome.REFUSED


def judge(call: Call, state: SystemState, pack: Pack, seen: datetime) -> Verdict:
    """Whether a call counts, where and why."""
    outcome = outcome_of(call, pack)
    counter, why, rules = _place(call, outcome, state, pack)
    return Verdict(counter=counter, outcome=outcome, why=why, rules=rules, seen=seen)


def _place(
    call: Call, outcome: Outcome, state: SystemState, pack: Pack
) -> tuple[Counter, str, tuple[str, ...]]:
    scope = pack.scope(
        alarm_type=call.alarm_type,
        premise_type=call.premise_type or state.registration.premise_type,
        category=call.category,
    )
    if scope.verdict != "APPLIES":
        return Counter.NONE, f"does not count: {scope.reason}", scope.rules
    if outcome is not Outcome.FALSE:
        return Counter.NONE, *_not_false(call, outcome, pack)
    return _place_false(call, state, pack)


def _place_false(
    call: Call, state: SystemState, pack: Pack
) -> tuple[Counter, str, tuple[str, ...]]:
    declared = call.declared_by is not None and pack.counting.declaration_counts
    said = f"declared false by {call.declared_by}" if declared else f"{call.disposition!r}"
    found = pack.cite(Topic.DECLARED_FALSE) if declared else ()
    if is_post_suspension(call, state, pack):
        rules = pack.cite(Topic.COUNTED_POST_SUSPENSION, *found)
        if pack.counting.post_suspension_apart:
            return Counter.POST_SUSPENSION, f"counts apart: {said} while suspended", rules
        return Counter.YEAR, f"counts: {said}, while suspended", rules
    if lead_time_of(state.suspensions, call.day) is not None:
        rules = pack.cite(Topic.COUNTED_LEAD_TIME, *found)
        if not pack.counting.lead_time_counts:
            return Counter.NONE, "does not count: within the lead time of a suspension", rules
        return Counter.YEAR, f"counts: {said}, before the suspension took effect", rules
    return Counter.YEAR, f"counts: {said}", pack.cite(Topic.COUNTED, *found)


def _not_false(call: Call, outcome: Outcome, pack: Pack) -> tuple[str, tuple[str, ...]]:
    if call.made_valid_by is not None:
        why = f"does not count: valid by appeal {call.made_valid_by}"
        return why, pack.cite(Topic.APPEALED)
    if outcome is Outcome.OPEN:
        return "does not count yet: no disposition", pack.cite(Topic.CALL_OPEN)
    if outcome is Outcome.REFUSED:
        return "does not count: police did not go", pack.cite(Topic.REQUEST_REFUSED)
    if outcome is Outcome.VALID:
        return f"does not count: {call.disposition!r} is valid", pack.cite(Topic.NOT_COUNTED)
    why = f"does not count: {call.disposition!r} is not {pack.dispositions.false_alarm!r}"
    return why, pack.cite(Topic.NOT_COUNTED)


def rejudged(state: SystemState, pack: Pack, seen: datetime) -> tuple[Call, ...]:
    """All calls, each with a further verdict where the one that held no longer does."""
    calls = []
    for call in state.calls:
        now = judge(call, state, pack, seen)
        last = call.verdicts[-1] if call.verdicts else None
        if last is not None and msgspec.structs.replace(now, seen=last.seen) == last:
            calls.append(call)
        else:
            calls.append(msgspec.structs.replace(call, verdicts=(*call.verdicts, now)))
    return tuple(calls)


def counted(state: SystemState, pack: Pack) -> dict[date, tuple[Call, ...]]:
    """The calls that count toward thresholds, by the first day of their count, in date order."""
    periods: dict[date, list[Call]] = {}
    for call in sorted(state.calls, key=lambda one: (one.at, one.call)):
        if call.counter is Counter.YEAR:
            periods.setdefault(period_of(state, call.day, pack), []).append(call)
    return {period: tuple(calls) for period, calls in sorted(periods.items())}


def post_suspension(state: SystemState) -> tuple[Call, ...]:
    """The false post-suspension calls of the last suspension (SJ-E3 i, AMB-S9)."""
    current = state.suspension
    if current is None:
        return ()
    return tuple(
        call
        for call in state.calls
        if call.counter is Counter.POST_SUSPENSION and call.day >= current.effective
    )
