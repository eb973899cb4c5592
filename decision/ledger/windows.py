"""When an appeal may be filed: inclusive days, and every condition that fails (SJ-G1 to SJ-G3w)."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from decision.ledger.actions import Reason
from decision.ledger.counting import is_post_suspension
from decision.ledger.state import Call, Suspension, SystemState
from decision.ledger.words import AppealStatus, NoticeStatus, Outcome, SuspensionStatus
from decision.packs.model import Pack
from decision.packs.topics import Topic
from decision.packs.words import AppealKind


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """Days on which an appeal may be filed, both ends included."""

    first: date | None = None
    """None: from the beginning."""
    last: date | None = None
    """None: without end."""
    notice: str | None = None
    """The notice it runs from."""

    def holds(self, day: date) -> bool:
        """Whether a day lies within."""
        return not self.is_before(day) and not self.is_after(day)

    def is_before(self, day: date) -> bool:
        """Whether a day is too early."""
        return self.first is not None and day < self.first

    def is_after(self, day: date) -> bool:
        """Whether a day is too late."""
        return self.last is not None and day > self.last

    @property
    def days(self) -> int | None:
        """How many days there are; None without end."""
        if self.first is None or self.last is None:
            return None
        return max((self.last - self.first).days + 1, 0)


def disposition_window(name: str, state: SystemState, pack: Pack) -> Window | None:
    """The window of a disposition appeal (SJ-G2, AMB-S11); None where the policy has none."""
    rules = pack.appeals.disposition
    if rules is None:
        return None
    listing = sorted(
        (notice.issued_on, notice.notice)
        for notice in state.notices
        if notice.status is NoticeStatus.ISSUED
        and notice.issued_on is not None
        and name in notice.calls
    )
    if not listing:
        if rules.without_notice == "ADMISSIBLE":
            return Window()
        return Window(first=date.max)
    on, notice = listing[-1 if rules.window_from == "latest_notice" else 0]
    return Window(last=pack.calendar.after_days(on, rules.window_days), notice=notice)


def suspension_window(state: SystemState, pack: Pack) -> Window | None:
    """The window of an appeal against the suspension (SJ-G3w); None where there is nothing."""
    rules = pack.appeals.suspension
    current = state.suspension
    if rules is None or current is None:
        return None
    first = pack.calendar.after_days(current.effective, rules.served_days)
    if rules.clear_required and rules.clear_period_restart:
        for day in breaking_days(state, current, pack):
            if day < first:
                first = pack.calendar.after_days(day + timedelta(days=1), rules.served_days)
    last = pack.calendar.after_days(current.issued_on, rules.window_days)
    return Window(first=first, last=last, notice=current.notice)


def breaking_days(state: SystemState, suspension: Suspension, pack: Pack) -> list[date]:
    """Days on which a post-suspension request broke the clear days (SJ-G3c, AMB-S13)."""
    rules = pack.appeals.suspension
    if rules is None:
        return []
    return sorted(
        {
            call.day
            for call in state.calls
            if call.day >= suspension.effective
            and _in_scope(call, state, pack)
            and is_post_suspension(call, state, pack)
            # The request itself is the post-suspension alarm (SJ-B7), also while it is open.
            and (call.outcome is Outcome.OPEN or call.outcome.value in rules.clear_broken_by)
        }
    )


def _in_scope(call: Call, state: SystemState, pack: Pack) -> bool:
    premise = call.premise_type or state.registration.premise_type
    scope = pack.scope(alarm_type=call.alarm_type, premise_type=premise, category=call.category)
    return scope.verdict == "APPLIES"


def check_disposition(
    name: str | None, on: date, state: SystemState, pack: Pack
) -> tuple[AppealStatus, tuple[Reason, ...]]:
    """Whether a disposition appeal filed on a day is admitted, and why not."""
    cites = pack.cite(Topic.APPEAL_DISPOSITION)
    call = state.call(name) if name is not None else None
    window = disposition_window(name or "", state, pack)
    if window is None or call is None or call.outcome is not Outcome.FALSE:
        text = f"there is no false alarm {name!r} to appeal against"
        return AppealStatus.NOTHING_TO_APPEAL, (Reason(text=text, rules=cites),)
    if any(one.call == name and one.status is AppealStatus.ADMITTED for one in state.appeals):
        text = f"an appeal of alarm {name!r} is being processed already"
        return AppealStatus.NOTHING_TO_APPEAL, (Reason(text=text, rules=cites),)
    if window.is_before(on):
        text = "no notice lists this alarm yet"
        return AppealStatus.PREMATURE, (Reason(text=text, rules=cites),)
    if window.is_after(on):
        text = f"the last day was {window.last}, by notice {window.notice}"
        return AppealStatus.LATE, (Reason(text=text, rules=cites),)
    until = f"until {window.last}" if window.last else "no notice lists the alarm yet"
    return AppealStatus.ADMITTED, (Reason(text=f"within the window: {until}", rules=cites),)


def check_suspension(
    on: date, state: SystemState, pack: Pack
) -> tuple[AppealStatus, tuple[Reason, ...]]:
    """Whether a suspension appeal filed on a day is admitted; all conditions that fail (SJ-G3)."""
    window = suspension_window(state, pack)
    current = state.suspension
    rules = pack.appeals.suspension
    cites = pack.cite(Topic.APPEAL_SUSPENSION)
    if (
        rules is None
        or window is None
        or current is None
        or current.status is SuspensionStatus.ENDED
        or current.reinstated_on is not None
    ):
        text = "there is no suspension to appeal against"
        return AppealStatus.NOTHING_TO_APPEAL, (Reason(text=text, rules=cites),)
    failed: list[tuple[AppealStatus, Reason]] = []
    if window.is_after(on):
        text = f"the last day was {window.last}"
        failed.append((AppealStatus.LATE, Reason(text=text, rules=cites)))
    if window.is_before(on):
        served = max((on - current.effective).days, 0)
        text = f"{served} days served, the first day is {window.first}"
        rule_ids = pack.cite(Topic.APPEAL_PREMATURE)
        failed.append((AppealStatus.PREMATURE, Reason(text=text, rules=rule_ids)))
    if rules.clear_required and not rules.clear_period_restart:
        served_until = pack.calendar.after_days(current.effective, rules.served_days)
        for day in breaking_days(state, current, pack):
            if day < served_until and day <= on:
                text = f"a post-suspension request on {day} broke the clear days"
                rule_ids = pack.cite(Topic.APPEAL_NOT_CLEAR)
                failed.append((AppealStatus.NOT_CLEAR, Reason(text=text, rules=rule_ids)))
                break
    failed.extend(_blocked(on, state, pack))
    if failed:
        return failed[0][0], tuple(reason for _, reason in failed)
    text = f"within the window: {window.first} to {window.last}"
    return AppealStatus.ADMITTED, (Reason(text=text, rules=cites),)


def _blocked(on: date, state: SystemState, pack: Pack) -> list[tuple[AppealStatus, Reason]]:
    """Earlier appeals that block this one (SJ-G3d, SJ-G3e)."""
    rules = pack.appeals.suspension
    if rules is None:
        return []
    cites = pack.cite(Topic.APPEAL_BLOCKED)
    blocked = []
    for one in state.appeals:
        if one.kind is not AppealKind.SUSPENSION:
            continue
        if one.status is AppealStatus.ADMITTED:
            text = f"appeal {one.appeal} is being processed"
            blocked.append((AppealStatus.BLOCKED, Reason(text=text, rules=cites)))
            continue
        processed = one.processed_on
        if one.status is AppealStatus.PREMATURE and rules.premature_is_processed:
            processed = one.filed_on
        if processed is None:
            continue
        years = rules.blocked_years_after_processed
        if one.status is AppealStatus.GRANTED:
            years = max(years, rules.blocked_years_after_success)
        free = pack.calendar.after_years(processed, years)
        if on < free:
            text = f"appeal {one.appeal} was processed on {processed}: blocked until {free}"
            blocked.append((AppealStatus.BLOCKED, Reason(text=text, rules=cites)))
    return blocked
