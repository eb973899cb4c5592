"""Which notices are due for a count, and what falls away when a count drops (SJ-D1, SJ-E1)."""

from __future__ import annotations

from datetime import date

import msgspec

from decision.ledger.counting import counted, lead_time_of
from decision.ledger.state import Call, Notice
from decision.ledger.words import (
    LedgerInput,
    NoticeStatus,
    SuspensionStatus,
    SystemStatus,
    TaskKind,
)
from decision.ledger.work import Work
from decision.packs.policy import Threshold
from decision.packs.topics import Topic
from decision.packs.words import NoticeKind

_ON_THE_WAY = (NoticeStatus.DRAFTED, NoticeStatus.APPROVED)


def draft_key(kind: NoticeKind, period: date) -> str:
    """What a drafting task is about: the notice and the count it belongs to."""
    return f"{kind}/{period.isoformat()}"


def ask_for_notices(work: Work) -> None:
    """Open a drafting task for every threshold that is reached and has no notice yet."""
    for period, calls in counted(work.state, work.pack).items():
        reached = [step for step in work.pack.thresholds.steps if len(calls) >= step.count]
        if work.pack.thresholds.in_one_batch == "highest":
            for lower in reached[:-1]:
                work.close_tasks(
                    TaskKind.DRAFT_NOTICE,
                    "a higher threshold is reached",
                    draft_key(lower.notice, period),
                )
            reached = reached[-1:]
        for step in reached:
            if _is_due(work, step, period, calls):
                work.open_task(
                    TaskKind.DRAFT_NOTICE,
                    about=draft_key(step.notice, period),
                    calls=tuple(call.call for call in calls),
                    why=f"{len(calls)} false alarms since {period.isoformat()}: "
                    f"{step.notice} notice from {step.count} on",
                    rules=(*step.rules, *work.cite(Topic.DRAFT)),
                )


def _is_due(work: Work, step: Threshold, period: date, calls: tuple[Call, ...]) -> bool:
    state = work.state
    reaching = calls[step.count - 1]
    withdrawn = {
        one.notice for one in state.suspensions if one.status is SuspensionStatus.WITHDRAWN
    }
    for notice in state.notices:
        is_of_it = (notice.kind, notice.period) == (step.notice, period)
        is_alive = notice.status in (*_ON_THE_WAY, NoticeStatus.ISSUED)
        if is_of_it and is_alive and notice.notice not in withdrawn:
            return False
    if lead_time_of(state.suspensions, reaching.day) is not None:
        return False  # no second notice within the lead time (AMB-S8)
    standing = [one for one in state.suspensions if one.status is not SuspensionStatus.WITHDRAWN]
    if any(one.issued_on > reaching.day for one in standing):
        return False  # settled by the suspension that came after it
    return step.notice is not NoticeKind.SUSPENSION or _may_suspend(work, period)


def _may_suspend(work: Work, period: date) -> bool:
    if work.state.state is not SystemStatus.ACTIVE:
        return False
    if not _may_repeat(work, period):
        text = "a further suspension in the same or next year is not part of this policy"
        work.say(text, Topic.SUSPENSION_ISSUED)
        return False
    return True


def _may_repeat(work: Work, period: date) -> bool:
    """AMB-S22: whether a suspension may follow one of the same or the year before."""
    if work.pack.suspension is None or work.pack.suspension.repeats:
        return True
    year = work.pack.calendar.year_start(period)
    before = work.pack.calendar.after_years(year, -1)
    return not any(
        one.effective >= before
        for one in work.state.suspensions
        if one.status is not SuspensionStatus.WITHDRAWN
    )


def drop_notices(work: Work, totals_before: dict[date, int]) -> None:
    """What falls away where a count went below a threshold (AMB-S10)."""
    now = {period: len(calls) for period, calls in counted(work.state, work.pack).items()}
    for period, before in totals_before.items():
        for step in work.pack.thresholds.steps:
            if before >= step.count > now.get(period, 0):
                _drop(work, step, period, now.get(period, 0))


def _drop(work: Work, step: Threshold, period: date, count: int) -> None:
    why = f"the count since {period.isoformat()} is {count}, below {step.count}"
    work.close_tasks(TaskKind.DRAFT_NOTICE, why, draft_key(step.notice, period))
    for notice in work.state.notices:
        if (notice.kind, notice.period) != (step.notice, period):
            continue
        if notice.status in _ON_THE_WAY:
            withdraw_notice(work, notice, why)
        elif notice.status is NoticeStatus.ISSUED and notice.kind is NoticeKind.SUSPENSION:
            _drop_suspension(work, notice, why)


def withdraw_notice(work: Work, notice: Notice, why: str) -> None:
    """A notice that was not issued yet is overtaken."""
    set_notice(work, msgspec.structs.replace(notice, status=NoticeStatus.WITHDRAWN))
    work.close_tasks(TaskKind.APPROVE_NOTICE, why, notice.notice)
    work.close_tasks(TaskKind.ISSUE_NOTICE, why, notice.notice)
    work.say(f"notice {notice.notice} is withdrawn: {why}", Topic.WITHDRAWN)


def _drop_suspension(work: Work, notice: Notice, why: str) -> None:
    current = work.state.suspension
    rules = work.pack.appeals.disposition
    if current is None or current.notice != notice.notice:
        return
    withdraws = rules is None or rules.pending_suspension == "WITHDRAW"
    if current.status is SuspensionStatus.PENDING and withdraws:
        withdraw_suspension(work, why)
    elif current.status is not SuspensionStatus.ENDED and current.reinstated_on is None:
        work.open_task(
            TaskKind.RECONSIDER,
            about=current.notice,
            why=why,
            rules=work.cite(Topic.WITHDRAWN),
        )


def withdraw_suspension(work: Work, why: str) -> None:
    """A suspension that did not take effect yet will not (AMB-S10)."""
    current = work.put_suspension(status=SuspensionStatus.WITHDRAWN)
    work.move(
        LedgerInput.SUSPENSION_WITHDRAWN,
        work.today,
        Topic.WITHDRAWN,
        f"the pending suspension is withdrawn: {why}",
    )
    work.close_tasks(TaskKind.ARRANGE_ALTERNATE, why, current.notice)
    work.close_tasks(TaskKind.INFORM_USER, why, current.notice)
    work.open_task(
        TaskKind.INFORM_USER,
        about=f"withdrawn/{current.notice}",
        why=f"the suspension will not take effect: {why}",
        rules=work.cite(Topic.INFORM_USER),
    )


def set_notice(work: Work, notice: Notice) -> None:
    """Put a notice in the place of the one of its name, or behind all."""
    if any(one.notice == notice.notice for one in work.state.notices):
        rest = tuple(notice if one.notice == notice.notice else one for one in work.state.notices)
    else:
        rest = (*work.state.notices, notice)
    work.put(notices=rest)
