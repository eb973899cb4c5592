"""Silence is told between I and I + 5 s, once, and the return with the next frame (REL-32, 39)."""

from datetime import UTC, datetime

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
    def __init__(self):
        self.clock, self.timers, self.told = _Clock(), _Timers(), []
        self.supervision = Supervision(clock=self.clock, timers=self.timers, tell=self.told.append)

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
