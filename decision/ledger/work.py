"""One step of the fold while it is being made: the state so far, and what was said and asked."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

import msgspec

from decision.ledger.actions import (
    LedgerAction,
    Reason,
    StatusChanged,
    Task,
    TaskClosed,
    TaskOpened,
)
from decision.ledger.state import Step, Suspension, SystemState
from decision.ledger.table import TRANSITIONS
from decision.ledger.words import LedgerInput, TaskKind
from decision.packs.model import Pack
from decision.packs.topics import Topic
from decision.packs.words import Permission

WHO: Final[dict[TaskKind, Permission]] = {
    TaskKind.DRAFT_NOTICE: Permission.NOTICE_DRAFT,
    TaskKind.APPROVE_NOTICE: Permission.NOTICE_APPROVE,
    TaskKind.ISSUE_NOTICE: Permission.NOTICE_ISSUE,
    TaskKind.INFORM_USER: Permission.USERS_INFORM,
    TaskKind.ARRANGE_ALTERNATE: Permission.ALTERNATE_ARRANGE,
    TaskKind.TELL_ACCOUNTANT: Permission.INVOICE_REQUEST,
    TaskKind.ISSUE_INVOICE: Permission.INVOICE_KEEP,
    TaskKind.CANCEL_INVOICE: Permission.INVOICE_KEEP,
    TaskKind.TELL_INSPECTOR: Permission.PAST_DUE_TELL,
    TaskKind.TELL_MANAGER: Permission.LIST_TELL,
    TaskKind.UPDATE_LIST: Permission.SUSPENDED_LIST_KEEP,
    TaskKind.PROCESS_APPEAL: Permission.APPEAL_DECIDE,
    TaskKind.REVIEW: Permission.REVIEW_DECIDE,
    TaskKind.RECONSIDER: Permission.REVIEW_DECIDE,
    TaskKind.CLEAR_DISCONTINUED: Permission.DISCONTINUED_CLEAR,
}
"""What somebody must be allowed to do, to be given a task; the pack says who that is."""


class Work:
    """The step in the making. Lives within one ``apply``; what leaves it is frozen."""

    def __init__(self, state: SystemState, now: datetime, pack: Pack) -> None:
        self.before = state
        self.state = state
        self.pack = pack
        # A clock that was set back does not undo what was folded.
        self.now = now if state.as_of is None or now > state.as_of else state.as_of
        self.today = pack.calendar.day(self.now)
        self.moment = self.now
        """When what is being folded happens: now, or the midnight that a timer stands for."""
        self.actions: list[LedgerAction] = []
        self.reasons: list[Reason] = []
        self.is_refused = False

    def step(self) -> Step:
        """What came of it."""
        return Step(
            state=self.state,
            actions=tuple(self.actions),
            reasons=tuple(self.reasons),
            is_refused=self.is_refused,
        )

    def put(self, **changes: Any) -> None:
        """Change fields of the state."""
        self.state = msgspec.structs.replace(self.state, **changes)

    def put_suspension(self, **changes: Any) -> Suspension:
        """Change the last suspension that was not withdrawn."""
        current = self.state.suspension
        if current is None:
            raise LookupError(f"system {self.state.system} has no suspension to change")
        changed = msgspec.structs.replace(current, **changes)
        rest = tuple(changed if one is current else one for one in self.state.suspensions)
        self.put(suspensions=rest)
        return changed

    def cite(self, topic: Topic, *more: str) -> tuple[str, ...]:
        """The rules behind a topic."""
        return self.pack.cite(topic, *more)

    def say(self, text: str, topic: Topic, *more: str) -> None:
        """Note a reason."""
        self.reasons.append(Reason(text=text, rules=self.cite(topic, *more)))

    def refuse(self, text: str, topic: Topic, *more: str) -> None:
        """The fact cannot stand."""
        self.is_refused = True
        self.say(text, topic, *more)

    def move(self, trigger: LedgerInput, on: date, topic: Topic, why: str) -> None:
        """Move in the table of states.

        Raises:
            LookupError: where the table has no such entry.
        """
        before = self.state.state
        after = TRANSITIONS[before].get(trigger)
        if after is None:
            raise LookupError(f"no transition for {trigger} in state {before}")
        self.say(why, topic)
        if after is not before:
            self.put(state=after)
            self.actions.append(
                StatusChanged(before=before, after=after, on=on, why=why, rules=self.cite(topic))
            )

    def open_task(
        self,
        kind: TaskKind,
        *,
        about: str,
        why: str,
        rules: tuple[str, ...],
        calls: tuple[str, ...] = (),
    ) -> None:
        """Ask somebody for something, unless it is being asked for already.

        A kind of task that no role of the pack may do does not exist in that jurisdiction.
        """
        roles = self.pack.roles_with(WHO[kind])
        if not roles or self.open_task_of(kind, about) is not None:
            return
        same = sum(1 for task in self.state.tasks if task.kind is kind and task.about == about)
        task = Task(
            id=f"{kind}/{about}" + (f"#{same + 1}" if same else ""),
            kind=kind,
            roles=roles,
            about=about,
            calls=calls,
            opened=self.moment,
            why=why,
            rules=tuple(dict.fromkeys(rules)),
        )
        self.put(tasks=(*self.state.tasks, task))
        self.actions.append(TaskOpened(task=task, why=why, rules=task.rules))

    def open_task_of(self, kind: TaskKind, about: str | None = None) -> Task | None:
        """The oldest open task of a kind."""
        for task in self.state.tasks:
            if task.is_open and task.kind is kind and about in (None, task.about):
                return task
        return None

    def close_task(self, task: Task, outcome: str) -> None:
        """A task is done or overtaken."""
        closed = msgspec.structs.replace(task, closed=self.moment, outcome=outcome)
        rest = tuple(closed if one.id == task.id else one for one in self.state.tasks)
        self.put(tasks=rest)
        self.actions.append(TaskClosed(task=closed, why=outcome, rules=task.rules))

    def close_tasks(self, kind: TaskKind, outcome: str, about: str | None = None) -> None:
        """Close all open tasks of a kind."""
        while (task := self.open_task_of(kind, about)) is not None:
            self.close_task(task, outcome)
