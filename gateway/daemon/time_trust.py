"""What do operators hear of our own clock? Its steps, and whether it is believed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import structlog

from gateway.clock_watch import ClockFact, ClockWatch
from gateway.contract.event import Kind

if TYPE_CHECKING:  # it speaks for the daemon that owns it
    from gateway.daemon.daemon import Daemon
    from gateway.daemon.world import World

STEPPED: Final = "clock_step"  # the flag and the code of the event; REL-50
_KINDS: Final[dict[str, Kind]] = {
    "stepped": "trouble",
    "untrusted": "trouble",
    "trusted": "restoral",
}
_log = structlog.get_logger()


class TimeTrust:
    """Makes health and events of what the watch on the clock finds."""

    def __init__(self, daemon: Daemon, world: World) -> None:
        self._daemon = daemon
        must_be = daemon.config.clock.must_be_synchronised
        self.watch = ClockWatch(
            clock=world.clock,
            timers=world.timers,
            is_synchronised=world.is_synchronised if must_be else lambda: None,
            tell=self._told,
        )

    def _told(self, fact: ClockFact) -> None:
        daemon, code = self._daemon, STEPPED if fact.what == "stepped" else f"clock_{fact.what}"
        daemon.counters.count(code)
        _log.warning(
            f"clock.{fact.what}",
            words=fact.words,
            step_s=round(fact.step_s, 1),
            is_untrusted=fact.is_untrusted,
        )
        if fact.is_untrusted:
            daemon.health.degrade("clock", fact.words)
        else:
            daemon.health.restore("clock")
        daemon.admission.panel_clocks.forget()
        flags = (STEPPED,) if fact.what == "stepped" else ()
        daemon.say(code, "trouble", fact.words, kind=_KINDS[fact.what], flags=flags)
