"""The fact log: append-only, durable, one effect for each event, locked, chained."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from decision.store import (
    EventKnown,
    LogReader,
    Mark,
    NewFact,
    SqliteStore,
    StoreError,
    StoreLocked,
    verify,
)

CONNECT = sqlite3.connect


def fact(subject: str = "incident/a", *, event_id: str | None = None, at_us: int = 1) -> NewFact:
    return NewFact(
        at_us=at_us, subject=subject, actor=b"{}", kind="NoteAdded", body=b"{}", event_id=event_id
    )


@pytest.fixture
def store(tmp_path: Path):
    store = SqliteStore(tmp_path / "store")
    store.open()
    yield store
    store.close()


class TestAppending:
    def test_numbers_begin_at_one_and_leave_none_out(self, store):
        assert store.append([fact(), fact("system/s")]) == [1, 2]
        assert store.append([fact()]) == [3]
        assert [row.seq for row in store.facts("incident/a")] == [1, 3]

    def test_what_was_appended_is_there_after_opening_again(self, store, tmp_path):
        store.append([fact(event_id="e-1")], [Mark(subject="incident/a", is_open=True, due_us=5)])
        store.close()
        again = SqliteStore(tmp_path / "store")
        opened = again.open()
        assert opened.last_seq == 1
        assert again.known(["e-1", "e-2"]) == {"e-1"}
        assert [mark.subject for mark in again.open_marks()] == ["incident/a"]
        assert again.append([fact()]) == [2]
        again.close()

    def test_an_event_has_one_effect(self, store):
        store.append([fact(event_id="e-1")])
        with pytest.raises(EventKnown):
            store.append([fact("incident/b"), fact("incident/c", event_id="e-1")])
        assert store.facts("incident/b") == []  # all or nothing
        assert store.append([fact()]) == [2]

    def test_the_same_event_twice_in_one_batch(self, store):
        with pytest.raises(EventKnown):
            store.append([fact(event_id="e-1"), fact(event_id="e-1")])
        assert store.known(["e-1"]) == set()

    def test_it_is_flushed_before_append_returns(self, store):
        for pragma, wanted in (("synchronous", 2), ("journal_mode", "wal")):
            assert store._connection.execute(f"PRAGMA {pragma}").fetchone()[0] == wanted


class TestAppendOnly:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE fact SET body = 'x' WHERE seq = 1",
            "UPDATE fact SET at_us = 0",
            "DELETE FROM fact",
            "DELETE FROM fact WHERE seq = 2",
            "INSERT OR REPLACE INTO fact VALUES (1, 1, 'incident/a', '', 'k', '', NULL, '')",
            "REPLACE INTO fact VALUES (3, 1, 'incident/a', '', 'k', '', 'e-1', '')",
            "INSERT INTO fact VALUES (9, 1, 'incident/a', '', 'k', '', NULL, '')",
            "INSERT INTO fact VALUES (NULL, 1, 'incident/a', '', 'k', '', NULL, '')",
        ],
    )
    def test_the_database_itself_refuses(self, store, tmp_path, statement):
        store.append([fact(event_id="e-1"), fact()])
        before = list(store.rows())
        with (
            sqlite3.connect(tmp_path / "store" / "facts.db") as other,
            pytest.raises(sqlite3.DatabaseError),
        ):
            other.execute(statement.replace("''", "x'00'") if "INTO" in statement else statement)
        other.close()
        assert list(store.rows()) == before


class TestChain:
    def test_it_holds(self, store):
        store.append([fact(), fact(event_id="e")])
        store.append([fact("system/s")])
        count, head, broken = verify(store.rows())
        assert (count, broken) == (3, None)
        assert head == list(store.rows())[-1].digest

    @pytest.mark.parametrize(
        ("doctored", "seq"),
        [
            ("UPDATE fact SET body = CAST('{}  ' AS BLOB) WHERE seq = 2", 2),
            ("UPDATE fact SET actor = CAST('{} ' AS BLOB) WHERE seq = 3", 3),
            ("DELETE FROM fact WHERE seq = 2", 2),
            ("UPDATE fact SET event_id = 'other' WHERE seq = 1", 1),
        ],
    )
    def test_what_was_changed_behind_our_back_shows(self, store, tmp_path, doctored, seq):
        store.append([fact(event_id="e"), fact(), fact()])
        with sqlite3.connect(tmp_path / "store" / "facts.db") as other:
            other.execute("DROP TRIGGER fact_is_never_changed")
            other.execute("DROP TRIGGER fact_is_never_deleted")
            other.execute(doctored)
        other.close()
        _, _, broken = verify(store.rows())
        assert broken is not None
        assert broken.seq == seq


class TestLock:
    @pytest.mark.usefixtures("store")
    def test_a_second_one_is_told_who_has_it(self, tmp_path):
        with pytest.raises(StoreLocked, match=r"in use by process \d+"):
            SqliteStore(tmp_path / "store").open()

    def test_a_second_process_is_refused_and_a_dead_one_forgotten(self, tmp_path):
        code = (
            "import sys, pathlib\n"
            "from decision.store import SqliteStore\n"
            "SqliteStore(pathlib.Path(sys.argv[1])).open()\n"
            "print('open', flush=True)\n"
            "sys.stdin.read()\n"
        )
        folder = tmp_path / "store"
        other = subprocess.Popen(
            [sys.executable, "-c", code, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert other.stdout.readline() == b"open\n"
        with pytest.raises(StoreLocked, match=str(other.pid)):
            SqliteStore(folder).open()
        other.kill()
        other.wait()
        other.stdin.close()
        other.stdout.close()
        store = SqliteStore(folder)
        store.open()
        store.close()


class TestForeignFiles:
    def test_somebody_elses_database_is_left_alone(self, tmp_path):
        path = tmp_path / "facts.db"
        with sqlite3.connect(path) as other:
            other.execute("CREATE TABLE mine (x)")
        other.close()
        with pytest.raises(StoreError, match="not a fact log"):
            SqliteStore(tmp_path).open()

    def test_a_newer_format_is_left_alone(self, store, tmp_path):
        store.close()
        with sqlite3.connect(tmp_path / "store" / "facts.db") as other:
            other.execute("PRAGMA user_version = 99")
        other.close()
        with pytest.raises(StoreError, match="newer version"):
            SqliteStore(tmp_path / "store").open()

    def test_a_reader_of_nothing(self, tmp_path):
        with pytest.raises(StoreError, match="there is no fact log"):
            LogReader(tmp_path)


class Failing(sqlite3.Connection):
    """Fails to commit when told to."""

    fails = False

    def execute(self, sql, *values):
        if sql == "COMMIT" and Failing.fails:
            raise sqlite3.OperationalError("disk I/O error")
        return super().execute(sql, *values)


class TestFailures:
    def test_a_commit_that_fails_leaves_nothing(self, tmp_path, monkeypatch):
        store = SqliteStore(tmp_path, connect=lambda *a, **k: CONNECT(*a, factory=Failing, **k))
        store.open()
        store.append([fact()])
        monkeypatch.setattr(Failing, "fails", True)
        with pytest.raises(StoreError, match="disk I/O error"):
            store.append([fact(event_id="e-1")])
        monkeypatch.setattr(Failing, "fails", False)
        assert store.open().last_seq == 1
        assert store.known(["e-1"]) == set()
        assert store.append([fact(event_id="e-1")]) == [2]
        assert verify(store.rows())[2] is None
        store.close()

    def test_a_store_that_is_not_open(self, tmp_path):
        store = SqliteStore(tmp_path)
        with pytest.raises(StoreError, match="not open"):
            store.append([fact()])
        with pytest.raises(StoreError, match="not open"):
            store.facts("incident/a")


class TestReading:
    def test_in_pages(self, store, monkeypatch):
        monkeypatch.setattr("decision.store.reader.PAGE", 2)
        store.append([fact(f"incident/{n}", at_us=n) for n in range(5)])
        store.append([fact("system/s")])
        assert [row.seq for row in store.rows()] == [1, 2, 3, 4, 5, 6]
        assert [row.seq for row in store.rows(prefix="incident/", after_seq=1)] == [2, 3, 4, 5]
        assert [row.seq for row in store.rows(up_to_seq=2)] == [1, 2]
        assert list(store.subjects()) == [*(f"incident/{n}" for n in range(5)), "system/s"]
        assert list(store.subjects("system/")) == ["system/s"]

    def test_the_latest_first(self, store):
        store.append([fact("incident/a"), fact("operator/x"), fact("incident/b")])
        assert [row.seq for row in store.latest(limit=2)] == [3, 2]
        assert [row.seq for row in store.latest(prefix="incident/", before_seq=3, limit=9)] == [1]

    def test_the_last_facts_of_a_subject_oldest_first(self, store):
        store.append([fact() for _ in range(5)])
        assert [row.seq for row in store.facts("incident/a", last=2)] == [4, 5]

    def test_while_another_connection_writes(self, store, tmp_path):
        store.append([fact(event_id="e-1")])
        reader = LogReader(tmp_path / "store")
        store.append([fact()])
        assert [row.seq for row in reader.rows()] == [1, 2]
        assert reader.event("e-1").seq == 1
        assert reader.event("e-2") is None
        reader.close()


class TestMarks:
    def test_the_first_time_stays(self, store):
        store.append([fact()], [Mark(subject="incident/a", is_open=True, first_us=7, last_seq=1)])
        store.append([fact()], [Mark(subject="incident/a", is_open=False, first_us=9, last_seq=2)])
        assert store.mark("incident/a") == Mark(
            subject="incident/a", is_open=False, first_us=7, last_seq=2
        )
        assert store.open_marks() == []

    def test_of_a_site_newest_first(self, store):
        store.append(
            [fact()],
            [
                Mark(subject=f"incident/{n}", is_open=False, site="main.1", first_us=n)
                for n in range(3)
            ]
            + [Mark(subject="incident/x", is_open=False, site="main.2", first_us=9)],
        )
        found = store.marks("incident/", site="main.1", limit=2)
        assert [mark.first_us for mark in found] == [2, 1]
        assert [m.first_us for m in store.marks("incident/", before_us=2, limit=9)] == [1, 0]

    def test_they_can_be_made_anew(self, store):
        store.append([fact()], [Mark(subject="incident/a", is_open=True)])
        store.rebuild_marks(iter([Mark(subject="incident/b", is_open=True)]), 4)
        assert [mark.subject for mark in store.open_marks()] == ["incident/b"]
        store.close()
        assert store.open().marks_version == 4
