"""Repeats: REL-35, REL-36, SEC-2."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.journal import Identity
from gateway.journal.repeats import AccountRepeats, Durable, LinkRepeats, Pending, Together

A, B = b"digest-a", b"digest-b"


def _key(seq: int, digest: bytes, received_ms: int, link: str = "") -> Identity:
    return Identity(seq=seq, digest=digest, received_ms=received_ms, link=link)


def _stored(table, *where) -> None:
    table.settle(table.begin(*where), is_stored=True)


def test_a_report_is_new_then_pending_then_durable_then_forgotten():
    table = AccountRepeats(window_s=600)
    assert table.look(A, 0.0) is None
    pending = table.begin(A, 0.0)
    assert table.look(A, 1.0) is pending
    table.settle(pending, is_stored=True)
    assert table.look(A, 600.0) is Durable.YES
    assert table.look(B, 600.0) is None
    assert table.look(A, 600.1) is None


def test_repeats_do_not_start_the_window_again():
    table = AccountRepeats(window_s=600)
    _stored(table, A, 0.0)
    assert table.look(A, 599.0) is Durable.YES
    assert table.look(A, 601.0) is None


def test_who_waits_for_a_commit_is_told_what_became_of_it():
    for is_stored in (True, False):
        table = AccountRepeats()
        pending = table.begin(A, 0.0)
        told: list[bool] = []
        pending.wait(told.append)
        pending.wait(told.append)
        table.settle(pending, is_stored=is_stored)
        assert told == [is_stored, is_stored]
        assert table.look(A, 1.0) is (Durable.YES if is_stored else None)


@pytest.mark.parametrize("is_stored", [True, False])
def test_reports_of_one_group_are_settled_together_and_each_repeat_is_told(is_stored):
    table, together, told = AccountRepeats(window_s=600), Together(5.0), []
    for digest in (A, B):
        assert table.look_together(digest, together) is None
        table.begin_together(digest, together)
    seen = table.look_together(A, Together(6.0))
    assert isinstance(seen, Pending)
    assert table.look(A, 6.0) is seen
    seen.wait(told.append)
    table.settle_all(together, is_stored=is_stored)
    assert told == [is_stored]
    for digest in (A, B):
        assert table.look(digest, 605.0) is (Durable.YES if is_stored else None)
        assert table.look(digest, 605.1) is None
    assert len(table) == (2 if is_stored else 0)
    # A window later the same is a new report.
    assert table.look_together(A, Together(700.0)) is None


def test_looking_begins_nothing():
    table, together = AccountRepeats(), Together(5.0)
    table.look_together(A, together)
    table.settle_all(together, is_stored=True)
    assert table.look(A, 6.0) is None


def test_many_groups_are_bounded_too():
    table = AccountRepeats(keys_max=100)
    for number in range(100):
        together = Together(float(number))
        for part in range(7):
            table.begin_together(b"%d-%d" % (number, part), together)
        table.settle_all(together, is_stored=True)
        assert len(table) <= 101
    assert table.look(b"99-6", 100.0) is Durable.YES
    assert table.look(b"0-1", 100.0) is None


def test_a_wider_window_is_remembered_when_it_was_asked_for():
    table = AccountRepeats(window_s=600)
    table.keep_for(4000)
    _stored(table, A, 0.0)
    for number in range(10):
        _stored(table, b"%d" % number, 3000.0)
    assert table.look(A, 3500.0) is None
    assert table.look(A, 3500.0, 4000.0) is Durable.YES


def test_memory_is_bounded_and_the_oldest_go_first():
    table = AccountRepeats(keys_max=100)
    for number in range(1000):
        _stored(table, b"%d" % number, 0.0)
    assert len(table) <= 101
    assert table.look(b"999", 1.0) is Durable.YES
    assert table.look(b"1", 1.0) is None


def test_what_waits_for_the_disk_is_never_forgotten():
    table = AccountRepeats(keys_max=10)
    pending = table.begin(A, 0.0)
    for number in range(50):
        _stored(table, b"%d" % number, 5000.0)
    assert table.look(A, 5000.0) is pending


@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), st.floats(0, 50), st.booleans()), max_size=200)
)
def test_the_table_answers_as_a_plain_list_would(steps):
    table, stored, now = AccountRepeats(window_s=100), {}, 0.0
    for name, pause, is_stored in steps:
        now += pause
        digest = name.encode()
        expected = Durable.YES if now - stored.get(name, -1e9) <= 100 else None
        assert table.look(digest, now) is expected
        if expected is None:
            table.settle(table.begin(digest, now), is_stored=is_stored)
            stored.pop(name, None)
            if is_stored:
                stored[name] = now


def test_a_restart_knows_the_reports_of_the_window():
    table = AccountRepeats(window_s=600)
    keys = [_key(1, A, 1_000_000), _key(2, B, 1_500_000), _key(3, b"rx", 1_600_000, "rx-1 ")]
    table.load(keys, now=50.0, now_ms=1_700_000)
    assert table.look(A, 50.0) is None  # 700 s ago
    assert table.look(B, 50.0) is Durable.YES
    assert table.look(B, 451.0) is None
    assert table.look(b"rx", 50.0) is None  # that one belongs to its link


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(-90, 90), st.booleans()), max_size=80),
    st.integers(0, 200),
    st.integers(4, 40),
)
def test_a_restart_that_takes_keys_in_runs_remembers_them_as_one_by_one(rows, back_s, keys_max):
    """Very many keys come at a start, some of them dated ahead where the clock was set back."""
    at_s, keys = 0, []
    for number, (digest, pause, is_of_link) in enumerate(rows, start=1):
        at_s = max(0, at_s + pause)
        keys.append(_key(number, b"%d" % digest, at_s * 1000, "rx-1" if is_of_link else ""))
    now_s = max(0, at_s - back_s)
    one_by_one = AccountRepeats(window_s=100, keys_max=keys_max)
    for key in keys:
        if key.link:
            continue
        age_s = now_s - key.received_ms / 1000
        if age_s < 0:
            one_by_one._load_ahead(key.digest, float(now_s), age_s)
        else:
            one_by_one._remember(key.digest, key.received_ms / 1000)
    restarted = AccountRepeats(window_s=100, keys_max=keys_max)
    restarted.load(keys, now=float(now_s), now_ms=now_s * 1000)
    for name in ("_young", "_old", "_ahead", "_young_since"):
        assert getattr(restarted, name) == getattr(one_by_one, name)


def test_a_clock_that_was_set_back_a_little_makes_nothing_older_than_now():
    table = AccountRepeats(window_s=600)
    table.load([_key(4, A, 2_300_000)], now=50.0, now_ms=1_700_000)
    assert table.look(A, 650.0) is Durable.YES
    assert table.look(A, 651.0) is None


def test_a_plain_report_is_no_repeat_of_one_dated_far_ahead():
    table = AccountRepeats(window_s=600)
    table.load([_key(4, A, 2_301_000)], now=50.0, now_ms=1_700_000)
    for now in (50.0, 651.0, 700.0):  # nor once the clock reaches that date
        assert table.look(A, now) is None
    _stored(table, A, 60.0)
    assert table.look(A, 61.0) is Durable.YES


def test_a_recording_is_known_whatever_its_date_while_its_timestamp_may_pass():
    """SEC-2: after the clock was set back, a frame of before passes for timely at its date."""
    table = AccountRepeats(window_s=600)
    table.load([_key(4, A, 9_000_000)], now=50.0, now_ms=1_700_000)
    date = 50.0 + 7_300
    for now in (50.0, 650.0, date - 600, date, date + 600):
        assert table.look(A, now, 120.0) is Durable.YES
        assert table.look(B, now, 120.0) is None
    for now in (651.0, date - 601, date + 601):
        assert table.look(A, now, 120.0) is None
        assert table.look(A, now, 700.0) is Durable.YES


def test_what_is_dated_ahead_is_bounded_too():
    table = AccountRepeats(keys_max=100)
    rows = [_key(n, b"%d" % n, 9_000_000) for n in range(1000)]
    table.load(rows, now=50.0, now_ms=1_700_000)
    assert len(table) == 100
    assert table.look(b"999", 50.0, 120.0) is Durable.YES


# -- links ---------------------------------------------------------------------------------


def test_only_the_last_frame_of_a_link_is_compared():
    table = LinkRepeats(window_s=15)
    _stored(table, "rx-1", A, 0.0)
    assert table.look("rx-1", A, 1.0) is Durable.YES
    assert table.look("rx-2", A, 1.0) is None
    _stored(table, "rx-1", B, 2.0)
    assert table.look("rx-1", A, 3.0) is None
    assert table.look("rx-1", B, 3.0) is Durable.YES


def test_each_reception_starts_the_window_of_a_link_again():
    table = LinkRepeats(window_s=15)
    _stored(table, "rx-1", A, 0.0)
    for now in (14.0, 28.0, 43.0):
        assert table.look("rx-1", A, now) is Durable.YES
    assert table.look("rx-1", A, 58.1) is None


def test_a_link_waits_for_the_commit_of_its_frame():
    table = LinkRepeats()
    pending = table.begin("rx-1", A, 0.0)
    assert table.look("rx-1", A, 1.0) is pending
    assert isinstance(pending, Pending)
    told: list[bool] = []
    pending.wait(told.append)
    table.settle(pending, is_stored=False)
    assert told == [False]
    assert table.look("rx-1", A, 2.0) is None


def test_a_late_answer_of_the_disk_does_not_touch_a_newer_frame():
    table = LinkRepeats()
    old = table.begin("rx-1", A, 0.0)
    new = table.begin("rx-1", B, 1.0)
    table.settle(old, is_stored=True)
    assert table.look("rx-1", B, 2.0) is new
    table.settle(new, is_stored=True)
    assert table.look("rx-1", B, 2.0) is Durable.YES


def test_links_are_bounded():
    table = LinkRepeats(links_max=3)
    for number in range(10):
        _stored(table, f"rx-{number}", A, 0.0)
    assert table.look("rx-9", A, 1.0) is Durable.YES
    assert table.look("rx-0", A, 1.0) is None


def test_a_restart_knows_the_last_frame_of_each_link():
    table = LinkRepeats(window_s=15)
    keys = [_key(1, A, 99_000, "rx-1"), _key(2, B, 100_000, "rx-1"), _key(3, A, 80_000, "rx-2")]
    table.load([*keys, _key(4, b"panel", 100_000)], now=7.0, now_ms=101_000)
    assert table.look("rx-1", B, 8.0) is Durable.YES
    assert table.look("rx-1", A, 8.0) is None
    assert table.look("rx-2", A, 8.0) is None  # too long ago


def test_a_frame_dated_ahead_beyond_the_window_is_no_repeat():
    keys = [_key(1, B, 101_000, "rx-1"), _key(2, A, 116_100, "rx-1"), _key(3, A, 115_000, "rx-2")]
    table = LinkRepeats(window_s=15)
    table.load(keys, now=7.0, now_ms=101_000)
    assert table.look("rx-1", A, 7.0) is None
    assert table.look("rx-1", B, 7.0) is None  # another event frame came since
    assert table.look("rx-2", A, 22.0) is Durable.YES


def test_a_restart_knows_when_a_frame_last_came_again():
    keys = [_key(1, A, 80_000, "rx-1"), _key(2, B, 82_000, "rx-2"), _key(3, A, 99_000, "rx-3")]
    again = [_key(0, A, 95_000, "rx-1"), _key(0, A, 95_000, "rx-2"), _key(0, A, 90_000, "rx-3")]
    table = LinkRepeats(window_s=15)
    table.load([*keys, *again, _key(0, B, 99_000, "rx-4")], now=100.0, now_ms=100_000)
    assert table.look("rx-1", A, 109.0) is Durable.YES  # 14 s after its last copy
    assert table.look("rx-2", A, 101.0) is None  # another event frame came since
    assert table.look("rx-3", A, 113.0) is Durable.YES  # the event itself is later
    assert table.look("rx-4", B, 113.0) is Durable.YES  # its event lies further back
