"""What a journal lacks of the acknowledged reports is told in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.station import PANELS, missing
from gateway.journal import Alike, Form
from gateway.journal.form import PIECES
from tests.support.journal import AT_MS, entry, sqlite_store


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


def store(journal: Path, *rows: tuple[str, int]) -> None:
    """Store these reports with a true store, each other one as an event like others."""
    stored = sqlite_store(journal.parent)
    stored.open()
    form = Form(
        account="1234", class_="alarm", is_priority=False, input=PANELS, pieces=("",) * PIECES
    )
    for seq, (event_id, sequence) in enumerate(rows, 1):
        raw = b'\n00000000"SIA-DCS"%04dL0#100007[#100007|Nri1/BA001]\r' % sequence
        one = (
            entry(seq, event_id=event_id, input=PANELS, raw=raw)
            if seq % 2
            else Alike(
                seq, event_id, "1234", False, AT_MS, form, "peer", "0001", None, 1, raw, b"d"
            )
        )
        stored.commit([one], [])
    stored.close()


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
