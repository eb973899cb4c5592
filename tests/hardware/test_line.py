"""REL-31, REL-33: the facts of a line are told once each, with their reason and counters."""

from __future__ import annotations

from hardware.line import Line
from hardware.sink import PortState
from protocols._core import LinkTest
from tests.support.echo_connection import rejected
from tests.support.hardware import RecordingSink

NOISE = rejected(b"\xff\x00\x80", "noise")
HEARTBEAT = LinkTest(protocol="echo", raw=b".\n", envelope=None)


class Bench:
    def __init__(self) -> None:
        sink = RecordingSink()
        self.facts = sink.facts
        self.line = Line("rx-1", sink)
        self.now = 100.0
        self.line.up("open")

    def run(self, seconds: int, *, noise_every: int = 0, heartbeat_every: int = 0) -> None:
        for _ in range(seconds):
            self.now += 1
            if noise_every and self.now % noise_every == 0:
                self.line.heard([NOISE], self.now)
            if heartbeat_every and self.now % heartbeat_every == 0:
                self.line.heard([HEARTBEAT], self.now)
            self.line.tick(self.now)

    @property
    def states(self):
        return [fact.state for fact in self.facts]


def test_up_and_down_are_told_once():
    bench = Bench()
    bench.line.down("EIO")
    bench.line.down("still not there")
    bench.line.up("open again")
    assert bench.states == [PortState.UP, PortState.DOWN, PortState.UP]
    assert bench.facts[1].reason == "EIO"


def test_lasting_noise_is_told_within_15_s_with_counters():
    bench = Bench()
    bench.run(16, noise_every=1)
    assert bench.states == [PortState.UP, PortState.UNREADABLE]
    assert "15 pieces, 45 bytes" in bench.facts[1].reason
    assert "noise 15" in bench.facts[1].reason


def test_it_is_told_again_at_most_once_a_minute():
    bench = Bench()
    bench.run(15 + 180, noise_every=1)
    assert bench.states.count(PortState.UNREADABLE) == 4


def test_a_readable_frame_ends_it():
    bench = Bench()
    bench.run(20, noise_every=1)
    bench.line.heard([NOISE, HEARTBEAT], bench.now)
    assert bench.states[-1] is PortState.UP
    bench.run(10)
    assert len(bench.facts) == 3


def test_noise_between_readable_frames_is_not_unreadable():
    bench = Bench()
    bench.run(300, noise_every=2, heartbeat_every=10)
    assert bench.states == [PortState.UP]


def test_a_single_glitch_is_nothing():
    bench = Bench()
    bench.line.heard([NOISE], bench.now)
    bench.run(300)
    bench.line.heard([NOISE], bench.now)
    bench.run(300)
    assert bench.states == [PortState.UP]


def test_garbled_heartbeats_alone_are_unreadable():
    """A receiver at another speed sends little else than its heartbeat, every 30 s."""
    bench = Bench()
    bench.run(61, noise_every=30)
    assert bench.states == [PortState.UP, PortState.UNREADABLE]


def test_a_line_that_is_down_is_not_unreadable_too():
    bench = Bench()
    bench.run(10, noise_every=1)
    bench.line.down("unplugged")
    bench.run(60)
    assert bench.states == [PortState.UP, PortState.DOWN]
