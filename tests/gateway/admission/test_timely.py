"""Whose clock is believed: REL-38, REL-50."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.accounts import Accounts
from gateway.admission import Admission, Admitted, InputPolicy
from protocols._core import Verdict
from tests.support.receiving import NOW, PANEL, RECEIVER, account, link_test, report

KEY = bytes(range(16))
PANEL_INPUT = InputPolicy(is_receiver=False)
AT_MS = int(NOW.timestamp() * 1000)


def _admission(**said) -> Admission:
    return Admission(learn=Accounts.of([]).learn, **said)


class Panel:
    """Sends one message again and again; says what each try came to."""

    def __init__(self, admission: Admission | None = None, **record) -> None:
        self.admission = admission or _admission()
        self.who = account(**({"keys": (KEY,)} | record))
        self.tries = 0

    def send(self, after_s: float, stamp_s: float, *, pad: bytes | None = None, **said):
        """``after_s``: our time; ``stamp_s``: the panel's; both in seconds from the start."""
        self.tries += 1
        pad = b"pad %d" % self.tries if pad is None else pad
        item = report(stamp_s=stamp_s, pad=pad, **({"key_bits": 128} | said))
        return self.judge(item, after_s)

    def judge(self, item, after_s: float):
        return self.admission.timely(
            item, PANEL, PANEL_INPUT, self.who, now_ms=AT_MS + int(after_s * 1000), now=after_s
        )


def _is_nak(found) -> bool:
    return not isinstance(found, Admitted) and found.verdict is Verdict.NAK_TIME


@pytest.mark.parametrize("check", ["off", "encrypted", "always"])
@pytest.mark.parametrize("key_bits", [0, 128])
def test_the_window_is_swept_from_minus_to_plus_two_minutes(check, key_bits):
    is_checked = check == "always" or (check == "encrypted" and key_bits > 0)
    for stamp_s in range(-120, 121):
        panel = Panel(timestamp_check=check)
        found = panel.send(0, stamp_s, key_bits=key_bits)
        if is_checked and not -40 <= stamp_s <= 20:
            assert _is_nak(found), stamp_s
            assert found.reason == "stale_timestamp"
        else:
            assert found.clock_skew_ms == -1000 * stamp_s
            assert found.flags == ()


def test_the_window_is_the_accounts_own():
    panel = Panel(past_s=3600.0, future_s=0.0)
    assert isinstance(panel.send(0, -3600), Admitted)
    assert _is_nak(panel.send(0, -3601))
    assert _is_nak(panel.send(0, 1))


def test_a_frame_without_timestamp_has_no_skew():
    found = Panel(timestamp_check="always").judge(report(), 0)
    assert (found.clock_skew_ms, found.flags, found.is_time_untrusted) == (None, (), False)


@pytest.mark.parametrize(("zone", "offset_h"), [("Europe/Berlin", 1), ("America/New_York", -5)])
def test_a_panel_may_send_its_local_time(zone, offset_h):
    panel = Panel(time_zone=zone)
    local = panel.send(0, offset_h * 3600 - 3)
    assert local.clock_skew_ms == 3000
    assert panel.send(0, -3).clock_skew_ms == 3000  # or GMT, as the standard says
    assert _is_nak(panel.send(0, 2 * offset_h * 3600))


def test_receivers_are_never_late():
    admission = _admission()
    policy = InputPolicy(is_receiver=True)
    who = account(timestamp_check="always")
    found = admission.timely(report(stamp_s=-9999), RECEIVER, policy, who, now_ms=AT_MS, now=0.0)
    assert isinstance(found, Admitted)


# -- the third NAK -------------------------------------------------------------------------


def test_a_live_panel_with_a_wrong_clock_is_taken_after_three_naks():
    panel = Panel()
    for after_s in (0, 20, 41):
        assert _is_nak(panel.send(after_s, 5000 + after_s))
    found = panel.send(60, 5060)
    assert found.flags == ("stale_timestamp",)
    assert found.clock_skew_ms == -5_000_000
    # The next message begins anew.
    assert _is_nak(panel.send(80, 5080))


def test_tries_may_be_more_or_fewer():
    panel = Panel(_admission(stale_tries=1))
    assert _is_nak(panel.send(0, 500))
    assert isinstance(panel.send(10, 510), Admitted)


