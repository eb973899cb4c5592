"""Scenario files: a story of alarms and dates with its outcome, run against today's rules."""

from __future__ import annotations

from decision.scenarios.load import ScenarioError, load_file, parse, shipped
from decision.scenarios.run import Difference, Outcome, StepOutcome, run

__all__ = [
    "Difference", "Outcome", "ScenarioError", "StepOutcome", "load_file", "parse", "run", "shipped",
]  # fmt: skip
