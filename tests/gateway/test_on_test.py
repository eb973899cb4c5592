"""Test mode: for a time and a reason, per account or zone; it ends by itself."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.on_test import WHOLE, OnTest
from tests.support.receiving import ManualClock

A, B = ("main", "1234"), ("north", "ABCD")


class Timers:
    def call_later(self, *_asked):
        return self

    def cancel(self) -> None:
        pass


class Story:
    def __init__(self, clock: ManualClock | None = None) -> None:
        self.clock = clock or ManualClock()
        self.told = []
        self.state = OnTest(clock=self.clock, timers=Timers(), tell=self.told.append)

    def put_on(self, key=A, zone=WHOLE, for_s=3600.0, reason="why not"):
        group, account = key
        return self.state.put_on(
            group=group, account=account, zone=zone, for_s=for_s, reason=reason, by="uid:0 root"
        )

    def take_off(self, key=A, zone=WHOLE):
        return self.state.take_off(group=key[0], account=key[1], zone=zone, by="uid:0 root")

    def drain(self):
        told = [(one.test, one.key, one.zone, one.by) for one in self.told]
        self.told.clear()
        return told


def test_it_begins_at_once_and_ends_by_itself():
    story = Story()
    story.put_on(for_s=7200)
    assert story.state.zones_of == {A: {WHOLE}}
    story.clock.go(7199)
    story.state.sweep()
    assert story.drain() == [("on", A, WHOLE, "uid:0 root")]
    story.clock.go(1)
    story.state.sweep()
    assert story.state.zones_of == {}
    assert story.drain() == [("off", A, WHOLE, "gateway")]


def test_zones_and_accounts_are_apart_and_leading_zeros_are_none():
    story = Story()
    story.put_on(zone="015")
    story.put_on(zone="16", for_s=60)
    story.put_on(B)
    assert story.state.zones_of == {A: {"15", "16"}, B: {WHOLE}}
    assert [one.zone for one in story.state.listed()] == ["16", "15", WHOLE]
    assert story.take_off(zone="0015").zone == "15"
    story.clock.go(61)
    story.state.sweep()
    assert story.state.zones_of == {B: {WHOLE}}
    assert story.take_off(zone="15") is None
    assert story.take_off(("north", "abcd")).key == B


def test_put_on_again_it_has_a_new_end_and_reason():
    story = Story()
    story.put_on(for_s=60)
    story.clock.go(50)
    story.put_on(for_s=60, reason="longer")
    story.clock.go(50)
    story.state.sweep()
    (one,) = story.state.listed()
    assert one.reason == "longer"
    assert [what for what, *_ in story.drain()] == ["on", "on"]


def test_setting_the_wall_clock_does_not_end_it():
    story = Story()
    story.put_on(for_s=60)
    seconds = story.clock.seconds
    story.clock.go(86_400)
    story.clock.seconds = seconds
    story.state.sweep()
    assert story.state.listed()


_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["on", "off", "wait"]),
        st.sampled_from([A, B]),
        st.sampled_from(["", "1", "02"]),
        st.integers(1, 500),
    ),
    max_size=30,
)


@settings(max_examples=100)
@given(_STEPS, st.integers(0, 400))
def test_a_start_rebuilds_it_from_what_was_told_whenever_it_happens(steps, away_s):
    story, log = Story(), []
    for what, key, zone, number in steps:
        if what == "on":
            story.put_on(key, zone, number)
        elif what == "off":
            story.take_off(key, zone)
        else:
            story.clock.go(number)
            story.state.sweep()
        log += story.told
        story.told.clear()
    story.clock.go(away_s)
    after = Story(story.clock)
    after.state.load(log)
    story.state.sweep()
    assert after.state.zones_of == story.state.zones_of
    assert after.state.listed() == story.state.listed()
    # What was over meanwhile is told now.
    assert {(one.key, one.zone) for one in after.told} == {
        (one.key, one.zone) for one in story.told
    }
    assert all(one.by == "gateway" for one in after.told)
