"""Reading the journal again: nothing that is outstanding again is passed over (REL-3)."""

from __future__ import annotations

import pytest

from gateway.forward import follow
from gateway.forward.follow import Follower
from gateway.forward.lanes import Lane, Lanes
from tests.support.forwarding import ManualTime, MemoryJournal, event, turns


class Reader:
    """A follower, and what it brought into the lanes."""

    def __init__(self, journal: MemoryJournal) -> None:
        time = ManualTime()
        self.lanes = Lanes()
        self.follower = Follower(
            journal,
            self.lanes,
            clock=time,
            timers=time,
            count=lambda _name, _n: None,
            is_up=lambda: True,
            wake=lambda: None,
            reopened=lambda after_seq: self.follower.rescan(after_seq, ()),
        )

    def take_all(self) -> list[int]:
        taken = []
        while (one := self.lanes.take(Lane.READY)) is not None:
            taken.append(one.seq)
        return taken


@pytest.fixture
def journal(monkeypatch):
    monkeypatch.setattr(follow, "PAGE", 2)
    return MemoryJournal([event(n) for n in range(1, 6)], ("core-1",))


async def test_what_is_reopened_while_a_page_is_read_is_read_too(journal):
    journal.confirm("core-1", ["id-1"])
    reader = Reader(journal)
    journal.latency_turns = 20
    reader.follower.start()
    while journal.reads < 3:  # a page, the keys, and the second page is under way
        await turns(1)
    assert reader.take_all() == [2, 3]
    journal.republish(1, 1)
    await turns(400)
    assert 1 in reader.take_all()
    await reader.follower.stop()


async def test_what_overtook_and_is_outstanding_again_is_read(journal):
    reader = Reader(journal)
    reader.follower.start()
    await turns(400)
    assert reader.take_all() == [1, 2, 3, 4, 5]
    reader.follower.rescan(0, [4])  # 4 waits for its confirm ...
    reader.follower.rescan(0, [])  # ... which came, and could not be stored
    await turns(400)
    assert reader.take_all() == [1, 2, 3, 4, 5]
    await reader.follower.stop()
