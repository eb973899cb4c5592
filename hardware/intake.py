"""How much the gateway has read and not yet answered, and whether it may read on (REL-22).

One ``Intake`` is shared by all links. Links count what they hand up and what gets answered;
once a second it compares the two. When what waits would take longer than ``BEHIND_S`` to be
answered at the pace of the last second, or nothing at all was answered for a whole second,
the links stop reading: the bytes stay with the panel, which is better than a late answer.
"""

from __future__ import annotations

from collections.abc import Callable

BEHIND_S = 2.0
"""Expected wait beyond which reading stops; half of the 4 s that REL-22 allows, since what
the kernel and the panel already have in flight comes on top."""

SPARE_COUNT = 256
"""So many may always wait: one group commit holds as many, whatever the pace was."""

TICK_S = 1.0
"""How often the pace is measured; shorter would take one slow flush for an overload."""


class Intake:
    """Counts what waits for an answer and tells the links when to stop and go on reading.

    Attributes:
        waiting: Items handed up and not yet answered.
        answered: Items answered since the start.
        is_open: False while the links must not read.
    """

    __slots__ = (
        "_answered_before",
        "_listeners",
        "_ticked_at",
        "_waited_before",
        "answered",
        "is_open",
        "waiting",
    )

    def __init__(self) -> None:
        self.waiting = 0
        self.answered = 0
        self.is_open = True
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
        self._waited_before = self.waiting
        limit = max(SPARE_COUNT, int(answered / elapsed_s * BEHIND_S))
        if not self.is_open:
            # Half the limit before it opens again, or it would flutter around the limit.
            limit //= 2
        self._tell(is_open=not is_stalled and self.waiting <= limit)

    def _tell(self, *, is_open: bool) -> None:
        if is_open == self.is_open:
            return
        self.is_open = is_open
        for changed in tuple(self._listeners):
            changed(is_open)
