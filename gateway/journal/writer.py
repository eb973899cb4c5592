"""Hands events from the event loop to the thread that stores them: group commit without a timer.

A group is what gathered while the flush before it ran; what finds no flush running is flushed at
once. The loop never waits: it puts into a queue, and is called when a group is settled.
"""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Any, Final, TypeAlias

import msgspec
import structlog

from gateway.journal.entry import AnyEntry
from gateway.journal.keeping import Kept
from gateway.journal.store import Again, Confirm, Confirmed, EntryRefused, Store, StoreError

GROUP_EVENTS: Final = 2048  # a larger group would keep its first event waiting for nothing
RETRY_S: Final = 0.5  # between tries to open a store that failed; service is back well within 5 s
OWN_CLASS: Final = "system"  # of the gateway's own events, and of no others
STALL_S: Final = 4.0  # a flush that runs longer counts as failing (REL-23 allows 5 s)

Append: TypeAlias = tuple[Sequence[AnyEntry], Callable[[bool], None]]

_log = structlog.get_logger()


class ConfirmJob(msgspec.Struct, frozen=True):
    """A confirm, and who wants to know what it came to; None tells that it was not stored."""

    confirm: Confirm
    told: Callable[[Confirmed | None], None]


class AgainJob(msgspec.Struct, frozen=True):
    """A frame that came again; nobody waits for it."""

    again: Again


class Call(msgspec.Struct, frozen=True):
    """Something else that only the writing thread may do, between two groups."""

    function: Callable[[], Any]
    told: Callable[[Any, BaseException | None], None]


Job: TypeAlias = Append | ConfirmJob | AgainJob | Call


class Group(msgspec.Struct):
    """What is stored together."""

    appends: list[Append] = []
    entries: list[AnyEntry] = []
    """Those of all the appends."""
    confirms: list[ConfirmJob] = []
    again: list[Again] = []
    call: Call | None = None
    is_stored: bool = False
    confirmed: Sequence[Confirmed] = ()


