"""SEC-4: a stranger, a wrong key, a wrong check value and a wrong structure look all the same."""

from __future__ import annotations

from random import Random
from statistics import median
from time import perf_counter

import pytest
import structlog

from gateway.accounts import AccountRecord
from protocols._core import Verdict
from tests.support.dc09 import seal
from tests.support.panel_line import PanelLine, panel_frame
from tests.support.receiving import Bench

KEY, WRONG = Random(1).randbytes(16), Random(2).randbytes(16)
TRIES = 2_000
MEDIAN_MOST_S = 0.001


def _mended(frame: bytes, old: bytes, new: bytes) -> bytes:
    return seal(frame[9:-1].replace(old, new))


def _attempts(number: int) -> dict[str, bytes]:
    """One frame of each class; all carry the same things."""
    said = {"stamp_s": 0, "seed": number}
    sealed = panel_frame(1 + number, key=KEY, **said)
    return {
        "unknown account": panel_frame(1 + number, key=KEY, account="9876", **said),
        "wrong key": panel_frame(1 + number, key=WRONG, **said),
        "wrong check value": b"\n0000" + sealed[5:],
        "wrong structure": _mended(sealed, b"L0#1234[", b"L0#1234{"),
    }  # fmt: skip


@pytest.fixture
def _silent_logs():
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    yield
    structlog.reset_defaults()


def test_all_of_them_hear_nothing():
    bench = Bench(AccountRecord(id="1234", keys=(KEY,)))
    for number in range(50):
        for name, frame in _attempts(number).items():
            line = PanelLine(bench)
            assert line.send(frame) == b"", name
            assert line.verdicts == [Verdict.SILENCE], name
    assert [event for event in bench.events if event.data.class_ != "system"] == []
    assert bench.alive == []
    assert len(bench.kept) == 200


@pytest.mark.usefixtures("_silent_logs")
def test_their_median_times_differ_by_less_than_a_millisecond():
    bench = Bench(AccountRecord(id="1234", keys=(KEY,)))
    line = PanelLine(bench)
    took: dict[str, list[float]] = {}
    for number in range(TRIES):
        for name, frame in _attempts(number).items():
            begin = perf_counter()
            assert line.send(frame) == b""
            took.setdefault(name, []).append(perf_counter() - begin)
        bench.kept.clear()
        bench.shown.clear()
    medians = {name: median(times) for name, times in took.items()}
    assert max(medians.values()) - min(medians.values()) < MEDIAN_MOST_S, medians


def test_an_account_without_a_key_costs_a_decryption_as_well():
    """So that it is not the missing work that tells which accounts are ours."""
    bench = Bench(AccountRecord(id="1234", keys=(KEY,)))
    line = PanelLine(bench)
    line.send(panel_frame(1, key=KEY, account="9876", stamp_s=0))
    line.send(panel_frame(1, key=bytes(16), account="9876", stamp_s=0))  # whatever it is tried with
    assert set(line.verdicts) == {Verdict.SILENCE}
    assert bench.counts == {"frame_rejected:key_missing": 2}
