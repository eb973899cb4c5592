"""The event loop of a simulator: uvloop where it is installed, plain asyncio otherwise."""

from __future__ import annotations

import asyncio
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
    """Run a coroutine to its end on a loop of its own."""
    with asyncio.Runner(loop_factory=_new_loop) as runner:
        return runner.run(main())
