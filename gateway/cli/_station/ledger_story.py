"""The ledger of one alarm system told step by step, out of the core's own log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from decision import ledger
from decision.engine import Engine
from decision.ledger.state import Step, SystemState


class Passed(msgspec.Struct, frozen=True, kw_only=True):
    """One fact of a ledger and what it did."""

    fact: Any
    before: SystemState
    step: Step


def passed(engine: Engine, system: str) -> Iterator[Passed]:
    """Fold the facts of a system again, one by one."""
    pack = engine.pack_of(system)
    if pack is None:
        return
    state = SystemState(system=system)
    for recorded in engine.history(f"system/{system}"):
        step = ledger.apply(state, recorded.fact, recorded.at, pack)
        yield Passed(fact=recorded.fact, before=state, step=step)
        state = step.state
