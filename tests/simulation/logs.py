"""The gateway's log, as lines of the trace; only what is a warning or worse."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator, MutableMapping
from typing import Any

import structlog

from tests.simulation.trace import Trace

KEYS = ("reason", "words", "link", "input", "account", "error")


@contextlib.contextmanager
def quiet_logs(trace: Trace) -> Iterator[None]:
    """Have warnings in the trace and nothing on the screen."""

    def write(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> Any:
        said = " ".join(f"{key}={entry[key]}" for key in KEYS if entry.get(key))
        error = entry.get("exc_info")
        if isinstance(error, BaseException):
            said += f" {type(error).__name__}: {error}"
        trace("log", f"{entry.get('event')} {said}")
        raise structlog.DropEvent

    before = structlog.get_config()
    structlog.configure(
        processors=[structlog.processors.format_exc_info, write][1:],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        cache_logger_on_first_use=False,
    )
    try:
        yield
    finally:
        structlog.configure(**before)
