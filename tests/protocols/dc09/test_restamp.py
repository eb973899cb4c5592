"""What of a recorded frame hangs on its moment: a new time for a replay, none for a comparison."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols._core import Verdict
from protocols.dc09 import Connection, Role, explain
from protocols.dc09.restamp import face, restamped
from tests.support.dc09 import (
    KEY,
    NOON,
    answered,
    csr,
    frame_of,
    real,
    rows,
    seal,
    seal_binary,
    sound_rows,
)

NOW = datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC)
REPORT = b'"SIA-DCS"0001L0#1234[#1234|Nri1/BA015]'


def keys(account: str) -> list[bytes]:
    del account
    return [KEY]


class TestRestamped:
    @pytest.mark.parametrize("close", [seal, seal_binary], ids=["hex", "binary"])
    def test_gives_a_frame_the_time_of_now_in_its_own_form(self, close):
        recorded = close(REPORT + b"_12:00:00,11-20-2026")
        assert restamped(recorded, NOW) == close(REPORT + b"_03:04:05,01-02-2027")

    @pytest.mark.parametrize("each", sound_rows(), ids=lambda each: each["id"])
    def test_changes_nothing_but_the_time(self, each):
        recorded = frame_of(each)
        was, now = explain(recorded), explain(restamped(recorded, NOW))
        if "length_includes_cr" not in was.quirks and "lowercase_hex_header" not in was.quirks:
            assert now.timestamp == (None if was.timestamp is None else NOW)
        else:
            assert now.raw == was.raw
        assert (now.token, now.seq, now.account, now.data, now.xdata, now.crc_mode) == (
            was.token, was.seq, was.account, was.data, was.xdata, was.crc_mode,
        )  # fmt: skip

    def test_gives_one_to_a_clock_that_says_no_moment(self):
        recorded = seal(REPORT + b"_00:00:00,00-00-0000")
        assert explain(restamped(recorded, NOW)).timestamp == NOW

    def test_takes_no_data_for_the_time(self):
        text = b"\"SIA-DCS\"0001L0#1234[#1234|Nri1/BA015*'_12:00:00,11-20-2026'NM]"
        assert restamped(seal(text), NOW) == seal(text)
        with_time = seal(text + b"_12:00:00,11-20-2026")
        assert restamped(with_time, NOW) == seal(text + b"_03:04:05,01-02-2027")

    def test_changes_every_frame_of_a_read_and_nothing_between_them(self):
        old, new = REPORT + b"_12:00:00,11-20-2026", REPORT + b"_03:04:05,01-02-2027"
        recorded = b"\xff\n" + seal(old) + b"noise" + seal_binary(old) + seal(REPORT) + b"\n12"
        assert restamped(recorded, NOW) == (
            b"\xff\n" + seal(new) + b"noise" + seal_binary(new) + seal(REPORT) + b"\n12"
        )

    @pytest.mark.parametrize(
        "recorded",
        [
            seal(REPORT + b"_12:00:00,11-20-2026").replace(b"015", b"016"),
            seal(REPORT + b"_12:00:00,11-20-2026")[:-5],
            seal(REPORT),
            real("dc09spt-enc"),
            b"GET / HTTP/1.1\r\n",
            b"",
        ],
        ids=["damaged", "half", "without a time", "encrypted", "foreign", "nothing"],
    )
    def test_leaves_all_else_as_it_is(self, recorded):
        assert restamped(recorded, NOW) == recorded

    @given(st.binary(max_size=200) | st.sampled_from([frame_of(each) for each in rows()]))
    def test_takes_anything_and_keeps_its_length(self, recorded):
        assert len(restamped(recorded, NOW)) == len(recorded)


class TestFace:
    def test_of_a_nak_is_the_same_at_any_time(self):
        early = seal(b'"NAK"0000R0L0A0[]_12:00:00,11-20-2026')
        late = seal(b'"NAK"0000R0L0A0[]_03:04:05,01-02-2027')
        assert explain(early).timestamp == NOON
        assert face(early) == face(late)

    def test_of_an_encrypted_ack_is_the_same_with_any_time_and_padding(self):
        said = []
        for pad, at in ((bytes, NOON), (lambda size: b"\xa5" * size, NOON + timedelta(days=1))):
            connection = Connection(Role.CSR, keys=keys, pad=pad)
            (report,) = connection.receive(real("dc09spt-enc"), now=0.0)
            connection.answer(report, Verdict.ACK, utc=at)
            said.append(connection.data_to_send())
        assert said[0] != said[1]
        assert face(said[0]) == face(said[1])

    @pytest.mark.parametrize(
        "other",
        [
            seal(b'"ACK"0002L0#1234[]'),
            seal(b'"DUH"0001L0#1234[]'),
            seal(b'"ACK"0001L0#1235[]'),
            seal(b'"ACK"0001L0#1234[x]'),
            seal(b'"*ACK"0001L0#1234[' + b"0" * 32),
            seal_binary(b'"ACK"0001L0#1234[]'),
            b"\n0000" + seal(b'"ACK"0001L0#1234[]')[5:],
            seal(b'"ACK"0001L0#1234[]')[:-1],
            seal(b'"ACK"0001L0#1234[]') * 2,
            b"\x06",
            b"",
        ],
        ids=[
            "sequence", "word", "account", "data", "encrypted", "binary", "damaged", "half",
            "twice", "foreign", "silence",
        ],
    )  # fmt: skip
    def test_tells_another_answer(self, other):
        assert face(other) != face(answered(csr(), seal(REPORT)))

    def test_of_two_answers_in_one_read_is_that_of_both(self):
        one, two = seal(b'"ACK"0001L0#1234[]'), seal(b'"NAK"0000R0L0A0[]_12:00:00,11-20-2026')
        assert face(one + two) == face(one) + face(two)
