"""What drafting, approving, rejecting and issuing a notice does (SJ-C4, SJ-C5a, SJ-N1..3)."""

from __future__ import annotations

from datetime import date

import msgspec

from decision.ledger.actions import Task
from decision.ledger.counting import period_of
from decision.ledger.facts import NoticeApproved, NoticeDrafted, NoticeIssued, NoticeRejected
from decision.ledger.state import Notice, Suspension
from decision.ledger.thresholds import set_notice, withdraw_notice
from decision.ledger.words import (
    LedgerInput,
    NoticeStatus,
    SuspensionStatus,
    SystemStatus,
    TaskKind,
)
from decision.ledger.work import Work
from decision.packs.topics import Topic
from decision.packs.words import NoticeKind


def drafted(work: Work, fact: NoticeDrafted) -> None:
    """A notice was written: it waits for approval."""
    if _find(work, fact.notice) is not None:
        work.refuse(f"there is a notice {fact.notice!r} already", Topic.DRAFT)
        return
    task = _draft_task(work, fact.kind)
    if task is None:
        work.refuse(f"nothing asks for a {fact.kind} notice", Topic.DRAFT)
        return
    unknown = [name for name in fact.calls if work.state.call(name) is None]
    if unknown:
        work.refuse(f"no such alarm: {', '.join(unknown)}", Topic.DRAFT)
        return
    notice = Notice(
        notice=fact.notice,
        kind=fact.kind,
        status=NoticeStatus.DRAFTED,
        calls=fact.calls or task.calls,
        period=date.fromisoformat(task.about.rpartition("/")[2]),
        drafted=work.now,
    )
    set_notice(work, notice)
    work.close_task(task, f"drafted as {fact.notice}")
    if work.pack.notices.approval_required:
        work.open_task(
            TaskKind.APPROVE_NOTICE,
            about=fact.notice,
            calls=notice.calls,
            why=f"{fact.kind} notice {fact.notice} waits for approval before it is issued",
            rules=work.cite(Topic.APPROVE),
        )
    else:
        _to_issue(work, notice)


def _draft_task(work: Work, kind: NoticeKind) -> Task | None:
    for task in work.state.open_tasks:
        if task.kind is TaskKind.DRAFT_NOTICE and task.about.startswith(f"{kind}/"):
            return task
    return None


def _find(work: Work, name: str) -> Notice | None:
    return next((one for one in work.state.notices if one.notice == name), None)


def _to_issue(work: Work, notice: Notice) -> None:
    set_notice(work, msgspec.structs.replace(notice, status=NoticeStatus.APPROVED))
    work.open_task(
        TaskKind.ISSUE_NOTICE,
        about=notice.notice,
        calls=notice.calls,
        why=f"{notice.kind} notice {notice.notice} is approved",
        rules=work.cite(Topic.ISSUE),
    )


def approved(work: Work, fact: NoticeApproved) -> None:
    """The case office approved: it may be issued."""
    notice = _find(work, fact.notice)
    if notice is None or notice.status is not NoticeStatus.DRAFTED:
        work.refuse(f"notice {fact.notice!r} does not wait for approval", Topic.APPROVE)
        return
    if fact.on > work.today:
        work.refuse(f"approval on {fact.on} lies in the future", Topic.APPROVE)
        return
    work.close_tasks(TaskKind.APPROVE_NOTICE, f"approved on {fact.on}", fact.notice)
    _to_issue(work, msgspec.structs.replace(notice, approved_on=fact.on, approved_by=fact.by))


def rejected(work: Work, fact: NoticeRejected) -> None:
    """Not approved: it is drafted again while its reason stands."""
    notice = _find(work, fact.notice)
    if notice is None or notice.status is not NoticeStatus.DRAFTED:
        work.refuse(f"notice {fact.notice!r} does not wait for approval", Topic.APPROVE)
        return
    work.close_tasks(TaskKind.APPROVE_NOTICE, f"rejected: {fact.why}", fact.notice)
    set_notice(
        work,
        msgspec.structs.replace(
            notice, status=NoticeStatus.REJECTED, rejected_why=fact.why or "no reason given"
        ),
    )
    if notice.kind is NoticeKind.REINSTATEMENT:
        ask_for_reinstatement(work, f"notice {fact.notice} was rejected: {fact.why}")


def ask_for_reinstatement(work: Work, why: str) -> None:
    """Ask for the reinstatement notice that the case office directed (SJ-F1)."""
    work.open_task(
        TaskKind.DRAFT_NOTICE,
        about=f"{NoticeKind.REINSTATEMENT}/{_reinstated_period(work).isoformat()}",
        why=why,
        rules=work.cite(Topic.REINSTATED),
    )


def _reinstated_period(work: Work) -> date:
    current = work.state.suspension
    return current.effective if current else work.today


