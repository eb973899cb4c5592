"""One transaction in the making: facts are decided upon on top of the books, then stored at once.

Nothing here touches the books before the store said that the facts are durable. A draft that is
dropped leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from decision import incidents, ledger, people
from decision.context import Context
from decision.engine.books import Books, Case
from decision.engine.change import Change, UnknownSubject
from decision.engine.police import police_call
from decision.engine.profiles import Profiles, registration_of
from decision.facts import SYSTEM, Actor, EventReceived, Recorded
from decision.ledger.facts import SystemRegistered
from decision.ledger.state import SystemState
from decision.packs.model import Pack
from decision.people import People
from decision.rules.arming import ArmState
from decision.site import Site
from decision.state import IncidentState
from decision.store import Mark, NewFact, codec


class Past:
    """What a draft may ask of the log; the engine gives it."""

    def __init__(
        self,
        *,
        case: Callable[[str], Case | None],
        system: Callable[[str, Pack], SystemState],
        jurisdiction: Callable[[str], str],
        armed: Callable[[str], ArmState],
        history: Callable[[str], list[Recorded]],
    ) -> None:
        self.case = case
        self.system = system
        self.jurisdiction = jurisdiction
        self.armed = armed
        self.history = history


class Draft:
    """Facts that belong together: all of them become durable, or none."""

    def __init__(
        self, books: Books, profiles: Profiles, past: Past, *, now: datetime, next_seq: int
    ) -> None:
        """``next_seq``: number of the first fact."""
        self.now = now
        self.rows: list[NewFact] = []
        self.changes: list[Change] = []
        self._books = books
        self._profiles = profiles
        self._past = past
        self._first_seq = next_seq
        self._cases: dict[str, Case] = {}
        self._systems: dict[str, SystemState] = {}
        self._packs: dict[str, Pack | None] = {}
        self._people: People | None = None
        self._armed: dict[str, ArmState] = {}

    # -- what is known, with what this draft adds -------------------------------------------

    def case(self, incident_id: str) -> Case | None:
        """An incident."""
        return (
            self._cases.get(incident_id)
            or self._books.case(incident_id)
            or self._past.case(incident_id)
        )

    def of_site(self, site_id: str) -> list[Case]:
        """The incidents of a site that may still be open."""
        known = {state.id for state in self._books.of_site(site_id)}
        known |= {key for key, case in self._cases.items() if case.state.site == site_id}
        return [case for key in sorted(known) if (case := self.case(key)) is not None]

    def armed(self, site_id: str) -> ArmState:
        """What is armed at a site."""
        return self._armed.get(site_id) or self._past.armed(site_id)

    def put_armed(self, site_id: str, state: ArmState) -> None:
        """Remember what is armed at a site."""
        self._armed[site_id] = state

    def pack_of(self, system_id: str) -> Pack | None:
        """The pack of a system: by the site file, else by what its ledger was told."""
        if system_id not in self._packs:
            site = self._profiles.systems.get(system_id)
            name = site.jurisdiction if site else self._past.jurisdiction(system_id)
            self._packs[system_id] = self._profiles.pack(name)
        return self._packs[system_id]

    def system(self, system_id: str) -> SystemState | None:
        """The ledger of a system; None: its jurisdiction is not known."""
        pack = self.pack_of(system_id)
        if pack is None:
            return None
        found = self._systems.get(system_id) or self._books.systems.get(system_id)
        if found is None:
            found = self._systems[system_id] = self._past.system(system_id, pack)
        return found

    def context(self, site: Site) -> Context:
        """What a decision about a site looks at now."""
        return self._profiles.context(site, self.system(site.system))

    def site(self, site_id: str) -> Site:
        """The profile of a site."""
        return self._profiles.site(site_id)

    # -- facts -----------------------------------------------------------------------------

    def add(
        self, subject: str, fact: msgspec.Struct, actor: Actor, *, event_id: str | None = None
    ) -> Change:
        """Decide upon one more fact. Raises ``UnknownSubject``, ValueError."""
        key = subject.partition("/")[2]
        if subject.startswith(codec.INCIDENT):
            return self._add_incident(key, fact, actor, event_id)
        if subject.startswith(codec.SYSTEM):
            return self._add_system(key, fact, actor)
        recorded = self._append(subject, fact, actor, event_id)
        if subject.startswith(codec.OPERATOR):
            known = self._people or self._books.people
            self._people = people.fold(known, key, recorded.fact, now=self.now)
        return self._changed(Change(recorded=recorded))

    def _add_incident(self, key: str, fact: Any, actor: Actor, event_id: str | None) -> Change:
        case = self.case(key)
        subject = codec.INCIDENT + key
        if case is None and not isinstance(fact, EventReceived):
            raise UnknownSubject(f"there is no incident {key!r}")
        site = self.site(case.state.site) if case is not None else self.site(fact.signal.site)
        context = self.context(site)
        state = None if case is None else case.state
        if case is None or case.context != context:
            recorded = self._append(subject, context.taken(), SYSTEM, None)
            if state is None:
                self._changed(Change(recorded=recorded))
            else:
                state = self._apply(state, recorded, context).state
        recorded = self._append(subject, fact, actor, event_id)
        case = self._apply(state, recorded, context)
        change = self.changes[-1]
        self._feed_ledger(case, recorded, actor)
        return change

    def _apply(self, state: IncidentState | None, recorded: Recorded, context: Context) -> Case:
        step = incidents.apply(state, recorded.fact, self.now, context, actor=recorded.actor)
        self._changed(Change(recorded=recorded, step=step))
        after = Case(state=step.state, context=context, last_seq=recorded.seq)
        self._cases[step.state.id] = after
        return after

    def _feed_ledger(self, case: Case, recorded: Recorded, actor: Actor) -> None:
        subject = recorded.subject

        def history() -> list[Recorded]:
            return [*self._past.history(subject), *self._recorded(subject)]

        call = police_call(case.state, recorded, history)
        if call is None:
            return
        site = case.context.site
        told = self._registered(site)
        if told is not None:
            self._add_system(site.system, told, SYSTEM)
        self._add_system(site.system, call, actor)

    def _recorded(self, subject: str) -> list[Recorded]:
        return [change.recorded for change in self.changes if change.subject == subject]

    def _registered(self, site: Site) -> SystemRegistered | None:
        speaker = self._profiles.systems.get(site.system, site)
        state = self.system(site.system)
        if state is not None:
            return registration_of(speaker, state.registration)
        # No pack folds this ledger yet: what it was told last stands in its facts.
        told = registration_of(speaker, None)
        subject = codec.SYSTEM + site.system
        known = [one.fact for one in (*self._past.history(subject), *self._recorded(subject))]
        last = next((one for one in reversed(known) if isinstance(one, SystemRegistered)), None)
        return None if told == last else told

    def _add_system(self, key: str, fact: Any, actor: Actor) -> Change:
        pack, state = self.pack_of(key), self.system(key)
        recorded = self._append(codec.SYSTEM + key, fact, actor, None)
        if pack is None or state is None:
            return self._changed(Change(recorded=recorded))
        step = ledger.apply(state, recorded.fact, self.now, pack)
        self._systems[key] = step.state
        return self._changed(Change(recorded=recorded, step=step))

    def _append(
        self, subject: str, fact: msgspec.Struct, actor: Actor, event_id: str | None
    ) -> Recorded:
        self.rows.append(codec.encode(subject, fact, actor, at=self.now, event_id=event_id))
        return Recorded(
            seq=self._first_seq + len(self.rows) - 1,
            at=self.now,
            subject=subject,
            actor=actor,
            fact=fact,
        )

    def _changed(self, change: Change) -> Change:
        self.changes.append(change)
        return change

    # -- the end ---------------------------------------------------------------------------

    def savepoint(self) -> Callable[[], None]:
        """Give what takes everything after this moment back."""
        counts = len(self.rows), len(self.changes)
        kept = dict(self._cases), dict(self._systems), dict(self._armed), self._people

        def back() -> None:
            del self.rows[counts[0] :]
            del self.changes[counts[1] :]
            self._cases, self._systems, self._armed, self._people = kept

        return back

    def marks(self) -> dict[str, Mark]:
        """What is derived of each incident and system that the facts are about."""
        marks = {}
        for change in self.changes:
            key = change.subject.partition("/")[2]
            if change.incident is not None:
                marks[change.subject] = mark_of_case(self._cases[key])
            elif change.system is not None and (pack := self.pack_of(key)) is not None:
                marks[change.subject] = mark_of_system(
                    self._systems[key], pack, self.now, change.recorded.seq
                )
            elif change.subject.startswith(codec.SYSTEM):
                seq = change.recorded.seq
                marks[change.subject] = mark_of_packless(change.subject, self.now, seq)
        return marks

    def settle(self) -> None:
        """The facts are durable: put what they led to into the books."""
        for case in self._cases.values():
            self._books.put_case(case)
        self._books.systems.update(self._systems)
        for site_id, armed in self._armed.items():
            self._books.put_armed(site_id, armed)
        if self._people is not None:
            self._books.people = self._people


def mark_of_case(case: Case) -> Mark:
    """What is derived of an incident."""
    due = incidents.due(case.state)
    return Mark(
        subject=codec.INCIDENT + case.state.id,
        is_open=case.is_open,
        due_us=codec.micros(due[0].at) if due else None,
        site=case.state.site,
        first_us=codec.micros(case.state.opened_at),
        last_seq=case.last_seq,
    )


def mark_of_system(state: SystemState, pack: Pack, now: datetime, seq: int) -> Mark:
    """What is derived of an alarm system; open: somebody has to do something, or it is listed."""
    due = ledger.due(state, pack)
    return Mark(
        subject=codec.SYSTEM + state.system,
        is_open=state.is_listed or bool(state.open_tasks),
        due_us=None if due is None else codec.micros(due),
        first_us=codec.micros(now),
        last_seq=seq,
    )


def mark_of_packless(subject: str, now: datetime, seq: int) -> Mark:
    """What is derived of a ledger that no pack folds yet: it is looked at when packs change."""
    return Mark(subject=subject, is_open=True, first_us=codec.micros(now), last_seq=seq)
