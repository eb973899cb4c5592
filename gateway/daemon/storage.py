"""What do operators hear of the journal? Commits that fail, no room, damage, what was removed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import structlog

from gateway.contract.event import Category, Kind
from gateway.journal.upkeep import Limits, Upkeep

if TYPE_CHECKING:  # it speaks for the daemon that owns it
    from gateway.daemon.daemon import Daemon
    from hardware.clock import Clock, Timers

DAMAGE_TOLD_EVERY_S: Final = 3_600.0
_log = structlog.get_logger()


class Storage:
    """Turns what happens to the journal into health and events; on the event loop."""

    def __init__(self, daemon: Daemon, clock: Clock, timers: Timers) -> None:
        self._daemon = daemon
        self._clock = clock
        self._timers = timers
        self._loop = asyncio.get_running_loop()
        self._failing: tuple[float, str] | None = None
        """Since when commits fail (monotonic seconds), and why they began to."""
        self._full_since: float | None = None
        self._damage_told_at: float | None = None
        self._damaged: set[int] = set()
        self._untold: list[tuple[str, Category, str, Kind]] = []
        """What happened before there was anybody who could journal it."""
        self.upkeep: Upkeep | None = None

    # -- commits ---------------------------------------------------------------------------

    def changed(self, why: str) -> None:
        """Commits fail, for this reason; or, without one, they succeed again."""
        now = self._clock.monotonic()
        if why:
            self._daemon.health.degrade("journal", f"commits fail: {why}; nothing is acknowledged")
            self._failing = self._failing or (now, why)
            return
        self._daemon.health.restore("journal")
        if self._full_since is not None:
            return  # on the reserve: told once there is room
        if self._failing is not None:
            # Only now can it be stored; the operator reads afterwards why panels went elsewhere.
            since, why = self._failing
            self._failing = None
            text = f"commits failed for {now - since:.1f} s ({why})"
            text += "; nothing was acknowledged meanwhile"
            self._say("journal_restored", "trouble", text, kind="restoral")

    def filled(self, is_full: bool) -> None:  # noqa: FBT001  the shape of the journal's callback
        """The disk is full, or is not any more (REL-18)."""
        now = self._clock.monotonic()
        if is_full:
            text = "the journal's disk is full: nothing is acknowledged; what is outstanding is "
            text += "published out of the reserve. Make room, and service returns by itself"
            self._full_since = now
            self._daemon.health.degrade("storage", text)
            self._daemon.counters.count("storage_filled")
            self._say("storage_full", "trouble", text, kind="trouble")
        elif self._full_since is not None:
            since = self._failing[0] if self._failing is not None else self._full_since
            self._full_since = self._failing = None
            self._daemon.health.restore("storage")
            text = f"the journal's disk has room again; for {now - since:.1f} s nothing was "
            self._say("storage_restored", "trouble", text + "acknowledged", kind="restoral")

    # -- damage ----------------------------------------------------------------------------

    def damaged(self, seq: int) -> None:
        """Hear, in whatever thread reads, that a record is damaged."""
        self._loop.call_soon_threadsafe(self._note_damaged, seq)

    def _note_damaged(self, seq: int) -> None:
        self._daemon.counters.count("record_damaged")
        text = f"record {seq} of the journal is damaged"
        self._daemon.health.degrade("journal_record", text)
        _log.error("journal.record_damaged", seq=seq)
        if seq in self._damaged:
            return
        self._damaged.add(seq)
        now = self._clock.monotonic()
        if self._damage_told_at is None or now - self._damage_told_at >= DAMAGE_TOLD_EVERY_S:
            self._damage_told_at = now
            text += "; 'alarm-gateway journal verify' names all of them"
            self._say("record_damaged", "trouble", text, kind="trouble")

    # -- upkeep ----------------------------------------------------------------------------

    def start_upkeep(self, *, known_s: float, young_seq: int) -> Upkeep:
        """Begin to keep the journal up; see ``Upkeep`` for what is given."""
        daemon = self._daemon
        settings = daemon.config.journal

        def health(what: str, why: str) -> None:
            if why:
                daemon.health.degrade(what, why)
            else:
                daemon.health.restore(what)

        self.upkeep = Upkeep(
            daemon.journal,
            Limits(keep_days=settings.keep_days, allowance_bytes=settings.allowance_bytes),
            clock=self._clock,
            timers=self._timers,
            tell=self._tell,
            known_s=known_s,
            young_seq=young_seq,
            health=health,
            count=daemon.counters.count,
            gauge=daemon.metrics.gauge,
        )
        self.upkeep.start()
        for code, category, text, kind in self._untold:
            self._say(code, category, text, kind=kind)
        return self.upkeep

    def _tell(self, code: str, text: str, *, kind: Kind) -> None:
        category: Category = "information" if kind == "info" else "trouble"
        self._say(code, category, text, kind=kind)

    def _say(self, code: str, category: Category, text: str, *, kind: Kind) -> None:
        if self.upkeep is None:
            self._untold.append((code, category, text, kind))
        else:
            self._daemon.say(code, category, text, kind=kind)
