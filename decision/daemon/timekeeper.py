"""Waits for the next moment that any state asked for, and lets the engine record it."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

import structlog

from decision.clock import Clock
from decision.engine import Engine
from decision.store import StoreError

LONGEST_S: Final = 30.0  # the wall clock may be set meanwhile; it is looked at again after this
RETRY_S: Final = 1.0  # after a commit that failed
AT_ONCE: Final = 200  # subjects of one transaction

_log: Final = structlog.get_logger()


class Timekeeper:
    """One per engine; ``run`` on the loop until cancelled."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._changed = asyncio.Event()

    async def run(self) -> None:
        """Fire what is due, as long as the process lives."""
        loop = asyncio.get_running_loop()

        def rescheduled() -> None:
            with contextlib.suppress(RuntimeError):  # the loop may be gone by now
                loop.call_soon_threadsafe(self._changed.set)

        self._engine.on_rescheduled(rescheduled)
        while True:
            self._changed.clear()
            due = self._engine.next_due()
            wait_s = LONGEST_S if due is None else self._clock.seconds_until(due)
            if wait_s > 0:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(min(wait_s, LONGEST_S)):
                        await self._changed.wait()
                continue
            try:
                await self._engine.run(self._engine.fire, AT_ONCE)
            except StoreError as error:
                _log.error("timers.stopped", reason=str(error))
                await asyncio.sleep(RETRY_S)