def test_a_stopped_clock_is_never_believed():
    panel = Panel()
    assert all(_is_nak(panel.send(5 * number, -500)) for number in range(100))


def test_a_clock_that_does_not_run_as_ours_is_never_believed():
    for pace, start_s in ((0.0, 900), (0.2, 900), (3.0, 900), (-1.0, -900)):
        panel = Panel()
        assert all(_is_nak(panel.send(30 * n, start_s + 30 * n * pace)) for n in range(20)), pace


def test_a_recorded_frame_never_becomes_an_event_and_is_told_as_such():
    panel = Panel()
    item = report(stamp_s=-500, pad=b"recorded", key_bits=128)
    found = [panel.judge(item, 10 * number) for number in range(100)]
    assert all(map(_is_nak, found))
    assert found[0].security == ""
    assert {refused.reason for refused in found[1:]} == {"stale_repeated"}
    assert all(refused.security for refused in found[1:])


def test_plain_repeats_are_refused_without_alarm():
    panel = Panel(timestamp_check="always", keys=())
    item = report(stamp_s=-500)
    found = [panel.judge(item, 10 * number) for number in range(10)]
    assert {refused.reason for refused in found} == {"stale_timestamp"}


def test_a_recording_among_live_tries_does_not_count_as_one():
    panel = Panel()
    item = report(stamp_s=5000, pad=b"recorded", key_bits=128)
    assert _is_nak(panel.judge(item, 0))
    for after_s in (5, 10, 15):
        assert _is_nak(panel.judge(item, after_s))
    assert _is_nak(panel.send(20, 5020))
    assert _is_nak(panel.send(40, 5040))
    assert isinstance(panel.send(60, 5060), Admitted)


def test_messages_are_counted_apart():
    panel = Panel()
    for number in range(3):
        assert _is_nak(panel.send(10 * number, 5000 + 10 * number, sequence="0001"))
        assert _is_nak(panel.send(10 * number, 5000 + 10 * number, sequence="0002"))
    assert isinstance(panel.send(30, 5030, sequence="0001"), Admitted)
    assert _is_nak(panel.send(30, 5030, sequence="0003"))
    assert isinstance(panel.send(30, 5030, sequence="0002"), Admitted)


def test_link_tests_follow_the_same_rule():
    panel = Panel()
    answers = [
        panel.judge(
            link_test(
                key_bits=128, sequence="0000", timestamp=NOW + timedelta(seconds=5000 + after_s)
            ),
            after_s,
        )
        for after_s in (0, 30, 60, 90)
    ]
    # All of them have the same bytes here, so none counts: a real one has another pad.
    assert all(map(_is_nak, answers))


def test_the_memory_is_bounded():
    admission = _admission(stale_keys_max=10)
    panel = Panel(admission)
    for number in range(1000):
        panel.send(0, 5000, sequence=f"{number:04d}")
    assert len(admission._stale) == 10


@given(
    st.lists(st.tuples(st.floats(1, 300), st.floats(-19, 19)), min_size=4, max_size=4),
    st.floats(-100_000, 100_000).filter(lambda off: off > 40 or off < -70),
)
def test_any_live_clock_is_believed_at_the_fourth_try(steps, offset_s):
    panel, after_s, previous = Panel(), 0.0, None
    verdicts = []
    for pause_s, wander_s in steps:
        after_s += pause_s
        stamp_s = offset_s + after_s + wander_s / 2
        if previous is not None and stamp_s <= previous:
            return  # its clock went back: not a live one
        previous = stamp_s
        verdicts.append(panel.send(after_s, stamp_s))
    assert [_is_nak(found) for found in verdicts] == [True, True, True, False]


# -- our own clock -------------------------------------------------------------------------


def test_with_an_untrusted_clock_nobody_is_told_the_time():
    panel = Panel(_admission(is_clock_untrusted=lambda: True))
    for stamp_s in (-9999, 0, 9999):
        found = panel.send(0, stamp_s)
        assert (found.is_time_untrusted, found.flags) == (True, ())
        assert found.clock_skew_ms == -1000 * stamp_s
    assert panel.judge(report(), 0).is_time_untrusted
