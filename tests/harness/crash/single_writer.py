"""REL-14: does exactly one connection write the journal? In a trace of its calls."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from gateway.journal.reader import DATABASE
from tests.harness.crash.trace import Entry

CHANGES = frozenset("WTL")


def broken(folder: Path, entries: Iterable[Entry]) -> list[str]:
    """Name what breaks the rule: two connections that could write at once, or a reader that did.

    SQLite takes the locks on a database file, and closes what it opened for reading only when the
    lock of the process is free; so connections are told apart by how they opened the file.
    """
    database = str(folder / DATABASE)
    log = f"{database}-wal"
    writable: set[int] = set()
    opened: dict[int, str] = {}
    faults: list[str] = []
    for number, one in enumerate(entries):
        if one.op == "P":
            writable, opened = set(), {}
        elif one.op == "O":
            path = one.data.decode()
            opened[one.fd] = path
            if path == database and one.result & os.O_ACCMODE != os.O_RDONLY:
                writable.add(one.fd)
                if len(writable) > 1:
                    faults.append(f"call {number}: a second connection could write {DATABASE}")
        elif one.op == "C":
            opened.pop(one.fd, None)
            writable.discard(one.fd)
        elif one.op in CHANGES and opened.get(one.fd) in {database, log} and not writable:
            faults.append(f"call {number}: {opened[one.fd]} is written by who opened it to read")
    return faults
