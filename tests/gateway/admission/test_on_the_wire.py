"""Clocks, downgrades, replays and pins as bytes: REL-38, SEC-1, SEC-2, SEC-7, by real codec."""

from __future__ import annotations

from random import Random

import pytest

from gateway.accounts import AccountRecord
from gateway.journal import Identity
from hardware.sink import Origin
from tests.support.panel_line import PanelLine, panel_frame
from tests.support.receiving import NOW, Bench

KEY = bytes.fromhex("5ad2c9710e8bf34466a1d07e92bc3f18")
KEYED = AccountRecord(id="1234", keys=(KEY,))


def _alarms(bench: Bench) -> list:
    return [event for event in bench.events if event.data.class_ != "system"]


def _system(bench: Bench) -> list[str]:
    return [event.data.code.value for event in bench.events if event.data.class_ == "system"]


class TestRel38:
    """The timestamp window, per account; and whose clock is believed all the same."""

    @pytest.mark.parametrize("check", ["off", "encrypted", "always"])
    @pytest.mark.parametrize("key", [KEY, None])
    def test_the_window_is_swept_from_minus_to_plus_120_s(self, check, key):
        record = AccountRecord(id="1234", keys=(KEY,), encryption="optional", timestamp_check=check)
        is_checked = check == "always" or (check == "encrypted" and key is not None)
        for stamp_s in range(-120, 121):
            bench = Bench(record)
            bench.clock.now = NOW.replace(microsecond=0)
            said = PanelLine(bench).send(panel_frame(key=key, stamp_s=stamp_s))
            if is_checked and not -40 <= stamp_s <= 20:
                assert b'"NAK"0000R0L0A0[]_09:15:02,11-20-2026\r' in said, stamp_s
                assert bench.entries == []
                assert bench.counts["report_refused:stale_timestamp"] == 1
            else:
                assert (b'"*ACK"' if key else b'"ACK"') in said, stamp_s
                assert len(_alarms(bench)) == 1

    @pytest.mark.parametrize("offset_s", [-86_400, -300, 3_600, 400_000])
    def test_a_panel_with_a_wrong_clock_that_runs_is_taken_at_the_fourth_try(self, offset_s):
        bench = Bench(KEYED)
        line = PanelLine(bench)
        said = []
        for tries in range(4):
            frame = panel_frame(key=KEY, stamp_s=offset_s + 18 * tries, seed=tries)
            said.append(line.send(frame))
            bench.clock.go(18)
        assert [b'"NAK"' in one for one in said] == [True, True, True, False]
        (event,) = _alarms(bench)
        assert event.data.flags == ("stale_timestamp",)

    def test_a_panel_with_a_stopped_clock_is_told_the_time_for_ever(self):
        bench = Bench(KEYED)
        line = PanelLine(bench)
        for tries in range(100):
            assert b'"NAK"' in line.send(panel_frame(key=KEY, stamp_s=-500, seed=tries))
            bench.clock.go(18)
        assert _alarms(bench) == []

    def test_a_recorded_frame_repeated_100_times_is_no_event_and_one_security_event(self):
        bench = Bench(KEYED)
        recorded = panel_frame(key=KEY, stamp_s=-500)
        for _ in range(100):
            assert b'"NAK"' in PanelLine(bench).send(recorded)
            bench.clock.go(0.5)
        assert _alarms(bench) == []
        assert _system(bench) == ["stale_repeated"]
        assert len(bench.kept) == 100
        assert bench.kept[0].raw.encode("latin-1") == recorded

    def test_nobody_is_told_the_time_before_decryption_made_sense(self):
        bench = Bench(KEYED)
        assert PanelLine(bench).send(panel_frame(key=KEY[::-1], stamp_s=-500)) == b""

    def test_a_panel_that_repeats_one_old_timestamp_needs_the_policy_off(self):
        bench = Bench(AccountRecord(id="1234", keys=(KEY,), timestamp_check="off"))
        assert b'"*ACK"' in PanelLine(bench).send(panel_frame(key=KEY, stamp_s=-(10**6)))
        assert len(_alarms(bench)) == 1


