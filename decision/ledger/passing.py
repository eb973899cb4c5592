"""What time alone does: the next day on which something happens, and what happens on it.

``due`` and the fold use the same list, so that no timer can be forgotten by one of them. A fact
is folded only after all days up to it, so that a late timer changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import TypeAlias

from decision.ledger.money import note_past_due, settle_discontinued
from decision.ledger.reviews import open_review, tell_of_deferral
from decision.ledger.settle import count_again
from decision.ledger.state import SystemState
from decision.ledger.words import (
    LedgerInput,
    SuspensionStatus,
    SystemStatus,
    TaskKind,
)
from decision.ledger.work import Work
from decision.packs.model import Pack
from decision.packs.topics import Topic

Happening: TypeAlias = Callable[[Work, date], None]


def days_ahead(state: SystemState, pack: Pack) -> Iterator[tuple[date, Happening]]:
    """Every day on which time alone changes the state, each with what it does."""
    current = state.suspension
    if current is not None and current.status is SuspensionStatus.PENDING:
        yield current.effective, _take_effect
    if current is not None and current.status is SuspensionStatus.RUNNING:
        if current.resumes is not None:
            yield current.resumes, _resume
        elif current.reinstated_on is None and state.state is SystemStatus.SUSPENDED:
            yield current.term_ends, _end_term
        elif current.reinstated_on is None and current.is_review_open:
            years = pack.review.every_years
            yield pack.calendar.after_years(current.review_due, years), _review_again
        elif current.reinstated_on is None:
            yield current.review_due, _review
    for invoice in state.invoices:
        if not invoice.was_past_due and invoice.paid_on is None and invoice.cancelled_on is None:
            yield invoice.past_due_on, _past_due
    if state.count and state.period is not None:
        yield pack.calendar.next_year_start(state.period), _new_year


def next_day(state: SystemState, pack: Pack) -> tuple[date, Happening] | None:
    """The first of them."""
    return min(days_ahead(state, pack), key=lambda one: one[0], default=None)


def pass_time(work: Work) -> None:
    """Let all days up to today come, in their order.

    Raises:
        RuntimeError: for a day that changes nothing, which is a mistake of the program.
    """
    while True:
        coming = next_day(work.state, work.pack)
        if coming is None or coming[0] > work.today:
            break
        day, happen = coming
        before = work.state
        work.moment = work.pack.calendar.midnight(day)
        happen(work, day)
        count_again(work, day)
        if work.state == before:
            # It would come again for ever, and with it the whole core would stand still.
            raise RuntimeError(f"system {before.system}: what is due on {day} changes nothing")
    work.moment = work.now


def _take_effect(work: Work, day: date) -> None:
    current = work.put_suspension(status=SuspensionStatus.RUNNING)
    why = f"suspended from 00:00 local on {day}"
    work.move(LedgerInput.EFFECTIVE_REACHED, day, Topic.EFFECTIVE, why)
    _tell_desk(work, f"suspended/{current.notice}", why)


def _tell_desk(work: Work, about: str, why: str) -> None:
    """The list at the desk changes: the case office says so, the manager keeps it (SJ-R5, R7)."""
    work.open_task(TaskKind.TELL_MANAGER, about=about, why=why, rules=work.cite(Topic.TELL_MANAGER))
    work.open_task(TaskKind.UPDATE_LIST, about=about, why=why, rules=work.cite(Topic.LISTED))


def _end_term(work: Work, day: date) -> None:
    if work.pack.review.without_notice == "REINSTATE":
        work.put_suspension(resumes=day)
        return
    why = f"the term ended on {day} and no reinstatement notice was issued: deferred"
    work.move(LedgerInput.TERM_OVER, day, Topic.DEFERRED, why)
    open_review(work, f"the term ended on {day}: reinstate or defer")
    tell_of_deferral(work, why)


def _review(work: Work, day: date) -> None:
    why = f"review of a deferred suspension due on {day}"
    work.move(LedgerInput.REVIEW_DUE, day, Topic.REVIEW, why)
    open_review(work, f"{why}: reinstate or defer")


def _review_again(work: Work, day: date) -> None:
    """The last review was never decided: that is a deferral, and a year later the next is due."""
    work.put_suspension(last_review=work.state.review_due, review_due=day)
    why = f"the last review brought no decision; review due on {day}"
    work.move(LedgerInput.REVIEW_DUE, day, Topic.DEFERRED, why)
    open_review(work, f"{why}: reinstate or defer")


def _resume(work: Work, day: date) -> None:
    current = work.put_suspension(status=SuspensionStatus.ENDED, is_review_open=False)
    why = f"response resumes at 00:00 local on {day}"
    work.move(LedgerInput.RESUME_REACHED, day, Topic.RESUMED, why)
    for kind in (TaskKind.REVIEW, TaskKind.RECONSIDER, TaskKind.ARRANGE_ALTERNATE):
        work.close_tasks(kind, why)
    _tell_desk(work, f"resumed/{current.notice}", why)


def _past_due(work: Work, day: date) -> None:
    note_past_due(work, day)
    settle_discontinued(work, day)


def _new_year(work: Work, day: date) -> None:
    work.say(f"a new count begins on {day}", Topic.YEAR)
