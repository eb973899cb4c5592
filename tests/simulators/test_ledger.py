"""The witness: its sums, its file, and its verdict over events."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.ledger import (
    Direction,
    EventKey,
    Ledger,
    Line,
    Outcome,
    SentKind,
    Transmission,
    event_key,
    read,
)
from simulators.statistics import Latencies


def told(ledger: Ledger, number: int, *, link_test: bool = False) -> Transmission:
    return ledger.open(
        Transmission(
            id=ledger.next_id("1234"),
            account="1234",
            code="131",
            address=f"{number:03d}",
            sequence=f"{number:04d}",
            is_link_test=link_test,
        )
    )


def acknowledge(ledger: Ledger, transmission: Transmission) -> EventKey:
    ledger.sent(b"frame", at=0.0, transmission=transmission)
    ledger.ended(transmission, Outcome.ACKNOWLEDGED, at=0.5)
    return transmission.key


class TestSums:
    def test_each_ending_is_counted_once_and_link_tests_apart(self) -> None:
        ledger = Ledger()
        for number, outcome in enumerate(Outcome):
            transmission = told(ledger, number)
            ledger.sent(b"frame", at=1.0, transmission=transmission)
            ledger.ended(transmission, outcome, at=2.0)
        acknowledge(ledger, told(ledger, 99, link_test=True))
        summary = ledger.summary()
        assert summary.told == summary.sent == len(Outcome)
        endings = (
            summary.acknowledged, summary.refused, summary.given_up, summary.abandoned,
            summary.forgotten, summary.waiting,
        )  # fmt: skip
        assert endings == (1,) * len(Outcome)
        assert (summary.link_tests, summary.link_tests_answered) == (1, 1)
        assert not summary.is_clean

    def test_duplicates_and_noise_are_no_tries(self) -> None:
        ledger = Ledger()
        one = told(ledger, 1)
        ledger.sent(b"frame", at=1.0, transmission=one)
        ledger.sent(b"frame", at=1.0, transmission=one, kind=SentKind.DUPLICATE)
        ledger.sent(b"noise", at=1.0, kind=SentKind.NOISE)
        ledger.sent(b"frame", at=2.0, transmission=one)
        ledger.ended(one, Outcome.ACKNOWLEDGED, at=2.25)
        summary = ledger.summary()
        assert (summary.frames, summary.retries) == (3, 1)
        assert one.latency_s == pytest.approx(1.25)
        assert summary.latency.max_ms == pytest.approx(1250)
        assert summary.is_clean

    def test_what_was_never_sent_is_told_and_not_clean(self) -> None:
        ledger = Ledger()
        ledger.ended(told(ledger, 1), Outcome.GIVEN_UP, at=1.0)
        summary = ledger.summary()
        assert (summary.told, summary.sent, summary.given_up) == (1, 0, 1)
        assert not summary.is_clean

    def test_every_line_is_told_as_it_happens_even_when_no_bytes_are_kept(self) -> None:
        seen: list[tuple[Line, Transmission | None]] = []
        ledger = Ledger(keeps_bytes=False, on_line=lambda line, t: seen.append((line, t)))
        one = told(ledger, 1)
        ledger.sent(b"frame", at=1.0, transmission=one, path="tcp:x")
        ledger.heard(b"ack", at=2.0, transmission=one)
        assert [line.direction for line, _ in seen] == [Direction.SENT, Direction.HEARD]
        assert [t for _, t in seen] == [one, one]
        assert not ledger.lines


class TestVerdict:
    def test_one_event_for_each_acknowledged_transmission_is_clean(self) -> None:
        ledger = Ledger()
        keys = [acknowledge(ledger, told(ledger, number)) for number in range(5)]
        told(ledger, 77)  # never sent, never looked for
        events = [(f"event-{n}", key) for n, key in enumerate(keys)]
        assert ledger.compare(events).is_clean
        assert ledger.compare(events + events).is_clean  # republished, the same ids

    def test_an_acknowledged_transmission_without_event_is_missing(self) -> None:
        ledger = Ledger()
        key = acknowledge(ledger, told(ledger, 1))
        assert ledger.compare([]).missing == (key,)

    def test_an_unacknowledged_one_may_have_become_an_event_or_not(self) -> None:
        ledger = Ledger()
        one = told(ledger, 1)
        ledger.sent(b"frame", at=0.0, transmission=one)
        assert ledger.compare([]).is_clean
        assert ledger.compare([("event", one.key)]).is_clean

    def test_two_event_ids_for_one_transmission_are_doubled(self) -> None:
        ledger = Ledger()
        key = acknowledge(ledger, told(ledger, 1))
        assert ledger.compare([("a", key), ("b", key)]).doubled == (key,)

    def test_an_event_that_nobody_sent_is_foreign_only_for_accounts_of_this_ledger(self) -> None:
        ledger = Ledger()
        key = acknowledge(ledger, told(ledger, 1))
        ours = key._replace(code="999")
        other = ours._replace(account="9999")
        assert ledger.compare([("a", key), ("b", ours), ("c", other)]).foreign == (ours,)

    @given(st.integers(1, 40), st.data())
    def test_any_lost_event_is_found(self, count: int, data: st.DataObject) -> None:
        ledger = Ledger(keeps_bytes=False)
        keys = [acknowledge(ledger, told(ledger, number)) for number in range(count)]
        lost = data.draw(st.sets(st.sampled_from(keys)))
        events = [(str(n), key) for n, key in enumerate(keys) if key not in lost]
        assert set(ledger.compare(events).missing) == lost

    def test_case_and_leading_zeros_do_not_tell_events_apart(self) -> None:
        assert event_key("ab12", "0001", "131", "015") == event_key("AB12", "0001", "131", "15")
        assert event_key("ab12", None, "131", None) == EventKey("AB12", "", "131", "")


def test_the_file_holds_every_transmission_and_every_byte(tmp_path: Path) -> None:
    ledger = Ledger()
    one = told(ledger, 1)
    ledger.sent(bytes(range(256)), at=1.0, transmission=one)
    ledger.heard(b"\x06", at=2.0, transmission=one, note="fine")
    ledger.ended(one, Outcome.ACKNOWLEDGED, at=2.0)
    ledger.write(tmp_path / "ledger.jsonl")
    assert read(tmp_path / "ledger.jsonl") == [one]
    lines = [
        msgspec.json.decode(line) for line in (tmp_path / "ledger.jsonl").read_bytes().splitlines()
    ]
    sent, heard = [line["line"] for line in lines if "line" in line]
    assert sent["data"].encode("latin-1") == bytes(range(256))
    assert heard["note"] == "fine"


class TestLatency:
    def test_percentiles_are_values_that_were_measured(self) -> None:
        latencies = Latencies()
        for milliseconds in range(1, 1001):
            latencies.add(milliseconds / 1000)
        summary = latencies.summary()
        assert (summary.count, summary.p50_ms, summary.p99_ms) == (1000, 500.0, 990.0)
        assert (summary.p999_ms, summary.max_ms) == (999.0, 1000.0)

    def test_nothing_measured_is_all_zero(self) -> None:
        assert Latencies().summary().max_ms == 0.0

    @given(st.lists(st.floats(0, 100), min_size=1))
    def test_they_never_cross(self, seconds: list[float]) -> None:
        latencies = Latencies()
        other = Latencies()
        for each in seconds:
            other.add(each)
        latencies.extend(other)
        s = latencies.summary()
        assert s.p50_ms <= s.p99_ms <= s.p999_ms <= s.max_ms
