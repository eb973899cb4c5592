"""Owns the states in memory: decides, stores, then tells. One transaction at a time.

``record`` and its kin block until the facts are durable; from a coroutine use ``submit``. Whatever
raises has recorded nothing. Subscribers hear of a transaction after it is durable and in the order
of the log; a restart does not tell them of what happened before it (they look at the states).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

import msgspec
import structlog

from decision.alarm_signal import Signal
from decision.clock import Clock
from decision.engine import loading, placing, waking
from decision.engine.change import Change, Listener, Taken
from decision.engine.draft import Draft, Past
from decision.engine.profiles import Profiles
from decision.engine.reading import Reading
from decision.engine.wheel import Wheel
from decision.facts import GATEWAY, Actor
from decision.store import Opened, Store, StoreError, codec

BACKWARDS_MOST: Final = timedelta(minutes=1)
"""A clock that steps back this far is waited for: facts keep their order. One that steps back
further was wrong before, and is believed."""

_log: Final = structlog.get_logger()
_T = TypeVar("_T")


class Engine(Reading):
    """One station's decisions. Reading is in ``Reading``; what changes anything is here."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        profiles: Profiles | None = None,
        *,
        count: Callable[[str], None] = lambda _name: None,
    ) -> None:
        """Nothing is opened before ``start``."""
        super().__init__(store, clock, profiles or Profiles())
        self._wheel = Wheel()
        self._count = count
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="decision")
        self._listeners: list[Listener] = []
        self._untold: deque[tuple[Change, ...]] = deque()
        self._is_telling = False
        self._rescheduled: Callable[[], None] = lambda: None
        self._last_seq = 0
        self._last_at: datetime | None = None
        self._is_broken = False
        """The store failed; it is opened again before the next write."""

    # -- life ------------------------------------------------------------------------------

    def start(self) -> Opened:
        """Open the store and fold what is open. Raises ``StoreError``."""
        with self._lock:
            opened = self._store.open()
            self._load(opened)
            return opened

    def stop(self) -> None:
        """Finish what runs and close the store."""
        self._executor.shutdown()
        with self._lock:
            self._store.close()

    def _load(self, opened: Opened) -> None:
        self._last_seq = opened.last_seq
        last = self._store.latest(limit=1)
        self._last_at = codec.moment(last[0].at_us) if last else None
        self._wheel.clear()
        self.faults.clear()
        # Whoever reads meanwhile sees the books of before: never half a list.
        self._books = loading.load(self, self._store, opened, self._wheel)
        self._is_broken = False
        self._rescheduled()

    def use(self, profiles: Profiles) -> None:
        """Take these before ``start``."""
        self._profiles = profiles

    def reload(self, profiles: Profiles) -> None:
        """From now on these sites, packs and settings count; what was decided stays decided."""
        with self._lock:
            before, self._profiles = self._profiles, profiles
            if before.ledger_key() != profiles.ledger_key():
                # A ledger is folded by its pack: another pack, another state.
                self._books.systems = loading.load_systems(self, self._store, self._wheel)
                self._rescheduled()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Tell ``listener`` of every transaction from now on; gives what ends that."""
        with self._lock:
            self._listeners.append(listener)

        def end() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return end

    def on_rescheduled(self, callback: Callable[[], None]) -> None:
        """Call this, in whatever thread, when ``next_due`` may have changed."""
        self._rescheduled = callback

    # -- recording -------------------------------------------------------------------------

    def record(self, subject: str, fact: msgspec.Struct, actor: Actor) -> Change:
        """Record one fact of ``incident/<id>``, ``system/<id>``, ``operator/<id>``.

        Raises:
            UnknownSubject: There is no such incident.
            ValueError: Facts of this kind do not stand there.
            StoreError: It is not durable; nothing was recorded.
        """
        return self.record_all([(subject, fact)], actor)[0]

    def record_all(
        self, facts: Sequence[tuple[str, msgspec.Struct]], actor: Actor
    ) -> tuple[Change, ...]:
        """Record facts that belong together: all or none; gives one change for each of them."""
        with self._lock:
            draft = self._draft()
            changes = tuple(draft.add(subject, fact, actor) for subject, fact in facts)
            self._commit(draft)
            return changes

    async def submit(self, subject: str, fact: msgspec.Struct, actor: Actor) -> Change:
        """``record`` from a coroutine."""
        return await self.run(self.record, subject, fact, actor)

    async def run(self, function: Callable[..., _T], *arguments: Any) -> _T:
        """Run something that writes, in the thread in which everything is decided."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, function, *arguments)

    def take(self, signals: Iterable[Signal]) -> Taken:
        """Record the effect of events; one that is known already has had it.

        Raises:
            StoreError: Nothing of the batch is durable.
        """
        batch = list({signal.event_id: signal for signal in signals}.values())
        with self._lock:
            self._require_store()
            known = self._store.known([signal.event_id for signal in batch])
            draft = self._draft()
            failed: dict[str, str] = {}
            for signal in batch:
                if signal.event_id in known:
                    continue
                back = draft.savepoint()
                try:
                    placing.place(draft, signal, GATEWAY)
                except Exception as error:  # noqa: BLE001
                    # One event that cannot be decided must not hold up the others; it stays
                    # unconfirmed, so that it comes again and the gateway tells of it.
                    back()
                    failed[signal.event_id] = f"{type(error).__name__}: {error}"
                    _log.exception("event.failed", event_id=signal.event_id)
                    self._count("event_failed")
            self._commit(draft)
        confirm = tuple(one.event_id for one in batch if one.event_id not in failed)
        return Taken(confirm=confirm, fresh=len(confirm) - len(known), failed=failed)

    # -- time ------------------------------------------------------------------------------

    def next_due(self) -> datetime | None:
        """When ``fire`` has something to do next."""
        with self._lock:
            return self._wheel.next()

    def fire(self, limit: int = 200) -> int:
        """Record the timers whose moment has come; gives how many subjects were woken.

        Raises:
            StoreError: Nothing is durable; the timers stay due.
        """
        with self._lock:
            draft = self._draft()
            subjects = self._wheel.due(draft.now, limit)
            for subject in subjects:
                back = draft.savepoint()
                try:
                    waking.wake(draft, subject)
                except Exception as error:  # noqa: BLE001  the others must be woken
                    back()
                    self.faults[subject] = f"{type(error).__name__}: {error}"
                    _log.exception("timer.failed", subject=subject)
                    self._count("timer_failed")
            self._commit(draft)
            for subject in subjects:
                waking.postpone_stuck(self._wheel, subject, draft.now)
            return len(subjects)

    # -- the transaction -------------------------------------------------------------------

    def _draft(self) -> Draft:
        self._require_store()
        past = Past(
            case=self._past_case,
            system=self.folded_system,
            jurisdiction=self._past_jurisdiction,
            armed=self._past_armed,
            history=self.history,
        )
        return Draft(
            self._books, self._profiles, past, now=self._stamp(), next_seq=self._last_seq + 1
        )

    def _stamp(self) -> datetime:
        """Now, and not before the last fact."""
        now, last = self._clock.now(), self._last_at
        if last is not None and last - BACKWARDS_MOST <= now < last:
            return last
        return now

    def _require_store(self) -> None:
        if not self._is_broken:
            return
        opened = self._store.open()
        if opened.last_seq != self._last_seq:
            # A commit that was told as failed stands there after all: fold it, too.
            _log.warning("store.differs", expected=self._last_seq, found=opened.last_seq)
            self._load(opened)
        self._is_broken = False
        _log.info("store.returned", last_seq=opened.last_seq)

    def _commit(self, draft: Draft) -> None:
        if not draft.rows:
            return
        marks = draft.marks()
        try:
            seqs = self._store.append(draft.rows, list(marks.values()))
        except StoreError:
            self._is_broken = True
            self._count("commit_failed")
            raise
        self._last_seq = seqs[-1]
        self._last_at = draft.now
        draft.settle()
        for mark in marks.values():
            due = None if mark.due_us is None else codec.moment(mark.due_us)
            self._wheel.set(mark.subject, due)
        self._rescheduled()
        self._tell(tuple(draft.changes))

    def _tell(self, changes: tuple[Change, ...]) -> None:
        """Tell subscribers; what they record meanwhile is told to all after this."""
        self._untold.append(changes)
        if self._is_telling:
            return
        self._is_telling = True
        try:
            while self._untold:
                told = self._untold.popleft()
                for listener in tuple(self._listeners):
                    try:
                        listener(told)
                    except Exception:  # noqa: BLE001  somebody else's; the facts are durable
                        _log.exception("listener.failed")
        finally:
            self._is_telling = False

    def head(self) -> int:
        """Number of the last fact."""
        return self._last_seq
