"""Raw bytes that were never acknowledged: REL-34."""

from __future__ import annotations

import json

import pytest
from structlog.testing import capture_logs

from gateway.journal.quarantine import NEWER, OLDER, SOURCES_MAX, Kept, Quarantine


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def _kept(raw: bytes = b"junk", source: str = "192.0.2.9") -> Kept:
    return Kept(
        time="2026-11-20T09:15:02.417Z", input="ip-1", peer="192.0.2.9:4711", source=source,
        reason="crc_wrong", words="CRC 1234 seen; expected 5678", raw=raw.decode("latin-1"),
    )  # fmt: skip


@pytest.fixture
def make(tmp_path):
    made = []

    def make(**said) -> Quarantine:
        quarantine = Quarantine(tmp_path, **({"monotonic": Clock()} | said))
        made.append(quarantine)
        quarantine.start()
        return quarantine

    yield make
    for quarantine in made:
        quarantine.stop()


def test_bytes_are_kept_as_they_came_with_source_time_and_reason(make, tmp_path):
    quarantine = make()
    raw = bytes(range(256))
    assert quarantine.keep(_kept(raw))
    quarantine.stop()
    found = json.loads((tmp_path / NEWER).read_bytes())
    assert found["raw"].encode("latin-1") == raw
    assert (found["peer"], found["reason"]) == ("192.0.2.9:4711", "crc_wrong")


def test_the_ring_keeps_the_newest_and_its_size(make, tmp_path):
    quarantine = make(size_bytes=8_000, share_bytes=1 << 30)
    for number in range(200):
        quarantine.keep(_kept(b"frame %03d" % number))
    quarantine.stop()
    sizes = [(tmp_path / name).stat().st_size for name in (OLDER, NEWER)]
    assert sum(sizes) <= 8_000
    lines = b"".join((tmp_path / name).read_bytes() for name in (OLDER, NEWER)).splitlines()
    numbers = [int(json.loads(line)["raw"][-3:]) for line in lines]
    assert numbers == list(range(numbers[0], 200))


def test_a_source_has_a_share_per_minute_and_others_keep_theirs(make):
    clock, counted = Clock(), []
    quarantine = make(monotonic=clock, share_bytes=1_000, count=counted.append)
    taken = sum(quarantine.keep(_kept()) for _ in range(50))
    assert 0 < taken < 10
    assert counted == ["quarantine_refused"] * (50 - taken)
    assert quarantine.keep(_kept(source="192.0.2.10"))
    clock.now = 59.0
    assert not quarantine.keep(_kept())
    clock.now = 60.0
    assert quarantine.keep(_kept())


def test_all_sources_together_have_a_share_per_minute(make):
    clock = Clock()
    quarantine = make(monotonic=clock, minute_bytes=1_000)
    taken = sum(quarantine.keep(_kept(source=str(number))) for number in range(50))
    assert 0 < taken < 10
    clock.now = 60.0
    assert quarantine.keep(_kept())


def test_what_gathers_is_written_together(tmp_path):
    """Strangers decide how much it is: a file opened for each would slow everybody's ACK."""
    quarantine = Quarantine(tmp_path, monotonic=Clock())
    written = []
    quarantine._write = written.append
    for _ in range(5):
        quarantine.keep(_kept())
    quarantine.start()
    quarantine.stop()
    assert [len(lines) for lines in written] == [5]


def test_strangers_beyond_the_table_share_one_share(make):
    quarantine = make(share_bytes=1_000)
    taken = [quarantine.keep(_kept(source=str(number))) for number in range(SOURCES_MAX)]
    # The queue may be behind the disk by then: what counts is that the table does not grow.
    assert taken[0]
    for number in range(100):
        quarantine.keep(_kept(source=f"more {number}"))
    assert len(quarantine._shares) <= SOURCES_MAX + 1


def test_a_disk_that_fails_is_said_once_counted_each_time_and_stops_nothing(tmp_path):
    (tmp_path / "file").touch()
    counted = []
    quarantine = Quarantine(tmp_path / "file", monotonic=Clock(), count=counted.append)
    with capture_logs() as logs:
        quarantine.start()
        for _ in range(3):
            assert quarantine.keep(_kept())
        quarantine.stop()
    assert [log["event"] for log in logs] == ["quarantine.failed"]
    assert counted == ["quarantine_failed"] * 3


def test_a_disk_that_is_behind_is_not_waited_for(tmp_path):
    quarantine = Quarantine(tmp_path, monotonic=Clock(), share_bytes=1 << 30)  # not started
    taken = [quarantine.keep(_kept()) for _ in range(2_100)]
    assert taken.count(True) == 2_000
    quarantine.stop()


def test_on_a_full_disk_the_reserve_is_not_for_junk(make):
    room, counted = [False], []
    quarantine = make(has_room=lambda: room[0], count=counted.append)
    assert not quarantine.keep(_kept())
    assert counted == ["quarantine_refused"]
    room[0] = True
    assert quarantine.keep(_kept())
