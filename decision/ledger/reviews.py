"""The review of a suspension: reinstate or defer, by a person, never by itself (SJ-E3, SJ-F)."""

from __future__ import annotations

from decision.ledger.facts import ReviewDecided
from decision.ledger.notices import ask_for_reinstatement
from decision.ledger.thresholds import withdraw_notice, withdraw_suspension
from decision.ledger.words import (
    NoticeStatus,
    ReviewDecision,
    SuspensionStatus,
    SystemStatus,
    TaskKind,
)
from decision.ledger.work import Work
from decision.packs.topics import Topic
from decision.packs.words import NoticeKind


def decided(work: Work, fact: ReviewDecided) -> None:
    """The case office decided."""
    problem = _problem(work, fact)
    if problem:
        work.refuse(problem, Topic.REVIEW)
        return
    if fact.considered:
        work.say(f"considered: {'; '.join(fact.considered)}", Topic.REVIEW)
    current = work.state.suspension
    was_review = current is not None and current.is_review_open
    outcome = f"{fact.decision} on {fact.on}"
    work.close_tasks(TaskKind.REVIEW, outcome)
    work.close_tasks(TaskKind.RECONSIDER, outcome)
    if was_review and current is not None:
        start = current.review_due if work.pack.review.next_from == "due_date" else fact.on
        work.put_suspension(
            is_review_open=False,
            last_review=fact.on,
            review_due=work.pack.calendar.after_years(start, work.pack.review.every_years),
        )
    is_pending = current is not None and current.status is SuspensionStatus.PENDING
    if is_pending:
        if fact.decision is ReviewDecision.REINSTATE:
            withdraw_suspension(work, f"decided on {fact.on}{_because(fact)}")
    elif fact.decision is ReviewDecision.REINSTATE:
        why = f"reinstatement was directed on {fact.on}{_because(fact)}"
        work.put_suspension(is_directed=True, directed_why=why)
        work.say(why, Topic.REINSTATED)
        ask_for_reinstatement(work, why)
    else:
        _defer(work, f"not reinstated on {fact.on}{_because(fact)}")


def _because(fact: ReviewDecided) -> str:
    return f": {fact.why}" if fact.why else ""


def _problem(work: Work, fact: ReviewDecided) -> str:
    current = work.state.suspension
    if fact.on > work.today:
        return f"a decision on {fact.on} lies in the future"
    reconsiders = work.open_task_of(TaskKind.RECONSIDER) is not None
    is_running = current is not None and current.status is SuspensionStatus.RUNNING
    if current is None or current.reinstated_on is not None or not (is_running or reconsiders):
        return f"the system is {work.state.state}: nothing to review"
    if current.is_review_open or reconsiders:
        return ""
    if work.state.state is SystemStatus.DEFERRED and fact.decision is ReviewDecision.REINSTATE:
        return ""  # a deferred system may be reinstated any day (AMB-S24)
    return f"no review is open; the next falls due on {current.review_due}"


def _defer(work: Work, why: str) -> None:
    work.put_suspension(is_directed=False, directed_why="")
    work.say(why, Topic.DEFERRED)
    for notice in work.state.notices:
        if notice.kind is NoticeKind.REINSTATEMENT and notice.status in (
            NoticeStatus.DRAFTED,
            NoticeStatus.APPROVED,
        ):
            withdraw_notice(work, notice, why)
    for task in work.state.open_tasks:
        if task.kind is TaskKind.DRAFT_NOTICE and task.about.startswith(NoticeKind.REINSTATEMENT):
            work.close_task(task, why)
    tell_of_deferral(work, why)


def tell_of_deferral(work: Work, why: str) -> None:
    """There is no deferral notice: the alarm business must tell its client (SJ-F2)."""
    current = work.state.suspension
    if current is not None and work.state.state is SystemStatus.DEFERRED:
        work.open_task(
            TaskKind.INFORM_USER,
            about=f"deferred/{current.review_due.isoformat()}",
            why=f"tell the client that the suspension goes on: {why}",
            rules=work.cite(Topic.INFORM_USER),
        )


def open_review(work: Work, why: str) -> None:
    """A review falls due."""
    current = work.put_suspension(is_review_open=True)
    work.open_task(TaskKind.REVIEW, about=current.notice, why=why, rules=work.cite(Topic.REVIEW))
