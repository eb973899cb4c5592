"""REL-1: what was told to be durable is there after kill -9, and nothing is there twice."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap

import pytest

from tests.support.journal import sqlite_store

WRITER = """
import asyncio, sys
from pathlib import Path
from tests.support.journal import entry, started, stored

async def main():
    journal = await started(Path(sys.argv[1]))
    async def one():
        while True:
            seq = journal.next_seq()
            if await stored(journal, [entry(seq)]):
                print(seq, flush=True)
    await asyncio.gather(*[one() for _ in range(20)])

asyncio.run(main())
"""


@pytest.mark.system
def test_every_event_that_was_told_durable_survives_kill_9(tmp_path):
    told: set[int] = set()
    for cycle in range(3):
        writer = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(WRITER), str(tmp_path)],
            stdout=subprocess.PIPE,
            text=True,
        )
        said = []
        assert writer.stdout is not None
        for line in writer.stdout:
            if line.strip().isdigit():
                said.append(int(line))
            if len(said) == 100 + 50 * cycle:
                writer.send_signal(signal.SIGKILL)  # the moment an answer was read
                break
        rest, _ = writer.communicate(timeout=20)
        said += [int(line) for line in rest.splitlines() if line.isdigit()]
        assert not told.intersection(said)  # no number comes twice
        told.update(said)
        store = sqlite_store(tmp_path)
        opened = store.open()
        found = [event.seq for event in store.outstanding(0, 1_000_000)]
        assert told <= set(found)
        assert len(found) == len(set(found)) == opened.outstanding
        assert {key.seq for key in store.identities(0)} == set(found)
        assert opened.next_seq > max(found)
        store.close()
