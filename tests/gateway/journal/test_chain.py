"""SEC-23: an edited, deleted, added or swapped record is named; REL-13: damage as well."""

from __future__ import annotations

import contextlib
import sqlite3

import pytest
from fastcrc.crc32 import iso_hdlc as crc32

from gateway.journal import Confirm, StoreError, verify
from gateway.journal.chain import Digester, sealed
from gateway.journal.reader import DATABASE
from gateway.journal.statements import COLUMNS, checksum_of
from gateway.journal.verify import Verifier
from tests.support.alike import forms, mixed
from tests.support.journal import AT_MS, IDS, entries, sqlite_store

LAST = 60


@pytest.fixture
def journal(tmp_path):
    """A closed journal: 60 events, two thirds of them alike, in three sealed blocks and a rest."""
    store = sqlite_store(tmp_path)
    store.open()
    shared = forms()
    events = mixed(1, LAST, shared)
    for first in range(0, LAST, 20):
        store.commit(events[first : first + 20], [])
        if first < 40:
            assert store.seal().last_seq == first + 20
            assert store.seal() is None
    store.commit([], [Confirm(consumer="core-1", event_ids=(IDS.id(AT_MS, 3), IDS.id(AT_MS, 4)))])
    store.close()
    return tmp_path


def told(directory, **said):
    with contextlib.closing(Verifier(directory, **said)) as verifier:
        return verifier.run()


def found(directory, **said) -> set[tuple[str, int]]:
    return {(one.what, one.where) for one in told(directory, **said).findings}


def poke(directory, *changes: str) -> None:
    with contextlib.closing(sqlite3.connect(directory / DATABASE)) as database, database:
        for change in changes:
            database.execute(change)


def test_a_whole_journal_is_whole(journal):
    what = told(journal)
    assert what.findings == []
    assert (what.records, what.forms, what.blocks, what.pages) == (LAST, 2, 2, 1)
    assert (what.unsealed, what.gaps) == (20, 0)
    assert what.head.startswith("2:")
    assert found(journal, head=what.head) == set()
    assert found(journal, head="2:" + "00" * 32) == {("head_missing", 0)}


def test_events_that_are_not_sealed_yet_are_checked_as_well(journal):
    poke(journal, "UPDATE event SET json = '{}' WHERE seq = 57")
    assert found(journal) == {("record_damaged", 57)}


def test_a_block_sealed_meanwhile_is_no_finding(tmp_path, monkeypatch):
    """It covers records that were looked at already, when they were sealed in no block yet."""
    monkeypatch.setattr(verify, "STEP", 10)
    store = sqlite_store(tmp_path)
    store.open()
    store.commit(mixed(1, LAST, forms()), [])
    heads = []

    def seal(_done, _all):
        if not heads:
            heads.append(store.seal())

    what = told(tmp_path, progress=seal)
    store.close()
    assert heads[0].last_seq == LAST
    assert what.findings == []
    assert (what.records, what.blocks, what.unsealed) == (LAST, 0, LAST)
    assert told(tmp_path).blocks == 1


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            "UPDATE event SET json = '{}' WHERE seq = 6",
            {("record_damaged", 6), ("record_changed", 6)},
        ),
        # What no checksum of the record covers, the chain does.
        ("UPDATE event SET peer = '198.51.100.1:1' WHERE seq = 9", {("record_changed", 9)}),
        ("UPDATE event SET monotonic_ns = 1 WHERE seq = 9", {("record_changed", 9)}),
        ("DELETE FROM alike WHERE seq = 7", {("record_unreadable", 7), ("record_missing", 7)}),
        ("DELETE FROM identity WHERE seq = 7", {("key_missing", 7)}),
        ("UPDATE identity SET digest = x'00' WHERE seq = 7", {("key_differs", 7)}),
        ("INSERT INTO identity VALUES (61, NULL, 0, '')", {("record_unreadable", 61)}),
        ("UPDATE done SET checksum = 1", {("done_damaged", 0)}),
        ("DELETE FROM form WHERE number = 1", {("form_missing", 1)}),
        ("UPDATE form_copy SET account = '9' WHERE number = 2", {("form_damaged", 2)}),
        ("DELETE FROM chain WHERE number = 1", None),
        ("UPDATE chain SET sealed_ms = 1 WHERE number = 2", {("block_changed", 2)}),
        ("UPDATE chain SET root = zeroblob(32) WHERE number = 1", {("block_changed", 1)}),
    ],
)  # fmt: skip
def test_one_change_is_named(journal, change, expected):
    poke(journal, change)
    if expected is None:
        assert ("block_missing", 1) in found(journal)
    else:
        assert found(journal) == expected


def test_a_record_that_was_taken_out_everywhere_is_missing(journal):
    poke(journal, "DELETE FROM event WHERE seq = 12", "DELETE FROM identity WHERE seq = 12")
    assert found(journal) == {("record_missing", 12)}


def test_an_edit_with_a_right_checksum_is_named(journal):
    with contextlib.closing(sqlite3.connect(journal / DATABASE)) as database, database:
        row = database.execute("SELECT * FROM event WHERE seq = 9").fetchone()
        names = [one[1] for one in database.execute("PRAGMA table_info(event)")]
        event = dict(zip(names, row, strict=True)) | {"json": b'{"seq":9,"forged":true}'}
        assert set(names) == set(COLUMNS)

        class Forged:
            seq, event_id, account, class_ = 9, event["id"], event["account"], event["class"]
            is_priority, received_ms = bool(event["is_priority"]), event["received_ms"]
            json = event["json"]

        database.execute(
            "UPDATE event SET json = ?, checksum = ? WHERE seq = 9",
            (event["json"], checksum_of(Forged, event["raw"])),
        )
    assert found(journal) == {("record_changed", 9)}


