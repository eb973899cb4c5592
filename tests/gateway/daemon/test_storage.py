"""What operators hear of the journal, from a whole gateway: REL-17, REL-18, REL-48, SEC-23."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3

import pytest

from gateway.config import load
from gateway.daemon import Daemon, real_world
from gateway.daemon.storage import Storage
from gateway.journal import Reader
from gateway.journal.reader import DATABASE
from gateway.journal.room import RESERVE_FILE, Room
from tests.support.station import Station, until


@pytest.fixture
async def daemon(tmp_path):
    daemon = Daemon(load(Station(tmp_path, accounts=("1234",)).config), real_world())
    await daemon.start()
    yield daemon
    await daemon.stop("test")


def events(daemon) -> list[dict]:
    with contextlib.closing(Reader(daemon.config.journal.directory)) as reader:
        return [json.loads(record.json)["data"] for record in reader.list(newest_first=False)]


def codes(daemon) -> list[str]:
    return [event["code"]["value"] for event in events(daemon)]


async def test_a_full_disk_is_told_while_it_is_full_and_the_end_of_it_afterwards(
    daemon, monkeypatch
):
    store = daemon.journal._store
    await until(lambda: codes(daemon) == ["gateway_started"])
    monkeypatch.setattr(Room, "is_short", property(lambda _self: True))

    def fails():
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(store, "_prove_room", lambda _connection: fails())
    store._connection.execute("PRAGMA query_only = 1")  # the next commit fails
    daemon.say("lost", "information", "it cannot be stored")
    await until(lambda: codes(daemon) == ["gateway_started", "storage_full"])
    assert daemon.journal.is_full
    assert not daemon.journal.commits_succeed
    assert "disk is full" in daemon.health.reasons["storage"]
    assert "journal" not in daemon.health.reasons
    assert daemon.vitals.message().state == "degraded"
    assert not (daemon.config.journal.directory / RESERVE_FILE).exists()
    monkeypatch.undo()
    await until(lambda: codes(daemon)[2:] == ["storage_restored"])
    assert "storage" not in daemon.health.reasons
    assert daemon.journal.commits_succeed
    assert (daemon.config.journal.directory / RESERVE_FILE).exists()
    told = events(daemon)[-1]
    assert told["kind"] == "restoral"
    assert "nothing was acknowledged" in told["text"]


async def test_health_and_metrics_say_how_far_back_the_journal_reaches(daemon):
    await until(lambda: daemon.storage.upkeep.days_kept is not None)
    assert 0 <= daemon.vitals.message().days_kept < 0.01
    page = daemon.metrics.render().decode()
    assert "alarm_gateway_journal_used_bytes " in page
    assert "alarm_gateway_journal_days_kept " in page
    assert "alarm_gateway_disk_free_bytes " in page


async def test_a_damaged_record_is_told_once_an_hour(daemon):
    await until(lambda: codes(daemon) == ["gateway_started"])
    file = daemon.config.journal.directory / DATABASE
    with contextlib.closing(sqlite3.connect(file)) as database, database:
        (seq,) = database.execute("SELECT max(seq) FROM event").fetchone()
        database.execute("UPDATE event SET account = 'x' WHERE seq = ?", (seq,))
    for _ in range(3):
        assert await daemon.journal.read([seq]) == []
    await until(lambda: daemon.counters["record_damaged"] >= 3)
    await daemon.journal.identities(0)  # after what was queued before
    data = [event["data"] for event in await outstanding(daemon, seq)]
    assert [one["code"]["value"] for one in data] == ["record_damaged"]
    assert f"record {seq} " in data[0]["text"]
    assert "journal verify" in data[0]["text"]


async def outstanding(daemon, after: int) -> list[dict]:
    return [json.loads(one.json) for one in await daemon.journal.outstanding(after, 100)]


async def test_what_happens_before_there_is_a_journal_to_tell_it_is_told_later(tmp_path):
    daemon = Daemon(load(Station(tmp_path).config), real_world())
    said = []
    daemon.say = lambda code, *_rest, **_said: said.append(code)
    world = real_world()
    storage = Storage(daemon, world.clock, world.timers)
    storage.filled(True)
    storage.changed("")
    assert said == []
    daemon.journal = None

    class Journal:
        kept = None

    daemon.journal = Journal()
    upkeep = storage.start_upkeep(known_s=1.0, young_seq=1)
    assert said == ["storage_full"]
    await upkeep.stop()
    await asyncio.sleep(0)
