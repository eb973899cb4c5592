"""Events in SQLite: the one connection of the whole program that writes them.

WAL with ``synchronous=FULL``: a commit returns after the write-ahead log was flushed. Nobody else
writes or checkpoints (REL-14); readers open their own connection, which cannot.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from gateway.journal import done_table, folder
from gateway.journal.damage import is_damage
from gateway.journal.done import DoneMap
from gateway.journal.done_table import DONE
from gateway.journal.entry import Alike, AnyEntry, Entry, Identity, Outstanding
from gateway.journal.form import Form
from gateway.journal.formats import FormatError, migrate
from gateway.journal.ids import seq_of
from gateway.journal.keeping import DamageError, Head, Measured
from gateway.journal.lock import ProcessLock
from gateway.journal.reader import DATABASE, Reader
from gateway.journal.repeats import KEYS_MAX
from gateway.journal.room import RESERVE_BYTES, Room
from gateway.journal.sqlite_keeper import SqliteKeeper, transaction
from gateway.journal.statements import ROWS_MAX, insert, insert_alike, insert_forms
from gateway.journal.store import Again, Confirm, Confirmed, EntryRefused, Opened, StoreError

UNCLEAN_GAP: Final = 65_536  # numbers left out after a crash: more than a disk that lied could lose
CHECKPOINT_IDLE_BYTES: Final = 1 << 20  # nothing waits and this much was written: move it over
CHECKPOINT_BYTES: Final = 16 << 20  # this much was written: move it over although events wait
ROOM_BYTES: Final = 1 << 20  # so much must fit before a store that failed counts as well again
ERA_EVENTS: Final = 1 << 22  # after so many events forms are written anew, so that old ones can go
_BLOCK_BYTES: Final = 32 << 10  # of a sealed block, on the way to the file
_ROW_BYTES: Final = 384  # of a row beside its JSON, and of its key
_REFUSALS: Final = (
    sqlite3.IntegrityError,
    sqlite3.DataError,
    sqlite3.ProgrammingError,
    sqlite3.InterfaceError,
    OverflowError,
    UnicodeError,
)  # the entry's fault, not the disk's


class SqliteStore:
    """A journal in one folder; see ``Store``."""

    def __init__(  # noqa: PLR0913  everything comes from outside
        self,
        directory: Path,
        *,
        boot_id: str,
        utc_ms: Callable[[], int],
        confirm_by: Sequence[str] = (),
        corrupt: Callable[[int], None] = lambda _seq: None,
        connect: Callable[..., sqlite3.Connection] = sqlite3.connect,
        reserve_bytes: int = RESERVE_BYTES,
        era_events: int = ERA_EVENTS,
    ) -> None:
        """Name the folder; nothing is opened before ``open``.

        Args:
            directory: Folder of the journal; made when it is missing.
            boot_id: Names this run of the gateway.
            utc_ms: Wall clock, for the table of runs.
            confirm_by: Consumers of which each has to confirm an event; with none or one, the
                first confirm makes it done.
            corrupt: Is told the numbers of damaged records.
            connect: Opens the writing connection.
            reserve_bytes: Kept free for confirms and own events on a full disk.
            era_events: After so many events forms are written anew.
        """
        self._directory = directory
        self._path = directory / DATABASE
        self._boot_id = boot_id
        self._utc_ms = utc_ms
        self._confirm_by = tuple(confirm_by)
        self._corrupt = corrupt
        self._connect = connect
        self._lock = ProcessLock(directory)
        self._done = DoneMap()
        self._partial: dict[str, DoneMap] = {}
        self._connection: sqlite3.Connection | None = None
        self._reader: Reader | None = None
        self._boot = 0
        self._last_seq = 0
        """The last number that is known to be committed."""
        self._last_form = 0
        self._era_form = 1
        """Forms with lower numbers, of an era before, are written again when they are used."""
        self._era_events = era_events
        self._era_end = 0
        self._keeper: SqliteKeeper | None = None
        self._room = Room(directory, reserve_bytes)
        self._is_full = False
        self._unsaved_bytes = 0

    # -- open and close --------------------------------------------------------------------

    def open(self) -> Opened:
        """See ``Store``."""
        try:
            folder.make(self._directory)
            self._lock.acquire()
        except OSError as error:
            raise StoreError(f"the journal folder {self._directory}: {error}") from error
        try:
            return self._open_with_room()
        except (sqlite3.Error, FormatError) as error:
            self._disconnect()
            if not self._boot:
                self._close_reader()
                self._lock.release()
            raise StoreError(f"the journal {self._path} cannot be opened: {error}") from error

    def _open_with_room(self) -> Opened:
        """Open; on a full disk with the reserve given back, for confirms and own events."""
        open_ = self._reopen if self._boot else self._open_first
        try:
            opened = open_(is_full=False)
        except sqlite3.Error as error:
            if not (self._room.is_short or _is_full(error)):
                raise
            self._room.release()
            opened = open_(is_full=True)
        self._is_full = opened.is_full
        if not opened.is_full:
            self._room.reserve()
        return opened

    def _open_first(self, *, is_full: bool) -> Opened:
        connection = self._connected()
        migrate(connection, self._path)
        self._done = done_table.load(connection)
        self._last_seq = self._highest_seq(connection)
        self._last_form = max(
            self._highest(connection, "number", "form", "form_copy"),
            self._highest(connection, "first_form - 1", "era"),
        )
        last_run = connection.execute(
            "SELECT closed_ms IS NOT NULL, max(first_seq - 1, coalesce(last_seq, 0)) "
            "FROM session ORDER BY boot DESC LIMIT 1"
        ).fetchone()
        is_clean = last_run is None or bool(last_run[0])
        used = max(self._last_seq, last_run[1] if last_run else 0)
        next_seq = used + 1 + (0 if is_clean else UNCLEAN_GAP)
        with transaction(connection):
            boot = connection.execute(
                "INSERT INTO session (boot_id, started_ms, first_seq) VALUES (?, ?, ?)",
                (self._boot_id, self._utc_ms(), next_seq),
            ).lastrowid
            self._begin_era(connection, next_seq)
        self._settle_partial(connection)
        self._reader = Reader(self._directory, done=self._done, corrupt=self._corrupt)
        self._boot = int(boot or 0)
        return Opened(
            next_seq=next_seq,
            outstanding=done_table.count_outstanding(connection, self._done),
            is_clean=is_clean,
            version=f"SQLite {sqlite3.sqlite_version}",
            newest_ms=_newest_ms(connection),
            is_full=is_full,
        )

    def _reopen(self, *, is_full: bool) -> Opened:
        """Open again after a failure: nothing of what failed may stand there (REL-12).

        Until that succeeds the old reader goes on: what was committed is published, and its
        files of shared memory, which a full disk has no room for, stay for other readers.
        """
        self._disconnect()
        connection = self._connected()
        with transaction(connection):
            # A group whose flush failed may all the same stand in the log; its senders heard
            # nothing and try again.
            for table in ("event", "alike", "identity"):
                connection.execute(f"DELETE FROM {table} WHERE seq > ?", (self._last_seq,))  # noqa: S608  names of ours
            connection.execute(
                "UPDATE session SET recoveries = recoveries + 1 WHERE boot = ?", (self._boot,)
            )
            # Whether the forms of what failed are there, and which ones are not, is not known.
            self._begin_era(connection, self._last_seq + 1)
        found = self._highest_seq(connection)
        if found != self._last_seq:
            raise sqlite3.DatabaseError(
                f"event {self._last_seq} was committed and the last one there is {found}"
            )
        if is_full:
            # Moved over, the log is written from its beginning again, which takes no space.
            with contextlib.suppress(sqlite3.Error):
                self._checkpoint(connection)
        else:
            self._prove_room(connection)
        reader = Reader(self._directory, done=self._done, corrupt=self._corrupt)
        self._close_reader()
        self._reader = reader
        return Opened(
            next_seq=self._last_seq + 1,
            outstanding=done_table.count_outstanding(connection, self._done),
            is_clean=False,
            version=f"SQLite {sqlite3.sqlite_version}",
            is_full=is_full,
        )

    def _begin_era(self, connection: sqlite3.Connection, first_seq: int) -> None:
        """Begin to write forms anew: events from here on use no older ones (``retention``)."""
        self._era_form = self._last_form + 1
        self._era_end = first_seq + self._era_events
        connection.execute("INSERT OR REPLACE INTO era VALUES (?, ?)", (self._era_form, first_seq))

    def _highest_seq(self, connection: sqlite3.Connection) -> int:
        """Give the last number of an event; all of them may have been removed since."""
        removed = self._highest(connection, "last_seq", "removed")
        return max(removed, self._highest(connection, "seq", "event", "alike"))

    @staticmethod
    def _highest(connection: sqlite3.Connection, column: str, *tables: str) -> int:
        return max(
            int(connection.execute(f"SELECT max({column}) FROM {table}").fetchone()[0] or 0)  # noqa: S608  names of ours
            for table in tables
        )

    def _prove_room(self, connection: sqlite3.Connection) -> None:
        """Commit as much as a full group holds, and give the room back to the events.

        On a disk that is all but full a small write succeeds where no event does: link tests
        would be answered while every report is refused (REL-23).
        """
        with transaction(connection):
            connection.execute("CREATE TABLE IF NOT EXISTS room (bytes BLOB)")
            connection.execute("INSERT INTO room VALUES (zeroblob(?))", (ROOM_BYTES,))
        connection.execute("DROP TABLE room")
        # Nor is there room while the log cannot be moved over.
        self._checkpoint(connection)

    def _connected(self) -> sqlite3.Connection:
        connection = self._connection = self._connect(
            self._path, isolation_level=None, check_same_thread=False, timeout=0.0
        )
        for name, wanted in (
            ("journal_mode", "wal"),
            ("synchronous", 2),
            ("mmap_size", 0),
            ("wal_autocheckpoint", 0),  # we say when
        ):
            connection.execute(f"PRAGMA {name} = {wanted}").fetchone()
            row = connection.execute(f"PRAGMA {name}").fetchone()
            # Without memory mapping compiled in, there is no answer to mmap_size.
            if row is not None and row[0] != wanted:
                raise sqlite3.DatabaseError(f"{name} is {row[0]!r} and must be {wanted!r}")
        # Some builds overwrite whatever is removed: as much to write as it took to store it, on a
        # disk that may be full. What is written anyway is cleared, the rest with its next use.
        connection.execute("PRAGMA secure_delete = FAST").fetchone()
        self._keeper = None
        return connection

    def close(self) -> None:
        """See ``Store``."""
        if self._connection is not None and self._boot:
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute(
                    "UPDATE session SET closed_ms = ?, last_seq = ? WHERE boot = ?",
                    (self._utc_ms(), self._last_seq, self._boot),
                )
                self._checkpoint(self._connection)
        self._close_reader()
        self._disconnect()
        self._lock.release()

    def _close_reader(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()

    def _disconnect(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
        self._connection = None

    # -- the group -------------------------------------------------------------------------

    def commit(
        self, entries: Sequence[AnyEntry], confirms: Sequence[Confirm], again: Sequence[Again] = ()
    ) -> list[Confirmed]:
        """See ``Store``."""
        connection = self._open_connection()
        told: list[Confirmed] = []
        changed: dict[str, dict[int, bytes]] = {}
        like = [one for one in entries if type(one) is Alike]
        whole = [one for one in entries if type(one) is Entry] if len(like) < len(entries) else []
        forms = self._numbered(like)
        is_plain = not forms and not confirms and not again and len(entries) <= ROWS_MAX
        try:
            if is_plain and not (like and whole):
                # One statement is its own transaction.
                self._insert(connection, whole, like)
            else:
                with transaction(connection):
                    for start in range(0, len(forms), ROWS_MAX):
                        some = forms[start : start + ROWS_MAX]
                        connection.execute(*insert_forms(some, self._boot))
                    self._insert(connection, whole, like)
                    told, changed = self._confirm(connection, confirms)
                    connection.executemany(
                        "INSERT OR REPLACE INTO link VALUES (?, ?, ?)",
                        [(one.link, one.digest, one.received_ms) for one in again],
                    )
        except BaseException as error:
            for form in forms:
                form.number = 0
            if isinstance(error, _REFUSALS):
                raise EntryRefused(str(error)) from error
            if isinstance(error, sqlite3.Error):
                raise StoreError(f"{error} ({self._path})") from error
            raise
        for name, pages in changed.items():
            (self._partial[name] if name else self._done).install(pages)
        if entries:
            self._last_seq = max(self._last_seq, *[entry.seq for entry in entries])
        return told

    def _numbered(self, entries: Sequence[Alike]) -> list[Form]:
        """Number the forms that these events are the first of, and give them."""
        forms: list[Form] = []
        era_form = self._era_form
        for entry in entries:
            if entry.form.number < era_form:
                self._last_form += 1
                entry.form.number = self._last_form
                forms.append(entry.form)
        return forms

    def _insert(
        self, connection: sqlite3.Connection, whole: Sequence[Entry], like: Sequence[Alike]
    ) -> None:
        stored = 0
        for start in range(0, len(whole), ROWS_MAX):
            statement = insert(whole[start : start + ROWS_MAX], self._boot)
            stored += connection.execute(*statement).rowcount
        for start in range(0, len(like), ROWS_MAX):
            stored += connection.execute(*insert_alike(like[start : start + ROWS_MAX])).rowcount
        count = len(whole) + len(like)
        if stored != count:
            raise sqlite3.DatabaseError(f"{stored} of {count} events were stored")
        self._unsaved_bytes += _ROW_BYTES * count + sum([len(one.json) for one in whole])

    def _open_connection(self) -> sqlite3.Connection:
        if self._connection is None:
            raise StoreError(f"the journal {self._path} is not open")
        return self._connection

    # -- confirms --------------------------------------------------------------------------

    def _confirm(
        self, connection: sqlite3.Connection, confirms: Sequence[Confirm]
    ) -> tuple[list[Confirmed], dict[str, dict[int, bytes]]]:
        """Write what these confirms change; give the pages to install after the commit."""
        if not confirms:
            return [], {}
        # Confirms of one group see each other, and the reader sees none before the commit.
        maps = {name: done.copy() for name, done in self._partial.items()}
        maps[DONE] = self._done.copy()
        changed: dict[str, dict[int, bytes]] = {name: {} for name in maps}
        told = []
        for confirm in confirms:
            known = self._known(connection, confirm.event_ids)
            new = [seq for seq in known if seq not in maps[DONE]]
            if self._partial:
                new = [seq for seq in new if seq not in maps[confirm.consumer]]
                _add(maps, changed, confirm.consumer, new)
            finished = [s for s in new if all(s in maps[name] for name in self._partial)]
            _add(maps, changed, DONE, finished)
            told.append(
                Confirmed(
                    consumer=confirm.consumer,
                    done=tuple([known[seq] for seq in finished]),
                    waiting=len(new) - len(finished),
                    repeated=len(known) - len(new),
                    unknown=len(confirm.event_ids) - len(known),
                )
            )
        for name, pages in changed.items():
            done_table.save(connection, name, pages)
        return told, changed

    def _known(self, connection: sqlite3.Connection, ids: Sequence[str]) -> dict[int, str]:
        """Look up which of these ids are events of ours: number -> id."""
        named = {seq: event_id for event_id in ids if (seq := seq_of(event_id)) is not None}
        # In one row, for the same reason as in ``statements.insert_of``.
        text = connection.execute(
            "SELECT group_concat(told, ',') FROM ("
            "SELECT event.seq || ' ' || event.id AS told FROM json_each(?1) AS named "
            "CROSS JOIN event ON event.seq = named.value "
            "UNION ALL "
            "SELECT alike.seq || ' ' || alike.id FROM json_each(?1) AS named "
            "CROSS JOIN alike ON alike.seq = named.value)",
            (json.dumps(list(named)),),
        ).fetchone()[0]
        found: dict[int, str] = {}
        for row in text.split(",") if text else ():
            number, _, event_id = row.partition(" ")
            if named[int(number)] == event_id:
                found[int(number)] = event_id
        return found

    def _settle_partial(self, connection: sqlite3.Connection) -> None:
        """Make done what everybody who is still asked has confirmed (``confirm_by`` changed)."""
        if not self._confirm_by:
            return
        maps = [done_table.load(connection, name) for name in self._confirm_by]
        pages = self._done.with_common(maps)
        if pages:
            with transaction(connection):
                done_table.save(connection, DONE, pages)
            self._done.install(pages)
        if len(maps) > 1:
            self._partial = dict(zip(self._confirm_by, maps, strict=True))

    def republish(self, from_seq: int, to_seq: int) -> int:
        """See ``Store``."""
        connection = self._open_connection()
        pages = self._done.without_range(from_seq, to_seq)
        partial = {n: m.without_range(from_seq, to_seq) for n, m in self._partial.items()}
        count = self._done.count_lost(pages)
        try:
            with transaction(connection):
                for name, changed in ((DONE, pages), *partial.items()):
                    done_table.save(connection, name, changed)
        except sqlite3.Error as error:
            raise StoreError(f"{error} ({self._path})") from error
        self._done.install(pages)
        for name, changed in partial.items():
            self._partial[name].install(changed)
        return count

    # -- reading ---------------------------------------------------------------------------

    def identities(self, since_ms: int) -> list[Identity]:
        """See ``Store``."""
        return self._open_reader().identities(since_ms, KEYS_MAX)

    def linked(self, link: str, limit: int) -> list[Outstanding]:
        """See ``Store``."""
        return self._open_reader().linked(link, limit)

    def outstanding(self, after_seq: int, limit: int) -> list[Outstanding]:
        """See ``Store``. What is not known to be committed is not shown."""
        return self._open_reader().outstanding(after_seq, limit, self._last_seq)

    def outstanding_keys(self, after_seq: int, limit: int) -> list[tuple[int, str, bool]]:
        """See ``Store``."""
        return self._open_reader().outstanding_keys(after_seq, limit, self._last_seq)

    def read(self, seqs: Sequence[int]) -> list[Outstanding]:
        """See ``Store``."""
        return self._open_reader().read([seq for seq in seqs if seq <= self._last_seq])

    def _open_reader(self) -> Reader:
        if self._reader is None:
            raise StoreError(f"the journal {self._path} is not open")
        return self._reader

    # -- upkeep: see ``keeping.Kept`` -------------------------------------------------------

    def measure(self) -> Measured:
        """See ``Kept``."""
        if not self._is_full:
            self._room.reserve()
        with self._kept() as keeper:
            return keeper.measure(done=len(self._done), last_seq=self._last_seq)

    def head(self) -> Head:
        """See ``Kept``."""
        with self._kept() as keeper:
            return keeper.head

    def seal(self) -> Head | None:
        """See ``Kept``."""
        with self._kept() as keeper:
            head = keeper.seal(self._last_seq)
            if self._last_seq >= self._era_end:
                with transaction(self._open_connection()):
                    self._begin_era(self._open_connection(), self._last_seq + 1)
        self._unsaved_bytes += _BLOCK_BYTES if head else 0
        return head

    def remove(self, *, below_seq: int, before_ms: int | None) -> int:
        """See ``Kept``."""
        with self._kept() as keeper:
            count = keeper.remove({DONE: self._done, **self._partial}, below_seq, before_ms)
        self._unsaved_bytes += _ROW_BYTES * count
        return count

    def remove_forms(self) -> int:
        """See ``Kept``. A form in memory is of this era, or is written again when it is used."""
        with self._kept() as keeper:
            return keeper.remove_forms()

    @contextlib.contextmanager
    def _kept(self) -> Iterator[SqliteKeeper]:
        connection = self._open_connection()
        try:
            if self._keeper is None:
                self._keeper = SqliteKeeper(connection, self._room, self._utc_ms)
            yield self._keeper
        except sqlite3.Error as error:
            if is_damage(error):
                raise DamageError(f"{error} ({self._path})") from error
            raise StoreError(f"{error} ({self._path})") from error

    def regain(self) -> bool:
        """See ``Kept``. Room is on the disk, or in the file, where removed events left it."""
        connection = self._open_connection()
        try:
            if not self._room.reserve():
                with self._kept() as keeper:
                    if keeper.spare_bytes < self._room.missing_bytes:
                        return False
            self._prove_room(connection)
        except sqlite3.Error as error:
            self._room.release()
            if _is_full(error):
                return False
            raise StoreError(f"{error} ({self._path})") from error
        self._is_full = False
        return True

    # -- moving the log over ---------------------------------------------------------------

    def tidy(self, *, is_idle: bool) -> None:
        """See ``Store``: a checkpoint, by the connection that writes."""
        limit = CHECKPOINT_IDLE_BYTES if is_idle else CHECKPOINT_BYTES
        if self._unsaved_bytes >= limit:
            try:
                self._checkpoint(self._open_connection())
            except sqlite3.Error as error:
                if self._is_full:
                    return  # the log stays as it is until there is room
                raise StoreError(f"{error} ({self._path})") from error

    def _checkpoint(self, connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        self._unsaved_bytes = 0


def _is_full(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL


def _add(
    maps: dict[str, DoneMap], changed: dict[str, dict[int, bytes]], name: str, seqs: list[int]
) -> None:
    if seqs:
        pages = maps[name].with_seqs(seqs)
        maps[name].install(pages)
        changed[name].update(pages)


def _newest_ms(connection: sqlite3.Connection) -> int | None:
    """When the newest event was received; None where there is none, or its key is damaged."""
    query = "SELECT received_ms FROM identity ORDER BY seq DESC LIMIT 1"
    try:
        row = connection.execute(query).fetchone()
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        return None
    return None if row is None else int(row[0])