class TestSec1:
    """Plain text for an account that must encrypt: no ACK, no alarm, a rare security event."""

    def test_ten_thousand_downgrades_are_no_alarm(self):
        bench = Bench(KEYED)
        line = PanelLine(bench)
        for number in range(10_000):
            said = line.send(
                panel_frame(1 + number % 9_999, data=b"#1234|1131 01 %03d" % (number % 1000))
            )
            assert said == b""
            bench.clock.go(0.01)
        assert _alarms(bench) == []
        assert _system(bench) == ["plaintext_refused"] * 2  # 100 s, one a minute
        assert bench.counts["report_refused:plaintext_refused"] == 10_000

    def test_nor_are_link_tests_signs_of_life(self):
        bench = Bench(KEYED)
        assert PanelLine(bench).send(panel_frame(0, token="NULL", data=b"")) == b""
        assert bench.alive == []
        assert _system(bench) == ["plaintext_refused"]


class TestSec2:
    """What was seen is answered and never an event again, whenever it comes and after a restart."""

    @pytest.mark.parametrize("sequence", [7, 0])
    def test_thousands_of_frames_replayed_ten_times_are_no_new_event(self, sequence):
        """At any time: inside the duplicate window, behind it, hours later, after restarts."""
        bench, dice = Bench(KEYED), Random(sequence)
        frames = []
        for number in range(1_000):
            stamp_s = int(bench.clock.seconds - 1000)
            one = sequence or 0
            frame = panel_frame(
                (number % 9_999) + 1 if one else 0, key=KEY, stamp_s=stamp_s, seed=number,
                data=b"#1234|1131 01 %03d" % number,
            )  # fmt: skip
            frames.append(frame)
            assert b'"*ACK"' in PanelLine(bench).send(frame)
            bench.clock.go(1)
        assert len(_alarms(bench)) == 1_000
        for again in range(10):
            if again % 3 == 2:
                _restart(bench)
            for frame in dice.sample(frames, len(frames)):
                said = PanelLine(bench).send(frame)
                assert b'"*ACK"' in said or b'"NAK"' in said
            bench.clock.go((30, 100, 700, 5_000)[again % 4])
        assert len(_alarms(bench)) == 1_000

    def test_sequence_0000_is_no_repeat_with_another_timestamp(self):
        """In clear it is never merged; encrypted, only the very same data and time are."""
        bench = Bench(KEYED, AccountRecord(id="5678"))
        for stamp_s in (0, 1, 1, 2):
            PanelLine(bench).send(panel_frame(0, key=KEY, stamp_s=stamp_s, seed=stamp_s))
        assert len(_alarms(bench)) == 3
        for _ in range(3):
            PanelLine(bench).send(panel_frame(0, account="5678", data=b"#5678|1131 01 015"))
        assert len(_alarms(bench)) == 6

    def test_a_wide_window_is_protected_as_long_as_it_is_wide(self):
        bench = Bench(AccountRecord(id="1234", keys=(KEY,), past_s=1_800, future_s=1_800))
        recorded = panel_frame(key=KEY, stamp_s=1_700)
        PanelLine(bench).send(recorded)
        for _ in range(70):
            bench.clock.go(60)
            PanelLine(bench).send(recorded)
        assert len(_alarms(bench)) == 1


def _restart(bench: Bench) -> None:
    """As after a kill -9: only what was committed is known."""
    now_ms = bench.clock.utc_ms()
    known = [
        Identity(seq=one.seq, digest=one.identity, received_ms=one.received_ms, link="")
        for one in bench.entries
        if one.identity and now_ms - one.received_ms < 3_660_000
    ]
    bench.restarted().load(known)


class TestSec7:
    """An account that is pinned to networks is heard from nowhere else, and that is told."""

    @pytest.mark.parametrize("transport", ["tcp", "udp"])
    @pytest.mark.parametrize(("host", "is_heard"), [("192.0.2.9", True), ("198.51.100.9", False)])
    def test_a_right_and_a_wrong_source(self, transport, host, is_heard):
        bench = Bench(AccountRecord(id="1234", sources=("192.0.2.0/24",)))
        origin = Origin(
            input="ip-1", protocol="dc09", transport=transport, peer=f"{host}:4000", host=host
        )
        line = PanelLine(bench, origin=origin)
        for number in range(1, 6):
            assert (b'"ACK"' in line.send(panel_frame(number))) is is_heard
            assert (b'"ACK"' in line.send(panel_frame(0, token="NULL", data=b""))) is is_heard
        assert len(_alarms(bench)) == (5 if is_heard else 0)
        assert _system(bench) == ([] if is_heard else ["source_refused"])
        if not is_heard:
            (told,) = bench.events
            assert told.data.flags == ("security",)
            assert f"from {host}:4000 on ip-1" in told.data.text
            assert told.data.user.id == f"peer:{host}:4000"
            assert bench.alive == []
