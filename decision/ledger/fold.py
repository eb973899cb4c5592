"""The fold of one alarm system: ``apply`` a fact to a state, and ``due`` for the next timer.

Every step goes the same way: the days that passed, the fact, the conclusions, and once more the
days (a paper of last month may have dates that lie behind us).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from decision.ledger import appeals, calls, money, notices, reviews
from decision.ledger.facts import (
    AppealFiled,
    AppealProcessed,
    DayCame,
    DeclaredFalse,
    DiscontinuedCleared,
    InvoiceCancelled,
    InvoiceIssued,
    InvoicePaid,
    LedgerFact,
    NoticeApproved,
    NoticeDrafted,
    NoticeIssued,
    NoticeRejected,
    PoliceCall,
    ReviewDecided,
    StepsReported,
    SystemRegistered,
    TaskDone,
)
from decision.ledger.passing import next_day, pass_time
from decision.ledger.settle import settle, totals
from decision.ledger.state import Step, SystemState
from decision.ledger.words import TaskKind
from decision.ledger.work import Work
from decision.packs.model import Pack
from decision.packs.topics import Topic

_DONE_BY_WORD: Final = frozenset({
    TaskKind.INFORM_USER, TaskKind.ARRANGE_ALTERNATE, TaskKind.TELL_ACCOUNTANT,
    TaskKind.TELL_INSPECTOR, TaskKind.TELL_MANAGER, TaskKind.UPDATE_LIST,
})  # fmt: skip
"""Tasks that no other fact shows as done."""


def _steps_reported(work: Work, fact: StepsReported) -> None:
    work.put(steps=(*work.state.steps, (fact.on, fact.text)))
    work.say(f"steps taken, told on {fact.on}: {fact.text}", Topic.REVIEW)


def _task_done(work: Work, fact: TaskDone) -> None:
    task = next((one for one in work.state.open_tasks if one.id == fact.task), None)
    if task is None:
        work.refuse(f"there is no open task {fact.task!r}", Topic.ISSUE)
    elif task.kind not in _DONE_BY_WORD:
        work.refuse(f"{task.kind} is done by recording what it asks for", Topic.ISSUE)
    else:
        work.close_task(task, fact.note or "done")
        if task.kind is TaskKind.TELL_ACCOUNTANT:
            money.ask_for_invoice(work, task.about)


def _day_came(work: Work, fact: DayCame) -> None:
    """Nothing more: the days were folded before."""


_HANDLERS: Final[Mapping[type, Callable[[Work, Any], None]]] = {
    SystemRegistered: calls.registered,
    PoliceCall: calls.called,
    DeclaredFalse: calls.declared_false,
    NoticeDrafted: notices.drafted,
    NoticeApproved: notices.approved,
    NoticeRejected: notices.rejected,
    NoticeIssued: notices.issued,
    AppealFiled: appeals.filed,
    AppealProcessed: appeals.processed,
    InvoiceIssued: money.invoiced,
    InvoicePaid: money.paid,
    InvoiceCancelled: money.cancelled,
    ReviewDecided: reviews.decided,
    DiscontinuedCleared: money.discontinued_cleared,
    StepsReported: _steps_reported,
    TaskDone: _task_done,
    DayCame: _day_came,
}
_MAY_DROP: Final = (PoliceCall, AppealProcessed, SystemRegistered)
"""Facts that can make an alarm leave the count (AMB-S10)."""


def apply(state: SystemState, fact: LedgerFact, now: datetime, pack: Pack) -> Step:
    """Fold a fact recorded at ``now`` (aware UTC); time that passed is folded first.

    A fact that cannot stand (``is_refused``) leaves the state as time alone made it.

    Raises:
        ValueError: for a ``now`` without time zone.
    """
    work = Work(state, now, pack)
    pass_time(work)
    before = work.state
    totals_before = totals(work)
    _HANDLERS[type(fact)](work, fact)
    if work.is_refused:
        work.state = before
    settle(work, totals_before, may_drop=isinstance(fact, _MAY_DROP))
    pass_time(work)
    work.put(as_of=work.now)
    return work.step()


def due(state: SystemState, pack: Pack) -> datetime | None:
    """When time alone changes the state next (00:00 local, in UTC); None when it never does."""
    coming = next_day(state, pack)
    return None if coming is None else pack.calendar.midnight(coming[0])


def fold(system: str, log: Iterable[tuple[datetime, LedgerFact]], pack: Pack) -> SystemState:
    """The state that a log of recorded facts gives; the same log gives the same state."""
    state = SystemState(system=system)
    for now, fact in log:
        state = apply(state, fact, now, pack).state
    return state
