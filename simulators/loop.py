"""The event loop of a simulator: uvloop where it is installed, plain asyncio otherwise."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

try:
    import uvloop
except ImportError:  # not on Windows, not on PyPy
    _new_loop: Callable[[], asyncio.AbstractEventLoop] | None = None
else:
    _new_loop = uvloop.new_event_loop

T = TypeVar("T")


def run(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine to its end on a loop of its own.

    Raises:
        KeyboardInterrupt: It was ended by Ctrl-C, or by SIGTERM; what it holds is given back.
    """
    with asyncio.Runner(loop_factory=_new_loop) as runner:
        return runner.run(_until_told(main))


async def _until_told(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    task = asyncio.current_task()
    was_ended = False

    def end() -> None:
        nonlocal was_ended
        was_ended = True
        if task is not None:
            task.cancel()

    loop = asyncio.get_running_loop()
    # Not where signals do not exist, nor in a thread, where they cannot be had.
    with contextlib.suppress(NotImplementedError, ValueError, RuntimeError):
        loop.add_signal_handler(signal.SIGTERM, end)
    try:
        return await main()
    except asyncio.CancelledError:
        if was_ended:
            raise KeyboardInterrupt from None
        raise
