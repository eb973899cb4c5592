"""What the benchmarks must reach, and what one measurement says about it."""

from __future__ import annotations

from enum import Enum
from typing import Final

import msgspec


class Unit(Enum):
    """How a figure is written."""

    TIMES = "x"
    SHARE = "%"
    RATIO = ""
    MS = " ms"
    MIB = " MiB"
    KIB = " KiB"
    SECONDS = " s"


class Goal(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table before it is measured."""

    id: str
    what: str
    unit: Unit
    must: float
    aim: float | None = None
    is_lower_better: bool = False
    decides: bool = True
    """Whether missing it makes the whole run fail; the others are shown."""

    def reached(self, figure: float, bound: float) -> bool:
        """Tell whether a figure is as good as a bound, or better."""
        return figure <= bound if self.is_lower_better else figure >= bound


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table."""

    goal: Goal
    measured: str
    """In words, with its unit."""
    against: str
    figure: float
    """What is held against ``must`` and ``aim``; shares as 0.42."""
    rounds: tuple[float, ...] = ()
    """The figure of each round, in their order; ``figure`` is their median."""
    details: dict[str, float | int | str] = {}

    @property
    def verdict(self) -> str:
        """``aim``, ``must``, ``below`` (shown only) or ``FAILS``."""
        goal = self.goal
        if goal.aim is not None and goal.reached(self.figure, goal.aim):
            return "aim"
        if goal.reached(self.figure, goal.must):
            return "must"
        return "FAILS" if goal.decides else "below"


def written(figure: float | None, unit: Unit) -> str:
    """Write a figure, e.g. ``9.6x``, ``44 %``, ``0.12``, ``11 ms``."""
    if figure is None:
        return ""
    if unit is Unit.SHARE:
        return f"{figure * 100:.0f} %"
    if unit is Unit.RATIO:
        return f"{figure:.2f}"
    digits = 1 if figure < 100 and figure != int(figure) else 0
    return f"{figure:.{digits}f}{unit.value}"


_BUSY: Final = "500 stop-and-wait TCP panels"

P1: Final = Goal(
    id="P1", what=f"durable events/s, {_BUSY}, outbox idle", unit=Unit.TIMES, must=5, aim=10
)
P1_RUNNING: Final = Goal(
    id="P1", what="the same, outbox running", unit=Unit.TIMES, must=5, aim=10, decides=False
)
P2: Final = Goal(
    id="P2", what="share of a bare uvloop echo, outbox idle", unit=Unit.SHARE, must=0.30, aim=0.55
)
P2_RUNNING: Final = Goal(
    id="P2", what="the same, outbox running", unit=Unit.SHARE, must=0.30, aim=0.55, decides=False
)
P3: Final = Goal(
    id="P3", what=f"p99 ACK, {_BUSY}", unit=Unit.RATIO, must=0.3, aim=0.1, is_lower_better=True
)
P4: Final = Goal(
    id="P4", what="lone panel: ACK p50 against echo p50 + one flush p50", unit=Unit.RATIO,
    must=1.6, aim=1.1, is_lower_better=True,
)  # fmt: skip
P5: Final = Goal(id="P5", what="frame to typed message, {}", unit=Unit.TIMES, must=10, aim=25)
P6: Final = Goal(id="P6", what="generated recogniser, {}", unit=Unit.TIMES, must=10, aim=30)
SLOW_FLUSH: Final = Goal(
    id="slow-flush", what="p99 ACK at 1,000 events/s, every flush 5 ms", unit=Unit.MS, must=100,
    is_lower_better=True,
)  # fmt: skip
IDLE: Final = Goal(
    id="idle", what="memory (RSS) with {:,} idle TCP panels", unit=Unit.MIB, must=200,
    is_lower_better=True,
)  # fmt: skip
P7: Final = Goal(
    id="P7", what="2,000 panels reconnect under load: last first ACK", unit=Unit.TIMES,
    must=1.5, aim=1.0, is_lower_better=True,
)  # fmt: skip
P8: Final = Goal(
    id="P8", what="memory per idle TCP panel", unit=Unit.KIB, must=4, aim=2, is_lower_better=True
)
P8_ACCOUNT: Final = Goal(
    id="P8", what="memory per supervised account with eight zones", unit=Unit.KIB, must=0.7,
    aim=0.4, is_lower_better=True,
)  # fmt: skip
P9: Final = Goal(
    id="P9", what="link tests over UDP, p99 < 50 ms beside 500 events/s: 1,000,000 accounts every",
    unit=Unit.SECONDS, must=90, aim=20, is_lower_better=True,
)  # fmt: skip
P10: Final = Goal(
    id="P10", what="cost per event with 10 M rows and 1 M accounts against none and 1,000",
    unit=Unit.RATIO, must=1.2, aim=1.0, is_lower_better=True,
)  # fmt: skip
P11: Final = Goal(
    id="P11", what="start to first ACK with 2 M outstanding rows and 1 M accounts",
    unit=Unit.SECONDS, must=5, aim=2, is_lower_better=True,
)  # fmt: skip
P12: Final = Goal(
    id="P12", what="published and confirmed events/s against aiomqtt alone", unit=Unit.SHARE,
    must=0.70, aim=0.95,
)  # fmt: skip

GROWTH: Final = Goal(
    id="SEC-15", what="worst read of {}, 64 KiB against 8 KiB", unit=Unit.TIMES, must=12, aim=8.5,
    is_lower_better=True,
)  # fmt: skip

IDS: Final = (
    "P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P9", "P10", "P11", "P12", "SEC-15",
    "slow-flush", "idle",
)  # fmt: skip
