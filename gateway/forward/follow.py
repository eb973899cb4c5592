"""Follows the journal: brings every outstanding event into a lane, in bounded memory.

What is not about to be published lies in the journal and is 17 bytes in the ``backlog``; that is
how a priority event finds the older events of its account among a million others (REL-44).
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

import structlog

from gateway.forward.backlog import Backlog
from gateway.forward.lanes import Lane, Lanes
from gateway.forward.ports import Journal
from gateway.journal.entry import Outstanding
from hardware.clock import Clock, Timers

PAGE: Final = 500  # events read from the journal at a time
KEY_PAGE: Final = 5000  # keys read at a time while the backlog of an earlier run is indexed
READY_MOST: Final = 1000  # events held in memory in journal order; beyond it they stay there
FRESH_MOST: Final = 1000  # new events that may overtake a backlog; beyond it they join it
LOADED_MOST: Final = 200  # payloads held by a lane that is filled by hand
LOW: Final = 100  # a lane with fewer in memory is filled again
READ_AGAIN_S: Final = 1.0  # after the journal failed to read
MARKS_MOST: Final = 4096  # moments remembered to tell ages; then every second one is forgotten

_FILLED: Final = (Lane.PROBE, Lane.URGENT, Lane.AGAIN, Lane.RESEND, Lane.FRESH)
_log = structlog.get_logger()


class Follower:
    """Fills the lanes from the journal and from what is committed meanwhile."""

    def __init__(  # noqa: PLR0913  the outbox names each
        self,
        journal: Journal,
        lanes: Lanes,
        *,
        clock: Clock,
        timers: Timers,
        count: Callable[[str, int], None],
        is_up: Callable[[], bool],
        wake: Callable[[], None],
        reopened: Callable[[int], None],
        flooding: AbstractSet[str] = frozenset(),
    ) -> None:
        """Name what it reads from and what it fills.

        ``reopened`` is told after which sequence events are outstanding again; ``flooding`` holds
        the account levels whose events let those of others pass.
        """
        self._journal = journal
        self._lanes = lanes
        self._clock = clock
        self._timers = timers
        self._count = count
        self._is_up = is_up
        self._wake = wake
        self._tell_reopened = reopened
        self._flooding = flooding
        # How far the journal was read, and what lies beyond it.
        self._cursor = 0
        self._read_through = 0  # the cursor's highest; a rescan does not set it back
        self._is_caught_up = False
        self._meanwhile: list[Outstanding] | None = None
        self._taken: set[int] = set()  # beyond the cursor and yet in a lane or sent
        self._backlog = Backlog()
        self._indexed: int | None = 0  # None: the index is complete
        self._deferred: list[tuple[int, str]] = []
        # Which event was the newest when: ages need no wall clock, which may be set (REL-49).
        self._first_fresh: int | None = None
        self._newest = 0
        self._marks: list[tuple[int, float]] = []
        self._wall_offset = clock.monotonic() - clock.utc_ms() / 1000
        self._work = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Follow from now on; the loop must run."""
        self._journal.subscribe(self.committed, self._reopened)
        self._task = asyncio.get_running_loop().create_task(self._load(), name="outbox-load")

    async def stop(self) -> None:
        """Read no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @property
    def is_behind(self) -> bool:
        """Whether outstanding events lie in the journal that are not in memory."""
        return not self._is_caught_up

    def _reopened(self, from_seq: int, _to_seq: int) -> None:
        self._tell_reopened(from_seq - 1)

    def rescan(self, after_seq: int, sent: Iterable[int]) -> None:
        """Read again what follows ``after_seq``, but not what is ``sent`` or stands in a lane."""
        self._cursor = cursor = min(self._cursor, after_seq)
        # Anew: what was taken before may be outstanding again, and stand nowhere.
        self._taken = {seq for seq in sent if seq > cursor}
        self._taken.update(self._lanes.seqs_after(cursor))
        self._is_caught_up = False
        self._meanwhile = None
        self._work.set()

    def stir(self) -> None:
        """Look whether anything must be read now."""
        self._work.set()

    def stir_when_low(self) -> None:
        """Look whether anything must be read, if a lane runs out."""
        lanes = self._lanes
        if (not self._is_caught_up and lanes.loaded(Lane.READY) < LOW) or any(
            lanes.wanted(lane) and lanes.loaded(lane) < LOW for lane in _FILLED
        ):
            self._work.set()

    # What is committed.

    def committed(self, events: Sequence[Outstanding]) -> None:
        """Take what was just committed; the journal calls this in commit order."""
        if not events:
            return
        self._first_fresh = self._first_fresh or events[0].seq  # numbers begin with 1
        self._newest = events[-1].seq
        if events[0].seq <= self._read_through:
            events = self._not_read_yet(events)
        if self._is_left_behind(events):
            self._meanwhile = None
            self._backlog.extend(events)
        else:
            self._take(events)
            self._wake()

    def _take(self, events: Sequence[Outstanding]) -> None:
        flooding = self._flooding
        for event in events:
            if self._is_caught_up:
                self._cursor = event.seq
            elif self._meanwhile is not None and len(self._meanwhile) < READY_MOST:
                self._meanwhile.append(event)
            else:
                self._meanwhile = None
            if event.is_priority and event.account not in flooding:
                if self._indexed is None:
                    self._lift(Lane.URGENT, event.seq, event.account, event)
                    continue
                self._deferred.append((event.seq, event.account))
            if flooding:
                self._join_in_flood(event)
            elif self._is_caught_up:
                self._join(event)
            else:
                self._leave_behind(event)

    def _not_read_yet(self, events: Sequence[Outstanding]) -> Sequence[Outstanding]:
        """Leave out what a page held before its commit was told: it stands in its order already.

        To take it anew would put it behind younger ones of its account, which were read too.
        """
        for event in events:
            is_read = event.seq <= self._read_through
            if is_read and event.is_priority and event.account not in self._flooding:
                if self._indexed is not None:
                    self._deferred.append((event.seq, event.account))
                elif event.seq in self._lanes:
                    self._lift(Lane.URGENT, event.seq, event.account, None)
        self._wake()
        return [event for event in events if event.seq > self._read_through]

    def _is_left_behind(self, events: Sequence[Outstanding]) -> bool:
        """Whether all of them just stay in the journal: nobody can publish, nobody is urgent."""
        return (
            not self._is_caught_up
            and not self._is_up()
            and (self._meanwhile is None or len(self._meanwhile) + len(events) > READY_MOST)
            and True not in [event.is_priority for event in events]
        )

    def _join(self, event: Outstanding) -> None:
        """Take an event in the order of the journal."""
        lane = self._lanes.lane_of_account(event.account)
        self._lanes.add(Lane.READY if lane is None else lane, event)
        if self._lanes.loaded(Lane.READY) >= READY_MOST:
            self._is_caught_up = False

    def _join_in_flood(self, event: Outstanding) -> None:
        """Let an event pass those of a flooding account, while there is room (SEC-14)."""
        lanes, is_flooding = self._lanes, event.account in self._flooding
        if not self._is_caught_up:
            if is_flooding:
                self._backlog.add(event.seq, event.account)
            else:
                self._leave_behind(event)
        elif is_flooding or lanes.wanted(Lane.FRESH) + lanes.loaded(Lane.FRESH) >= FRESH_MOST:
            self._join(event)
        else:
            self._lift(Lane.FRESH, event.seq, event.account, event)

    def _leave_behind(self, event: Outstanding) -> None:
        """Leave an event in the journal, or let it overtake the backlog when there is room."""
        lanes = self._lanes
        if (
            self._indexed is None
            and self._is_up()
            and lanes.wanted(Lane.FRESH) + lanes.loaded(Lane.FRESH) < FRESH_MOST
        ):
            self._lift(Lane.FRESH, event.seq, event.account, event)
        else:
            self._backlog.add(event.seq, event.account)

    def _lift(self, lane: Lane, seq: int, account: str, event: Outstanding | None) -> None:
        """Put an event into a lane that overtakes, with the older ones of its account before it.

        The older ones may stand in later lanes or lie in the journal.
        """
        lanes = self._lanes
        held_in = lanes.lane_of_account(account)
        if held_in is Lane.URGENT:
            # While urgent ones are read, later lanes go on: it must not pass those of its account.
            lane = held_in
        older = {s for s in lanes.held(account) if s < seq and (lanes.lane_of(s) or 0) > lane}
        for beyond in self._backlog.of(account, after=self._cursor, before=seq):
            if beyond not in self._taken:
                self._taken.add(beyond)
                older.add(beyond)
        if event is None:
            # It has to be read: later ones of its account that are at hand wait behind it.
            older |= {s for s in lanes.held(account) if s > seq and (lanes.lane_of(s) or 0) > lane}
        if seq > self._cursor:
            self._taken.add(seq)
        if older or event is None or not self._is_up() or lanes.loaded(lane) >= LOADED_MOST:
            lanes.want(lane, account, sorted({*older, seq}))
            self._work.set()
            return
        lanes.add(lane if held_in is None or held_in > lane else held_in, event)

    # What lies in the journal.

    async def _load(self) -> None:
        while True:
            try:
                is_idle = not await self._load_some()
            except Exception:  # noqa: BLE001  the edge of this task
                _log.exception("outbox.read_failed")
                self._count("outbox_read_failed", 1)
                self._timers.call_later(READ_AGAIN_S, self._work.set)
                self._meanwhile = None
                self._work.clear()
                is_idle = True
            if is_idle:
                await self._work.wait()
                self._work.clear()
            self._wake()

    async def _load_some(self) -> bool:
        """Read one page of whatever is needed most; False when nothing is."""
        lanes = self._lanes
        if self._is_up():
            for lane in _FILLED:
                if lanes.wanted(lane) and lanes.loaded(lane) < LOW:
                    asked = lanes.to_read(lane, PAGE)
                    events = await self._journal.read(asked) if asked else []
                    for foreign in lanes.was_read(lane, asked, events):
                        self._taken.discard(foreign.seq)
                        self._join(foreign)
                    return True
        if not self._is_caught_up and lanes.is_empty(Lane.READY):
            await self._read_on()
            return True
        if self._indexed is not None:
            await self._index(self._indexed)
            return True
        if not self._is_caught_up and lanes.loaded(Lane.READY) < LOW:
            await self._read_on()
            return True
        return False

    async def _read_on(self) -> None:
        """Read the next page in the order of the journal."""
        self._meanwhile = []
        asked = self._cursor
        page = await self._journal.outstanding(asked, PAGE)
        if self._cursor != asked:
            return  # a rescan wants more than this page
        for event in page:
            self._cursor = event.seq
            if event.seq in self._taken:
                self._taken.discard(event.seq)
            else:
                self._join(event)
        self._read_through = max(self._read_through, self._cursor)
        self._backlog.forget_through(self._cursor)
        meanwhile, self._meanwhile = self._meanwhile, None
        if len(page) < PAGE and meanwhile is not None:
            # The end, but for what was committed while the page was read, which is at hand.
            self._is_caught_up = True
            for event in meanwhile:
                if event.seq > self._cursor:
                    self._cursor = event.seq
                    if event.seq not in self._taken:
                        self._join(event)
            self._backlog.clear()
            self._taken.clear()
            self._indexing_done()

    async def _index(self, after_seq: int) -> None:
        """Learn what an earlier run left behind: accounts, and which of it is urgent."""
        keys = await self._journal.outstanding_keys(max(after_seq, self._cursor), KEY_PAGE)
        for seq, account, is_priority in keys:
            self._indexed = seq
            if seq <= self._cursor:
                continue
            self._backlog.add(seq, account)
            if is_priority:
                self._deferred.append((seq, account))
        if len(keys) < KEY_PAGE:
            self._indexing_done()

    def _indexing_done(self) -> None:
        self._indexed = None
        deferred, self._deferred = self._deferred, []
        for seq, account in deferred:
            is_beyond = seq > self._cursor and seq not in self._taken
            if is_beyond or seq in self._lanes:
                self._lift(Lane.URGENT, seq, account, None)

    # When an event came in.

    def mark(self) -> None:
        """Remember which event is the newest now; called once a second."""
        if self._newest and (not self._marks or self._marks[-1][0] != self._newest):
            self._marks.append((self._newest, self._clock.monotonic()))
            if len(self._marks) > MARKS_MOST:
                del self._marks[1::2]

    def received_at(self, event: Outstanding) -> float:
        """When an event came in, in monotonic seconds, to the second."""
        if self._first_fresh is None or event.seq < self._first_fresh:
            return event.received_ms / 1000 + self._wall_offset  # of an earlier run
        at = bisect_left(self._marks, event.seq, key=_first)
        return self._marks[at][1] if at < len(self._marks) else self._clock.monotonic()


def _first(pair: tuple[int, float]) -> int:
    return pair[0]
