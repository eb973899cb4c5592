"""Is the clock of this machine kept right by somebody? Asks the kernel, and sets nothing."""

from __future__ import annotations

import ctypes
from typing import Any, Final

TIME_ERROR: Final = 5  # the clock is not synchronised; adjtimex(2)
_TIMEX_BYTES: Final = 512  # struct timex has 208 at most; all zero it asks and changes nothing


def is_kernel_synchronised() -> bool | None:
    """Whether the kernel counts its clock as synchronised; None when it does not say.

    It does not say on systems without adjtimex(2), nor where a system-call filter refuses it
    (``ProtectClock=yes`` in a unit does).
    """
    adjtimex: Any = getattr(ctypes.CDLL(None), "adjtimex", None)
    if adjtimex is None:
        return None
    state = int(adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES)))
    return None if state < 0 else state != TIME_ERROR
