"""The desk on which one fact is folded: the state so far, and what it has led to.

Lives only inside ``incidents.apply``; outside, states are immutable.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec

from decision.actions import Action, ConfigurationFault, Inputs, OperatorRequired
from decision.context import Context
from decision.facts import Actor
from decision.rules import gate
from decision.state import IncidentState, OpenTask, Reason, Refusal, Step, Transition
from decision.vocabulary import Branch, ContactResult, Procedure, Task


class Work:
    """One fact being folded."""

    def __init__(
        self, state: IncidentState, *, now: datetime, context: Context, actor: Actor
    ) -> None:
        """``now``: when the fact was recorded, aware UTC."""
        self.state = state
        self.now = now
        self.context = context
        self.actor = actor
        self.actions: list[Action] = []
        self.reasons: list[Reason] = []
        self.refusal: Refusal | None = None

    @property
    def by(self) -> str:
        """Who does it, for the record."""
        return str(self.actor)

    def set(self, **changes: Any) -> None:
        """Change the state."""
        self.state = msgspec.structs.replace(self.state, **changes)

    def because(self, rule: str, text: str) -> None:
        """Say why something happened, or did not."""
        self.reasons.append(Reason(rule=rule, text=text))

    def refuse(self, rule: str, text: str) -> None:
        """Say that the fact changes nothing, and by which rule."""
        self.refusal = Refusal(rule=rule, text=text)
        self.because(rule, text)

    def act(self, action: Action) -> None:
        """Ask for something to be done, after what was asked for before."""
        self.actions.append(action)

    def moved(
        self, region: str, before: str, after: str, rule: str, clips: tuple[str, ...] = ()
    ) -> None:
        """Record a transition: operator, time, clips, rule (2.8)."""
        self.set(
            trail=(
                *self.state.trail,
                Transition(
                    at=self.now,
                    region=region,
                    before=before,
                    after=after,
                    rule=rule,
                    by=self.by,
                    clips=clips,
                ),
            )
        )

    def inputs(self) -> Inputs:
        """Give the three inputs of DISP-3 as they stand."""
        return Inputs(
            response_mode=self.context.site.response_mode,
            customer_answer=_answer(self.state, self.context),
            local_requirement=_local(self),
        )

    def require(
        self,
        task: Task,
        text: str,
        rules: tuple[str, ...],
        *,
        branches: tuple[Branch, ...] = (),
        seconds: int | None = None,
    ) -> None:
        """Put something to a person, with a deadline (AMB-P3); once while it is open."""
        if self.task(task) is not None:
            return
        wait = timedelta(seconds=seconds or self.context.settings.operator_deadline_s)
        entry = OpenTask(
            task=task,
            since=self.now,
            deadline=self.now + wait,
            remind_at=self.now + wait,
            text=text,
            branches=branches,
        )
        self.set(tasks=(*self.state.tasks, entry))
        self.act(
            OperatorRequired(
                rules=rules,
                inputs=self.inputs(),
                evidence=(text,),
                task=task,
                text=text,
                deadline=entry.deadline,
                branches=branches,
            )
        )

    def task(self, task: Task) -> OpenTask | None:
        """Find an open task."""
        return next((t for t in self.state.tasks if t.task is task), None)

    def close_task(self, *tasks: Task) -> None:
        """Take tasks off the list; those that are not open do not matter."""
        self.set(tasks=tuple(t for t in self.state.tasks if t.task not in tasks))

    def fault(self, key: str, text: str, *rules: str) -> None:
        """Tell that the site's data are wrong, once for each incident."""
        if key in self.state.faults:
            return
        self.set(faults=(*self.state.faults, key))
        self.act(ConfigurationFault(rules=rules, inputs=self.inputs(), key=key, text=text))

    def step(self) -> Step:
        """Give what it all came to."""
        return Step(
            state=self.state,
            actions=tuple(self.actions),
            reasons=tuple(self.reasons),
            refusal=self.refusal,
        )


def _answer(state: IncidentState, context: Context) -> str:
    if state.asked_by and state.list_result in {None, ContactResult.EXHAUSTED}:
        return f"asked for dispatch: {state.asked_by}"
    if state.list_result is None:
        return "none yet"
    if state.list_result is ContactResult.EXHAUSTED:
        return "EXHAUSTED: nobody on the call list answered"
    contact = context.site.contact(state.decided_by)
    return f"{state.list_result} by {contact.name if contact else state.decided_by}"


def _local(work: Work) -> str:
    if work.state.procedure in {Procedure.LIFE_SAFETY, Procedure.HOLD_UP}:
        return "not asked: life safety and hold-up pass no gate (XS-8, XS-9)"
    verdict = work.state.verdict or gate.check(work.state, work.context, work.now)
    return gate.words(verdict)