class Writer:
    """The writing thread and its queue. ``submit`` and the callbacks are the loop's side."""

    def __init__(  # noqa: PLR0913  everything comes from outside
        self,
        store: Store,
        *,
        post: Callable[..., object],
        settled: Callable[[Group], None],
        changed: Callable[[str], None],
        monotonic: Callable[[], float],
        filled: Callable[[bool], None] = lambda _is_full: None,
        retry_s: float = RETRY_S,
    ) -> None:
        """Take a store that is not open yet.

        Args:
            store: What keeps the events; only the writing thread touches it.
            post: Runs a callback on the event loop, from another thread.
            settled: Is told on the loop what became of a group, to ``settle`` it.
            changed: Is told on the loop why commits fail, and an empty text once they succeed.
            monotonic: Clock for the length of a flush.
            filled: Is told on the loop that there is no room (REL-18), and that there is again.
            retry_s: Pause between tries to open a store that failed.
        """
        self._store = store
        self._post = post
        self._settled = settled
        self._changed = changed
        self._monotonic = monotonic
        self._filled = filled
        self._retry_s = retry_s
        self._jobs: deque[Job] = deque()
        self._taken: deque[Group] = deque()
        """Groups that nobody was told about yet; of the thread."""
        self._bell: SimpleQueue[None] = SimpleQueue()
        self._is_rung = False
        self._is_stopping = False
        self._flushing_since: float | None = None
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._retry_at = 0.0
        self.is_broken = False
        self.is_full = False
        """Whether the store lives on its reserve; then it takes no reports."""
        self.refuses_reports = False
        """Set on the loop: take no reports, although there is room for them."""

    # -- the loop's side -------------------------------------------------------------------

    @property
    def commits_succeed(self) -> bool:
        """Whether the last group was stored, and the present one is not stuck."""
        if self.is_broken or self._takes_no_reports or not self._is_alive:
            return False
        since = self._flushing_since
        return since is None or self._monotonic() - since < STALL_S

    @property
    def _is_alive(self) -> bool:
        return self._thread.is_alive()

    @property
    def _takes_no_reports(self) -> bool:
        return self.is_full or self.refuses_reports

    @property
    def waiting(self) -> int:
        """Jobs that are not taken yet."""
        return len(self._jobs)

    def start(self) -> None:
        """Start the thread; the store is open."""
        self._thread.start()

    def submit(self, job: Job) -> None:
        """Queue a job; ``ring`` afterwards."""
        self._jobs.append(job)

    def ring(self) -> None:
        """Wake the thread for what was queued; cheap when it is awake."""
        if not self._is_rung:
            self._is_rung = True
            self._bell.put(None)

    def stop(self) -> None:
        """Store what is queued and end; blocks, so not on the loop."""
        self._is_stopping = True
        self._bell.put(None)
        if self._thread.is_alive():
            self._thread.join()

    # -- the thread's side -----------------------------------------------------------------

    def _run(self) -> None:
        has_ended = False
        while not has_ended:
            try:
                has_ended = self._turn()
            except BaseException as error:  # noqa: BLE001  without this thread nobody is answered
                self._survive(error)

    def _turn(self) -> bool:
        """Do what is queued, once there is something; True when nothing will come any more."""
        with contextlib.suppress(Empty):
            self._bell.get(timeout=self._retry_s if self.is_broken or self.is_full else None)
        # Cleared before looking: whoever queues after the look rings again.
        self._is_rung = False
        while self._jobs or self._taken:
            if not self._taken:
                self._take()
            self._do(self._taken[0])
        if self._is_stopping and not self._jobs:
            return True
        self._rest()
        return False

    def _rest(self) -> None:
        """Nothing waits: try again what failed, and do what could be put off."""
        if self.is_broken and self._monotonic() >= self._retry_at:
            self._recover()
        elif self.is_full and self._monotonic() >= self._retry_at:
            self._regain()
        self._tidy(is_idle=True)

    def _survive(self, error: BaseException) -> None:
        """Take what nobody foresaw for a failure of the store (REL-12): refuse, and open again."""
        self.is_broken = True
        _log.error("journal.thread_failed", exc_info=error)
        # A loop that takes no calls any more has nobody left to be told.
        while self._taken:
            with contextlib.suppress(BaseException):
                self._settle()
        with contextlib.suppress(BaseException):
            self._break(error)

    def _take(self) -> None:
        """Take what gathered, up to a call, which stands alone."""
        group = Group()
        self._taken.append(group)
        events = 0
        while self._jobs and events < GROUP_EVENTS:
            if isinstance(self._jobs[0], Call) and (group.appends or group.confirms or group.again):
                break
            job = self._jobs.popleft()
            if type(job) is tuple:
                group.appends.append(job)
                group.entries += job[0]
                events += len(job[0])
            elif isinstance(job, ConfirmJob):
                group.confirms.append(job)
                events += 1
            elif isinstance(job, AgainJob):
                group.again.append(job.again)
                events += 1
            elif isinstance(job, Call):
                group.call = job
                break

    def _do(self, group: Group) -> None:
        """Do the first of what was taken."""
        if group.call is not None:
            self._do_call(group.call)
            return
        if self.is_broken:
            self._settle()
            return
        if self._takes_no_reports:
            self._refuse_reports(group)
        self._flushing_since = self._monotonic()
        try:
            group.confirmed = self._commit(group)
            group.is_stored = True
        except EntryRefused as refusal:
            self._one_by_one(group, refusal)
            return
        except Exception as error:  # noqa: BLE001  whatever it was, the store is suspect now
            self._break(error)
            self._settle()
            self._recover()
            return
        finally:
            self._flushing_since = None
        self._settle()
        self._tidy(is_idle=False)

    def _refuse_reports(self, group: Group) -> None:
        """Leave of a group what is to be stored out of the reserve: confirms and own events."""
        refused = Group()
        stored: list[Append] = []
        for append in group.appends:
            is_own = all(entry.class_ == OWN_CLASS for entry in append[0])
            (stored if is_own else refused.appends).append(append)
        if refused.appends:
            group.appends = stored
            group.entries = [entry for entries, _ in stored for entry in entries]
            self._post(self._settled, refused)

    def _commit(self, group: Group) -> Sequence[Confirmed]:
        return self._store.commit(
            group.entries, [job.confirm for job in group.confirms], group.again
        )

    def _settle(self) -> None:
        """Tell what became of the first of what was taken."""
        group = self._taken.popleft()
        if group.call is not None:
            self._post(group.call.told, None, StoreError("the journal failed meanwhile"))
        else:
            self._post(self._settled, group)

    def _one_by_one(self, group: Group, refusal: EntryRefused) -> None:
        """Find the entry that cannot be stored; its neighbours must not suffer (REL-29)."""
        parts = [Group(appends=[one], entries=list(one[0])) for one in group.appends]
        parts += [Group(confirms=[one]) for one in group.confirms]
        parts += [Group(again=[one]) for one in group.again]
        if len(parts) <= 1:
            _log.error("journal.entry_refused", reason=str(refusal))
            self._settle()
            return
        self._taken.popleft()
        self._taken.extendleft(reversed(parts))

    def _do_call(self, call: Call) -> None:
        try:
            result = call.function()
        except StoreError as error:
            self._taken.popleft()
            self._break(error)
            self._post(call.told, None, error)
            self._recover()
        except Exception as error:  # noqa: BLE001  handed to who asked
            self._taken.popleft()
            self._post(call.told, None, error)
        else:
            self._taken.popleft()
            self._post(call.told, result, None)

    def _tidy(self, *, is_idle: bool) -> None:
        if self.is_broken:
            return
        try:
            self._store.tidy(is_idle=is_idle)
        except Exception as error:  # noqa: BLE001  whatever it was, the store is suspect now
            self._break(error)
            self._recover()

    def _break(self, error: BaseException) -> None:
        self.is_broken = True
        _log.error("journal.failed", reason=str(error))
        self._post(self._changed, str(error) or type(error).__name__)

    def _recover(self) -> None:
        """Open the store again; until that succeeds, everything is refused (REL-12)."""
        try:
            opened = self._store.open()
        except Exception as error:  # noqa: BLE001  it stays broken and is tried again
            self._retry_at = self._monotonic() + self._retry_s
            _log.warning("journal.reopen_failed", reason=str(error))
        else:
            self.fill(is_full=opened.is_full)  # first, so that nobody thinks that all is well
            self.is_broken = False
            _log.info("journal.recovered", is_full=opened.is_full)
            self._post(self._changed, "")

    def fill(self, *, is_full: bool) -> None:
        """Note whether the store lives on its reserve; by the thread, or before its start."""
        self._retry_at = self._monotonic() + self._retry_s
        if is_full is not self.is_full:
            self.is_full = is_full
            self._post(self._filled, is_full)

    def _regain(self) -> None:
        """See whether a full disk has room again."""
        self._retry_at = self._monotonic() + self._retry_s
        try:
            has_room = isinstance(self._store, Kept) and self._store.regain()
        except Exception as error:  # noqa: BLE001  whatever it was, the store is suspect now
            self._break(error)
            self._recover()
            return
        if has_room:
            _log.info("journal.room_regained")
            self.fill(is_full=False)


def settle(group: Group) -> None:
    """Tell everybody who waits for a group; on the loop. One that fails stops no other."""
    for _, done in group.appends:
        tell(done, group.is_stored)
    answers = group.confirmed if group.is_stored else [None] * len(group.confirms)
    for job, what in zip(group.confirms, answers, strict=True):
        tell(job.told, what)


def tell(callback: Callable[[Any], None], what: object) -> None:
    """Call back; what it raises is logged and goes no further."""
    try:
        callback(what)
    except Exception:  # noqa: BLE001  the edge between strangers of one group
        _log.exception("journal.callback_failed")


def refuse(job: Job) -> None:
    """Tell whoever waits for a job that it will not be done; on the loop."""
    if isinstance(job, ConfirmJob):
        tell(job.told, None)
    elif isinstance(job, AgainJob):
        pass  # nobody waits for it
    elif isinstance(job, Call):
        job.told(None, StoreError("the journal is closed"))
    else:
        tell(job[1], False)  # noqa: FBT003  the shape of ``done``
