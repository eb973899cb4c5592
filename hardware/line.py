"""The facts of one point-to-point line: up, down, unreadable; each told once, not per byte.

Fed by the link that owns the line. Silence of the receiver is not a fact of the line: who
should have called by now is supervision's business.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hardware.sink import PortState, Sink, tell
from protocols._core import Incoming, Rejected

UNREADABLE_S: Final = 14.0
"""Only rejected bytes for so long; the sweep adds up to 1 s to it (REL-33: in <= 15 s)."""

UNREADABLE_AGAIN_S: Final = 60.0
"""Told at most so often (REL-33)."""

GLITCH_S: Final = 120.0
"""Noise that is not followed by more within this was a glitch. Longer than the longest
heartbeat interval (99 s, Sur-Gard), since a receiver at a wrong speed sends little else."""

FRESH_S: Final = 5.0
"""Noise older than this does not say that the line is unreadable now (ours)."""


class Line:
    """What is known of one line, and what was already told."""

    def __init__(self, name: str, sink: Sink) -> None:
        self._name = name
        self._sink = sink
        self._state: PortState | None = None
        self._noise_since: float | None = None
        self._noise_at = 0.0
        self._noise_told_at: float | None = None
        self._frame_count = 0
        self._byte_count = 0
        self._reasons: dict[str, int] = {}

    @property
    def state(self) -> PortState | None:
        """The fact told last; None before the first."""
        return self._state

    def up(self, reason: str) -> None:
        """The line is open."""
        self._quiet()
        self._change(PortState.UP, reason)

    def down(self, reason: str) -> None:
        """The line is lost, or could not be opened; told once until it is up again."""
        self._quiet()
        self._change(PortState.DOWN, reason)

    def heard(self, incoming: Sequence[Incoming], now: float) -> None:
        """What one read held."""
        for item in incoming:
            if not isinstance(item, Rejected):
                self._quiet()
                self._noise_told_at = None
                if self._state is PortState.UNREADABLE:
                    self._change(PortState.UP, "frames are readable again")
                continue
            if self._noise_since is not None and now - self._noise_at > GLITCH_S:
                self._quiet()
            if self._noise_since is None:
                self._noise_since = now
            self._noise_at = now
            self._frame_count += 1
            self._byte_count += len(item.raw)
            self._reasons[item.reason] = self._reasons.get(item.reason, 0) + 1

    def tick(self, now: float) -> None:
        """Once a second: tell when nothing but noise has come for too long."""
        since = self._noise_since
        if since is None or self._state is PortState.DOWN:
            return
        is_lasting = now - since >= UNREADABLE_S and now - self._noise_at <= FRESH_S
        told_at = self._noise_told_at
        if not is_lasting or (told_at is not None and now - told_at < UNREADABLE_AGAIN_S):
            return
        self._noise_told_at = now
        self._state = PortState.UNREADABLE
        reasons = ", ".join(f"{name} {count}" for name, count in sorted(self._reasons.items()))
        tell(
            self._sink,
            self._name,
            PortState.UNREADABLE,
            f"no readable frame for {now - since:.0f} s: {self._frame_count} pieces, "
            f"{self._byte_count} bytes rejected ({reasons}); check speed, bits, parity, "
            "stop bits, the protocol and the cable",
        )

    def _change(self, state: PortState, reason: str) -> None:
        if state is not self._state:
            self._state = state
            tell(self._sink, self._name, state, reason)

    def _quiet(self) -> None:
        self._noise_since = None
        self._frame_count = self._byte_count = 0
        self._reasons.clear()
