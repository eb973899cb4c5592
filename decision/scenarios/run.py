"""Runs a scenario step by step and tells where its outcome differs, and which rule decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, time
from typing import Any, Final

import msgspec

from decision.scenarios.look import Look
from decision.scenarios.prepared import Moment, Prepared
from decision.scenarios.world import Why, World


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is not as the scenario says."""

    key: str
    expected: str
    found: str


class StepOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one step."""

    number: int
    at: datetime
    """Local to the scenario, with its offset."""
    says: str
    actions: tuple[str, ...] = ()
    reasons: tuple[Why, ...] = ()
    """Why it came so, the deciding rules with each."""
    rules: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()

    @property
    def is_as_expected(self) -> bool:
        """Whether nothing differs."""
        return not self.differences


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a scenario."""

    file: str
    title: str
    proves: tuple[str, ...]
    steps: tuple[StepOutcome, ...]

    @property
    def is_as_expected(self) -> bool:
        """Whether every step is."""
        return all(step.is_as_expected for step in self.steps)


def run(prepared: Prepared) -> Outcome:
    """Run all steps; one that differs does not end the run."""
    world = World(prepared)
    return Outcome(
        file=prepared.file,
        title=prepared.scenario.title,
        proves=prepared.scenario.proves,
        steps=tuple(_step(prepared, moment, world) for moment in prepared.moments),
    )


def _step(prepared: Prepared, moment: Moment, world: World) -> StepOutcome:
    world.pass_time(moment.at)
    missing = _happen(moment, world)
    look = Look(prepared, moment, world)
    return StepOutcome(
        number=moment.number,
        at=moment.at.astimezone(prepared.zone),
        says=moment.says,
        actions=look.actions,
        reasons=tuple(world.happened.reasons),
        rules=look.rules,
        differences=(*missing, *differences(look, moment)),
    )


def _happen(moment: Moment, world: World) -> tuple[Difference, ...]:
    if moment.signal is not None:
        world.receive(moment.signal)
    if moment.fact is not None:
        incident = moment.incident or world.last
        if incident not in world.incidents:
            expected = f"incident {incident}" if incident else "an open incident"
            found = ", ".join(world.incidents) or "none"
            return (Difference(key="incident", expected=expected, found=found),)
        world.record_incident(incident, moment.fact, moment.actor)
    if moment.ledger is not None:
        world.record_ledger(moment.system, moment.ledger)
    if moment.person is not None:
        world.record_person(moment.operator, moment.person)
    if moment.asks_competence:
        world.ask_competence(moment.operator)
    return ()


def differences(look: Look, moment: Moment) -> tuple[Difference, ...]:
    """Everything that is asked and not so."""
    asked = moment.expect.model_dump(exclude_none=True)
    if look.happened.is_refused:
        asked.setdefault("is_refused", False)
    found = []
    for key, expected in asked.items():
        seen = look.found(key)
        if not _COMPARED.get(key, _equal)(expected, seen):
            found.append(Difference(key=key, expected=_told(expected), found=_told(seen)))
    return tuple(found)


def _equal(expected: Any, seen: Any) -> bool:
    return bool(expected == seen)


def _in_order(expected: Iterable[str], seen: Iterable[str]) -> bool:
    """All of them, in this order, others between; ``CALL_OFF`` stands for any detail."""
    rest = iter(seen)
    return all(any(_is_action(one, other) for other in rest) for one in expected)


def _exactly(expected: tuple[str, ...], seen: tuple[str, ...]) -> bool:
    return len(expected) == len(seen) and all(map(_is_action, expected, seen))


def _none_of(expected: Iterable[str], seen: Iterable[str]) -> bool:
    others = tuple(seen)
    return not any(_is_action(one, other) for one in expected for other in others)


def _is_action(asked: str, seen: str) -> bool:
    return asked == seen or ("/" not in asked and seen.partition("/")[0] == asked)


def _all_in(expected: Iterable[str], seen: Iterable[str]) -> bool:
    return set(expected) <= set(seen)


def _as_many(expected: Iterable[str], seen: Iterable[str]) -> bool:
    return Counter(expected) <= Counter(seen)


def _same(expected: Iterable[str], seen: Iterable[str]) -> bool:
    return sorted(expected) == sorted(seen)


def _says(expected: Iterable[str], seen: str) -> bool:
    return all(words.lower() in seen.lower() for words in expected)


def _omits(expected: Iterable[str], seen: str) -> bool:
    return not any(words.lower() in seen.lower() for words in expected)


def _contains(expected: str, seen: str) -> bool:
    return expected.lower() in seen.lower()


def _attempts(expected: Mapping[str, int], seen: Mapping[str, int]) -> bool:
    return all(seen.get(contact, 0) == count for contact, count in expected.items())


def _part(expected: Mapping[str, Any], seen: Mapping[str, Any]) -> bool:
    return all(seen.get(key) == value for key, value in expected.items())


def _moment(expected: datetime | time, seen: datetime | None) -> bool:
    if seen is None:
        return False
    return seen.time() == expected if isinstance(expected, time) else seen == expected


_COMPARED: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "actions": _exactly,
    "has_actions": _in_order,
    "no_actions": _none_of,
    "rules": _all_in,
    "findings": _all_in,
    "attempts": _attempts,
    "asks": _same,
    "faults": _all_in,
    "says": _says,
    "message_says": _says,
    "message_omits": _omits,
    "configured": _contains,
    "customer": _contains,
    "local": _contains,
    "tasks": _same,
    "has_tasks": _as_many,
    "disposition_until": _part,
    "window_ends": _moment,
    "wakes": _moment,
}
"""How a key is compared where it is not simply the same."""


def _told(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case str():
            return value or "nothing"
        case bool():
            return str(value).lower()
        case list() | tuple():
            return ", ".join(map(_told, value)) or "none"
        case dict():
            return ", ".join(f"{key} {_told(one)}" for key, one in value.items()) or "none"
        case _:
            return str(value)
