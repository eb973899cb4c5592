"""When is a journal measured, sealed and cleared, and whom does it tell? Once every two seconds.

Everything is done in small steps by the writing thread, between two groups; while much waits for
the disk, what can be put off is. What operators should know is told as an event, once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final, Literal, Protocol, TypeAlias

import structlog

from gateway.journal.journal import Journal
from gateway.journal.keeping import DamageError, Head, Kept, Measured
from gateway.journal.room import ROOM_BYTES
from gateway.journal.store import StoreError
from hardware.clock import Clock, Timers

TICK_S: Final = 2.0  # service returns within 5 s of space doing so
SEAL_EVERY_S: Final = 60.0  # a record is sealed at most that long after its commit
SEAL_SOON: Final = 1_024  # so many records are sealed without waiting for that
SEAL_LATE: Final = 1_000_000  # so many are sealed although much waits for the disk
BUSY_JOBS: Final = 64  # so many that wait mean: not now
STORM_EVENTS_S: Final = 5_000.0  # so many committed a second mean the same: panels come first
HEAD_EVERY_S: Final = 3_600.0  # how often the end of the chain is published
REMOVAL_TOLD_EVERY_S: Final = 86_400.0
DAMAGE_PAUSE_S: Final = 3_600.0  # before what could not be read is tried again
STEADY_CLOCK_S: Final = 3_600.0  # without a step, before the clock may decide what is too old
STEP_MS: Final = 60_000
STEPS_MOST: Final = 64  # of one kind in one tick: 65,536 records sealed, 262,144 removed
DAY_MS: Final = 86_400_000
MARGIN: Final = 0.05  # so far below its threshold a warning ends

Level: TypeAlias = Literal["ok", "warning", "critical", "full"]
_THRESHOLDS: Final[tuple[tuple[Level, float], ...]] = (
    ("full", 1.0), ("critical", 0.95), ("warning", 0.80),
)  # fmt: skip
_ORDER: Final[tuple[Level, ...]] = ("ok", "warning", "critical", "full")

_log = structlog.get_logger()


class Tell(Protocol):
    """Makes a system event."""

    def __call__(
        self, code: str, text: str, *, kind: Literal["info", "trouble", "restoral"]
    ) -> None:
        """``code`` is for programs, ``text`` for people."""
        ...


class Limits:
    """What a journal may take and keep; see the settings of ``[journal]``."""

    def __init__(self, *, keep_days: float, allowance_bytes: int) -> None:
        self.keep_ms = int(keep_days * DAY_MS)
        self.allowance_bytes = allowance_bytes


class Space:
    """What was measured, set against what is allowed."""

    def __init__(self, measured: Measured, limits: Limits, outstanding: int) -> None:
        self.measured = measured
        self.limits = limits
        held = outstanding / max(1, measured.done + outstanding)
        self.held_bytes = int(measured.used_bytes * held)
        """Taken by events that are not done, which are never removed."""
        self.room_bytes = limits.allowance_bytes
        """What the journal can have: the allowance, or less where the disk has less."""
        if measured.disk_bytes:
            could = measured.used_bytes + measured.spare_bytes + measured.disk_free_bytes
            spared = measured.reserve_bytes + 2 * ROOM_BYTES
            self.room_bytes = max(1, min(self.room_bytes, could - spared))

    @property
    def excess_bytes(self) -> int:
        """How much too much it takes; what may be removed makes way."""
        return self.measured.used_bytes - self.room_bytes

    @property
    def held(self) -> float:
        """Share of the room that is taken by what may not be removed."""
        return self.held_bytes / self.room_bytes

    @property
    def disk(self) -> float:
        """Share of the file system that is taken, by whatever; 0 while all of our allowance fits.

        What could be removed of the journal counts as free.
        """
        measured = self.measured
        left = measured.disk_free_bytes + measured.spare_bytes
        left += measured.used_bytes - self.held_bytes
        if not measured.disk_bytes or left + self.held_bytes >= self.limits.allowance_bytes:
            return 0.0
        return 1.0 - left / measured.disk_bytes

    def level(self, before: Level) -> Level:
        """Say how bad it is; a state ends a little below where it began."""
        for level, threshold in _THRESHOLDS:
            is_there = _ORDER.index(before) >= _ORDER.index(level)
            limit = threshold - MARGIN if is_there else threshold
            # A file system that others filled is full when it says so, not by its share.
            share = self.held if level == "full" else max(self.held, self.disk)
            if share >= limit:
                return level
        return "ok"

    @property
    def words(self) -> str:
        """Say it to people."""
        if self.disk > self.held:
            free = self.measured.disk_free_bytes
            return f"the journal's disk is {self.disk:.0%} full, {_size(free)} are free"
        return (
            f"events that are not done take {self.held:.0%} of the {_size(self.room_bytes)} "
            "that the journal may have"
        )


class Upkeep:
    """Keeps one journal up, from ``start`` to ``stop``; all of it on the event loop."""

    def __init__(  # noqa: PLR0913  everything comes from outside
        self,
        journal: Journal,
        limits: Limits,
        *,
        clock: Clock,
        timers: Timers,
        tell: Tell,
        known_s: float,
        young_seq: int,
        health: Callable[[str, str], None] = lambda _what, _why: None,
        count: Callable[..., None] = lambda _name, _n=1: None,
        gauge: Callable[[str, str, float], None] = lambda _name, _meaning, _value: None,
        tick_s: float = TICK_S,
    ) -> None:
        """Take a journal that was started.

        Args:
            journal: What to keep up; nothing happens where its store needs no upkeep.
            limits: What it may take and keep.
            clock: Wall clock for ages, monotonic for intervals.
            timers: Calls every tick.
            tell: Makes events of what operators should know.
            known_s: So long events stay whatever happens: repeats are known by them.
            young_seq: The first number that was received within that time.
            health: Is told what is not well and why; an empty text for what is again.
            count: Counts by name.
            gauge: Is told sizes: name, meaning, value.
            tick_s: Interval.
        """
        self._journal = journal
        self._limits = limits
        self._clock = clock
        self._timers = timers
        self._tell = tell
        self._health = health
        self._count = count
        self._gauge = gauge
        self._tick_s = tick_s
        self._known_s = known_s
        self._young_seq = young_seq
        self._passed: list[tuple[float, int]] = []
        """(monotonic s, number): what had been drawn when."""
        now = clock.monotonic()
        self._steady_since = now
        self._clock_offset_ms = self._offset_ms()
        self._sealed_at = now
        self._seen = (0, now)
        """The last number at the last look, and when that was."""
        self._told_head_at = now
        self._told_removal_at: float | None = None
        self._removed_untold = 0
        self._paused_until = now
        self._timer: Any = None
        self._task: asyncio.Task[None] | None = None
        self.level: Level = "ok"
        self.measured: Measured | None = None
        self.head: Head | None = None
        """The end of the chain, once something was sealed or it was asked for."""

    # -- life ------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to tick."""
        self._timer = self._timers.call_later(0.0, self._tick)

    async def stop(self) -> None:
        """Finish the step that is under way; no other begins."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._task is not None:
            # Not its outcome: whatever became of the step, the journal has to be closed.
            await asyncio.wait([self._task])

    def _tick(self) -> None:
        self._timer = self._timers.call_later(self._tick_s, self._tick)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._turn())

    async def _turn(self) -> None:
        try:
            await self.turn()
        except DamageError as error:
            self._paused_until = self._clock.monotonic() + DAMAGE_PAUSE_S
            self._health("journal_upkeep", f"old records cannot be read: {error}")
            _log.error("journal.upkeep_failed", reason=str(error))
        except StoreError:
            pass  # the journal itself says so, and is opened again
        except Exception:  # noqa: BLE001  a task's edge: the next tick tries again
            _log.exception("journal.upkeep_failed")

    # -- a turn ----------------------------------------------------------------------------

    async def turn(self) -> None:
        """Do once what is due."""
        kept = self._journal.kept
        if kept is None:
            return
        if not (self._journal.commits_succeed or self._journal.is_full or self.level == "full"):
            return
        measured = await self._journal.between(kept.measure)
        self._watch_clock(measured)
        self.measured = measured
        space = self._space(measured)
        self._publish(space)
        if not self._journal.is_full:  # which was told when it happened
            self._judge(space)
        if self._clock.monotonic() < self._paused_until:
            return
        await self._seal(kept, measured)
        await self._remove(kept, space)
        self._health("journal_upkeep", "")
        await self._tell_head(kept)

    def _space(self, measured: Measured) -> Space:
        return Space(measured, self._limits, self._journal.outstanding_count)

    def _offset_ms(self) -> int:
        return self._clock.utc_ms() - int(self._clock.monotonic() * 1000)

    def _watch_clock(self, measured: Measured) -> None:
        """Follow the clock: a wrong one must not make all events too old to be kept."""
        now, offset_ms = self._clock.monotonic(), self._offset_ms()
        if abs(offset_ms - self._clock_offset_ms) > STEP_MS:
            self._steady_since = now
            self._clock_offset_ms = offset_ms
        if not self._passed or now - self._passed[-1][0] >= self._known_s / 60:
            self._passed.append((now, measured.last_seq + 1))
        while self._passed and now - self._passed[0][0] >= self._known_s:
            self._young_seq = max(self._young_seq, self._passed.pop(0)[1])

    def _judge(self, space: Space) -> None:
        before, self.level = self.level, space.level(self.level)
        if self.level == before:
            return
        _log.warning("journal.space_changed", level=self.level, words=space.words)
        self._journal.refuse_reports(refuses=self.level == "full")
        if self.level == "ok":
            self._health("storage", "")
            self._tell(
                "storage_restored", f"the journal has room again: {space.words}", kind="restoral"
            )
            return
        text = space.words
        if self.level == "full":
            text += "; no report is acknowledged until events are confirmed or there is more room"
        self._health("storage", text)
        if _ORDER.index(self.level) > _ORDER.index(before):
            self._tell(f"storage_{self.level}", text, kind="trouble")
        elif before == "full":
            self._tell("storage_restored", f"reports are taken again; {text}", kind="restoral")

    def _publish(self, space: Space) -> None:
        measured = space.measured
        for name, meaning, value in (
            ("journal_used_bytes", "Taken by the journal's records.", measured.used_bytes),
            ("journal_held_bytes", "Of these, what may not be removed.", space.held_bytes),
            ("journal_room_bytes", "What the journal can have.", space.room_bytes),
            ("disk_free_bytes", "Free on the journal's file system.", measured.disk_free_bytes),
            ("journal_days_kept", "How far back the journal reaches.", self.days_kept or 0.0),
            (
                "journal_unsealed",
                "Numbers that the chain does not cover yet.",
                max(0, measured.last_seq - measured.sealed_seq),
            ),
        ):
            self._gauge(name, meaning, float(value))

    @property
    def days_kept(self) -> float | None:
        """How far back the journal reaches; None when nothing stands in it, or is known."""
        if self.measured is None or self.measured.oldest_ms is None:
            return None
        return max(0, self._clock.utc_ms() - self.measured.oldest_ms) / DAY_MS

    # -- sealing ---------------------------------------------------------------------------

    async def _seal(self, kept: Kept, measured: Measured) -> None:
        waiting, now = measured.last_seq - measured.sealed_seq, self._clock.monotonic()
        seen_seq, seen_at = self._seen
        self._seen = measured.last_seq, now
        if waiting <= 0:
            self._sealed_at = now
            return
        is_storm = measured.last_seq - seen_seq > STORM_EVENTS_S * (now - seen_at)
        if is_storm and waiting < SEAL_LATE:
            return
        is_due = waiting >= SEAL_SOON or now - self._sealed_at >= SEAL_EVERY_S
        if is_due:
            await self._seal_up_to(kept, is_late=waiting >= SEAL_LATE)

    async def _seal_up_to(self, kept: Kept, *, is_late: bool) -> None:
        for _ in range(STEPS_MOST):
            if self._journal.waiting > BUSY_JOBS and not is_late:
                return
            head = await self._journal.between(kept.seal)
            if head is None:
                self._sealed_at = self._clock.monotonic()
                return
            self.head = head
            self._count("journal_sealed")

    async def _tell_head(self, kept: Kept) -> None:
        now = self._clock.monotonic()
        if now - self._told_head_at < HEAD_EVERY_S:
            return
        await self._seal_up_to(kept, is_late=True)
        self.head = await self._journal.between(kept.head)
        if not self.head.number:
            return
        self._told_head_at = now
        text = f"records up to {self.head.last_seq} are sealed: head {self.head}"
        self._tell("journal_sealed", text, kind="info")

    # -- removal ---------------------------------------------------------------------------

    async def _remove(self, kept: Kept, space: Space) -> None:
        before_ms: int | None = None
        if self._clock.monotonic() - self._steady_since >= STEADY_CLOCK_S:
            before_ms = self._clock.utc_ms() - self._limits.keep_ms
        count = 0
        if before_ms is not None:
            count += await self._remove_some(kept, before_ms, lambda _measured: True)
        if space.excess_bytes > 0:
            count += await self._remove_some(
                kept, None, lambda measured: self._space(measured).excess_bytes > 0
            )
        if count:
            self._count("event_removed", count)
            self._removed_untold += count
            forms = await self._journal.between(kept.remove_forms)
            if forms:
                self._count("form_removed", forms)
            self.measured = await self._journal.between(kept.measure)
        self._tell_removal()

    async def _remove_some(
        self, kept: Kept, before_ms: int | None, goes_on: Callable[[Measured], bool]
    ) -> int:
        total = 0
        for _ in range(STEPS_MOST):
            count = await self._journal.between(
                lambda: kept.remove(below_seq=self._young_seq, before_ms=before_ms)
            )
            total += count
            if not count or not goes_on(await self._journal.between(kept.measure)):
                break
        return total

    def _tell_removal(self) -> None:
        """Say once a day that old events went."""
        now = self._clock.monotonic()
        if not self._removed_untold or self.measured is None:
            return
        if self._told_removal_at is not None and now - self._told_removal_at < REMOVAL_TOLD_EVERY_S:
            return
        self._told_removal_at = now
        days = self.days_kept
        text = (
            f"{self._removed_untold} done events up to {self.measured.removed_seq} were removed "
            f"from the journal; {0 if days is None else days:.1f} days are kept"
        )
        self._removed_untold = 0
        _log.info("journal.removed", text=text)
        self._tell("journal_removed", text, kind="info")


def _size(count: float) -> str:
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if count < 1024 or unit == "GiB":  # noqa: PLR2004  what the units mean
            return f"{count:.0f} {unit}" if unit == "bytes" else f"{count:.1f} {unit}"
        count /= 1024
    raise AssertionError("unreachable")
