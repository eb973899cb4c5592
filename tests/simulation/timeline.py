"""When does what happen? One queue of everything in the world, on a clock that only it moves.

Nothing here looks at the machine's clock, and what falls due together happens in the order in
which it was asked for: the same seed is the same run, in any process.
"""

from __future__ import annotations

import contextvars
import heapq
from collections import deque
from collections.abc import Callable
from typing import Any

Context = contextvars.Context


class Due:
    """Something that will happen, unless it is cancelled; also an asyncio handle."""

    __slots__ = ("_args", "_callback", "_context", "_owner", "is_cancelled", "when")

    def __init__(
        self,
        callback: Callable[..., object],
        args: tuple[Any, ...],
        when: float,
        owner: Owner | None = None,
        context: Context | None = None,
    ) -> None:
        self._callback = callback
        self._args = args
        self._owner = owner
        self._context = context
        self.when = when
        self.is_cancelled = False

    def cancel(self) -> None:
        self.is_cancelled = True
        self._args = ()
        self._callback = _nothing

    def cancelled(self) -> bool:
        return self.is_cancelled

    def happen(self) -> None:
        if self.is_cancelled:
            return
        owner = self._owner
        if owner is None:
            self._callback(*self._args)
        elif owner.is_alive:
            try:
                if self._context is None:
                    self._callback(*self._args)
                else:
                    self._context.run(self._callback, *self._args)
            except BaseException as error:  # noqa: BLE001  told to whoever owns it
                owner.failed(error)


class Owner:
    """Somebody who may die: what was asked for in its name does not happen any more then."""

    is_alive = True

    def failed(self, error: BaseException) -> None:
        raise error


class Timeline:
    """Virtual time in seconds, from 0."""

    def __init__(self) -> None:
        self.now = 0.0
        self.ready: deque[Due] = deque()
        self._later: list[tuple[float, int, Due]] = []
        self._count = 0

    def soon(
        self,
        callback: Callable[..., object],
        *args: Any,
        owner: Owner | None = None,
        context: Context | None = None,
    ) -> Due:
        """Have it happen now, after what is under way."""
        due = Due(callback, args, self.now, owner, context)
        self.ready.append(due)
        return due

    def after(
        self,
        delay_s: float,
        callback: Callable[..., object],
        *args: Any,
        owner: Owner | None = None,
        context: Context | None = None,
    ) -> Due:
        """Have it happen ``delay_s`` from now."""
        due = Due(callback, args, self.now + delay_s, owner, context)
        self.put(due)
        return due

    def at(
        self, when: float, callback: Callable[..., object], *args: Any, owner: Owner | None = None
    ) -> Due:
        """Have it happen at this time exactly."""
        due = Due(callback, args, when, owner)
        self.put(due)
        return due

    def put(self, due: Due) -> None:
        """Have it happen when it says, or now when that is past."""
        self._count += 1
        heapq.heappush(self._later, (max(due.when, self.now), self._count, due))

    def run(self, until: float, *, is_over: Callable[[], bool] = lambda: False) -> None:
        """Let time pass until then, or until ``is_over`` once what was ready happened."""
        ready, later = self.ready, self._later
        while True:
            while ready:
                ready.popleft().happen()
            if is_over() or not later or later[0][0] > until:
                break
            self.now, _, due = heapq.heappop(later)
            ready.append(due)
            # What falls due together is one turn, as in a real loop.
            while later and later[0][0] == self.now:
                ready.append(heapq.heappop(later)[2])
        if not is_over():
            self.now = max(self.now, until)


def _nothing() -> None:
    """Happen instead of what was cancelled."""
