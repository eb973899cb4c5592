"""Every field of every frame, broken and foreign ones included, against the corpus."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols._core import Rejected
from protocols.dc09 import explain, explain_all
from protocols.dc09.foreign import foreign_protocol
from tests.support.dc09 import csr, frame_of, real, row, rows, seal

DIRECT = {
    "crc", "crc_mode", "crc_ok", "length", "length_ok", "token", "encrypted", "seq", "receiver",
    "line", "account", "ciphertext_len", "pad_len", "data", "data_account", "trailing_text",
}  # fmt: skip


def compare(known, expect):
    for key in DIRECT & set(expect):
        assert getattr(known, key) == expect[key], key
    if "quirks" in expect:
        assert set(known.quirks) == set(expect["quirks"])
    if "xdata" in expect:
        assert [list(pair) for pair in known.xdata] == expect["xdata"]
    if "timestamp" in expect:
        stamp = known.timestamp and known.timestamp.strftime("%Y-%m-%dT%H:%M:%SZ")
        assert stamp == expect["timestamp"]
    if "response" in expect:
        assert known.response == expect["response"]
    if expect.get("header") == "unparsed":
        assert not known.header_ok
    if expect.get("dc09") is False:
        assert not known.is_dc09
        assert known.foreign == expect["protocol"]
        assert known.reason == "foreign_received"


@pytest.mark.parametrize("each", rows(), ids=lambda each: each["id"])
def test_the_corpus(each):
    keys = [bytes.fromhex(each["key_hex"])] if "key_hex" in each else []
    frames = explain_all(frame_of(each), lambda _: keys)
    if "frames" in each["expect"]:
        for known, expect in zip(frames, each["expect"]["frames"], strict=True):
            compare(known, expect)
        assert [known.response for known in frames] == each["expect"]["response"]
        return
    [known] = frames
    marks = {key: each[key] for key in ("crc_ok", "length_ok") if each["expect"].get("token")}
    compare(known, {**each["expect"], **marks})
    assert explain(frame_of(each), lambda _: keys).raw == known.raw


@given(st.binary(max_size=200))
def test_it_never_raises(data):
    explain(data)
    explain(b"\n00000010" + data)
    explain(b'\nAA0010"NULL"0000' + data)


def test_a_wrong_length_is_told_with_the_right_one():
    known = explain(b"\n75140026" + real("dmp-like-1")[9:])
    assert (known.length, known.length_expected, known.length_ok) == (0x26, 0x27, False)
    assert known.crc_ok
    assert known.reason == "length_wrong"
    assert known.error.offset == 5
    assert known.response == "none"


def test_a_sound_frame_has_no_error():
    known = explain(real("ajax-jc12"))
    assert known.reason is None
    assert known.error is None
    assert known.crc_expected == known.crc


def test_a_non_hex_check_value_is_still_shown():
    known = explain(b"\nZZZZ" + real("ajax-jc12")[5:])
    assert (known.crc, known.crc_ok, known.token) == ("ZZZZ", False, "SIA-DCS")


def test_frames_of_a_stream_come_in_order_with_what_stands_between():
    first, second = explain_all(real("ajax-jc12") + b"\0\0" + real("std-sia-fa129"))
    assert first.quirks == ("trailing_bytes:0000",)
    assert second.quirks == ()


class TestForeign:
    """Quirks 23 and 24: recognised by name, no answer."""

    @pytest.mark.parametrize(
        ("data", "name"),
        [
            (frame_of(row("galaxy-sia")), "galaxy-sia-blocks"),
            (frame_of(row("galaxy-sia")) * 2, "galaxy-sia-blocks"),
            (frame_of(row("galaxy-mk")), "galaxy-encrypted-handshake"),
            (frame_of(row("aritech-hid")), "vendor-ecoline"),
            (b"SR0001L0001    001465XX    \0", "osborne-hoffman-heartbeat"),
            (b"SR0001L0001    001465XX    [ID00000001]\0", "osborne-hoffman-heartbeat"),
            (b"\0\0\0\x10\x20\x7e\x01\x02", "dsc-itv2"),
            (b"GET / HTTP/1.1\r\n\r\n", None),
            (b"", None),
            (b"F#123456\x9c", None),
        ],
    )
    def test_by_name(self, data, name):
        assert foreign_protocol(data) == name
        if data:
            [rejected] = csr().receive(data, now=0.0)
            assert isinstance(rejected, Rejected)
            assert rejected.foreign == name
            assert rejected.reason == ("noise" if name is None else "foreign_received")

    def test_not_behind_a_frame(self):
        _, rejected = csr().receive(real("ajax-jc12") + frame_of(row("galaxy-mk")), now=0.0)
        assert rejected.reason == "noise"


def test_an_answer_gets_none():
    assert explain(seal(b'"ACK"0000L0#1234[]')).response is None


def test_without_keys_an_encrypted_frame_shows_its_header():
    known = explain(real("dc09spt-enc"))
    assert (known.token, known.encrypted, known.ciphertext_len) == ("SIA-DCS", True, 64)
    assert (known.data, known.reason, known.response) == (None, "key_missing", None)
    assert known.incoming.envelope.is_encrypted


def test_an_encrypted_frame_of_an_unknown_token_shows_it():
    assert explain(seal(b'"*HENG-BO"0001L0#1234[' + b"00" * 16)).token == "HENG-BO"


def test_a_wrong_binary_check_value_is_told_in_hex():
    frame = real("syn-bin-quote")
    known = explain(frame[:1] + b"\x57\x23" + frame[3:])
    assert known.reason == "crc_wrong"
    assert "5723" in known.error.reason
    assert "5722" in known.error.reason


def test_an_empty_header_echoes_nothing():
    assert explain(seal(b'"NULL"')).incoming.envelope.echo == b""
