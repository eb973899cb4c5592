"""The journal as the event loop sees it: append, confirm, read, and be told what is fresh."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

import structlog

from gateway.journal.entry import AnyEntry, Identity, Outstanding
from gateway.journal.keeping import Kept
from gateway.journal.store import Again, Confirm, Confirmed, Opened, Store
from gateway.journal.writer import (
    RETRY_S,
    AgainJob,
    Call,
    ConfirmJob,
    Group,
    Job,
    Writer,
    refuse,
    settle,
    tell,
)
from hardware.clock import Clock

PUBACK: Final = ""
"""The consumer in whose name the outbox confirms where ``confirm_by`` names nobody."""

_T = TypeVar("_T")
_log = structlog.get_logger()


class Journal:
    """Everything here is for the event loop's thread; nothing here waits for the disk."""

    def __init__(  # noqa: PLR0913  everything comes from outside
        self,
        store: Store,
        *,
        clock: Clock,
        confirm_by: Sequence[str] = (),
        count: Callable[..., None] = lambda _name, _n=1: None,
        state_changed: Callable[[str], None] = lambda _why: None,
        filled: Callable[[bool], None] = lambda _is_full: None,
        retry_s: float = RETRY_S,
        writer: type[Writer] = Writer,
    ) -> None:
        """Take a store that is not open yet.

        Args:
            store: Keeps the events; give it the same ``confirm_by``.
            clock: For the length of a flush and the time of the last commit.
            confirm_by: Whose confirms count; with nobody, only those of ``PUBACK`` do.
            count: Counts by name.
            state_changed: Is told why commits fail, and an empty text once they succeed again.
            filled: Is told that the disk is full, and that it is not any more (REL-18); while it
                is, reports are refused and confirms and the gateway's own events are not.
            retry_s: Pause between tries to open a store that failed.
            writer: Does the writing off the loop.
        """
        self._store = store
        self._clock = clock
        self._confirm_by = frozenset(confirm_by) or frozenset({PUBACK})
        self._count = count
        self._state_changed = state_changed
        self._filled = filled
        self._retry_s = retry_s
        self._make_writer = writer
        self._writer: Writer | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._next_seq = 1
        self._is_ringing = False
        self._fresh: list[Callable[[Sequence[Outstanding]], None]] = []
        self._reopened: list[Callable[[int, int], None]] = []
        self.outstanding_count = 0
        """Events that are committed and not done."""
        self.last_commit_ms: int | None = None
        """When a group was last stored, in UTC milliseconds."""

    # -- start and stop --------------------------------------------------------------------

    async def start(self) -> Opened:
        """Open the store, in its thread.

        Raises:
            JournalLocked: Another process writes this journal.
            StoreError: It cannot be opened.
        """
        self._loop = asyncio.get_running_loop()
        opened = await self._open()
        self._next_seq = opened.next_seq
        self.outstanding_count = opened.outstanding
        self._writer = self._make_writer(
            self._store,
            post=self._loop.call_soon_threadsafe,
            settled=self._settled,
            changed=self._changed,
            monotonic=self._clock.monotonic,
            filled=self._filled,
            retry_s=self._retry_s,
        )
        self._writer.fill(is_full=opened.is_full)
        self._writer.start()
        _log.info(
            "journal.opened",
            version=opened.version,
            next_seq=opened.next_seq,
            outstanding=opened.outstanding,
            ended_well=opened.is_clean,
        )
        return opened

    async def _open(self) -> Opened:
        opening = asyncio.ensure_future(asyncio.to_thread(self._store.open))
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            # Its thread opens on and would keep the journal locked against the next start.
            await asyncio.wait([opening])
            await asyncio.to_thread(self._store.close)
            raise

    async def stop(self) -> None:
        """Store what is queued, tell who waits for it, and close."""
        if self._writer is not None:
            writer, self._writer = self._writer, None
            await asyncio.to_thread(writer.stop)
        await asyncio.to_thread(self._store.close)

    @property
    def commits_succeed(self) -> bool:
        """Whether link tests may be answered (REL-23)."""
        return self._writer is not None and self._writer.commits_succeed

    @property
    def waiting(self) -> int:
        """Jobs that wait for the disk."""
        return 0 if self._writer is None else self._writer.waiting

    @property
    def is_full(self) -> bool:
        """Whether the disk has no room, so that reports are refused."""
        return self._writer is not None and self._writer.is_full

    def refuse_reports(self, *, refuses: bool) -> None:
        """Refuse reports although the disk has room, or take them again (REL-18).

        Confirms and the gateway's own events are stored all the same.
        """
        if self._writer is not None:
            self._writer.refuses_reports = refuses

    # -- events ----------------------------------------------------------------------------

    def next_seq(self) -> int:
        """Draw a number; it is never drawn again, used or not."""
        seq = self._next_seq
        self._next_seq = seq + 1
        return seq

    def append(self, entries: Sequence[AnyEntry], done: Callable[[bool], None]) -> None:
        """Store these events in one group, in order of ``seq``; returns at once.

        ``done`` is called on the loop: True once they are durable, False when they are not and
        nobody may be told that they are.
        """
        self._submit((entries, done))

    def confirm(
        self,
        consumer: str,
        event_ids: Sequence[str],
        told: Callable[[Confirmed | None], None] = lambda _what: None,
    ) -> bool:
        """Note that a consumer processed these events; returns at once.

        ``told`` hears what came of it once that is durable, or None when it could not be stored
        (the events stay outstanding). Returns False, and does nothing, for a consumer that
        ``confirm_by`` does not name (REL-47).
        """
        if consumer not in self._confirm_by:
            self._count("confirm_foreign", len(event_ids))
            return False

        def settled(what: Confirmed | None) -> None:
            if what is not None:
                self.outstanding_count -= len(what.done)
                self._count("event_done", len(what.done))
                if what.unknown:
                    self._count("confirm_unknown", what.unknown)
                if what.repeated:
                    self._count("confirm_repeated", what.repeated)
            told(what)

        confirm = Confirm(consumer=consumer, event_ids=tuple(event_ids))
        self._submit(ConfirmJob(confirm, settled))
        return True

    def came_again(self, link: str, digest: bytes, received_ms: int) -> None:
        """Note when the last event frame of a link came again; nobody waits for it (REL-35)."""
        self._submit(AgainJob(Again(link=link, digest=digest, received_ms=received_ms)))

    def subscribe(
        self,
        fresh: Callable[[Sequence[Outstanding]], None],
        reopened: Callable[[int, int], None] | None = None,
    ) -> None:
        """Be told, on the loop, of what was just committed, in order of ``seq``.

        ``reopened(from_seq, to_seq)`` tells of done events that are to be published again
        (``republish``); read them with ``outstanding``.
        """
        self._fresh.append(fresh)
        if reopened is not None:
            self._reopened.append(reopened)

    async def outstanding(self, after_seq: int = 0, limit: int = 1000) -> list[Outstanding]:
        """Events that are not done, in order of ``seq``; read off the loop."""
        return await asyncio.to_thread(self._store.outstanding, after_seq, limit)

    async def outstanding_keys(self, after_seq: int, limit: int) -> list[tuple[int, str, bool]]:
        """Number, account and priority of events that are not done, in order; read off the loop."""
        return await asyncio.to_thread(self._store.outstanding_keys, after_seq, limit)

    async def read(self, seqs: Sequence[int]) -> list[Outstanding]:
        """These events, done or not; what is not there is left out; read off the loop."""
        return await asyncio.to_thread(self._store.read, seqs)

    async def republish(self, from_seq: int, to_seq: int) -> int:
        """Have the done events of this range (ends included) published again, as they stand."""
        count = await self._call(lambda: self._store.republish(from_seq, to_seq))
        self.outstanding_count += count
        if count:
            for tell in self._reopened:
                tell(from_seq, to_seq)
        return count

    async def identities(self, since_ms: int) -> list[Identity]:
        """Keys of the reports received since then, oldest first, to rebuild the repeats."""
        return await self._call(lambda: self._store.identities(since_ms))

    async def linked(self, link: str, limit: int) -> list[Outstanding]:
        """The newest events that were stored with this ``Entry.link``, oldest first."""
        return await self._call(lambda: self._store.linked(link, limit))

    @property
    def kept(self) -> Kept | None:
        """The store's face for the upkeep; None for a store that needs none."""
        return self._store if isinstance(self._store, Kept) else None

    async def between(self, step: Callable[[], _T]) -> _T:
        """Do a small step of upkeep in the writing thread, between two groups."""
        return await self._call(step)

    # -- inside ----------------------------------------------------------------------------

    def _submit(self, job: Job) -> None:
        if self._loop is None:
            raise RuntimeError("the journal was not started")
        if self._writer is None:
            self._loop.call_soon(refuse, job)
            return
        self._writer.submit(job)
        if not self._is_ringing:
            # Once for all that one turn of the loop brings: waking the thread costs the loop
            # its interpreter lock, and what follows in this turn belongs to the same group.
            self._is_ringing = True
            self._loop.call_soon(self._ring)

    def _settled(self, group: Group) -> None:
        """Tell who waits for a group, and then who follows what is fresh; on the loop."""
        is_fresh = group.is_stored and bool(group.entries)
        if is_fresh:
            self.outstanding_count += len(group.entries)
            self.last_commit_ms = self._clock.utc_ms()
            self._count("event_committed", len(group.entries))
        settle(group)
        if is_fresh:
            for follower in self._fresh:
                tell(follower, group.entries)

    def _ring(self) -> None:
        self._is_ringing = False
        if self._writer is not None:
            self._writer.ring()

    async def _call(self, function: Callable[[], _T]) -> _T:
        answer: asyncio.Future[_T] = asyncio.get_running_loop().create_future()

        def told(result: Any, error: BaseException | None) -> None:
            if answer.cancelled():
                return
            if error is not None:
                answer.set_exception(error)
            else:
                answer.set_result(result)

        self._submit(Call(function, told))
        return await answer

    def _changed(self, why: str) -> None:
        self._count("journal_failed" if why else "journal_recovered")
        self._state_changed(why)
