"""SEC-8: a panel's clock that jumps by more than a minute is told; it may be a forged NAK."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.accounts import AccountRecord
from gateway.admission import InputPolicy, PanelClocks
from gateway.admission.panel_clocks import TOLD_EVERY_S
from protocols._core import Verdict
from simulators.panels.clock import PanelClock
from tests.support.receiving import NOW, PANEL, Bench, account, report

KEY = bytes(range(16))


def _steps(bench: Bench) -> list[str]:
    return [
        event.data.text for event in bench.events if event.data.code.value == "panel_clock_step"
    ]


def _send(bench: Bench, sequence: int, behind_s: float, **said) -> Verdict:
    stamp = bench.clock.now - timedelta(seconds=behind_s)
    said |= {"stamp_s": (stamp - NOW).total_seconds(), "pad": b"%d" % sequence}
    (answer,) = bench.receive(report(f"{sequence:04d}", **said))
    return answer


@pytest.mark.parametrize("words", [{}, {"data": b"1131 01 015"}])
@pytest.mark.parametrize(
    ("before_s", "after_s", "is_told"),
    [
        (0, 59, False), (0, -59, False), (30, -29, False), (0, 61, True), (0, -61, True),
        (3600, 3600, False), (3600, 0, True), (0, 86_400, True),
    ],
)  # fmt: skip
def test_a_jump_of_more_than_a_minute_is_told_once(words, before_s, after_s, is_told):
    bench = Bench()
    for number in range(1, 6):
        bench.clock.go(30)
        _send(bench, number, before_s, **words)
    for number in range(6, 12):
        bench.clock.go(30)
        _send(bench, number, after_s, **words)
    assert len(_steps(bench)) == is_told
    if is_told:
        (event,) = [one for one in bench.events if one.data.code.value == "panel_clock_step"]
        assert event.data.account.id == "1234"
        assert event.data.class_ == "system"
        assert event.data.flags == ("security",)


def test_a_clock_that_runs_too_fast_does_not_jump():
    bench = Bench()
    for number in range(1, 300):
        bench.clock.go(60)
        _send(bench, number, -2.0 * number)
    assert _steps(bench) == []


def test_the_clock_of_a_simulated_panel_that_is_set():
    """What a panel does that takes a forged NAK over: its offset changes, its pace does not."""
    bench, panel = Bench(), PanelClock()
    for number in range(1, 4):
        bench.clock.go(30)
        stamp = panel.read(bench.clock.now)
        bench.receive(report(f"{number:04d}", stamp_s=(stamp - NOW).total_seconds()))
    panel.correct(bench.clock.now - timedelta(days=30), utc=bench.clock.now)
    for number in range(4, 8):
        bench.clock.go(30)
        stamp = panel.read(bench.clock.now)
        bench.receive(report(f"{number:04d}", stamp_s=(stamp - NOW).total_seconds()))
    (told,) = _steps(bench)
    assert "2592000 s behind ours now" in told


def test_a_refused_frame_is_told_and_not_believed():
    """A recording has an old time; the panel itself did not change."""
    bench = Bench(AccountRecord(id="1234", keys=(KEY,)))
    assert _send(bench, 1, 0, key_bits=128) is Verdict.ACK
    assert _send(bench, 2, 7200, key_bits=128) is Verdict.NAK_TIME
    assert len(_steps(bench)) == 1
    bench.clock.go(TOLD_EVERY_S + 1)
    assert _send(bench, 3, 0, key_bits=128) is Verdict.ACK
    assert len(_steps(bench)) == 1


def test_an_account_is_told_at_most_every_ten_minutes():
    told = []
    clocks = PanelClocks()
    clocks.tell = lambda *said: told.append(said)
    for number in range(1, 1200):
        clocks.note(account(), 3_600_000 * (number % 2), float(number))
    assert len(told) == 2


def test_strangers_take_no_memory_and_a_step_of_ours_is_nobodys_jump():
    bench = Bench(ip_1=InputPolicy(is_receiver=False, unknown_account="ack"))
    clocks = bench.admission.panel_clocks
    for number in range(100):
        _send(bench, number + 1, 0, account=f"9{number:03d}")
    assert len(clocks) == 0
    _send(bench, 1, 0)
    assert len(clocks) == 1
    clocks.forget()  # as the daemon does when the wall clock was set
    bench.clock.now += timedelta(hours=1)
    _send(bench, 2, 3600)
    assert _steps(bench) == []
    bench.is_clock_untrusted = True
    _send(bench, 3, -9999)
    bench.is_clock_untrusted = False
    _send(bench, 4, 3600)
    assert _steps(bench) == []


def test_receivers_have_no_such_clock():
    admission = Bench().admission
    policy = InputPolicy(is_receiver=True)
    admission.timely(report(stamp_s=0), PANEL, policy, account(), now_ms=0, now=0.0)
    assert len(admission.panel_clocks) == 0
