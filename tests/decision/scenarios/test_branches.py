"""The shipped scenarios walk every branch of PPVAR 6.2, every reason, state and gate result."""

from __future__ import annotations

from functools import cache

import pytest

from decision.ledger.table import TRANSITIONS as LEDGER
from decision.scenarios import load_file, run, shipped
from decision.scenarios.run import _happen
from decision.scenarios.world import World
from decision.vocabulary import (
    ActionKind,
    AlarmState,
    AreaClass,
    CallEnding,
    CallOffStatus,
    CloseReason,
    ContactResult,
    DispatchReason,
    ResponseMode,
    SystemState,
    ThreatLevel,
)

TABLE_2_8 = [
    ("RECEIVED", "LISTEN_INITIAL", "PPVAR-6.1.1"),
    ("RECEIVED", "NON_AUDIO", "XS-11"),
    ("LISTEN_INITIAL", "ACCESS_A", "PPVAR-6.2.1.1"),
    ("LISTEN_INITIAL", "ASSESS", "PPVAR-6.2.1.2"),
    ("ACCESS_A", "NON_AUDIO", "PPVAR-6.2.1.1.2"),
    ("ACCESS_A", "THREAT", "PPVAR-6.2.1.1.1"),
    ("ASSESS", "THREAT", "PPVAR-6.2.1.2.1"),
    ("ASSESS", "NO_HUMAN", "PPVAR-6.2.1.2.2"),
    ("NO_HUMAN", "CLOSE", "PPVAR-6.2.1.2.2"),
    ("NO_HUMAN", "NON_AUDIO", "PPVAR-6.2.1.2.2"),
    ("THREAT", "DISPATCH", "PPVAR-6.2.2.1.1"),
    ("THREAT", "ACCESS_B", "PPVAR-6.2.2.2"),
    ("THREAT", "NO_HUMAN", "PPVAR-3.19.3"),
    ("THREAT", "ACCESS_B", "AMB-P11"),
    ("ACCESS_B", "DISPATCH", "PPVAR-6.2.2.2.1"),
    ("ACCESS_B", "VERIFY_SITE", "PPVAR-6.2.2.2.2"),
    ("VERIFY_SITE", "VERIFY_CONTACT", "PPVAR-6.2.2.2.2"),
    ("VERIFY_SITE", "CLOSE", "PPVAR-6.2.2.2.2.1"),
    ("VERIFY_CONTACT", "CLOSE", "PPVAR-6.2.2.2.2.1"),
    ("VERIFY_CONTACT", "DISPATCH", "PPVAR-5.2"),
    ("VERIFY_SITE", "DISPATCH", "PPVAR-5.2"),
    ("VERIFY_SITE", "DISPATCH", "PPVAR-5.3"),
    ("VERIFY_CONTACT", "DISPATCH", "DISP-S3"),
    ("VERIFY_CONTACT", "AREA", "PPVAR-6.2.2.2.2.2"),
    ("AREA", "DISPATCH", "PPVAR-6.2.2.2.2.2.1"),
    ("AREA", "NOT_SECURED", "PPVAR-6.2.2.2.2.2.3"),
    ("NOT_SECURED", "CLOSE", "PPVAR-6.2.2.2.2.2.3"),
    ("NOT_SECURED", "DISPATCH", "XS-3"),
]
"""State, next state, rule: the rows of the decision tree."""


class Seen:
    """What happens in all scenarios together."""

    def __init__(self) -> None:
        self.trail: set[tuple[str, str, str]] = set()
        self.regions: set[tuple[str, str]] = set()
        self.actions: set[str] = set()
        self.states: set[str] = set()
        self.systems: set[str] = set()
        self.changes: set[tuple[str, str]] = set()
        self.found: dict[str, set[str]] = {}
        for path in shipped():
            self._walk(load_file(path))

    def _walk(self, prepared) -> None:
        world = World(prepared)
        for moment in prepared.moments:
            world.pass_time(moment.at)
            _happen(moment, world)
            self._look(world)

    def _look(self, world: World) -> None:
        for change in world.happened.ledger_actions:
            if hasattr(change, "before"):
                self.changes.add((change.before.value, change.after.value))
        for system in world.systems.values():
            self.systems.add(system.state.value)
        for state in world.incidents.values():
            self.states.add(state.state.value)
            self.trail |= {(t.before, t.after, t.rule) for t in state.trail if t.region == "ppvar"}
            for attempt in state.attempts:
                self._find("ending", attempt.ending)
                self._find("result", attempt.result)
            if state.threat_level is not None:
                self._find("threat_level", state.threat_level)
            if state.request is not None and state.request.call_off is not None:
                self._find("call_off", state.request.call_off)
            if state.list_result is not None:
                self._find("result", state.list_result)
        self._find("mode", world.context.site.response_mode)

    def _find(self, key: str, value: str) -> None:
        self.found.setdefault(key, set()).add(str(value))


@cache
def seen() -> Seen:
    return Seen()


@cache
def actions() -> frozenset[str]:
    outcomes = [run(load_file(path)) for path in shipped()]
    return frozenset(a for one in outcomes for step in one.steps for a in step.actions)


@pytest.mark.parametrize(("before", "after", "rule"), TABLE_2_8)
def test_a_scenario_takes_each_row_of_the_decision_tree(before, after, rule) -> None:
    assert (before, after, rule) in seen().trail


@pytest.mark.parametrize("reason", DispatchReason)
def test_a_scenario_dispatches_for_each_reason(reason) -> None:
    assert f"DISPATCH/{reason}" in actions()


@pytest.mark.parametrize("reason", CloseReason)
def test_a_scenario_closes_for_each_reason(reason) -> None:
    assert f"CLOSE/{reason}" in actions()


@pytest.mark.parametrize("kind", ActionKind)
def test_a_scenario_has_each_kind_of_action(kind) -> None:
    assert kind in {action.partition("/")[0] for action in actions()}


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("result", ContactResult),
        ("ending", CallEnding),
        ("threat_level", [ThreatLevel.TL2, ThreatLevel.TL3]),
        ("call_off", CallOffStatus),
        ("mode", ResponseMode),
    ],
)
def test_a_scenario_has_each_word(key, words) -> None:
    assert {str(word) for word in words} <= seen().found[key]


def test_alarms_end_in_every_state_and_systems_stand_in_every_one() -> None:
    assert seen().states == {state.value for state in AlarmState}
    assert seen().systems == {state.value for state in SystemState}


def test_the_ledger_moves_along_every_arrow_of_its_table() -> None:
    arrows = {
        (before.value, after.value)
        for before, row in LEDGER.items()
        for after in row.values()
        if after is not before
    }
    assert arrows <= seen().changes


def test_each_class_of_area_decides_or_changes_nothing_in_a_scenario() -> None:
    told = "\n".join(path.read_text() for path in shipped())
    assert all(f'"{area}"' in told for area in AreaClass)
