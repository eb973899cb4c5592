"""REL-21: a journal of an older format is brought forward, whatever dies in between."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import subprocess
import sys
import textwrap

import pytest

from gateway.journal import Confirm
from gateway.journal.formats import APPLICATION_ID, FORMAT, _schema
from gateway.journal.reader import DATABASE
from gateway.journal.statements import insert, insert_alike, insert_forms
from gateway.journal.verify import Verifier
from tests.support.alike import alike, form
from tests.support.journal import AT_MS, IDS, entries, sqlite_store

DYING = """
import os, sqlite3, sys
from pathlib import Path
from gateway.journal.formats import migrate

left = int(sys.argv[2])
def died(_statement):
    global left
    left -= 1
    if left < 0:
        os._exit(9)

connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA journal_mode = wal")
connection.execute("PRAGMA cache_size = 1")  # what is changed is on its way to the disk at once
connection.set_trace_callback(died)
migrate(connection, Path(sys.argv[1]))
"""


@pytest.fixture
def old(tmp_path):
    """A journal of format 1 with events in it, as a gateway of then left it."""
    folder = tmp_path / "old"
    folder.mkdir()
    shared = form()
    shared.number = 1
    with contextlib.closing(sqlite3.connect(folder / DATABASE, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = wal")
        connection.executescript(_schema(1))
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("PRAGMA user_version = 1")
        connection.execute("INSERT INTO session VALUES (1, 'boot-0', 0, 1, 40, 1, 0)")
        connection.execute(*insert_forms([shared], 1))
        connection.execute(*insert(entries(1, 20), 1))
        connection.execute(*insert_alike([alike(seq, shared) for seq in range(21, 41)]))
    return folder


def format_of(folder) -> int:
    with contextlib.closing(sqlite3.connect(folder / DATABASE)) as connection:
        return connection.execute("PRAGMA user_version").fetchone()[0]


def test_an_old_journal_is_brought_forward_twice_over(old):
    for _ in range(2):
        store = sqlite_store(old)
        opened = store.open()
        assert opened.outstanding == 40
        assert opened.next_seq == 41
        assert [one.seq for one in store.outstanding(0, 100)] == [*range(1, 41)]
        store.close()
    assert format_of(old) == FORMAT
    store = sqlite_store(old)
    store.open()
    store.commit([alike(41, form())], [])  # under a number of its own
    while store.seal():
        pass
    ids = tuple(IDS.id(AT_MS, seq) for seq in range(1, 42))
    store.commit([], [Confirm(consumer="core-1", event_ids=ids)])
    assert store.remove(below_seq=41, before_ms=None) == 40
    assert store.remove_forms() == 1
    assert [one.seq for one in store.read([41])] == [41]
    store.close()
    with contextlib.closing(Verifier(old)) as verifier:
        assert verifier.run().findings == []


@pytest.mark.system
def test_a_migration_that_dies_at_any_step_leaves_a_whole_format(old, tmp_path):
    seen = set()
    for step in range(100):
        copy = tmp_path / f"step-{step}"
        shutil.copytree(old, copy)
        died = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(DYING), str(copy / DATABASE), str(step)],
            check=False,
        ).returncode
        assert died in {0, 9}
        seen.add(format_of(copy))
        store = sqlite_store(copy)
        assert store.open().outstanding == 40
        assert len(store.outstanding(0, 100)) == 40
        store.close()
        with contextlib.closing(Verifier(copy)) as verifier:
            assert verifier.run().findings == []
        if not died:
            break
    assert step > 8
    assert seen == {1, FORMAT}
