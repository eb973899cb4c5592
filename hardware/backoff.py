"""How long to wait before the next try: doubling, bounded, with jitter from given dice."""

from __future__ import annotations

from random import Random


class Backoff:
    """Delays between tries to open something.

    Args:
        first_s: The first delay; each further one doubles.
        longest_s: No delay is longer, jitter included.
        dice: Takes up to half of each delay off, so that many links do not try in step.
    """

    def __init__(self, *, first_s: float, longest_s: float, dice: Random) -> None:
        self._first_s = first_s
        self._longest_s = longest_s
        self._dice = dice
        self._next_s = first_s

    def next_s(self) -> float:
        """The delay before the next try."""
        delay_s = self._next_s
        self._next_s = min(delay_s * 2.0, self._longest_s)
        return min(delay_s, self._longest_s) * self._dice.uniform(0.5, 1.0)

    def reset(self) -> None:
        """It worked: begin anew the next time."""
        self._next_s = self._first_s
