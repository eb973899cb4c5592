"""The model of a disk that loses its power: what must stand on it, what may, and what cannot."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import pytest

from tests.harness.crash import single_writer
from tests.harness.crash.disk import Disk, Keep
from tests.harness.crash.trace import Entry

FOLDER = Path("/var/journal")
CREATED = os.O_RDWR | os.O_CREAT


def call(op: str, fd: int = 3, result: int = 0, offset: int = 0, data: bytes = b"") -> Entry:
    return Entry(op, fd, result, 1, offset, data)


def opened(name: str = "a", fd: int = 3, flags: int = CREATED) -> Entry:
    return call("O", fd, flags, data=str(FOLDER / name).encode())


def wrote(offset: int, data: bytes, fd: int = 3) -> Entry:
    return call("W", fd, offset=offset, data=data)


def flushed(fd: int = 3, result: int = 0) -> list[Entry]:
    return [call("B", fd), call("E", fd, result)]


FOLDER_FLUSHED = [call("O", 9, os.O_RDONLY, data=str(FOLDER).encode()), *flushed(9), call("C", 9)]


def images(*calls: Entry, name: str = "a") -> set[bytes | None]:
    """What may be read from a file; None: it is not there."""
    disk = Disk(FOLDER)
    for one in calls:
        disk.take(one)
    found = set()
    for seed in range(60):
        for keep in Keep:
            files = disk.image(keep, Random(seed))
            content = None if files is None else files.get(name)
            found.add(None if content is None else bytes(content))
    return found


def test_what_was_flushed_is_there():
    assert images(opened(), wrote(0, b"abc"), *flushed(), *FOLDER_FLUSHED) == {b"abc"}


def test_what_was_not_flushed_may_be_there_or_not():
    assert images(opened(), *FOLDER_FLUSHED, wrote(0, b"abc")) == {b"", b"abc"}


def test_a_file_whose_name_was_not_flushed_may_be_gone():
    assert images(opened(), wrote(0, b"abc"), *flushed()) == {None, b"abc"}


def test_a_name_that_was_removed_may_come_back():
    removed = call("U", -1, data=str(FOLDER / "a").encode())
    calls = [opened(), wrote(0, b"abc"), *flushed(), *FOLDER_FLUSHED, removed]
    assert images(*calls) == {None, b"abc"}
    assert images(*calls, *FOLDER_FLUSHED) == {None}


def test_a_folder_whose_name_was_not_flushed_may_be_gone_with_all_in_it():
    made = call("M", -1, data=str(FOLDER).encode())
    calls = [made, opened(), wrote(0, b"abc"), *flushed(), *FOLDER_FLUSHED]
    above = [call("O", 8, os.O_RDONLY, data=str(FOLDER.parent).encode()), *flushed(8)]
    assert images(*calls) == {None, b"abc"}
    assert images(*calls, *above) == {b"abc"}


def test_writes_may_arrive_in_any_order():
    calls = [opened(), wrote(0, b"--"), *flushed(), *FOLDER_FLUSHED, wrote(0, b"1"), wrote(1, b"2")]
    assert images(*calls) == {b"--", b"1-", b"-2", b"12"}


def test_a_write_may_be_torn_at_sectors():
    old, new = b"o" * 1024, b"n" * 1024
    found = images(opened(), wrote(0, old), *flushed(), *FOLDER_FLUSHED, wrote(0, new))
    assert found == {old, new, old[:512] + new[512:], new[:512] + old[512:]}


def test_a_flush_covers_what_was_written_before_it_began():
    calls = [opened(), *FOLDER_FLUSHED, wrote(0, b"a"), call("B"), wrote(1, b"b"), call("E")]
    assert images(*calls) == {b"a", b"ab"}


def test_what_a_flush_that_failed_was_to_bring_stays_uncertain():
    calls = [opened(), *FOLDER_FLUSHED, wrote(0, b"a"), *flushed(result=-1), *flushed()]
    assert images(*calls) == {b"", b"a"}
    assert images(*calls, wrote(0, b"b"), *flushed()) == {b"b"}  # until it is written again


def test_a_kill_takes_nothing_from_the_page_cache():
    calls = [opened(), *FOLDER_FLUSHED, wrote(0, b"a"), call("P"), opened(), *flushed()]
    assert images(*calls) == {b"a"}


@pytest.mark.parametrize(
    ("calls", "faults"),
    [
        ([opened("journal.db"), opened("journal.db", 4, os.O_RDONLY), wrote(0, b"a")], 0),
        ([opened("journal.db"), opened("journal.db", 4)], 1),
        ([opened("journal.db"), call("C"), opened("journal.db", 4)], 0),
        ([opened("journal.db"), call("P"), opened("journal.db", 4)], 0),
        ([opened("journal.db", 4, os.O_RDONLY), wrote(0, b"a", 4)], 1),
    ],
)
def test_a_second_connection_that_could_write_is_seen(calls, faults):
    assert len(single_writer.broken(FOLDER, calls)) == faults
