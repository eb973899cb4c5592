"""What must not hold up the daemon: a stop, a reload and the health message when the disk fails."""

from __future__ import annotations

import contextlib
import json
import re

import pytest

from gateway.config import load
from gateway.control import ControlError
from gateway.daemon import Daemon, real_world
from gateway.daemon.actors import GATEWAY
from gateway.daemon.serve import _reload
from gateway.daemon.world import disk_of
from gateway.journal import Reader, StoreError
from gateway.journal.lock import ProcessLock
from tests.support.station import Station, until


@pytest.fixture
async def daemon(tmp_path):
    station = Station(tmp_path, accounts=("1234",))
    text = station.config.read_text()
    database = tmp_path / "accounts" / "learnt.db"
    text = text.replace("[accounts]", f'[accounts]\ndatabase = "{database}"')
    station.config.write_text(text.replace("tcp =", 'unknown_account = "learn"\ntcp =', 1))
    daemon = Daemon(load(station.config), real_world())
    await daemon.start()
    yield daemon
    await daemon.stop("test")
    lock = ProcessLock(station.journal)
    lock.acquire()  # free again: the journal was closed
    lock.release()


async def test_a_stop_comes_to_its_end_although_learnt_accounts_cannot_be_saved(daemon, tmp_path):
    (tmp_path / "accounts").write_text("a file where the folder should be")
    daemon.accounts.learn("main", "5678")
    await daemon._save_learnt()
    assert daemon.counters["account_not_saved"] == 1
    assert "cannot be saved" in daemon.health.reasons["accounts"]
    daemon.accounts.learn("main", "5679")  # the stop has one to save, too


async def test_a_reload_that_fails_in_an_unforeseen_way_keeps_what_is(daemon, monkeypatch):
    async def surprise(_config, **_by):
        raise RuntimeError("nobody thought of this")

    monkeypatch.setattr(daemon, "reload", surprise)
    await _reload(daemon, daemon.config.accounts.files[0].parent / "gateway.toml", GATEWAY)
    assert daemon.counters["config_refused"] == 1
    assert len(daemon.accounts) == 1


def _own_events(daemon) -> list[dict]:
    with contextlib.closing(Reader(daemon.config.journal.directory)) as reader:
        return [json.loads(record.json)["data"] for record in reader.list(newest_first=False)]


def _own_codes(daemon) -> list[str]:
    return [event["code"]["value"] for event in _own_events(daemon)]


@pytest.mark.parametrize(
    ("first", "last"),
    [(-1, 5), (5, 4), (True, 5), (0, True), ("1", 5), (1.0, 5), (None, 5), (0, None)],
)
async def test_only_a_range_of_journal_numbers_is_published_again(daemon, first, last):
    with pytest.raises(ControlError, match="two journal numbers"):
        await daemon.requests.handlers["republish"]({"from": first, "to": last})


async def test_where_nothing_was_published_again_no_event_says_so(daemon):
    assert await daemon.requests.handlers["republish"]({"from": 0, "to": 10**30}) == {"events": 0}
    await daemon.journal.identities(0)  # after what was queued before
    assert _own_codes(daemon) == ["gateway_started"]


async def test_after_commits_failed_one_event_tells_how_long_and_why(daemon, monkeypatch):
    await until(lambda: _own_codes(daemon) == ["gateway_started"])  # or it fails with the next one
    store = daemon.journal._store
    commit, reopen = store.commit, store.open
    fails = ["no space left", "still none"]

    def full(*group):
        if fails:
            raise StoreError(fails.pop())
        return commit(*group)

    def opened():
        if fails:
            raise StoreError(fails.pop())
        return reopen()

    monkeypatch.setattr(store, "commit", full)
    monkeypatch.setattr(store, "open", opened)
    daemon.say("lost", "information", "it cannot be stored")
    await until(lambda: "commits fail: still none" in daemon.health.reasons.get("journal", ""))
    await until(lambda: _own_codes(daemon) == ["gateway_started", "journal_restored"])
    assert "journal" not in daemon.health.reasons
    data = _own_events(daemon)[-1]
    assert data["kind"] == "restoral"
    assert re.fullmatch(
        r"commits failed for \d+\.\d s \(still none\); nothing was acknowledged meanwhile",
        data["text"],
    )


async def test_health_is_told_although_the_disk_is_gone(daemon, tmp_path):
    assert daemon.vitals.message().disk_free_bytes > 0
    assert disk_of(tmp_path / "gone") == (0, 0)
