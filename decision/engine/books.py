"""The states that are held in memory. Every value is immutable; only the engine puts them here."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

import msgspec

from decision import incidents
from decision.context import Context, context_of
from decision.facts import ContextTaken, Recorded
from decision.ledger.state import SystemState
from decision.people import People
from decision.rules.arming import ArmState
from decision.state import IncidentState

ENDED_KEPT: Final = 1000  # incidents that are over, kept for the pages that show the last ones
ARMED_KEPT: Final = 100_000  # sites whose openings and closings are remembered without a look-up


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """An incident with the context that its last fact was folded in."""

    state: IncidentState
    context: Context
    last_seq: int

    @property
    def is_open(self) -> bool:
        """Whether something may still happen to it by itself or is asked of somebody."""
        return self.state.is_active or bool(self.state.tasks) or bool(incidents.due(self.state))


def case_of(recorded: Sequence[Recorded]) -> Case:
    """Fold an incident from its facts. Raises ValueError when they hold no context."""
    taken = [one.fact for one in recorded if isinstance(one.fact, ContextTaken)]
    if not taken:
        raise ValueError("its facts name no context")
    return Case(
        state=incidents.fold(recorded),
        context=context_of(taken[-1]),
        last_seq=recorded[-1].seq,
    )


class Books:
    """All of them."""

    def __init__(self) -> None:
        self.open: dict[str, Case] = {}
        """Open incidents by id."""
        self.systems: dict[str, SystemState] = {}
        """Alarm systems with an entry in the ledger that were looked at once."""
        self.people = People()
        self.armed: OrderedDict[str, ArmState] = OrderedDict()
        """Site -> what its openings and closings told; the least used go first."""
        self._ended: OrderedDict[str, Case] = OrderedDict()
        self._of_site: dict[str, set[str]] = {}

    def put_case(self, case: Case) -> None:
        """Hold an incident, or keep it among those that are over."""
        key = case.state.id
        if case.is_open:
            self.open[key] = case
            self._of_site.setdefault(case.state.site, set()).add(key)
            self._ended.pop(key, None)
            return
        if self.open.pop(key, None) is not None:
            here = self._of_site[case.state.site]
            here.discard(key)
            if not here:
                del self._of_site[case.state.site]
        self.put_ended(case)

    def put_ended(self, case: Case) -> None:
        """Keep an incident that is over for a while."""
        self._ended[case.state.id] = case
        if len(self._ended) > ENDED_KEPT:
            self._ended.popitem(last=False)

    def case(self, incident_id: str) -> Case | None:
        """An incident, if it is in memory."""
        return self.open.get(incident_id) or self._ended.get(incident_id)

    def of_site(self, site_id: str) -> list[IncidentState]:
        """The open incidents of a site, the oldest first."""
        found = [self.open[key].state for key in self._of_site.get(site_id, ())]
        return sorted(found, key=lambda state: (state.opened_at, state.id))

    def put_armed(self, site_id: str, state: ArmState) -> None:
        """Remember what is armed at a site."""
        self.armed[site_id] = state
        self.armed.move_to_end(site_id)
        if len(self.armed) > ARMED_KEPT:
            self.armed.popitem(last=False)
