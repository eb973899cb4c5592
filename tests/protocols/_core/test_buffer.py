"""A half-read frame is bounded in size and in time (REL-24, REL-25)."""

from protocols._core.buffer import PartialFrame


def test_its_time_runs_from_the_first_byte():
    partial = PartialFrame(limit_bytes=100, timeout_s=10.0)
    partial.hold(b"a", now=5.0)
    assert partial.deadline == 15.0
    since = partial.deadline
    assert partial.take() == b"a"
    assert partial.deadline is None
    partial.hold(b"ab", now=9.0, since=since)
    assert partial.deadline == 15.0
    assert not partial.is_overdue(14.9)
    assert partial.is_overdue(15.0)


def test_nothing_held_is_never_overdue():
    assert not PartialFrame(limit_bytes=1, timeout_s=1.0).is_overdue(1e9)


def test_the_front_goes_when_it_is_too_long():
    partial = PartialFrame(limit_bytes=4, timeout_s=1.0)
    assert partial.hold(b"abcdef", now=0.0) == b"ab"
    assert partial.take() == b"cdef"
