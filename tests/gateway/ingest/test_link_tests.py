"""Signs of life: answered from memory, and only while commits succeed (REL-23)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.accounts import AccountRecord
from gateway.admission import InputPolicy
from protocols._core import Verdict
from tests.support.receiving import NOW, RECEIVER, Bench, link_test, report

ACK, NAK, SILENCE = Verdict.ACK, Verdict.NAK_TIME, Verdict.SILENCE
KEY = bytes(range(16))


def test_a_link_test_is_answered_and_never_journaled():
    bench = Bench()
    assert bench.receive(link_test()) == [ACK]
    assert bench.receive(link_test(None), origin=RECEIVER) == [ACK]
    assert bench.record == [("answer", what[1], ACK) for what in bench.record]
    assert bench.alive == [(("main", "1234"), "ip-1"), (None, "rx-1")]
    assert bench.counts == {"link_test_acknowledged": 2}
    assert bench.kept == []


def test_while_commits_fail_no_link_test_is_answered_on_any_input():
    bench = Bench()
    bench.commits_succeed = False
    assert bench.receive(link_test()) == [SILENCE]
    assert bench.receive(link_test(None), origin=RECEIVER) == [SILENCE]
    assert bench.counts == {"link_test_unanswered": 2}
    assert len(bench.alive) == 2  # they live all the same
    bench.commits_succeed = True
    assert bench.receive(link_test()) == [ACK]


def test_a_link_test_overtakes_no_report_of_its_read():
    bench = Bench()
    bench.is_instant = False
    # The pump keeps the order of answers; here only the words are given.
    assert bench.receive(report(), link_test()) == [ACK]
    bench.commit()
    assert bench.answers == [ACK, ACK]


def test_a_stranger_is_not_answered_and_keeps_nobody_alive():
    bench = Bench()
    assert bench.receive(link_test("9999"), link_test(None)) == [SILENCE, SILENCE]
    assert bench.alive == []
    assert bench.counts == {"link_test_refused:account_unknown": 2}


def test_a_stranger_is_answered_where_the_policy_says_so():
    bench = Bench(ip_1=InputPolicy(is_receiver=False, unknown_account="ack"))
    assert bench.receive(link_test("9999")) == [ACK]
    assert bench.alive == [(("main", "9999"), "ip-1")]


@pytest.mark.parametrize(
    ("record", "test", "reason"),
    [
        ({"keys": (KEY,)}, link_test(), "plaintext_refused"),
        ({"sources": ("10.0.0.0/8",)}, link_test(), "source_refused"),
    ],
)
def test_supervision_cannot_be_kept_quiet_from_elsewhere(record, test, reason):
    bench = Bench(AccountRecord(id="1234", **record))
    assert [bench.receive(test) for _ in range(5)] == [[SILENCE]] * 5
    assert bench.alive == []
    assert [event.data.code.value for event in bench.events] == [reason]


def test_a_wrong_clock_hears_the_time_and_is_taken_in_the_end():
    bench = Bench(AccountRecord(id="1234", keys=(KEY,)))
    answers = []
    for number in range(4):
        bench.clock.go(30)
        stamp = NOW + timedelta(seconds=5000 + 30 * number)
        test = link_test(key_bits=128, timestamp=stamp, sequence="0000")
        answers += bench.receive(type(test)(**_fields(test) | {"raw": b"pad %d" % number}))
    assert answers == [NAK, NAK, NAK, ACK]
    assert len(bench.alive) == 1


def _fields(test) -> dict:
    return {name: getattr(test, name) for name in test.__struct_fields__}
