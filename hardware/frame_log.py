"""How links speak in the log: frames with their direction at debug, and the last few on error.

Frames cost nothing while debug is off: links ask ``is_debug`` once a second and keep it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import structlog

from protocols._core import Incoming, Rejected

HISTORY_COUNT: Final = 20
"""Frames kept per link, for the log entry of an error."""

HISTORY_FRAME_BYTES: Final = 256
"""So much of each is kept: 15,000 hostile connections may not fill the memory."""

_DEBUG: Final = 10

_log = structlog.get_logger()


def is_debug() -> bool:
    """Whether debug entries are wanted now; asking costs 3 us."""
    return bool(_log.is_enabled_for(_DEBUG))


def trace_read(item: Incoming, names: Mapping[str, str]) -> None:
    """Write down a frame that came."""
    raw_hex = "> " + item.raw.hex(" ")
    if isinstance(item, Rejected):
        error = str(item.error)
        _log.debug("frame.rejected", reason=item.reason, error=error, raw_hex=raw_hex, **names)
    else:
        _log.debug("frame.received", raw_hex=raw_hex, **names)


def trace_sent(data: bytes, names: Mapping[str, str]) -> None:
    """Write down an answer that left."""
    _log.debug("frame.sent", raw_hex="< " + data.hex(" "), **names)


def tell_failure(error: Exception, frames: list[bytes], names: Mapping[str, str]) -> None:
    """Write down, with traceback and the last frames, that the handling of a link raised."""
    _log.error("link.failed", frames=[raw.hex(" ") for raw in frames], exc_info=error, **names)
