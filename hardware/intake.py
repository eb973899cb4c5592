"""How much the gateway has read and not yet answered, and whether it may read on (REL-22).

One ``Intake`` is shared by all links. Links count what they hand up and what gets answered.
When what waits would take longer than ``BEHIND_S`` to be answered, or nothing at all was
answered for a whole second, the links stop reading: the bytes stay with the panel, which is
better than a late answer. The pace is measured once a second; how much may wait at that pace
is compared with every read, since a burst of thousands takes less than a second.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hardware.clock import Timers

BEHIND_S: Final = 2.0
"""Expected wait beyond which reading stops; half of the 4 s that REL-22 allows, since what
the kernel and the panel already have in flight comes on top."""

SPARE_COUNT: Final = 256
"""So many may always wait: one group commit holds as many, whatever the pace was."""

UNMEASURED_COUNT: Final = 2_048
"""So many may wait while no second showed yet what the machine can do (ours: 2 s at 1,000
events/s, the least that is asked of it)."""

TICK_S: Final = 1.0
"""How often the pace is measured; shorter would take one slow flush for an overload."""

LOOK_AGAIN_S: Final = 0.05
"""How soon after a burst it is asked whether reading may go on."""


class Intake:
    """Counts what waits for an answer and tells the links when to stop and go on reading.

    Attributes:
        waiting: Items handed up and not yet answered.
        answered: Items answered since the start.
        is_open: False while the links must not read.
        limit: With more waiting than this, whoever hands up calls ``overrun``.
    """

    __slots__ = (
        "_answered_before",
        "_is_measured",
        "_listeners",
        "_pace",
        "_ticked_at",
        "_timers",
        "_waited_before",
        "answered",
        "is_open",
        "limit",
        "waiting",
    )

    def __init__(self, timers: Timers | None = None) -> None:
        """Without ``timers`` it looks again at the next tick only."""
        self.waiting = 0
        self.answered = 0
        self.is_open = True
        self.limit = UNMEASURED_COUNT
        self._timers = timers
        self._pace = 0.0
        self._is_measured = False
        self._answered_before = 0
        self._waited_before = 0
        self._ticked_at: float | None = None
        self._listeners: list[Callable[[bool], None]] = []

    def subscribe(self, changed: Callable[[bool], None]) -> None:
        """Call ``changed(is_open)`` whenever reading has to stop or may go on."""
        self._listeners.append(changed)

    def unsubscribe(self, changed: Callable[[bool], None]) -> None:
        """Forget it; harmless when it was never there."""
        if changed in self._listeners:
            self._listeners.remove(changed)

    def tick(self, now: float) -> None:
        """Measure the pace; every link calls this once a second, one of them counts."""
        if self._ticked_at is not None and now - self._ticked_at < TICK_S * 0.9:
            return
        elapsed_s = TICK_S if self._ticked_at is None else now - self._ticked_at
        self._ticked_at = now
        answered = self.answered - self._answered_before
        self._answered_before = self.answered
        is_stalled = self._waited_before > 0 and self.waiting > 0 and answered == 0
        self._measure(answered / elapsed_s, is_busy=self._waited_before > SPARE_COUNT)
        self._waited_before = self.waiting
        self._tell(is_open=not is_stalled and self.waiting <= self._open_below())

    def overrun(self) -> None:
        """More waits than can be answered in time: stop reading now."""
        self._tell(is_open=False)
        if self._timers is not None:
            self._timers.call_later(LOOK_AGAIN_S, self._look_again)

    def _look_again(self) -> None:
        if self.is_open:
            return
        if self.waiting <= self._open_below():
            self._tell(is_open=True)
        elif self._timers is not None:
            self._timers.call_later(LOOK_AGAIN_S, self._look_again)

    def _measure(self, pace: float, *, is_busy: bool) -> None:
        """Learn the pace: what was answered in a second in which work never ran out.

        In any other second it could have been more, so it only ever raises the estimate.
        """
        if is_busy and self.waiting:
            self._pace = pace
            self._is_measured = True
        else:
            self._pace = max(self._pace, pace)
        least = SPARE_COUNT if self._is_measured else UNMEASURED_COUNT
        self.limit = max(least, int(self._pace * BEHIND_S))

    def _open_below(self) -> int:
        """Half the limit before it opens again, or it would flutter around the limit."""
        return self.limit if self.is_open else self.limit // 2

    def _tell(self, *, is_open: bool) -> None:
        if is_open == self.is_open:
            return
        self.is_open = is_open
        for changed in tuple(self._listeners):
            changed(is_open)
