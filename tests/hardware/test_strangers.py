"""What strangers send costs so much a second and no more: SEC-12, SEC-13."""

from __future__ import annotations

import pytest

from hardware.strangers import DEBT_TICKS, READ_BYTES, TICK_S, Strangers


class Timers:
    """The next call only: there is never another."""

    call = None

    def call_later(self, delay_s, callback):
        assert self.call is None
        assert delay_s == TICK_S
        self.call = callback
        return object()

    def tick(self):
        call, self.call = self.call, None
        call()


class Stranger:
    is_resting = is_cut = has_spoken = False

    def rest(self):
        self.is_resting = True

    def wake(self):
        self.is_resting = False

    def abort(self):
        self.is_cut = True


@pytest.fixture
def timers():
    return Timers()


@pytest.fixture
def strangers(timers):
    return Strangers(timers, [].append, reads_per_s=int(10 / TICK_S))


def test_a_few_strangers_are_read_as_they_come(strangers):
    many = [Stranger() for _ in range(10)]
    for one in many:
        strangers.sent(one, 100)
    assert not any(one.is_resting for one in many)


def test_beyond_the_allowance_they_rest_and_are_read_in_turn(strangers, timers):
    many = [Stranger() for _ in range(25)]
    for one in many:
        strangers.sent(one, 100)
    assert [one.is_resting for one in many] == [False] * 10 + [True] * 15
    timers.tick()  # the debt of 15 is paid first
    timers.tick()
    assert [one.is_resting for one in many] == [False] * 15 + [True] * 10
    timers.tick()
    assert strangers.resting_count == 0


def test_many_bytes_count_as_many_reads(strangers, timers):
    one, other = Stranger(), Stranger()
    one.has_spoken = True
    strangers.sent(one, 39 * READ_BYTES)
    assert one.is_resting
    for _ in range(3):
        timers.tick()
        assert one.is_resting
    timers.tick()
    assert not one.is_resting
    strangers.sent(other, 100)
    assert not other.is_resting


def test_a_flood_of_first_reads_lets_nobody_rest_for_long(strangers, timers):
    many = [Stranger() for _ in range(100)]
    for one in many:
        one.has_spoken = True
        strangers.sent(one, 256 * READ_BYTES)
    for _ in range(DEBT_TICKS):
        timers.tick()
    timers.tick()
    assert strangers.resting_count == 90


def test_noise_beyond_the_allowance_is_cut_and_within_it_only_read(strangers):
    within, beyond, little = Stranger(), Stranger(), Stranger()
    strangers.sent(within, 9 * READ_BYTES)
    strangers.sent(beyond, 9 * READ_BYTES)
    strangers.sent(little, 9)
    assert [one.is_cut for one in (within, beyond, little)] == [False, True, False]
    assert little.is_resting


def test_nobody_waits_longer_than_10_s(timers):
    strangers = Strangers(timers, [].append, reads_per_s=1)
    busy, late = Stranger(), Stranger()
    busy.has_spoken = True
    for second in range(12):
        for _ in range(int(1 / TICK_S)):
            strangers.sent(busy, 64 * READ_BYTES)  # the allowance never comes back
            timers.tick()
        if second == 0:
            strangers.sent(late, 9)
        assert late.is_cut == (second == 11)


def test_no_timer_runs_without_strangers(strangers, timers):
    strangers.sent(Stranger(), 100)
    timers.tick()
    if timers.call:
        timers.tick()
    assert timers.call is None
