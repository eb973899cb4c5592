"""What can be asked of the engine, from any thread: incidents, ledgers, people, history.

What is open is in memory. What is over is folded from the log when somebody asks for it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Final

from decision import incidents, ledger
from decision.clock import Clock
from decision.context import Context
from decision.engine.books import Books, Case, case_of
from decision.engine.profiles import Profiles
from decision.facts import EventReceived, Recorded
from decision.ledger.facts import SystemRegistered
from decision.ledger.state import SystemState
from decision.packs.model import Pack
from decision.people import People
from decision.questions import Question
from decision.rules.arming import ArmState, armed
from decision.site import Site
from decision.state import IncidentState
from decision.store import Store, codec

ARM_FACTS: Final = 200  # last facts of a site in which its arm state is looked for


class Reading:
    """The reading half of the engine."""

    def __init__(self, store: Store, clock: Clock, profiles: Profiles) -> None:
        self._store = store
        self._clock = clock
        self._books = Books()
        self._profiles = profiles
        self._lock = threading.RLock()
        self.faults: dict[str, str] = {}
        """Subject -> why its facts cannot be folded or its timer not fired. Empty when all is well:
        whoever shows health tells it."""

    @property
    def clock(self) -> Clock:
        """The time that facts are stamped with."""
        return self._clock

    @property
    def profiles(self) -> Profiles:
        """Sites, packs and settings as they are now."""
        return self._profiles

    # -- incidents -------------------------------------------------------------------------

    def open_incidents(self) -> tuple[IncidentState, ...]:
        """Those that are active or wait for something; the most severe first, then the oldest."""
        found = [case.state for case in list(self._books.open.values())]
        return tuple(sorted(found, key=lambda one: (one.severity, one.opened_at, one.id)))

    def ended_incidents(
        self, *, limit: int = 200, site: str | None = None, before_us: int | None = None
    ) -> tuple[IncidentState, ...]:
        """Those that are over, the newest first; ``before_us`` is the opening of the last seen."""
        found: list[IncidentState] = []
        with self._lock:
            marks = self._store.marks(
                codec.INCIDENT,
                site=site,
                before_us=before_us,
                limit=limit + len(self._books.open),
            )
            for mark in marks:
                if mark.is_open or len(found) == limit:
                    continue
                case = self._case(mark.subject.removeprefix(codec.INCIDENT))
                if case is not None:
                    found.append(case.state)
        return tuple(found)

    def incident(self, incident_id: str) -> IncidentState | None:
        """One incident, open or over."""
        case = self._books.open.get(incident_id) or self._case(incident_id)
        return None if case is None else case.state

    def context(self, incident_id: str) -> Context:
        """What a decision about an incident would look at now. Raises KeyError."""
        state = self.incident(incident_id)
        if state is None:
            raise KeyError(incident_id)
        return self.context_of_site(state.site)

    def context_of_site(self, site_id: str) -> Context:
        """What a decision about a site would look at now."""
        site = self._profiles.site(site_id)
        return self._profiles.context(site, self.system(site.system))

    def question(self, incident_id: str) -> Question | None:
        """What the operator is asked next of an incident. Raises KeyError."""
        state = self.incident(incident_id)
        if state is None:
            raise KeyError(incident_id)
        return incidents.next_question(state, self.context_of_site(state.site))

    def _case(self, incident_id: str) -> Case | None:
        with self._lock:
            found = self._books.case(incident_id)
            if found is None:
                found = self._past_case(incident_id)
                if found is not None and not found.is_open:
                    self._books.put_ended(found)
            return found

    def _past_case(self, incident_id: str) -> Case | None:
        recorded = self.history(codec.INCIDENT + incident_id)
        return case_of(recorded) if recorded else None

    # -- the ledger ------------------------------------------------------------------------

    def system(self, system_id: str) -> SystemState | None:
        """One alarm system; None: no pack says how its ledger is kept."""
        found = self._books.systems.get(system_id)
        if found is not None:
            return found
        pack = self.pack_of(system_id)
        if pack is None:
            return None
        with self._lock:
            found = self._books.systems.get(system_id)
            if found is None:
                found = self._books.systems[system_id] = self.folded_system(system_id, pack)
            return found

    def systems(self) -> tuple[SystemState, ...]:
        """All alarm systems with an entry in the ledger or in the site file, by id."""
        with self._lock:
            names = set(self._profiles.systems)
            names |= {
                subject.removeprefix(codec.SYSTEM) for subject in self._store.subjects(codec.SYSTEM)
            }
            found = [self.system(name) for name in sorted(names)]
        return tuple(one for one in found if one is not None)

    def listed(self) -> tuple[SystemState, ...]:
        """The systems on the list of suspended addresses, by id (SJ-C7)."""
        held = list(self._books.systems.values())  # a listed one is held from the start
        return tuple(sorted((one for one in held if one.is_listed), key=lambda one: one.system))

    def site_of(self, system_id: str) -> Site | None:
        """The site that the alarm system protects, as the site file tells."""
        return self._profiles.systems.get(system_id)

    def pack_of(self, system_id: str) -> Pack | None:
        """The pack of a system: by the site file, else by what its ledger was told."""
        site = self.site_of(system_id)
        name = site.jurisdiction if site else self._past_jurisdiction(system_id)
        return self._profiles.pack(name)

    def _past_jurisdiction(self, system_id: str) -> str:
        for one in reversed(self.history(codec.SYSTEM + system_id)):
            if isinstance(one.fact, SystemRegistered) and one.fact.jurisdiction:
                return one.fact.jurisdiction
        return ""

    def folded_system(self, system_id: str, pack: Pack) -> SystemState:
        """The ledger of a system, folded from its facts."""
        log = ((one.at, one.fact) for one in self.history(codec.SYSTEM + system_id))
        return ledger.fold(system_id, log, pack)

    # -- people and sites ------------------------------------------------------------------

    @property
    def people(self) -> People:
        """Training and supervision."""
        return self._books.people

    def _past_armed(self, site_id: str) -> ArmState:
        found = self._books.armed.get(site_id)
        if found is None:
            found = ArmState()
            for row in self._store.facts(codec.SITE + site_id, last=ARM_FACTS):
                fact = codec.decode(row).fact
                if isinstance(fact, EventReceived):
                    found = armed(found, fact.signal)
            self._books.put_armed(site_id, found)
        return found

    # -- the log ---------------------------------------------------------------------------

    def history(self, subject: str) -> list[Recorded]:
        """Every fact of a subject, oldest first."""
        return [codec.decode(row) for row in self._store.facts(subject)]

    def log(self, *, before_seq: int | None = None, limit: int, prefix: str = "") -> list[Recorded]:
        """Facts of everything, the latest first; of subjects that begin with ``prefix``."""
        rows = self._store.latest(prefix=prefix, before_seq=before_seq, limit=limit)
        return [codec.decode(row) for row in rows]

    def all_facts(self, prefix: str = "") -> Iterator[Recorded]:
        """The whole log in its order."""
        return map(codec.decode, self._store.rows(prefix=prefix))

    def counts(self) -> Mapping[str, int]:
        """How much is held, for health."""
        return {
            "open_incidents": len(self._books.open),
            "systems": len(self._books.systems),
            "listed": len(self.listed()),
            "faults": len(self.faults),
        }
