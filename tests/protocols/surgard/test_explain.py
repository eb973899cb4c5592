"""A frame told field by field, broken ones included."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols._core import Rejected, Unreadable
from protocols.surgard import explain, explain_all


def fields(explanation):
    return {each.name: (each.offset, each.value) for each in explanation.fields}


def test_every_field_with_its_place():
    told = explain(b"\x00\x00\x00\x395011 181234E1300100512:34:56-24/12\x14")
    assert (told.kind, told.layout, told.b32_length, told.response) == (
        "event", "contact-id", 39, "ACK",
    )  # fmt: skip
    assert fields(told) == {
        "token": (4, "5"),
        "receiver": (5, "01"),
        "line": (7, "1"),
        "message_type": (9, "18"),
        "account": (11, "1234"),
        "qualifier": (15, "E"),
        "event": (16, "130"),
        "group": (19, "01"),
        "zone": (21, "005"),
        "clock": (24, "12:34:56-24/12"),
        "terminator": (38, "\x14"),
    }
    assert told.clock == "12:34:56-24/12"


def test_the_block_of_id_s_is_told_in_its_pieces():
    told = explain(b"S01002[#1234|NBA01]\x14")
    assert fields(told)["account"] == (8, "1234")
    assert fields(told)["blocks"] == (13, b"NBA01")
    broken = explain(b"S01002[#1234|NBA01\x14")
    assert "missing closing bracket" in broken.error.reason
    assert broken.error.offset == 18


@pytest.mark.parametrize(
    ("data", "kind", "response"),
    [
        (b"\x06", "ack", "none"),
        (b"\x15", "nak", "none"),
        (b"\x00\x00\x00\x05\x06", "ack", "none"),
        (b"1011           @    \x14", "heartbeat", "ACK"),
        (b"1011      0000 P  04\x14", "two-way-audio", "ACK"),
        (b"1011      0000 A  20\x14", "internal", "ACK"),
        (b"3011      1234ri0001\x14", "modifier", "ACK"),
        (b"J011      7112 T   9\x14", "other", "ACK"),
        (b"6011      7112 T   9\x14", "event", "ACK"),
        (b"4011  12344165551234\x14", "caller-id", "ACK"),
        (b"u011  1234SMITH & SON       \x14", "calling-name", "ACK"),
        (b"5011 181234E1210100\x14", "invalid", "NAK"),
        (b"5011 1812", "noise", "none"),
        (b"\xff", "noise", "none"),
        (b"", "noise", "none"),
    ],
)
def test_the_kind_and_what_we_would_answer(data, kind, response):
    told = explain(data)
    assert (told.kind, told.response) == (kind, response)


def test_a_broken_frame_says_where():
    told = explain(b"5011 181234X12101001\x14")
    assert told.error.offset == 11
    assert (told.token, told.receiver, told.line) == ("5", "01", "1")
    assert list(fields(told)) == ["token", "receiver", "line", "message_type", "account"]


def test_an_id_that_is_not_read_shows_its_data():
    told = explain(b"J011      7112 T   9\x14")
    assert isinstance(told.parts[0], Unreadable)
    assert fields(told)["body"] == (4, b"      7112 T   9")


def test_a_stream_is_told_frame_by_frame():
    event = b"5011 187037E13001004"
    told = explain_all(b"\xff" + event + event + b"\x14\xfe")
    assert [each.kind for each in told] == ["noise", "event", "event", "noise"]


@given(st.binary(max_size=60) | st.text("5S10 []#|NBA18@E\x14", max_size=40).map(str.encode))
def test_it_never_raises(data):
    for each in explain_all(data):
        assert each.kind
        assert (each.error is not None) == isinstance(each.incoming, Rejected)
