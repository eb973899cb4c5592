"""After a crowd its memory is given back: SEC-12."""

from __future__ import annotations

from hardware.spent_memory import CROWD_COUNT, SpentMemory


def test_only_a_crowd_that_has_gone_is_worth_it():
    memory = SpentMemory()
    seen = [(10, False), (15_000, False), (14_001, False), (14_000, True), (13_500, False)]
    assert [memory.look(count) for count, _ in seen] == [expected for _, expected in seen]
    assert CROWD_COUNT == 1_000


def test_a_crowd_that_goes_bit_by_bit_is_noticed():
    memory = SpentMemory()
    assert sum(memory.look(count) for count in range(5_000, 0, -100)) == 4
