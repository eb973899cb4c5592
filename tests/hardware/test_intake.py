"""REL-22: the gateway stops reading rather than answer late."""

from __future__ import annotations

from hardware.intake import SPARE_COUNT, Intake


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
    second(intake, 1.0, taken=SPARE_COUNT + 1, answered=1)
    assert intake.is_open


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
