"""An event loop in virtual time for one life of the gateway; dead, it runs nothing any more."""

from __future__ import annotations

import asyncio
import contextvars
from asyncio import events
from collections.abc import Callable
from random import Random
from typing import Any

from tests.simulation.timeline import Due, Owner, Timeline

EXECUTOR_S = (0.0002, 0.02)
"""How long work in a thread takes, where nothing makes it slower."""


TASKS_MOST = 50  # remembered before those that are done are forgotten
TRIES = 50  # to end a coroutine that goes on awaiting while it is ended


class Killed(BaseException):
    """The process ended here, in the middle of whatever it did."""


class Loop(asyncio.AbstractEventLoop, Owner):
    """Only what the gateway uses of a loop; anything else raises NotImplementedError."""

    def __init__(
        self, timeline: Timeline, dice: Random, broke: Callable[[BaseException], None]
    ) -> None:
        """``broke`` hears what a callback raised, which is always a bug."""
        self._timeline = timeline
        self._dice = dice
        self._broke = broke
        self.is_alive = True
        self.slowness = 1.0
        """By which work in threads is slower."""
        self._tasks: list[asyncio.Task[Any]] = []

    # -- what asyncio asks of a loop ---------------------------------------------------------

    def time(self) -> float:
        return self._timeline.now

    def call_soon(self, callback, *args, context=None) -> Due:
        due = Due(callback, args, self._timeline.now, self, context)
        self._timeline.ready.append(due)
        return due

    call_soon_threadsafe = call_soon

    def call_later(self, delay, callback, *args, context=None) -> Due:
        due = Due(callback, args, self._timeline.now + delay, self, context)
        self._timeline.put(due)
        return due

    def call_at(self, when, callback, *args, context=None) -> Due:
        return self.call_later(when - self._timeline.now, callback, *args, context=context)

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task(self, coro, *, name=None, context=None) -> asyncio.Task[Any]:
        task = asyncio.Task(coro, loop=self, name=name, context=context)
        task._log_destroy_pending = False  # a killed process says nothing
        if len(self._tasks) > TASKS_MOST:
            self._tasks = [one for one in self._tasks if not one.done()]
        self._tasks.append(task)
        return task

    def run_in_executor(self, executor, func, *args) -> asyncio.Future[Any]:
        """Do it later, all at once, as if a thread had done it meanwhile."""
        del executor
        answer = self.create_future()

        def work() -> None:
            if answer.cancelled():
                return
            try:
                result = func(*args)
            except Exception as error:  # noqa: BLE001  handed to who waits
                answer.set_exception(error)
            else:
                answer.set_result(result)

        delay_s = self._dice.uniform(*EXECUTOR_S) * self.slowness
        self._timeline.after(delay_s, work, owner=self, context=contextvars.copy_context())
        return answer

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return self.is_alive

    def is_closed(self) -> bool:
        return not self.is_alive

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        if self.is_alive and (error := context.get("exception")) is not None:
            self._broke(error)

    # -- life ----------------------------------------------------------------------------------

    def live(self) -> None:
        """Be the running loop from now on: everything happens on one thread and in turn."""
        events._set_running_loop(self)

    def die(self) -> None:
        """Run nothing any more."""
        self.is_alive = False
        for task in self._tasks:
            coroutine: Any = task.get_coro()
            if coroutine.cr_running:
                self._timeline.soon(_end, coroutine)  # the one that died of it
            else:
                _end(coroutine)
        self._tasks.clear()
        if events._get_running_loop() is self:
            events._set_running_loop(None)

    def failed(self, error: BaseException) -> None:
        """See ``Owner``: a callback raised."""
        if isinstance(error, Killed):
            return
        if not isinstance(error, Exception):
            raise error
        self._broke(error)


def _end(coroutine: Any) -> None:
    """End it here and now: left to the garbage collector, it would end who knows when.

    What it still does on its way out reaches nobody, since its process is dead.
    """
    for _ in range(TRIES):
        try:
            # Not ``close``: what an outer one awaits would be left half ended by it.
            coroutine.throw(Killed())
        except BaseException:  # noqa: BLE001  it is over, whatever it says
            return
