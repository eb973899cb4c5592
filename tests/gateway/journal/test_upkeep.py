"""REL-17, REL-18, SEC-23 on a virtual clock: what is removed, told and refused, and when."""

from __future__ import annotations

import contextlib
import sqlite3

import pytest

from gateway.journal import upkeep as module
from gateway.journal.keeping import DamageError, Measured
from gateway.journal.upkeep import DAY_MS, Limits, Space, Upkeep
from gateway.journal.verify import Verifier
from tests.support.journal import (
    AT_MS,
    IDS,
    GatedStore,
    entries,
    entry,
    sqlite_store,
    started,
    stored,
)

GIB = 1 << 30


class Clock:
    """Both clocks, moved by hand; ``step`` moves the wall clock alone."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.offset_ms = AT_MS - 1_000_000

    def monotonic(self) -> float:
        return self.now

    def utc_ms(self) -> int:
        return int(self.now * 1000) + self.offset_ms


class NoTimers:
    def call_later(self, *_args):
        raise AssertionError("the turns are taken by hand")


class Kept:
    """An upkeep with what it told."""

    def __init__(self, journal, clock, limits, **said) -> None:
        self.told: list[tuple[str, str, str]] = []
        self.health: dict[str, str] = {}
        self.counts: dict[str, int] = {}
        self.gauges: dict[str, float] = {}
        self.clock = clock
        self.upkeep = Upkeep(
            journal,
            limits,
            clock=clock,
            timers=NoTimers(),
            tell=lambda code, text, *, kind: self.told.append((code, text, kind)),
            health=self.health.__setitem__,
            count=self.count,
            gauge=lambda name, _meaning, value: self.gauges.__setitem__(name, value),
            **({"known_s": 600.0, "young_seq": 1} | said),
        )

    def count(self, name, n=1):
        self.counts[name] = self.counts.get(name, 0) + n

    @property
    def codes(self):
        return [code for code, _, _ in self.told]

    async def turns(self, seconds, every_s=60.0):
        """Let time pass."""
        end = self.clock.now + seconds
        while self.clock.now < end:
            self.clock.now = min(end, self.clock.now + every_s)
            await self.upkeep.turn()


def limits(**said) -> Limits:
    return Limits(**({"keep_days": 400, "allowance_bytes": 20 * GIB} | said))


async def put(journal, seqs, clock):
    events = [entry(seq, received_ms=clock.utc_ms(), json=b"x" * 900) for seq in seqs]
    assert await stored(journal, events)


async def confirmed(journal, seqs):
    journal.confirm("core-1", [IDS.id(AT_MS, seq) for seq in seqs])
    await journal.identities(0)  # after what was queued before


@pytest.fixture
async def journal(tmp_path):
    journal = await started(tmp_path)
    yield journal
    await journal.stop()


def findings(directory):
    with contextlib.closing(Verifier(directory)) as verifier:
        return verifier.run().findings


def seqs(directory):
    with contextlib.closing(sqlite3.connect(directory / "journal.db")) as database:
        return [row[0] for row in database.execute("SELECT seq FROM event ORDER BY seq")]


# -- retention -----------------------------------------------------------------------------


async def test_done_events_go_after_their_days_and_the_rest_verifies(journal, tmp_path):
    clock = Clock()
    kept = Kept(journal, clock, limits(keep_days=10))
    for day in range(12):
        await put(journal, range(day * 10 + 1, day * 10 + 11), clock)
        await confirmed(journal, [day * 10 + n for n in range(2, 11)])  # one a day is not
        await kept.turns(86_400, 3_600)
    assert seqs(tmp_path) == [1, 11, *range(21, 121)]
    assert kept.counts["event_removed"] == 18
    assert 11.9 < kept.upkeep.days_kept < 12.1
    assert findings(tmp_path) == []
    # Once a day, in words.
    removed = [text for code, text, kind in kept.told if code == "journal_removed"]
    assert removed
    assert len(removed) <= 3
    assert "done events up to" in removed[0]


async def test_the_end_of_the_chain_is_published_every_hour(journal, tmp_path):
    clock = Clock()
    kept = Kept(journal, clock, limits())
    await put(journal, range(1, 6), clock)
    await kept.turns(3 * 3_600)
    heads = [text for code, text, _ in kept.told if code == "journal_sealed"]
    assert len(heads) == 3
    assert str(kept.upkeep.head) in heads[-1]
    with contextlib.closing(Verifier(tmp_path, head=str(kept.upkeep.head))) as verifier:
        assert verifier.run().findings == []


async def test_a_record_is_sealed_within_a_minute_and_many_at_once(journal):
    clock = Clock()
    kept = Kept(journal, clock, limits())
    await put(journal, [1], clock)
    await kept.turns(58, 2)
    assert kept.gauges["journal_unsealed"] == 1
    await kept.turns(6, 2)
    assert kept.gauges["journal_unsealed"] == 0
    await put(journal, range(2, 1_500), clock)
    await kept.turns(4, 2)
    assert kept.gauges["journal_unsealed"] == 0
    assert kept.counts["journal_sealed"] == 3


async def test_sealing_waits_while_much_waits_for_the_disk(journal, monkeypatch):
    clock = Clock()
    kept = Kept(journal, clock, limits())
    await put(journal, range(1, 1_500), clock)
    monkeypatch.setattr(module, "BUSY_JOBS", -1)
    await kept.turns(120, 2)
    assert kept.gauges["journal_unsealed"] == 1_499
    monkeypatch.setattr(module, "SEAL_LATE", 1_000)
    await kept.turns(4, 2)
    assert kept.gauges["journal_unsealed"] == 0


async def test_sealing_waits_for_the_end_of_a_storm(journal, monkeypatch):
    clock = Clock()
    kept = Kept(journal, clock, limits())
    monkeypatch.setattr(module, "STORM_EVENTS_S", 100.0)
    await kept.turns(1, 2)
    for first in range(1, 4_501, 1_500):
        await put(journal, range(first, first + 1_500), clock)
        await kept.turns(1, 2)
        assert kept.gauges["journal_unsealed"] == first + 1_499
    await kept.turns(4, 2)
    assert kept.gauges["journal_unsealed"] == 0
    # However long it lasts, not more than so many stay unsealed.
    monkeypatch.setattr(module, "SEAL_LATE", 1_000)
    sealed = kept.counts["journal_sealed"]
    await put(journal, range(4_501, 6_001), clock)
    await kept.turns(1, 2)
    assert kept.counts["journal_sealed"] > sealed


@pytest.mark.parametrize("step_days", [-500, 500, 5_000])
async def test_a_clock_that_goes_wrong_removes_nothing_within_the_hour(
    journal, tmp_path, step_days
):
    clock = Clock()
    kept = Kept(journal, clock, limits())
    await put(journal, range(1, 11), clock)
    await confirmed(journal, range(1, 11))
    await kept.turns(7_200)
    clock.offset_ms += step_days * DAY_MS
    await kept.turns(3_000)
    clock.offset_ms -= step_days * DAY_MS
    await kept.turns(7_200)
    assert len(seqs(tmp_path)) == 10
    clock.offset_ms += 500 * DAY_MS
    await kept.turns(7_200)
    assert seqs(tmp_path) == []


async def test_beyond_the_allowance_the_oldest_go_but_none_that_tells_a_repeat(journal, tmp_path):
    clock = Clock()
    kept = Kept(journal, clock, limits(allowance_bytes=2 << 20), known_s=600.0)
    seq = 1
    for _ in range(20):
        await put(journal, range(seq, seq + 500), clock)
        await confirmed(journal, range(seq, seq + 500))
        seq += 500
        await kept.turns(120, 10)
    left = seqs(tmp_path)
    assert left == [*range(left[0], seq)]
    assert 2_500 <= len(left) <= 3_500  # those of ten minutes, whatever the allowance
    assert findings(tmp_path) == []
    assert kept.upkeep.level == "ok"  # nothing of it waits for anybody
    await kept.turns(1_200)
    assert kept.gauges["journal_used_bytes"] <= 2 << 20
    assert seqs(tmp_path)[-1] == seq - 1


# -- limits --------------------------------------------------------------------------------


async def test_events_not_done_warn_at_80_and_95_and_refuse_reports_at_100_percent(
    journal, tmp_path
):
    clock = Clock()
    kept = Kept(journal, clock, limits(allowance_bytes=4 << 20))
    seq, seen = 1, []
    while kept.upkeep.level != "full":
        await put(journal, range(seq, seq + 25), clock)
        seq += 25
        await kept.turns(2, 2)
        seen.append(kept.upkeep.level)
    assert list(dict.fromkeys(seen)) == ["ok", "warning", "critical", "full"]
    assert kept.codes == ["storage_warning", "storage_critical", "storage_full"]
    assert [kind for _, _, kind in kept.told] == ["trouble"] * 3
    assert "nothing" in kept.health["storage"] or "no report" in kept.health["storage"]
    assert 0.95 <= kept.gauges["journal_held_bytes"] / (4 << 20) <= 1.1

    assert not journal.commits_succeed  # so no link test is answered (REL-23)
    assert await stored(journal, entries(seq, seq)) is False
    mixed = [stored(journal, [entry(seq + 1)]), stored(journal, [entry(seq + 2, class_="system")])]
    assert [await one for one in mixed] == [False, True]
    assert seq + 2 in [one.seq for one in await journal.outstanding(seq - 1, 10)]

    # Confirms are taken, and service returns by itself; for that the old ones need not be removed.
    await confirmed(journal, range(1, seq))
    await kept.turns(2, 2)
    assert journal.commits_succeed
    assert await stored(journal, entries(seq + 3, seq + 3)) is True
    assert kept.codes[3:] == ["storage_restored"]
    assert findings(tmp_path) == []


def measured(**said) -> Measured:
    usual = {
        "used_bytes": 10 * GIB, "spare_bytes": 0, "disk_free_bytes": 100 * GIB,
        "disk_bytes": 500 * GIB, "reserve_bytes": 0, "done": 900, "oldest_ms": 0, "last_seq": 1000,
        "sealed_seq": 1000, "removed_seq": 0,
    }  # fmt: skip
    return Measured(**(usual | said))


@pytest.mark.parametrize(
    ("said", "outstanding", "level"),
    [
        ({}, 100, "ok"),
        # 80 % full by what others store, but the whole allowance is still free.
        ({"disk_free_bytes": 30 * GIB}, 100, "ok"),
        ({"disk_free_bytes": 9 * GIB}, 100, "critical"),
        ({"disk_free_bytes": 9 * GIB, "disk_bytes": 90 * GIB}, 100, "warning"),
        ({"disk_free_bytes": 1 * GIB, "disk_bytes": 90 * GIB}, 1_000_000, "critical"),
        ({"disk_free_bytes": 0, "disk_bytes": 90 * GIB, "done": 0}, 1_000_000, "full"),
        # What can be removed makes room.
        ({"disk_free_bytes": 0, "disk_bytes": 12 * GIB}, 0, "ok"),
        ({"used_bytes": 18 * GIB, "done": 0}, 100, "warning"),
        ({"used_bytes": 20 * GIB, "done": 0}, 100, "full"),
        ({"disk_bytes": 0, "disk_free_bytes": 0}, 100, "ok"),
    ],
)
def test_levels(said, outstanding, level):
    assert Space(measured(**said), limits(), outstanding).level("ok") == level


def test_a_level_ends_a_little_below_its_threshold():
    def level(used, before):
        space = Space(measured(used_bytes=used * GIB // 100, done=0), limits(), 1)
        return space.level(before)

    assert [level(used, "ok") for used in (1599, 1600, 1899, 1900, 1999, 2000)] == [
        "ok", "warning", "warning", "critical", "critical", "full",
    ]  # fmt: skip
    assert [level(used, "full") for used in (2000, 1901, 1899, 1801, 1799, 1501, 1499)] == [
        "full", "full", "critical", "critical", "warning", "warning", "ok",
    ]  # fmt: skip


# -- what goes wrong -----------------------------------------------------------------------


async def test_a_store_that_needs_no_upkeep_gets_none():
    journal = await started(None, store=GatedStore())
    kept = Kept(journal, Clock(), limits())
    await kept.turns(10, 2)
    assert kept.gauges == {}
    await journal.stop()


async def test_what_cannot_be_read_is_told_and_tried_again_in_an_hour(journal, monkeypatch):
    clock = Clock()
    kept = Kept(journal, clock, limits())
    await put(journal, range(1, 6), clock)
    tries = []

    def damaged():
        tries.append(clock.now)
        raise DamageError("database disk image is malformed")

    store = journal._store
    monkeypatch.setattr(store, "seal", damaged)
    for _ in range(3):
        clock.now += 100
        await kept.upkeep._turn()
    assert len(tries) == 1
    assert "malformed" in kept.health["journal_upkeep"]
    assert journal.commits_succeed
    monkeypatch.undo()
    clock.now += 3_600
    await kept.upkeep._turn()
    assert kept.health["journal_upkeep"] == ""


async def test_a_failed_store_is_left_to_recover(tmp_path):
    store = sqlite_store(tmp_path)
    journal = await started(None, store=store)
    kept = Kept(journal, Clock(), limits())
    store._disconnect()
    await kept.upkeep._turn()  # it raises nothing
    await journal.stop()
