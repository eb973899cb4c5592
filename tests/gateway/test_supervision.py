"""Silence is told between I and I + 5 s, once, and the return with the next frame (REL-32, 39, 40).

Accounts are late before they are lost; that is a state and no event.
"""

import random
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.supervision import Change, State, Supervision

A, B, C = ("main", "1"), ("main", "2"), ("north", "1")


class _Clock:
    def __init__(self):
        self.now = 1000.0

    def monotonic(self):
        return self.now

    def utc(self):
        return datetime(2026, 11, 20, tzinfo=UTC)

    def utc_ms(self):
        return 0


class _Timers:
    def __init__(self):
        self.asked = []

    def call_later(self, delay_s, callback, *args):
        self.asked.append((delay_s, callback, args))
        return self

    def cancel(self):
        self.asked.clear()


class Story:
    def __init__(self, late_share=1.0):
        self.clock, self.timers, self.told = _Clock(), _Timers(), []
        self.supervision = Supervision(
            clock=self.clock, timers=self.timers, tell=self.told.append, late_share=late_share
        )

    def seconds_later(self, seconds):
        for _ in range(round(seconds)):
            self.clock.now += 1.0
            self.supervision.sweep()

    def drain(self):
        told = [(c.account or c.input, c.state) for c in self.told]
        self.told.clear()
        return told


def test_loss_is_told_once_and_not_before_the_interval_ended():
    story = Story()
    story.supervision.watch_accounts([(A, 90)])
    story.seconds_later(89)
    assert story.drain() == []
    story.seconds_later(5)
    assert story.drain() == [(A, State.LOST)]
    story.seconds_later(600)
    assert story.drain() == []


def test_any_frame_restarts_the_interval_and_restores_a_lost_account():
    story = Story()
    story.supervision.watch_accounts([(A, 90), (B, 90)])
    story.seconds_later(60)
    story.supervision.account_alive(A)
    story.seconds_later(60)
    assert story.drain() == [(B, State.LOST)]
    story.supervision.account_alive(B)
    assert story.told[-1].silent_s == 120.0
    assert story.drain() == [(B, State.OK)]
    story.seconds_later(31)
    assert story.drain() == [(A, State.LOST)]


def test_accounts_with_other_intervals_and_groups_do_not_disturb_one_another():
    story = Story()
    story.supervision.watch_accounts([(A, 90), (C, 20)])
    story.supervision.account_alive(A)
    story.seconds_later(25)
    assert story.drain() == [(C, State.LOST)]
    assert story.supervision.state_of(A) is State.OK
    assert story.supervision.state_of(B) is None
    assert story.supervision.lost_count == 1


def test_an_account_that_is_not_supervised_is_never_told():
    story = Story()
    story.supervision.watch_accounts([(A, 90)])
    story.supervision.account_alive(B)
    story.seconds_later(10)
    assert story.drain() == []


def test_a_reload_keeps_what_is_known_and_starts_new_accounts_with_a_full_interval():
    story = Story()
    story.supervision.watch_accounts([(A, 90), (B, 20)])
    story.seconds_later(60)
    assert story.drain() == [(B, State.LOST)]
    story.supervision.watch_accounts([(A, 90), (B, 20), (C, 90)])
    story.seconds_later(31)
    assert story.drain() == [(A, State.LOST)]
    story.supervision.account_alive(B)
    assert story.drain() == [(B, State.OK)]
    story.seconds_later(19)
    assert story.drain() == []


def test_a_receiver_link_is_lost_after_three_heartbeats_and_back_with_the_next_frame():
    story = Story()
    story.supervision.watch_links({"rx-1": 30.0})
    story.seconds_later(89)
    assert story.drain() == []
    story.seconds_later(2)
    assert story.drain() == [("rx-1", State.LOST)]
    story.supervision.link_alive("rx-1")
    assert story.drain() == [("rx-1", State.OK)]


def test_it_sweeps_once_a_second_until_stopped():
    story = Story()
    story.supervision.start()
    ((delay, tick, args),) = story.timers.asked
    assert delay == 1.0
    story.timers.asked.clear()
    tick(*args)
    assert len(story.timers.asked) == 1
    story.supervision.stop()
    assert story.timers.asked == []


def test_a_sweep_of_many_quiet_accounts_looks_at_none_that_is_not_due():
    story = Story()
    story.supervision.watch_accounts((("main", str(n)), 90) for n in range(50_000))
    story.seconds_later(90)
    assert len(story.told) == 50_000
    assert all(isinstance(change, Change) for change in story.told)


# -- late ----------------------------------------------------------------------------------


def test_an_account_is_late_before_it_is_lost_and_each_is_told_once():
    story = Story(late_share=0.8)
    story.supervision.watch_accounts([(A, 90)])
    story.seconds_later(71)
    assert story.drain() == []
    story.seconds_later(1)
    assert story.supervision.state_of(A) is State.LATE
    assert story.drain() == [(A, State.LATE)]
    story.seconds_later(17)
    assert story.drain() == []
    story.seconds_later(2)
    assert story.drain() == [(A, State.LOST)]
    story.supervision.account_alive(A)
    assert story.told[-1].before is State.LOST
    assert story.drain() == [(A, State.OK)]