def test_a_form_and_its_copy_forged_with_right_checksums_are_named_with_their_records(journal):
    with contextlib.closing(sqlite3.connect(journal / DATABASE)) as database, database:
        boot, account, class_, priority, input_, pieces = database.execute(
            "SELECT boot, account, class, is_priority, input, pieces FROM form WHERE number = 1"
        ).fetchone()
        pieces = pieces.replace(b"piece 4", b"peace 4")
        checksum = crc32(pieces, crc32(f"1 {boot} {account} {class_} {priority} {input_}".encode()))
        for table in ("form", "form_copy"):
            database.execute(
                f"UPDATE {table} SET pieces = ?, checksum = ? WHERE number = 1",  # noqa: S608
                (pieces, checksum),
            )
        users = {row[0] for row in database.execute("SELECT seq FROM alike WHERE form = 1")}
    assert found(journal) == {("record_changed", seq) for seq in users if seq <= 40}


def test_a_block_that_was_made_anew_does_not_bear_the_next_one(journal):
    head = told(journal).head
    with contextlib.closing(sqlite3.connect(journal / DATABASE)) as database, database:
        database.execute("UPDATE event SET peer = '198.51.100.1:1' WHERE seq = 9")
        digests = Digester(database).digests(1, 20)
        (sealed_ms,) = database.execute("SELECT sealed_ms FROM chain WHERE number = 1").fetchone()
        forged = sealed(digests, number=1, last_seq=20, now_ms=sealed_ms, before=bytes(32))
        database.execute(
            "UPDATE chain SET root = ?, link = ?, entries = ? WHERE number = 1",
            (forged.root, forged.link, forged.entries),
        )
    assert found(journal) == {("block_changed", 2)}
    with contextlib.closing(sqlite3.connect(journal / DATABASE)) as database, database:
        digests = Digester(database).digests(21, 40)
        (sealed_ms,) = database.execute("SELECT sealed_ms FROM chain WHERE number = 2").fetchone()
        forged = sealed(digests, number=2, last_seq=40, now_ms=sealed_ms, before=forged.link)
        database.execute("UPDATE chain SET link = ? WHERE number = 2", (forged.link,))
    # Made anew to its end, only the head that was published tells.
    assert found(journal) == set()
    assert found(journal, head=head) == {("head_missing", 0)}


def test_two_records_that_changed_places_are_named(journal):
    names = ("event", "alike", "identity")
    for table in names:
        poke(
            journal,
            f"UPDATE {table} SET seq = -3 WHERE seq = 3",  # noqa: S608
            f"UPDATE {table} SET seq = 3 WHERE seq = 6",  # noqa: S608
            f"UPDATE {table} SET seq = 6 WHERE seq = -3",  # noqa: S608
        )
    what = found(journal)
    assert {("record_changed", 3), ("record_changed", 6)} <= what
    assert {("record_moved", 3), ("record_moved", 6)} <= what


def test_a_record_put_in_afterwards_is_named(tmp_path):
    store = sqlite_store(tmp_path)
    store.open()
    store.commit([one for one in entries(1, 20) if one.seq != 10], [])
    store.seal()
    store.commit(entries(10, 10), [])
    store.close()
    assert found(tmp_path) == {("record_added", 10)}
    assert told(tmp_path).gaps == 0


def test_a_new_run_goes_on_with_the_chain(journal):
    store = sqlite_store(journal)
    opened = store.open()
    store.commit(entries(opened.next_seq, opened.next_seq + 5), [])
    while store.seal():
        pass
    store.close()
    what = told(journal)
    assert (what.findings, what.unsealed, what.blocks) == ([], 0, 3)


def test_what_was_not_acknowledged_is_not_sealed(tmp_path):
    fails = [False]

    class Failing(sqlite3.Connection):
        def execute(self, sql, *values):
            found = super().execute(sql, *values)
            if fails[0] and sql.startswith("INSERT INTO event"):
                raise sqlite3.OperationalError("disk I/O error")  # yet it stands in the log
            return found

    store = sqlite_store(
        tmp_path, connect=lambda *where, **said: sqlite3.connect(*where, factory=Failing, **said)
    )
    store.open()
    store.commit(entries(1, 3), [])
    fails[0] = True
    with pytest.raises(StoreError):
        store.commit(entries(4, 4), [])
    fails[0] = False
    assert store.seal().last_seq == 3
    store.open()
    store.commit(entries(5, 5), [])
    assert store.seal().last_seq == 5
    store.close()
    assert (told(tmp_path).findings, told(tmp_path).records) == ([], 4)


def test_flipped_bytes_are_told_or_change_nothing_that_was_acknowledged(journal, tmp_path):
    data = (journal / DATABASE).read_bytes()
    silent = 0
    places = range(4096, len(data), 211)
    for place in places:
        copy = tmp_path / "flipped.db"
        flipped = bytearray(data)
        flipped[place] ^= 0x41
        copy.write_bytes(flipped)
        try:
            is_silent = not told(copy).findings
        except StoreError:
            continue
        silent += is_silent
        # Free space, tables of no record (session, link, era): nothing that was acknowledged.
    assert silent < len(places)
    copy.unlink()
