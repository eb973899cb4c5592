"""REL-22: the gateway stops reading rather than answer late."""

from __future__ import annotations

from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.intake import BEHIND_S, LOOK_AGAIN_S, SPARE_COUNT, UNMEASURED_COUNT, Intake
from tests.support.hardware import HandTime

LATE_S = 4.0
"""An ACK for a frame that was read is never later."""


def second(intake: Intake, now: float, *, taken: int, answered: int) -> None:
    intake.waiting += taken - answered
    intake.answered += answered
    intake.tick(now)


def test_it_stays_open_while_answers_keep_pace():
    intake = Intake()
    for now in range(1, 20):
        second(intake, now, taken=1000, answered=1000)
    assert intake.is_open


def test_a_lone_report_that_came_just_before_the_tick_does_not_close_it():
    intake = Intake()
    second(intake, 1.0, taken=1, answered=0)
    assert intake.is_open


def test_a_whole_second_without_any_answer_closes_it_and_the_next_answers_open_it():
    intake = Intake()
    heard = []
    intake.subscribe(heard.append)
    second(intake, 1.0, taken=10, answered=0)
    second(intake, 2.0, taken=0, answered=0)
    assert not intake.is_open
    second(intake, 3.0, taken=0, answered=10)
    assert intake.is_open
    assert heard == [False, True]


def test_more_waiting_than_two_seconds_of_the_pace_closes_it():
    intake = Intake()
    second(intake, 1.0, taken=4000, answered=1000)
    assert not intake.is_open


def test_it_opens_again_only_below_half_the_limit():
    intake = Intake()
    second(intake, 1.0, taken=4000, answered=1000)
    second(intake, 2.0, taken=0, answered=1000)
    assert intake.waiting == 2000
    assert not intake.is_open
    second(intake, 3.0, taken=0, answered=1500)
    assert intake.is_open


def test_one_group_may_always_wait():
    intake = Intake()
    second(intake, 1.0, taken=1000, answered=1)
    second(intake, 2.0, taken=0, answered=1)
    assert intake.limit == SPARE_COUNT
    second(intake, 3.0, taken=0, answered=900)
    assert intake.is_open


def test_a_quiet_second_says_nothing_against_what_the_machine_can_do():
    intake = Intake()
    second(intake, 1.0, taken=9000, answered=9000)
    for now in range(2, 60):
        second(intake, now, taken=1, answered=1)
    assert intake.limit == 9000 * BEHIND_S


def test_before_anything_was_measured_a_burst_of_a_reconnect_may_wait():
    assert Intake().limit == UNMEASURED_COUNT


def test_a_burst_closes_it_at_once_and_it_opens_as_soon_as_that_is_answered():
    time = HandTime()
    intake = Intake(time)
    heard = []
    intake.subscribe(heard.append)
    intake.waiting += UNMEASURED_COUNT + 1
    intake.overrun()
    assert heard == [False]
    intake.waiting = UNMEASURED_COUNT // 2 + 1
    time.pass_s(LOOK_AGAIN_S)
    assert heard == [False]
    intake.waiting = UNMEASURED_COUNT // 2
    time.pass_s(LOOK_AGAIN_S)
    assert heard == [False, True]
    assert time.waiting_count == 0


class Machine:
    """A disk that answers so many a second, in order, and panels that send as long as they may."""

    def __init__(self, pace: float) -> None:
        self.time = HandTime()
        self.intake = Intake(self.time)
        self.pace = pace
        self.waiting: deque[float] = deque()
        self.longest_s = 0.0
        self._owed = 0.0

    def run(self, seconds: float, arriving: float, step_s: float = 0.01) -> None:
        due = 0.0
        for number in range(int(seconds / step_s)):
            due += arriving * step_s
            while due >= 1 and self.intake.is_open:  # as ``Session`` hands up
                due -= 1
                self.waiting.append(self.time.now)
                self.intake.waiting += 1
                if self.intake.waiting > self.intake.limit:
                    self.intake.overrun()
            self._owed = min(self._owed + self.pace * step_s, len(self.waiting))
            while self._owed >= 1:
                self._owed -= 1
                self.longest_s = max(self.longest_s, self.time.now - self.waiting.popleft())
                self.intake.waiting -= 1
                self.intake.answered += 1
            self.time.pass_s(step_s)
            if number % 100 == 99:
                self.intake.tick(self.time.now)


@pytest.mark.parametrize("pace", [600, 1_000, 5_000])
def test_rel_22_no_answer_is_later_than_4_s_whatever_arrives(pace):
    machine = Machine(pace)
    machine.run(10, arriving=30_000)
    machine.run(5, arriving=10)
    machine.run(5, arriving=30_000)
    assert machine.longest_s <= LATE_S
    assert machine.intake.answered >= 14 * pace * 0.9  # and it does not starve the disk


@given(st.lists(st.tuples(st.integers(600, 8_000), st.integers(0, 12_000)), min_size=1, max_size=6))
def test_rel_22_also_when_the_disk_slows_down_by_half(phases):
    machine = Machine(phases[0][0])
    for pace, arriving in phases:
        machine.pace = max(pace, machine.pace / 2)
        machine.run(2, arriving, step_s=0.05)
    assert machine.longest_s <= LATE_S + 0.05


def test_only_one_of_several_links_that_tick_in_a_second_counts():
    intake = Intake()
    second(intake, 1.0, taken=10, answered=0)
    intake.tick(1.01)
    intake.tick(1.5)
    assert intake.is_open


def test_nobody_who_left_is_told():
    intake = Intake()
    heard = []
    intake.subscribe(heard.append)
    intake.unsubscribe(heard.append)
    second(intake, 1.0, taken=9000, answered=1)
    assert heard == []