def test_a_late_account_that_calls_in_time_is_well_again():
    story = Story(late_share=0.8)
    story.supervision.watch_accounts([(A, 90)])
    story.seconds_later(80)
    story.supervision.account_alive(A)
    assert [change.before for change in story.told] == [State.OK, State.LATE]
    assert story.drain() == [(A, State.LATE), (A, State.OK)]
    story.seconds_later(71)
    assert story.drain() == []


def test_after_a_long_pause_of_ours_an_account_is_lost_at_once():
    story = Story(late_share=0.8)
    story.supervision.watch_accounts([(A, 90)])
    story.clock.now += 500
    story.supervision.sweep()
    assert [(change.before, change.state) for change in story.told] == [(State.OK, State.LOST)]


def test_a_reload_keeps_who_is_late():
    story = Story(late_share=0.8)
    story.supervision.watch_accounts([(A, 90), (B, 90)])
    story.seconds_later(75)
    story.supervision.account_alive(B)
    story.drain()
    story.supervision.watch_accounts([(B, 90), (A, 90)])
    assert story.supervision.state_of(A) is State.LATE
    story.seconds_later(16)
    assert story.drain() == [(A, State.LOST)]
    story.seconds_later(75)
    assert story.drain() == [(B, State.LATE), (B, State.LOST)]


# -- REL-39 --------------------------------------------------------------------------------


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.tuples(st.integers(0, 120), st.sampled_from([A, B, C])), min_size=1, max_size=30),
    st.sampled_from([0.5, 0.8, 1.0]),
)
def test_rel_39_every_loss_is_told_within_i_to_i_plus_5_and_no_other(calls, late_share):
    """Against a model that looks at every account every second."""
    intervals = {A: 90, B: 20, C: 300}
    story = Story(late_share)
    story.supervision.watch_accounts(intervals.items())
    seen = dict.fromkeys(intervals, story.clock.now)
    lost: set = set()
    for pause_s, key in calls:
        for _ in range(pause_s):
            story.seconds_later(1)
            for change in story.told:
                if change.state is State.LOST:
                    account = change.account
                    silent_s = story.clock.now - seen[account]
                    assert intervals[account] <= silent_s <= intervals[account] + 5
                    assert account not in lost
                    lost.add(account)
            story.told.clear()
            for account, interval in intervals.items():
                assert (account in lost) == (story.clock.now - seen[account] >= interval)
        story.supervision.account_alive(key)
        restored = [change.account for change in story.told if change.before is State.LOST]
        assert restored == ([key] if key in lost else [])
        lost.discard(key)
        seen[key] = story.clock.now
        story.told.clear()


def _fleet(count, interval_s):
    return [(("main", f"{n:06d}"), interval_s) for n in range(count)]


def test_rel_39_a_hundred_thousand_accounts_take_less_than_a_third_of_a_core():
    """All of them call every 80 s and are supervised with 90 s, for five minutes."""
    story, fleet = Story(late_share=0.8), _fleet(100_000, 90)
    story.supervision.watch_accounts(fleet)
    began_s, simulated_s = time.process_time(), 300
    for second in range(simulated_s):
        story.clock.now += 1.0
        for key, _ in fleet[second % 80 :: 80]:
            story.supervision.heard(key, "ip-1")
        story.supervision.sweep()
    used_s = time.process_time() - began_s
    assert used_s < 0.3 * simulated_s
    assert State.LOST not in {change.state for change in story.told}


def test_rel_39_no_false_loss_in_a_day_and_none_forgotten():
    """20,000 accounts that call about hourly; three of them stop at some time of the day."""
    dice = random.Random(7)
    story = Story(late_share=1.0)
    fleet = _fleet(20_000, 4_000)
    story.supervision.watch_accounts(fleet)
    silent = {fleet[5][0]: 30_000, fleet[777][0]: 50_000, fleet[19_999][0]: 71_000}
    calls = sorted(
        (hour * 3_600 + dice.randrange(400) + number % 3_200, key)
        for hour in range(24)
        for number, (key, _) in enumerate(fleet)
    )
    last = dict.fromkeys(silent, 0)
    at, begin = 0, story.clock.now
    for second in range(24 * 3_600):
        story.clock.now = begin + second
        while at < len(calls) and calls[at][0] <= second:
            key = calls[at][1]
            if silent.get(key, second) >= second:
                story.supervision.account_alive(key)
                if key in last:
                    last[key] = second
            at += 1
        story.supervision.sweep()
    assert {change.account for change in story.told} == set(silent)
    for change in story.told:
        assert change.state is State.LOST
        assert 4_000 <= change.silent_s <= 4_005
    assert len(story.told) == 3


# -- REL-40 --------------------------------------------------------------------------------


def test_rel_40_after_a_start_every_interval_is_a_full_one():
    """However long nobody watched: no burst of losses, for nobody is due before its interval."""
    story = Story(late_share=0.8)
    story.supervision.watch_accounts(_fleet(100_000, 90))
    story.seconds_later(71)
    assert story.told == []
    assert story.supervision.lost_count == 0


@pytest.mark.parametrize("count", [100_000])
def test_rel_40_a_lost_line_costs_a_sweep_no_more_than_a_quiet_one(count):
    """All are late, none lost: a sweep looks at the head of each table and no further."""
    story = Story(late_share=0.8)
    story.supervision.watch_accounts(_fleet(count, 90))
    story.seconds_later(72)
    assert len(story.told) == count
    began_s = time.process_time()
    for _ in range(10):
        story.clock.now += 1.0
        story.supervision.sweep()
    assert time.process_time() - began_s < 0.1
