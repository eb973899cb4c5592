"""What a journal lacks of the acknowledged reports is told in words."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest

from benchmarks.station import PANELS, missing


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    path = tmp_path / "journal.db"
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE event (id TEXT, raw BLOB, input TEXT)")
    return path


def store(journal: Path, *rows: tuple[str, int]) -> None:
    with contextlib.closing(sqlite3.connect(journal)) as connection, connection:
        for event_id, sequence in rows:
            raw = b'\n00000000"SIA-DCS"%04dL0#100007[#100007|Nri1/BA001]\r' % sequence
            connection.execute("INSERT INTO event VALUES (?, ?, ?)", (event_id, raw, PANELS))


def ledger(folder: Path, *sequences: int) -> Path:
    path = folder / "ledger"
    path.write_text("".join(f"100007 {sequence:04d} 001\n" for sequence in sequences))
    return path


def test_all_is_there(journal: Path, tmp_path: Path) -> None:
    store(journal, ("a", 1), ("b", 2))
    assert missing(journal, ledger(tmp_path, 1, 2), acked=2) is None


def test_fewer_events_than_acknowledged(journal: Path, tmp_path: Path) -> None:
    store(journal, ("a", 1))
    assert "2 reports were acknowledged" in str(missing(journal, ledger(tmp_path, 1), acked=2))


def test_a_report_of_the_ledger_is_not_there(journal: Path, tmp_path: Path) -> None:
    store(journal, ("a", 1), ("b", 3))
    assert "100007 0002 001" in str(missing(journal, ledger(tmp_path, 1, 2), acked=2))


def test_two_events_with_one_id(journal: Path, tmp_path: Path) -> None:
    store(journal, ("a", 1), ("a", 2))
    assert "1 different ids" in str(missing(journal, ledger(tmp_path, 1, 2), acked=2))
