"""What is a figure? A claim about the gateway that a command measures, in one of three sizes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path


class Size(Enum):
    """How much of a figure is run; only ``FULL`` may be claimed."""

    SMOKE = "smoke"
    """Part of the test run, at most 20 s."""
    SHORT = "short"
    """By hand, at most 10 min."""
    FULL = "full"
    """A night, or more."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a run of a figure gave."""

    said: str
    """The figure in words, numbers first: "400 kills, 812,345 accepted events, 0 missing"."""
    faults: list[str] = field(default_factory=list)
    """What broke the promise, one line each, with what is needed to look closer; none: it held."""

    @property
    def holds(self) -> bool:
        """Whether the promise held."""
        return not self.faults


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One of A1 to A14 (or a part of one, "A4-write")."""

    id: str
    title: str
    command: str
    """The make target that runs it: "crash", "storm" or "soak"."""
    run: Callable[[Size, Path], Outcome]
    """Run it in an empty folder of its own; blocks. Raises only for a fault of the harness."""
