"""Runs the worked examples of a pack: facts with dates must lead to what the pack says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import msgspec

from decision.ledger.facts import DayCame, LedgerFact, PoliceCall
from decision.ledger.fold import apply
from decision.ledger.state import Step, SystemState
from decision.ledger.windows import disposition_window, suspension_window
from decision.packs.examples import Example, ExampleStep
from decision.packs.model import Pack

_NOON: Final = timedelta(hours=12)


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that came out otherwise than a pack says."""

    pack: str
    example: str
    key: str
    """Key path, e.g. ``example[1].steps[3].expect.count``."""
    on: str
    says: str
    expected: object
    found: object
    reasons: tuple[str, ...] = ()
    """What the step said of itself, with the rules."""

    def __str__(self) -> str:
        """Tell it in a few lines."""
        text = f"{self.pack}: {self.example}, {self.on}{': ' if self.says else ''}{self.says}\n"
        text += f"    {self.key}: expected {self.expected}, found {self.found}"
        return text + "".join(f"\n    because {reason}" for reason in self.reasons)


def check(pack: Pack) -> list[Difference]:
    """Run all worked examples of a pack; empty when they come out as it says."""
    differences: list[Difference] = []
    for index, example in enumerate(pack.example, start=1):
        differences.extend(_run(pack, example, f"example[{index}]"))
    return differences


def _run(pack: Pack, example: Example, where: str) -> list[Difference]:
    state = SystemState(system=example.system)
    differences: list[Difference] = []
    for number, told in enumerate(example.steps, start=1):
        now = moment_of(told, pack)
        key = f"{where}.steps[{number}]"
        try:
            fact = fact_of(told, example, now)
        except msgspec.ValidationError as error:
            differences.append(_differs(pack, example, told, f"{key}.fact", "a fact", str(error)))
            break
        step = apply(state, fact, now, pack)
        state = step.state
        expected = told.expect.model_dump(exclude_none=True)
        if step.is_refused and "is_refused" not in expected:
            expected["is_refused"] = False
        for name, wanted in expected.items():
            found = _found(name, wanted, step, fact, pack)
            if found != _comparable(name, wanted):
                differences.append(
                    _differs(pack, example, told, f"{key}.expect.{name}", wanted, found, step)
                )
    return differences


def moment_of(told: ExampleStep, pack: Pack) -> datetime:
    """When a step happens: its instant, or noon of its local day.

    Raises:
        ValueError: for a step with neither; the loader tells it with its key.
    """
    if told.at is not None:
        return told.at
    if told.on is None:
        raise ValueError("a step has neither 'on' nor 'at'")
    return pack.calendar.midnight(told.on) + _NOON


def _differs(  # noqa: PLR0913, PLR0917  one argument for each thing it tells
    pack: Pack,
    example: Example,
    told: ExampleStep,
    key: str,
    expected: object,
    found: object,
    step: Step | None = None,
) -> Difference:
    return Difference(
        pack=pack.id,
        example=example.id,
        key=key,
        on=str(told.on or told.at),
        says=told.says,
        expected=expected,
        found=found,
        reasons=tuple(
            f"{reason.text} [{', '.join(reason.rules)}]"
            for reason in (step.reasons if step else ())
        ),
    )


def fact_of(told: ExampleStep, example: Example, now: datetime) -> LedgerFact:
    """The fact of a step; a police call has the example's defaults and the step's moment.

    Raises:
        msgspec.ValidationError: for a fact that the ledger does not know.
    """
    if told.fact is None:
        return DayCame()
    data: dict[str, Any] = dict(told.fact)
    if data.get("fact") == "PoliceCall":
        data = {"at": now, **example.defaults, **data}
    fact: LedgerFact = msgspec.convert(data, LedgerFact)
    return fact


def _fee(step: Step, fact: LedgerFact, _pack: Pack) -> str | None:
    call = step.state.call(fact.call) if isinstance(fact, PoliceCall) else None
    return call.fee if call else None


def _suspension_appeal(step: Step, _fact: LedgerFact, pack: Pack) -> tuple[object, ...] | None:
    window = suspension_window(step.state, pack)
    return (window.first, window.last) if window else None


_FOUND: Final[Mapping[str, Callable[[Step, LedgerFact, Pack], object]]] = {
    "state": lambda step, _fact, _pack: step.state.state.value,
    "count": lambda step, _fact, _pack: step.state.count,
    "post_suspension": lambda step, _fact, _pack: step.state.post_suspension_count,
    "cautioned": lambda step, _fact, _pack: step.state.is_cautioned,
    "discontinued": lambda step, _fact, _pack: step.state.is_discontinued,
    "listed": lambda step, _fact, _pack: step.state.is_listed,
    "is_refused": lambda step, _fact, _pack: step.is_refused,
    "tasks": lambda step, _fact, _pack: sorted(task.kind for task in step.state.open_tasks),
    "effective": lambda step, _fact, _pack: step.state.effective,
    "review_due": lambda step, _fact, _pack: step.state.review_due,
    "resumes": lambda step, _fact, _pack: step.state.resumes,
    "fee": _fee,
    "fees": lambda step, _fact, _pack: str(
        sum((Decimal(call.fee) for call in step.state.calls), Decimal("0.00"))
    ),
    "past_due": lambda step, _fact, pack: len(
        step.state.past_due(pack.calendar.day(step.state.as_of)) if step.state.as_of else ()
    ),
    "appeal": lambda step, _fact, _pack: (
        step.state.appeals[-1].status.value if step.state.appeals else None
    ),
    "suspension_appeal": _suspension_appeal,
}


def _found(name: str, wanted: object, step: Step, fact: LedgerFact, pack: Pack) -> object:
    if name == "has_tasks" and isinstance(wanted, tuple):
        kinds = {task.kind.value for task in step.state.open_tasks}
        return sorted(kinds & set(wanted))
    if name == "disposition_until" and isinstance(wanted, dict):
        windows = {call: disposition_window(call, step.state, pack) for call in wanted}
        return {call: window.last if window else None for call, window in windows.items()}
    return _FOUND[name](step, fact, pack)


def _comparable(name: str, wanted: object) -> object:
    if name in {"tasks", "has_tasks"} and isinstance(wanted, tuple):
        return sorted(wanted)
    return wanted
