"""Sets up structlog, in one place: JSON lines off a terminal, readable lines on one.

One record is one line whatever the wire sent (SEC-16): control characters leave escaped.
"""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Final, Literal, TextIO, cast

import structlog

Format = Literal["auto", "json", "console"]

LEVELS: Final[dict[str, int]] = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


def _one_line(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Escape control characters in every text, so that no peer can forge a log line."""
    for key, value in event.items():
        if isinstance(value, str) and key != "exception" and not value.isprintable():
            event[key] = value.encode("unicode_escape").decode("ascii")
    return event


class _Unfailing:
    """A stream whose failure stops nothing: a full disk or a closed pipe costs the line alone.

    Whoever logs is in the middle of something, the journal's thread of a recovery, for example.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):  # ValueError: it is closed
            self._stream.write(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stream.flush()


def set_up(level: str, form: Format = "auto", stream: TextIO | None = None) -> None:
    """Configure logging for this process.

    Args:
        level: ``debug``, ``info``, ``warning`` or ``error``; may be set again at any time.
        form: ``json``, ``console``, or ``auto``: JSON unless ``stream`` is a terminal.
        stream: Where to; standard error by default.
    """
    stream = stream or sys.stderr
    as_json = form == "json" or (form == "auto" and not stream.isatty())
    renderers: list[Any] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(sort_keys=False)]
        if as_json
        else [structlog.dev.ConsoleRenderer(colors=stream.isatty(), pad_event_to=24)]
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _one_line,
            *renderers,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _Unfailing(stream))),
        cache_logger_on_first_use=False,
    )
    # Libraries log through the standard module; their warnings matter, their chatter does not.
    logging.basicConfig(level=logging.WARNING, stream=stream, force=True)
