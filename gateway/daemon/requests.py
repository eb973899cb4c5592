"""What may be asked over the control socket, and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gateway.contract.event import User
from gateway.control import ControlError, Handler, Request

if TYPE_CHECKING:  # it speaks for the daemon that owns it
    from gateway.daemon.daemon import Daemon


class Requests:
    """The requests of docs/commands.md, each a coroutine."""

    def __init__(self, daemon: Daemon) -> None:
        self._daemon = daemon

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """Each request by its word."""
        return {
            "ping": self._ping,
            "health": self._health,
            "counters": self._counters,
            "reload": self._reload,
            "republish": self._republish,
            "test-mode": self._test_mode,
            "capture": self._capture,
            "capture-fetch": self._capture_fetch,
            "capture-stop": self._capture_stop,
        }

    async def _ping(self, _request: Request) -> dict[str, Any]:
        daemon = self._daemon
        return {
            "version": daemon.version,
            "site": daemon.config.site,
            "addresses": daemon.addresses(),
        }

    async def _health(self, _request: Request) -> dict[str, Any]:
        daemon = self._daemon
        return {
            "degraded": dict(daemon.health.reasons),
            "outstanding": daemon.journal.outstanding_count,
            "connections": daemon.connections(),
        }

    async def _counters(self, _request: Request) -> dict[str, Any]:
        return {"counters": self._daemon.counters.snapshot()}

    async def _reload(self, request: Request) -> dict[str, Any]:
        daemon = self._daemon
        if daemon.on_reload is None:
            raise ControlError("this gateway was not started from a file")
        wrong = await daemon.on_reload(actor_of(request))
        if wrong:
            raise ControlError(f"everything stays as it was: {wrong}")
        return {"accounts": len(daemon.accounts)}

    async def _republish(self, request: Request) -> dict[str, Any]:
        first, last = request.get("from"), request.get("to")
        # By type, since True and False are of int too.
        if type(first) is not int or type(last) is not int or not 0 <= first <= last:
            raise ControlError(
                f'"from" {first!r} and "to" {last!r} seen; expected two journal numbers, the lower '
                "one first"
            )
        events = await self._daemon.journal.republish(first, last)
        if events:
            text = f"{events} events from {first} to {last} published again"
            self._daemon.say("republished", "information", text, actor=actor_of(request))
        return {"events": events}

    async def _test_mode(self, request: Request) -> dict[str, Any]:
        return await self._daemon.test_mode.request(request)

    async def _capture(self, request: Request) -> dict[str, Any]:
        began = self._daemon.captures.start(request)
        text = f"input {request['input']} is being captured"
        self._daemon.say("capture_started", "information", text, actor=actor_of(request))
        return began

    async def _capture_fetch(self, request: Request) -> dict[str, Any]:
        return self._daemon.captures.fetch(request)

    async def _capture_stop(self, request: Request) -> dict[str, Any]:
        return self._daemon.captures.stop(request)


def actor_of(request: Request) -> User:
    """Who asked, as the operating system says; what the request itself says counts for nothing."""
    by = request.get("by")
    return by if isinstance(by, User) else User(id="control")
