"""Any past incident once more, under today's rules, settings, site profile and pack.

The facts stay as they were recorded; what is asked is what would have been decided upon them. The
ledger's standing of the alarm system stays that of then: today's would say nothing of that night.
Decisions are not stored but folded, so both runs use the rules of this version. Where the log
shows that responders were asked and no rule of this version asks them, that is told as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from decision import incidents
from decision.console import story as words
from decision.context import Context, context_of
from decision.engine.profiles import Profiles
from decision.facts import SYSTEM, ContextTaken, EventReceived, Recorded, RequestSent, TimerFired
from decision.rules import grouping
from decision.rules.grouping import RouteKind
from decision.scenarios.look import spelled
from decision.state import IncidentState, Step

_TIMERS_MOST: Final = 10_000
"""More timers than this between two facts is a mistake of ours, not of the incident."""


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """What one run made of a fact."""

    actions: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    refusal: str = ""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One fact upon which today's decision is another."""

    seq: int
    at: datetime
    fact: str
    then: Side
    now: Side
    note: str = ""


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """One incident, then and now."""

    incident: str
    opened_at: datetime
    then: str
    """How it ended up by then's configuration: alarm state, dispatch, close reason."""
    now: str
    differences: tuple[Difference, ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether nothing would differ."""
        return not self.differences and self.then == self.now


def todays(profiles: Profiles) -> Callable[[ContextTaken], Context]:
    """Give what makes today's context of one that was kept: all but the ledger's standing."""

    def today(kept: ContextTaken) -> Context:
        site = profiles.site(kept.site.id, kept.site.name)
        return msgspec.structs.replace(profiles.context(site, None), standing=kept.standing)

    return today


def replay(recorded: Sequence[Recorded], today: Callable[[ContextTaken], Context]) -> Replay:
    """Run an incident again. Raises ValueError for a log that opens none."""
    then = _Run(recorded, context_of)
    now = _Run(recorded, today)
    differences = tuple(_differences(then, now))
    if then.state is None or now.state is None:
        raise ValueError("the log opens no incident")
    return Replay(
        incident=then.state.id,
        opened_at=then.state.opened_at,
        then=_end(then.state),
        now=_end(now.state),
        differences=differences,
    )


class _Run:
    """One fold of the log in one configuration; timers come when this configuration says so."""

    def __init__(
        self, recorded: Sequence[Recorded], context_for: Callable[[ContextTaken], Context]
    ) -> None:
        self.state: IncidentState | None = None
        self.sides: list[tuple[Recorded, Side, str]] = []
        """Fact by fact: what it led to, with what time alone did before it, and a note."""
        self._context: Context | None = None
        self._waiting: list[Step] = []
        last = recorded[-1] if recorded else None
        for one in recorded:
            self._pass_time(one.at)
            fact = one.fact
            if isinstance(fact, ContextTaken):
                self._context = context_for(fact)
            if isinstance(fact, TimerFired) or self._context is None:
                continue
            if isinstance(fact, ContextTaken):
                if self.state is None:
                    continue
                fact = self._context.taken()
            note = self._routed(fact)
            self._fold(msgspec.structs.replace(one, fact=fact))
            self._close(one, note)
        if last is not None:
            self._pass_time(last.at)
            if self._waiting:
                self._close(last, "")

    def _fold(self, one: Recorded) -> None:
        if self._context is None:
            raise ValueError(f"{one.subject}: no context before fact {one.seq}")
        step = incidents.apply(self.state, one.fact, one.at, self._context, actor=one.actor)
        self.state = step.state
        self._waiting.append(step)

    def _pass_time(self, until: datetime) -> None:
        for _ in range(_TIMERS_MOST):
            coming = incidents.due(self.state)[:1] if self.state is not None else ()
            if not coming or coming[0].at > until:
                return
            due = coming[0]
            fired = TimerFired(timer=due.timer, due=due.at, key=due.key)
            self._fold(Recorded(seq=0, at=due.at, subject="", actor=SYSTEM, fact=fired))
        raise ValueError("its timers never come to an end")

    def _routed(self, fact: Any) -> str:
        """Whether an alarm would still be one of this incident."""
        if not isinstance(fact, EventReceived) or fact.signal.kind != "alarm":
            return ""
        if self._context is None:
            return ""
        known = () if self.state is None else (self.state,)
        route = grouping.route(
            fact.signal, incidents=known, context=self._context, is_armed=fact.is_armed
        )[0]
        if route.kind is RouteKind.NOTHING:
            return f"the event would open no incident: {route.reason.text} [{route.reason.rule}]"
        if self.state is not None and route.kind is RouteKind.OPENS:
            return f"the event would open its own incident [{route.reason.rule}]"
        return ""

    def _close(self, one: Recorded, note: str) -> None:
        steps, self._waiting = self._waiting, []
        actions = [action for step in steps for action in step.actions]
        refusals = [step.refusal for step in steps if step.refusal is not None]
        side = Side(
            actions=tuple(map(spelled, actions)),
            rules=tuple(dict.fromkeys(rule for action in actions for rule in action.rules)),
            refusal="; ".join(f"{refusal.text} [{refusal.rule}]" for refusal in refusals),
        )
        if isinstance(one.fact, RequestSent) and self.state and self.state.request is None:
            note = "responders were asked, which these rules do not ask for"
        self.sides.append((one, side, note))


def _differences(then: _Run, now: _Run) -> Iterator[Difference]:
    for (one, before, old_note), (_one, after, note) in zip(then.sides, now.sides, strict=False):
        is_same = before.actions == after.actions and bool(before.refusal) == bool(after.refusal)
        if is_same and note == old_note and not _is_unasked(old_note):
            continue
        yield Difference(
            seq=one.seq,
            at=one.at,
            fact=words.told(one.fact).text or "what is configured changed",
            then=before,
            now=after,
            note=note,
        )


def _is_unasked(note: str) -> bool:
    return note.startswith("responders were asked")


def _end(state: IncidentState) -> str:
    parts = [state.state.value]
    if state.request is not None:
        parts.append(f"DISPATCH/{state.request.reason}")
    if state.withheld is not None and state.request is None:
        parts.append(f"withheld {state.withheld.reason}")
    if state.close_reason is not None:
        parts.append(f"CLOSE/{state.close_reason}")
    return ", ".join(parts)
