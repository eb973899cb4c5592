"""The real store on real files: REL-10, REL-12..14, REL-16, REL-19, REL-21."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from gateway.journal import (
    Again,
    Confirm,
    EntryRefused,
    JournalLocked,
    Reader,
    StoreError,
)
from gateway.journal import sqlite_store as module
from gateway.journal.formats import APPLICATION_ID, FORMAT
from gateway.journal.lock import ProcessLock
from gateway.journal.reader import DATABASE
from gateway.journal.sqlite_store import UNCLEAN_GAP
from gateway.journal.statements import ROWS_MAX
from tests.support.journal import AT_MS, IDS, entries, entry, sqlite_store


@pytest.fixture
def store(tmp_path):
    store = sqlite_store(tmp_path)
    store.open()
    yield store
    store.close()


def _seqs(events) -> list[int]:
    return [event.seq for event in events]


def _peek(directory: Path, sql: str):
    with contextlib.closing(sqlite3.connect(directory / DATABASE)) as connection:
        return connection.execute(sql).fetchall()


def _poke(directory: Path, sql: str, *values) -> None:
    with contextlib.closing(sqlite3.connect(directory / DATABASE)) as connection:
        connection.execute(sql, values)
        connection.commit()


# -- what is committed is there ------------------------------------------------------------


def test_what_was_committed_comes_back_as_it_was(store, tmp_path):
    raw = bytes(range(256))
    event = entry(7, raw=raw, json='{"text":"Tür ☂"}'.encode(), account="north.1_2F", class_="test")
    store.commit([event], [])
    (found,) = store.outstanding(0, 10)
    names = ("seq", "event_id", "account", "class_", "is_priority", "received_ms", "json")
    assert all(getattr(found, name) == getattr(event, name) for name in names)
    record = Reader(tmp_path).show(7)
    assert all(getattr(record, name) == getattr(event, name) for name in event.__struct_fields__)
    assert (record.boot_id, record.is_done, record.is_intact) == ("boot-1", False, True)


@pytest.mark.parametrize(
    "count", [1, 2, 5, 49, 50, 100, ROWS_MAX - 1, ROWS_MAX, ROWS_MAX + 1, 3 * ROWS_MAX + 7]
)
def test_groups_of_any_size_are_stored_whole(store, tmp_path, count):
    store.commit(entries(1, count), [])
    assert _seqs(store.outstanding(0, count + 1)) == list(range(1, count + 1))
    assert _peek(tmp_path, "SELECT count(*) FROM identity") == [(count,)]


def test_a_group_in_any_order_is_seen_and_kept_whole(store):
    store.commit([entry(9), entry(3)], [])
    assert _seqs(store.outstanding(0, 10)) == [3, 9]
    store.open()  # as after a failure
    assert _seqs(store.outstanding(0, 10)) == [3, 9]


def test_the_connection_is_set_to_survive_a_power_cut(store, tmp_path):
    connection = store._connection
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA wal_autocheckpoint").fetchone() == (0,)
    assert connection.execute("PRAGMA mmap_size").fetchone() in {(0,), None}
    reader = Reader(tmp_path)
    with pytest.raises(sqlite3.OperationalError, match=r"readonly|read-only"):
        reader._connection.execute("DELETE FROM event")
    reader.close()


def test_a_setting_that_does_not_take_refuses_the_start(tmp_path):
    def memory(_path, **said):
        return sqlite3.connect(":memory:", **said)  # it has no write-ahead log

    with pytest.raises(StoreError, match="journal_mode is 'memory' and must be 'wal'"):
        sqlite_store(tmp_path, connect=memory).open()
    ProcessLock(tmp_path).acquire()  # and the lock is free again


def test_there_is_no_index_beside_the_numbers(store, tmp_path):
    store.commit(entries(1, 1), [])
    assert _peek(tmp_path, "SELECT name FROM sqlite_master WHERE type = 'index'") == []


def test_the_parts_of_a_report_have_one_key(store):
    parts = [entry(n, index=n - 1, count=3, report_id="r", identity=b"same") for n in (1, 2, 3)]
    store.commit([*parts, entry(4, identity=b"")], [])
    assert [(key.seq, key.digest) for key in store.identities(0)] == [(1, b"same")]
    assert _seqs(store.outstanding(0, 10)) == [1, 2, 3, 4]


def test_keys_are_read_back_as_far_as_asked(store):
    store.commit([entry(seq, link="rx-1" if seq == 4 else "") for seq in range(1, 6)], [])
    assert _seqs(store.identities(AT_MS + 3)) == [3, 4, 5]
    assert [key.link for key in store.identities(AT_MS + 3)] == ["", "rx-1", ""]


def test_frames_that_came_again_are_kept_beside_the_keys(store):
    store.commit([entry(1, link="rx-1", identity=b"one")], [])
    for received_ms in (AT_MS + 5, AT_MS + 9):
        store.commit([], [], [Again(link="rx-1", digest=b"one", received_ms=received_ms)])
    found = store.identities(AT_MS)
    assert [(key.seq, key.digest, key.link, key.received_ms) for key in found] == [
        (1, b"one", "rx-1", AT_MS + 1),
        (0, b"one", "rx-1", AT_MS + 9),
    ]
    assert store.identities(AT_MS + 10) == []


# -- refusals ------------------------------------------------------------------------------


def test_an_entry_that_cannot_be_written_refuses_its_group_and_no_more(store):
    with pytest.raises(EntryRefused):
        store.commit([entry(1), entry(2, peer="\ud800")], [])
    with pytest.raises(EntryRefused):
        store.commit([entry(3, received_ms=2**70)], [])
    store.commit(entries(4, 4), [])
    assert _seqs(store.outstanding(0, 10)) == [4]


def test_a_number_that_is_taken_is_refused(store):
    store.commit(entries(1, 2), [])
    with pytest.raises(EntryRefused):
        store.commit(entries(2, 3), [])
    assert _seqs(store.outstanding(0, 10)) == [1, 2]


# -- failures ------------------------------------------------------------------------------


class Failing(sqlite3.Connection):
    """A connection whose commits fail on demand, after the rows were written or before."""

    fail_at: str = ""

    def execute(self, sql, *values):
        if Failing.fail_at == "before" and sql.startswith(("INSERT INTO event", "COMMIT")):
            raise sqlite3.OperationalError("database or disk is full")
        result = super().execute(sql, *values)
        if Failing.fail_at == "after" and sql.startswith(("INSERT INTO event", "COMMIT")):
            raise sqlite3.OperationalError("disk I/O error")
        return result


@pytest.fixture
def failing(tmp_path):
    Failing.fail_at = ""
    store = sqlite_store(
        tmp_path, connect=lambda *where, **said: sqlite3.connect(*where, factory=Failing, **said)
    )
    store.open()
    yield store
    Failing.fail_at = ""
    store.close()


@pytest.mark.parametrize("fail_at", ["before", "after"])
@pytest.mark.parametrize("count", [1, ROWS_MAX + 1])
def test_a_failed_group_is_gone_once_the_store_is_open_again(failing, tmp_path, fail_at, count):
    failing.commit(entries(1, 3), [])
    Failing.fail_at = fail_at
    with pytest.raises(StoreError, match="disk"):
        failing.commit(entries(4, 3 + count), [])
    assert _seqs(failing.outstanding(0, 10)) == [1, 2, 3]  # and nobody saw it meanwhile
    Failing.fail_at = ""
    opened = failing.open()
    assert (opened.next_seq, opened.outstanding, opened.is_clean) == (4, 3, False)
    failing.commit(entries(5000, 5001), [])
    assert _seqs(failing.outstanding(0, 10)) == [1, 2, 3, 5000, 5001]
    assert _seqs(failing.identities(0)) == [1, 2, 3, 5000, 5001]
    assert _peek(tmp_path, "SELECT recoveries FROM session") == [(1,)]


def test_a_store_that_cannot_write_stays_closed_and_is_read_all_the_same(failing, tmp_path):
    failing.commit(entries(1, 1), [])
    Failing.fail_at = "before"
    with pytest.raises(StoreError):
        failing.commit(entries(2, 2), [])
    with pytest.raises(StoreError, match="cannot be opened"):
        failing.open()
    with pytest.raises(StoreError, match="not open"):
        failing.commit(entries(3, 3), [])
    assert _seqs(failing.outstanding(0, 10)) == _seqs(failing.read([1, 2, 3])) == [1]
    assert [key[0] for key in failing.outstanding_keys(0, 10)] == [1]
    assert _seqs(Reader(tmp_path).list()) == [1]  # what ``journal list`` does
    Failing.fail_at = ""
    failing.open()
    failing.commit(entries(4, 4), [])
    assert _seqs(failing.outstanding(0, 10)) == [1, 4]


def test_a_journal_that_lost_what_was_committed_is_not_used(failing, tmp_path):
    failing.commit(entries(1, 2), [])
    failing._disconnect()
    _poke(tmp_path, "DELETE FROM event WHERE seq = 2")
    with pytest.raises(StoreError, match="event 2 was committed and the last one there is 1"):
        failing.open()


# -- restart -------------------------------------------------------------------------------


def test_numbers_go_on_after_a_restart(tmp_path):
    first = sqlite_store(tmp_path)
    assert first.open().next_seq == 1
    first.commit(entries(1, 4), [])
    first.close()
    second = sqlite_store(tmp_path, boot_id="boot-2")
    opened = second.open()
    assert (opened.next_seq, opened.outstanding, opened.is_clean) == (5, 4, True)
    assert opened.version == f"SQLite {sqlite3.sqlite_version}"
    second.commit(entries(5, 5), [])
    second.close()
    assert [record.boot_id for record in Reader(tmp_path).list()] == ["boot-2"] + ["boot-1"] * 4


def test_numbers_leave_a_gap_after_a_run_that_did_not_end_well(tmp_path):
    first = sqlite_store(tmp_path)
    first.open()
    first.commit(entries(1, 4), [])
    copy = tmp_path / "copy"
    copy.mkdir()
    for file in tmp_path.glob("journal.db*"):
        shutil.copy(file, copy)
    second = sqlite_store(copy)
    opened = second.open()
    assert (opened.next_seq, opened.is_clean) == (5 + UNCLEAN_GAP, False)
    assert opened.outstanding == 4
    second.close()
    # Nothing was written in that run: its numbers are not used again either.
    third = sqlite_store(copy)
    assert third.open().next_seq == 5 + UNCLEAN_GAP
    third.close()
    first.close()


def test_a_second_gateway_is_refused_with_words(store, tmp_path):
    with pytest.raises(JournalLocked, match=r"in use by process \d+; only one gateway may write"):
        sqlite_store(tmp_path).open()
    store.commit(entries(1, 1), [])  # the first one is undisturbed
    store.close()
    other = sqlite_store(tmp_path)
    other.open()
    other.close()
    other.close()  # harmless


def test_a_second_process_is_refused(store, tmp_path):
    del store
    script = f"""
        from pathlib import Path
        from gateway.journal import JournalLocked
        from tests.support.journal import sqlite_store
        try:
            sqlite_store(Path({str(tmp_path)!r})).open()
        except JournalLocked as error:
            print("locked:", error)
    """
    ran = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], check=True, capture_output=True, text=True
    )
    assert ran.stdout.startswith("locked: the journal in")


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="journal folder"):
        sqlite_store(tmp_path / "file" / "journal").open()


# -- formats -------------------------------------------------------------------------------


def test_the_file_says_what_it_is(store, tmp_path):
    del store
    assert _peek(tmp_path, "PRAGMA application_id") == [(APPLICATION_ID,)]
    assert _peek(tmp_path, "PRAGMA user_version") == [(FORMAT,)]


def test_a_newer_journal_is_refused_and_not_touched(tmp_path):
    store = sqlite_store(tmp_path)
    store.open()
    store.close()
    _poke(tmp_path, f"PRAGMA user_version = {FORMAT + 1}")
    before = (tmp_path / DATABASE).read_bytes()
    with pytest.raises(StoreError, match="written by a newer alarm-gateway"):
        sqlite_store(tmp_path).open()
    with pytest.raises(StoreError, match="newer"):
        Reader(tmp_path)
    assert (tmp_path / DATABASE).read_bytes() == before


def test_a_database_of_somebody_else_is_refused(tmp_path):
    _poke(tmp_path, "CREATE TABLE theirs (x)")
    with pytest.raises(StoreError, match="not a journal"):
        sqlite_store(tmp_path).open()


def test_a_migration_that_dies_leaves_the_old_format(tmp_path, monkeypatch):
    monkeypatch.setattr(
        "gateway.journal.formats._schema", lambda _n: "CREATE TABLE session (x); CREATE nonsense;"
    )
    with pytest.raises(StoreError, match="syntax error"):
        sqlite_store(tmp_path).open()
    monkeypatch.undo()
    store = sqlite_store(tmp_path)
    assert store.open().next_seq == 1
    store.close()


# -- damage --------------------------------------------------------------------------------


def test_a_damaged_record_is_named_and_its_neighbours_stay_readable(tmp_path):
    told: list[int] = []
    store = sqlite_store(tmp_path, corrupt=told.append)
    store.open()
    store.commit(entries(1, 9), [])
    store.close()
    _poke(tmp_path, "UPDATE event SET json = ? WHERE seq = 5", b'{"seq":6}')
    _poke(tmp_path, "UPDATE event SET account = '999' WHERE seq = 7")
    store = sqlite_store(tmp_path, corrupt=told.append)
    store.open()
    assert _seqs(store.outstanding(0, 100)) == [1, 2, 3, 4, 6, 8, 9]
    assert told == [5, 7]
    assert _seqs(store.outstanding(0, 4)) == [1, 2, 3, 4]
    assert _seqs(store.outstanding(4, 2)) == [6, 8]
    assert _seqs(store.read([4, 5, 6])) == [4, 6]
    store.close()
    shown = {record.seq: record.is_intact for record in Reader(tmp_path).list()}
    assert [seq for seq, is_intact in sorted(shown.items()) if not is_intact] == [5, 7]


def test_a_damaged_mark_of_done_means_published_again(tmp_path):
    store = sqlite_store(tmp_path)
    store.open()
    store.commit(entries(1, 3), [Confirm(consumer="core-1", event_ids=(IDS.id(AT_MS, 2),))])
    assert _seqs(store.outstanding(0, 9)) == [1, 3]
    store.close()
    _poke(tmp_path, "UPDATE done SET bits = zeroblob(512)")
    store = sqlite_store(tmp_path)
    assert store.open().outstanding == 3
    assert _seqs(store.outstanding(0, 9)) == [1, 2, 3]
    store.close()


def test_a_torn_log_is_cut_at_the_last_whole_group(tmp_path):
    """Truncate the write-ahead log at many places: whole groups are there, from the first on."""
    store = sqlite_store(tmp_path)
    store.open()
    for first in range(1, 40, 3):
        store.commit(entries(first, first + 2), [])
    wal = (tmp_path / f"{DATABASE}-wal").read_bytes()
    database = (tmp_path / DATABASE).read_bytes()
    found: list[int] = []
    for cut in [*range(0, len(wal), 4001), len(wal)]:
        copy = tmp_path / f"cut-{cut}"
        copy.mkdir()
        (copy / DATABASE).write_bytes(database)
        (copy / f"{DATABASE}-wal").write_bytes(wal[:cut])
        torn = sqlite_store(copy)
        torn.open()
        seqs = _seqs(torn.outstanding(0, 100))
        assert seqs == list(range(1, len(seqs) + 1))
        assert len(seqs) % 3 == 0
        found.append(len(seqs))
        torn.close()
    assert found == sorted(found)
    assert (found[0], found[-1]) == (0, 39)
    store.close()


def test_flipped_bytes_never_invent_an_event(tmp_path):
    """Flip bytes all over a small journal: what is shown as intact is what was committed."""
    store = sqlite_store(tmp_path)
    store.open()
    store.commit(entries(1, 30), [])
    store.close()
    whole = (tmp_path / DATABASE).read_bytes()
    true = {event.seq: (event.event_id, event.json, event.raw) for event in entries(1, 30)}
    readable = 0
    for number, place in enumerate(range(0, len(whole), 211)):
        copy = tmp_path / f"flip-{number}"
        copy.mkdir()
        (copy / DATABASE).write_bytes(
            whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :]
        )
        try:
            reader = Reader(copy)
            records = reader.list(limit=100)
        except StoreError:
            continue  # said, not guessed
        reader.close()
        readable += 1
        for record in records:
            if record.is_intact:
                assert true[record.seq] == (record.event_id, record.json, record.raw)
    assert readable > 10


# -- confirms ------------------------------------------------------------------------------


def _confirm(store, consumer: str, *seqs: int):
    ids = tuple(IDS.id(AT_MS, seq) for seq in seqs)
    (told,) = store.commit([], [Confirm(consumer=consumer, event_ids=ids)])
    return told


def test_confirmed_events_are_done_and_stay_done(tmp_path):
    store = sqlite_store(tmp_path)
    store.open()
    store.commit(entries(1, 6), [])
    told = _confirm(store, "core-1", 2, 4, 5)
    assert told.done == tuple(IDS.id(AT_MS, seq) for seq in (2, 4, 5))
    assert _seqs(store.outstanding(0, 9)) == [1, 3, 6]
    store.close()
    store = sqlite_store(tmp_path)
    assert store.open().outstanding == 3
    assert _seqs(store.outstanding(0, 9)) == [1, 3, 6]
    assert store.outstanding_keys(1, 9) == [(3, "1234", False), (6, "1234", False)]
    assert _seqs(store.read([2, 3, 77])) == [2, 3]
    store.close()


def test_late_double_and_unknown_confirms_do_no_harm(store):
    store.commit(entries(1, 3), [])
    assert _confirm(store, "core-1", 1, 2).done
    told = _confirm(store, "core-1", 1, 3, 3, 9)
    assert (len(told.done), told.repeated, told.unknown) == (1, 1, 2)
    foreign = Confirm(consumer="core-1", event_ids=("", "x", "0" * 36, IDS.id(AT_MS + 1, 3)))
    (told,) = store.commit([], [foreign])
    assert (told.done, told.unknown) == ((), 4)
    assert store.outstanding(0, 9) == []


def test_an_id_with_a_true_number_and_a_false_rest_confirms_nothing(store):
    store.commit(entries(1, 1), [])
    forged = IDS.id(AT_MS + 5, 1)
    (told,) = store.commit([], [Confirm(consumer="core-1", event_ids=(forged,))])
    assert (told.done, told.unknown) == ((), 1)
    assert _seqs(store.outstanding(0, 9)) == [1]


def test_every_named_consumer_has_to_confirm(tmp_path):
    store = sqlite_store(tmp_path, confirm_by=("core-1", "core-2"))
    store.open()
    store.commit(entries(1, 4), [])
    told = _confirm(store, "core-1", 1, 2)
    assert (told.done, told.waiting) == ((), 2)
    assert _confirm(store, "core-1", 1).repeated == 1
    assert _confirm(store, "core-2", 2, 3).done == (IDS.id(AT_MS, 2),)
    assert _seqs(store.outstanding(0, 9)) == [1, 3, 4]
    store.close()
    store = sqlite_store(tmp_path, confirm_by=("core-1", "core-2"))
    store.open()
    assert _confirm(store, "core-2", 1).done == (IDS.id(AT_MS, 1),)
    # Two confirms of one group see each other.
    both = [Confirm(consumer=name, event_ids=(IDS.id(AT_MS, 4),)) for name in ("core-1", "core-2")]
    assert [len(told.done) for told in store.commit([], both)] == [0, 1]
    assert _seqs(store.outstanding(0, 9)) == [3]
    store.close()


def test_a_consumer_that_is_no_longer_named_holds_nothing_back(tmp_path):
    store = sqlite_store(tmp_path, confirm_by=("core-1", "core-2"))
    store.open()
    store.commit(entries(1, 3), [])
    _confirm(store, "core-1", 1, 2)
    store.close()
    store = sqlite_store(tmp_path, confirm_by=("core-1",))
    assert store.open().outstanding == 1
    assert _seqs(store.outstanding(0, 9)) == [3]
    store.close()
    # And one that is named anew does not get all that was done before.
    store = sqlite_store(tmp_path, confirm_by=("core-1", "core-3"))
    assert store.open().outstanding == 1
    store.close()


@pytest.mark.parametrize("confirm_by", [("core-1",), ("core-1", "core-2")])
def test_republished_events_are_outstanding_again_as_they_stood(tmp_path, confirm_by):
    store = sqlite_store(tmp_path, confirm_by=confirm_by)
    store.open()
    store.commit(entries(1, 5), [])
    before = store.outstanding(0, 9)
    for name in confirm_by:
        _confirm(store, name, 1, 2, 3, 4)
    assert store.republish(2, 100) == 3
    assert store.outstanding(0, 9) == before[1:]
    assert store.republish(2, 100) == 0
    for name in confirm_by:
        _confirm(store, name, 2, 3, 4, 5)
    assert store.outstanding(0, 9) == []
    store.close()


# -- the log is moved over -----------------------------------------------------------------


def test_the_log_is_moved_over_when_idle_or_large(store, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "CHECKPOINT_IDLE_BYTES", 20_000)
    monkeypatch.setattr(module, "CHECKPOINT_BYTES", 60_000)
    before = (tmp_path / DATABASE).stat().st_size
    store.commit(entries(1, 100), [])
    store.tidy(is_idle=False)
    assert (tmp_path / DATABASE).stat().st_size == before
    store.tidy(is_idle=True)
    middle = (tmp_path / DATABASE).stat().st_size
    assert middle > before
    store.tidy(is_idle=True)  # nothing is left to do
    store.commit(entries(101, 400), [])
    store.tidy(is_idle=False)
    assert (tmp_path / DATABASE).stat().st_size > middle
    assert _seqs(store.outstanding(0, 500)) == list(range(1, 401))