def issued(work: Work, fact: NoticeIssued) -> None:
    """A notice went out: its day starts every delay and window."""
    notice = _find(work, fact.notice)
    if notice is None and fact.is_received and fact.kind is not None:
        notice = Notice(
            notice=fact.notice,
            kind=fact.kind,
            status=NoticeStatus.APPROVED,
            calls=fact.calls or _listed_by(work, fact.on),
            period=period_of(work.state, fact.on, work.pack),
            is_received=True,
        )
    if notice is None:
        work.refuse(f"there is no notice {fact.notice!r}", Topic.ISSUE)
        return
    problem = _problem(work, notice, fact)
    if problem:
        work.refuse(problem, Topic.ISSUE)
        return
    notice = msgspec.structs.replace(notice, status=NoticeStatus.ISSUED, issued_on=fact.on)
    set_notice(work, notice)
    outcome = f"issued on {fact.on.isoformat()}"
    work.close_tasks(TaskKind.ISSUE_NOTICE, outcome, fact.notice)
    # A notice that the authority issued on its own side answers our task to draft one as well.
    task = _draft_task(work, notice.kind) if notice.is_received else None
    if task is not None:
        work.close_task(task, outcome)
    if notice.kind is NoticeKind.SUSPENSION:
        _suspend(work, notice, fact.on)
    elif notice.kind is NoticeKind.REINSTATEMENT:
        _reinstate(work, notice, fact.on)
    else:
        work.say(f"caution notice {fact.notice} {outcome}", Topic.ISSUE)
    work.open_task(
        TaskKind.INFORM_USER,
        about=fact.notice,
        why=f"tell the alarm user of the {notice.kind} notice",
        rules=work.cite(Topic.INFORM_USER),
    )


def _listed_by(work: Work, on: date) -> tuple[str, ...]:
    """What a notice of the authority lists, where nobody told: what counts by our own ledger."""
    period = period_of(work.state, on, work.pack)
    return tuple(
        call.call
        for call in work.state.calls
        if call.counter == "YEAR"
        and call.day <= on
        and period_of(work.state, call.day, work.pack) == period
    )


def _problem(work: Work, notice: Notice, fact: NoticeIssued) -> str:
    """Why a notice cannot be issued; empty when it can."""
    if notice.status is not NoticeStatus.APPROVED:
        return f"notice {notice.notice!r} is {notice.status}, not approved"
    if fact.on > work.today:
        return f"issue on {fact.on} lies in the future"
    if notice.approved_on is not None and fact.on < notice.approved_on:
        return f"issue on {fact.on} lies before its approval on {notice.approved_on}"
    if notice.kind is NoticeKind.SUSPENSION:
        return _no_suspension(work)
    return _no_reinstatement(work, notice) if notice.kind is NoticeKind.REINSTATEMENT else ""


def _no_suspension(work: Work) -> str:
    if work.pack.suspension is None:
        return "this policy knows no suspension"
    state = work.state.state
    return "" if state is SystemStatus.ACTIVE else f"the system is {state} already"


def _no_reinstatement(work: Work, notice: Notice) -> str:
    current = work.state.suspension
    state = work.state.state
    if current is None or state not in (SystemStatus.SUSPENDED, SystemStatus.DEFERRED):
        return f"the system is {state}: nothing to reinstate"
    is_directed = current.is_directed or notice.is_received
    return "" if is_directed else "nobody directed the reinstatement"


def _suspend(work: Work, notice: Notice, on: date) -> None:
    terms = work.pack.suspension
    if terms is None:  # refused above
        return
    calendar = work.pack.calendar
    effective = calendar.after_days(on, terms.starts_after_days)
    ends = calendar.after_years(effective, terms.term_years)
    one = Suspension(
        notice=notice.notice,
        status=SuspensionStatus.PENDING,
        period=notice.period,
        issued_on=on,
        effective=effective,
        term_ends=ends,
        review_due=ends,
    )
    work.put(suspensions=(*work.state.suspensions, one))
    why = f"suspension notice issued on {on}: effective {effective} at 00:00 local"
    work.move(LedgerInput.SUSPENSION_ISSUED, on, Topic.SUSPENSION_ISSUED, why)
    for other in work.state.notices:
        if other.kind is NoticeKind.SUSPENSION and other.status in (
            NoticeStatus.DRAFTED,
            NoticeStatus.APPROVED,
        ):
            withdraw_notice(work, other, "a suspension was issued")
    for task in work.state.open_tasks:
        if task.kind is TaskKind.DRAFT_NOTICE and task.about.startswith(NoticeKind.SUSPENSION):
            work.close_task(task, "a suspension was issued")
    work.open_task(
        TaskKind.ARRANGE_ALTERNATE,
        about=notice.notice,
        why=f"alternate response is needed from {effective} on",
        rules=work.cite(Topic.ALTERNATE),
    )


def _reinstate(work: Work, notice: Notice, on: date) -> None:
    terms = work.pack.reinstatement
    if terms is None:  # a pack with a suspension has one
        return
    resumes = work.pack.calendar.after_days(on, terms.resumes_after_days)
    work.put_suspension(reinstated_on=on, resumes=resumes, is_review_open=False)
    why = f"reinstatement notice {notice.notice} issued on {on}: response resumes {resumes}"
    work.move(LedgerInput.REINSTATEMENT_ISSUED, on, Topic.REINSTATED, why)
    for kind in (TaskKind.REVIEW, TaskKind.RECONSIDER):
        work.close_tasks(kind, why)
