"""What stands on the disk, in which state, and what is wrong with it today.

The disk outlives every life of the gateway. A row in ``rows`` is durable; what a failed flush
left in the log is in ``limbo`` until somebody removes it or a crash decides; what was never
flushed at all is in ``cache``, which only a broken store uses.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import ClassVar

from gateway.journal.entry import Stored


class Row(Stored, frozen=True, kw_only=True, gc=False):
    """An event as it stands there."""

    raw: bytes
    identity: bytes
    link: str
    input: str
    report_id: str
    count: int
    at: float
    """When it was received, in true seconds."""


@dataclass
class Trouble:
    """What is wrong with the disk now."""

    commit_fails: float = 0.0
    """Chance that a commit fails."""
    leaves_limbo: float = 0.5
    """Chance that a failed one stands in the log all the same."""
    open_fails: float = 0.0
    read_fails: float = 0.0
    flush_s: tuple[float, float] = (0.001, 0.01)
    is_full: bool = False


@dataclass
class Disk:
    """One journal."""

    dice: Random
    trouble: Trouble = field(default_factory=Trouble)
    rows: dict[int, Row] = field(default_factory=dict)
    by_raw: dict[bytes, list[Row]] = field(default_factory=dict)
    seq_of: dict[str, int] = field(default_factory=dict)
    confirmed: dict[str, set[str]] = field(default_factory=dict)
    """Event id -> who confirmed it."""
    done: set[str] = field(default_factory=set)
    links: dict[str, tuple[bytes, int]] = field(default_factory=dict)
    limbo: list[Row] = field(default_factory=list)
    cache: list[Row] = field(default_factory=list)
    is_lazy: ClassVar[bool] = False
    """A store that says durable before it is."""
    highest: int = 0
    is_clean: bool = True
    boots: int = 0
    failing_since: float | None = None
    """Since when no commit of reports succeeded although one was tried."""
    flushing_since: float | None = None
    """Since when the flush that is under way runs."""

    def keep(self, rows: list[Row]) -> None:
        """Make them durable."""
        for row in rows:
            self.rows[row.seq] = row
            self.by_raw.setdefault(row.raw, []).append(row)
            self.seq_of[row.event_id] = row.seq
            self.highest = max(self.highest, row.seq)

    def crash(self) -> None:
        """The process, or the machine, stopped: what was in the log may be there, or not."""
        if self.limbo and self.dice.random() < 0.5:
            self.keep(self.limbo)
        self.limbo = []
        self.cache = []

    @property
    def outstanding(self) -> list[Row]:
        """What is not done, in order."""
        return [
            self.rows[seq] for seq in sorted(self.rows) if self.rows[seq].event_id not in self.done
        ]
