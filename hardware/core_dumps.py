"""No memory image of this process on any disk: there are keys in it (SEC-19)."""

from __future__ import annotations

import ctypes
import resource
from typing import Final

_NO_CORE_BYTES: Final = 1
"""Not 0: that stops files, yet the kernel pipes an image to a handler whatever the limit, except
when it is 1 (core(5); fs/coredump.c, the guard against handlers that crash)."""
_PR_SET_DUMPABLE: Final = 4  # prctl(2)


def forbid_core_dumps() -> None:
    """Forbid core dumps of this process and its children, for good."""
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (_NO_CORE_BYTES, _NO_CORE_BYTES))
    except (ValueError, OSError):
        # The service manager has set 0, which only root may raise. This way also closes what
        # stands in /proc about us to our own user, so it is the second choice.
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        prctl = getattr(ctypes.CDLL(None), "prctl", None)
        if prctl is not None:
            prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
