"""A station in memory: incidents, ledger and people of one scenario, folded as the engine does.

The whole chain of section 4 runs here: an event finds its incident, the incident's decisions look
at the ledger's state, and what responders answer goes back to the ledger (XS-7). No store, no
clock: time passes when the next step says so.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import msgspec

from decision import incidents, people
from decision import ledger as ledgers
from decision.actions import Action
from decision.alarm_signal import Signal
from decision.context import Context, context_for
from decision.engine.jurisdiction import requirements_of
from decision.engine.police import police_call
from decision.engine.profiles import registration_of
from decision.facts import GATEWAY, SYSTEM, Actor, Fact, Recorded, TimerFired
from decision.ledger.actions import LedgerAction
from decision.ledger.facts import DayCame, LedgerFact
from decision.ledger.state import SystemState
from decision.people import People, PersonFact
from decision.requirements import standing_of
from decision.rules import arming, grouping
from decision.rules.training import Competence
from decision.scenarios.prepared import Prepared
from decision.state import IncidentState

TIMERS_MOST: Final = 10_000
"""More timers than this between two steps is a mistake of the rules, not of the scenario."""


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """One reason of a decision, with the rules that it cites."""

    text: str
    rules: tuple[str, ...] = ()


class Happened(msgspec.Struct, kw_only=True):
    """What one step of a scenario led to."""

    actions: list[Action] = []
    ledger_actions: list[LedgerAction] = []
    reasons: list[Why] = []
    is_refused: bool = False
    competence: Competence | None = None


class World:
    """The states, and what the present step has led to so far."""

    def __init__(self, prepared: Prepared) -> None:
        """Nothing has happened; the site's system is registered when the first step comes."""
        self._given: Final = prepared
        self._requirements: Final = requirements_of(prepared.pack) if prepared.pack else None
        self._logs: dict[str, list[Recorded]] = {}
        self._seq = 0
        self.incidents: dict[str, IncidentState] = {}
        self.systems: dict[str, SystemState] = {}
        self.people = People()
        self._armed = arming.ArmState()
        self.last = ""
        """The incident that opened last."""
        self.now = prepared.moments[0].at if prepared.moments else datetime.min.replace(tzinfo=UTC)
        self.happened = Happened()
        if prepared.pack is not None:
            told = registration_of(prepared.site, None)
            if told is not None:
                self.record_ledger(prepared.site.system, told)

    @property
    def context(self) -> Context:
        """What a decision looks at now."""
        standing = self._given.standing
        if standing is None and (system := self.systems.get(self._given.site.system)) is not None:
            standing = standing_of(system.system, system)
        return context_for(
            self._given.site,
            station=self._given.settings,
            requirements=self._requirements,
            standing=standing,
        )

    def log(self, incident: str) -> tuple[Recorded, ...]:
        """The facts of an incident so far."""
        return tuple(self._logs.get(incident, ()))

    def pass_time(self, until: datetime) -> None:
        """Let everything happen that time alone brings, in its order."""
        self.happened = Happened()
        for _ in range(TIMERS_MOST):
            ahead = [
                (due.at, incident, TimerFired(timer=due.timer, due=due.at, key=due.key))
                for incident, state in self.incidents.items()
                for due in incidents.due(state)[:1]
            ]
            first = min(ahead, key=lambda one: one[0], default=None)
            days = self._next_day()
            if days is not None and days[0] <= until and (first is None or days[0] <= first[0]):
                self.now = days[0]
                self.record_ledger(days[1], DayCame())
            elif first is not None and first[0] <= until:
                self.now = max(self.now, first[0])
                self.record_incident(first[1], first[2], SYSTEM)
            else:
                break
        else:
            raise RuntimeError(f"timers never come to an end before {until}")
        self.now = until
        for system in tuple(self.systems):
            self.record_ledger(system, DayCame())

    def _next_day(self) -> tuple[datetime, str] | None:
        pack = self._given.pack
        if pack is None:
            return None
        ahead = [
            (at, name)
            for name, state in self.systems.items()
            if (at := ledgers.due(state, pack)) is not None and at > self.now
        ]
        return min(ahead, default=None)

    def receive(self, signal: Signal) -> None:
        """Give an event to the incident that it opens, joins or bears on."""
        routes = grouping.route(
            signal,
            incidents=self.incidents.values(),
            context=self.context,
            is_armed=self._armed.of(signal.area),
        )
        for route in routes:
            self._say(route.reason.text, (route.reason.rule,))
            if route.fact is not None:
                self.record_incident(route.incident, route.fact, GATEWAY)
        self._armed = arming.armed(self._armed, signal)

    def record_incident(self, incident: str, fact: Fact, actor: Actor) -> None:
        """Fold a fact of an incident; what responders answered goes on to the ledger."""
        before = self.incidents.get(incident)
        self._seq += 1
        recorded = Recorded(
            seq=self._seq, at=self.now, subject=f"incident/{incident}", actor=actor, fact=fact
        )
        step = incidents.apply(before, fact, self.now, self.context, actor=actor)
        self.incidents[incident] = step.state
        self._logs.setdefault(incident, []).append(recorded)
        if before is None:
            self.last = incident
        trail = step.state.trail[len(before.trail) if before else 0 :]
        for moved in trail:
            self._say(f"{moved.region}: {moved.before} -> {moved.after}", (moved.rule,))
        for reason in step.reasons:
            self._say(reason.text, (reason.rule,))
        if step.refusal is not None:
            self._say(f"refused: {step.refusal.text}", (step.refusal.rule,))
            self.happened.is_refused = True
        self.happened.actions.extend(step.actions)
        call = police_call(step.state, recorded, lambda: self._logs[incident])
        if call is not None:
            self.record_ledger(self._given.site.system, call)

    def record_ledger(self, system: str, fact: LedgerFact) -> None:
        """Fold a fact of the ledger."""
        pack = self._given.pack
        if pack is None:
            return
        state = self.systems.get(system) or SystemState(system=system)
        step = ledgers.apply(state, fact, self.now, pack)
        self.systems[system] = step.state
        self.happened.is_refused |= step.is_refused
        self.happened.ledger_actions.extend(step.actions)
        for reason in step.reasons:
            self._say(reason.text, reason.rules)

    def record_person(self, operator: str, fact: PersonFact) -> None:
        """Fold a fact about an operator."""
        self.people = people.fold(self.people, operator, fact, now=self.now)

    def ask_competence(self, operator: str) -> None:
        """May this operator handle audio alarms now (PPVAR-4.3.1)."""
        day = self.now.astimezone(self._given.zone).date()
        found = self.people.may_handle_audio(operator, on=day, now=self.now)
        self.happened.competence = found
        self._say(f"{operator}: {found.result.value}, {found.why}", found.rules)
        for finding in found.findings:
            self._say(f"missing: {finding.what}", (finding.rule,))

    def _say(self, text: str, rules: tuple[str, ...]) -> None:
        self.happened.reasons.append(Why(text=text, rules=rules))
