"""REL-1, REL-17: kill -9 at any moment of the upkeep loses nothing that is not done."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import textwrap

import pytest

from gateway.journal.verify import Verifier
from tests.support.journal import sqlite_store

# Commits, confirms all but every seventh, seals and removes, and says what it knows.
WRITER = """
import sys
from pathlib import Path
from gateway.journal import Confirm
from tests.support.alike import alike, form
from tests.support.journal import AT_MS, IDS, entry, sqlite_store

store = sqlite_store(Path(sys.argv[1]), era_events=200)
seq = store.open().next_seq
shared = [form(str(number)) for number in range(5)]
while True:
    seqs = range(seq, seq + 40)
    store.commit([alike(n, shared[n % 5]) if n % 3 else entry(n) for n in seqs], [])
    print("held", *[n for n in seqs if n % 7 == 0], flush=True)
    ids = tuple(IDS.id(AT_MS, n) for n in seqs if n % 7)
    store.commit([], [Confirm(consumer="core-1", event_ids=ids)])
    while store.seal():
        pass
    while store.remove(below_seq=1 << 40, before_ms=None):
        pass
    store.remove_forms()
    store.tidy(is_idle=True)
    seq += 40
"""


@pytest.mark.system
def test_whatever_is_under_way_the_journal_is_whole_and_what_is_not_done_is_there(tmp_path):
    held: set[int] = set()
    for cycle in range(6):
        writer = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(WRITER), str(tmp_path)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert writer.stdout is not None
        for lines, line in enumerate(writer.stdout, 1):
            held.update(int(word) for word in line.split()[1:])
            if lines == 6 + 5 * cycle:
                writer.send_signal(signal.SIGKILL)
                break
        rest, _ = writer.communicate(timeout=20)
        for line in rest.splitlines():
            held.update(int(word) for word in line.split()[1:] if word.isdigit())
        with contextlib.closing(Verifier(tmp_path)) as verifier:
            verified = verifier.run()
        assert verified.findings == []
        assert verified.removed > 0
        store = sqlite_store(tmp_path)
        store.open()
        assert held <= {event.seq for event in store.outstanding(0, 1_000_000)}
        store.close()
