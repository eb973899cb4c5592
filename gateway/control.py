"""The local control socket: what may be asked of a running gateway, and by whom.

One request is one line of JSON, ``{"do": "republish", ...}``; one answer is one line of JSON,
``{"ok": true, ...}`` or ``{"ok": false, "error": "words"}``. The socket's mode (0660) is the
only key: whoever may open it may administer. Nothing of this goes over MQTT (SEC-25).
"""

from __future__ import annotations

import json
import socket
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeGuard

import structlog

MAX_LINE_BYTES: Final = 64 * 1024  # a longer request is a mistake, not a request
ANSWER_TIMEOUT_S: Final = 30.0  # how long a technician's command waits for the gateway

Request: TypeAlias = dict[str, Any]
Handler: TypeAlias = Callable[[Request], Awaitable[dict[str, Any]]]

_log = structlog.get_logger()


class ControlError(Exception):
    """A request that cannot be met, told in words to whoever asked."""


def is_seconds(value: object, longest_s: float) -> TypeGuard[float]:
    """Whether a request's value is a time above 0 s and no longer than that."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False  # JSON's true would pass for one second
    return 0 < value <= longest_s


class Control:
    """Answers requests; owns no socket (``hardware.local_socket`` brings the lines)."""

    def __init__(self, handlers: Mapping[str, Handler]) -> None:
        self._handlers = dict(handlers)

    async def handle(self, line: bytes, by: object = None) -> bytes:
        """Answer one line; a mistake in it is told, never raised.

        ``by`` is who asks, as the operating system says it; it stands in the request as ``by``,
        in the place of whatever was said there.
        """
        try:
            answer = {"ok": True, **(await self._do(line, by))}
        except ControlError as error:
            answer = {"ok": False, "error": str(error)}
        except Exception:  # noqa: BLE001  a task's edge: one bad request must not end the socket
            _log.exception("control.failed")
            answer = {"ok": False, "error": "the gateway failed on this request; see its log"}
        return json.dumps(answer).encode() + b"\n"

    async def _do(self, line: bytes, by: object) -> dict[str, Any]:
        try:
            request = json.loads(line)
            wanted = request["do"]
            json.dumps(request, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            # JSON can escape half of a pair, and a command line that is not UTF-8 comes as such.
            # Nothing that stores or tells a request could write it.
            seen = error.object[error.start]
            raise ControlError(f"{seen!r} seen, half a character; expected UTF-8 text") from None
        except (ValueError, KeyError, TypeError, RecursionError):
            raise ControlError('expected one line of JSON with "do", e.g. {"do": "ping"}') from None
        handler = self._handlers.get(wanted) if isinstance(wanted, str) else None
        if handler is None:
            known = ", ".join(sorted(self._handlers))
            raise ControlError(f"unknown request {wanted!r}; known are: {known}")
        request["by"] = by
        return await handler(request)


def ask(path: Path, request: Mapping[str, object]) -> dict[str, Any]:
    """Ask the gateway that owns the socket at ``path``; for the command line.

    Raises:
        ControlError: Nobody listens there, or the gateway says no; the text says which.
    """
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as wire:
            wire.settimeout(ANSWER_TIMEOUT_S)
            wire.connect(str(path))
            wire.sendall(json.dumps(request).encode() + b"\n")
            with wire.makefile("rb") as lines:
                answer: dict[str, Any] = json.loads(lines.readline() or b"null") or {}
    except (OSError, ValueError) as error:
        raise ControlError(
            f"no gateway answers at {path} ({error}); is it running, and may you open the socket?"
        ) from error
    if not answer.pop("ok", False):
        raise ControlError(str(answer.get("error", "no answer")))
    return answer
