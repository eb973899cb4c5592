"""Section 5.5.3: each answer byte for byte, in the form of the message."""

import pytest

from protocols._core import Verdict
from protocols.dc09 import build_frame, explain
from tests.support.dc09 import (
    KEY,
    NOON,
    answered,
    csr,
    frame_of,
    real,
    row,
    rows,
    seal,
    seal_binary,
    sound_rows,
)

NAK_BODY = b'"NAK"0000R0L0A0[]_12:00:00,11-20-2026'


def keys(account: str) -> list[bytes]:
    del account
    return [KEY]


class TestAck:
    def test_of_a_panel_that_is_strict(self):
        """The ACK that the Pyronix Enforcer accepted, core#180511 (quirk 13)."""
        assert answered(csr(), real("pyronix-null")) == real("pyronix-ack")
        assert row("pyronix-null")["expect"]["ack_exact"].encode() == real("pyronix-ack")

    @pytest.mark.parametrize("each", sound_rows(), ids=lambda each: each["id"])
    def test_echoes_what_came_in_the_form_it_came(self, each):
        frame = frame_of(each)
        head = frame.index(b'"', 7) + len(each["expect"]["token"]) + 2
        echo = frame[head : frame.index(b"[", head)]
        close = seal_binary if each["expect"]["crc_mode"] == "bin" else seal
        assert answered(csr(), frame) == close(b'"ACK"' + echo + b"[]")

    @pytest.mark.parametrize("header", [b"0001R01L000000#00aB", b"00c0Lc0ffd#1", b"0001L#7303"])
    def test_keeps_zeros_and_case(self, header):
        said = answered(csr(), seal(b'"SIA-DCS"' + header + b"[]"))
        assert said == seal(b'"ACK"' + header + b"[]")

    def test_needs_no_timestamp(self):
        assert b"_" not in answered(csr(), real("ajax-jc12"))


class TestEncryptedAck:
    @pytest.mark.parametrize(("pad_len", "answered_with"), [(13, 10), (29, 26)])
    def test_pads_as_the_panel_does(self, pad_len, answered_with):
        """Below 16 in, the shortest that fills the block out; else 16 to 31 (quirk 15)."""
        frame = real("dc09spt-enc")
        if pad_len > 15:
            frame = build_frame(
                "SIA-DCS", account="1234", sequence="0001", receiver="1", key=KEY, timestamp=NOON,
                data=b"#1234|Nri1BA3^Hall^|AIntruder"[:29], pad=bytes,
            )  # fmt: skip
        said = explain(answered(csr(keys=keys), frame), keys)
        assert said.token == "ACK"
        assert said.encrypted
        assert (said.seq, said.receiver, said.line, said.account) == ("0001", "1", "0", "1234")
        assert said.pad_len == answered_with
        assert said.timestamp == NOON
        assert said.data == ""
        assert said.crc_ok
        assert said.length_ok
        assert said.quirks == ()

    def test_is_made_of_upper_case_digits(self):
        said = answered(csr(keys=keys), real("dc09spt-enc"))
        assert said[-97:-1] == said[-97:-1].upper()
        assert said[9:] == (b'"*ACK"0001R1L0#1234[' + said[said.index(b"[") + 1 :])


class TestNak:
    def test_has_one_form_and_tells_our_time(self):
        assert answered(csr(), real("ajax-jc12"), Verdict.NAK_TIME) == seal(NAK_BODY)

    def test_is_never_encrypted(self):
        said = answered(csr(keys=keys), real("dc09spt-enc"), Verdict.NAK_TIME)
        assert said == seal(NAK_BODY)

    def test_keeps_the_form_of_the_check_value(self):
        said = answered(csr(), real("bin-r01l01"), Verdict.NAK_TIME)
        assert said == seal_binary(NAK_BODY)

    def test_the_account_marker_is_no_digit_of_the_line(self):
        nak = explain(seal(NAK_BODY))
        assert (nak.token, nak.line, nak.account, nak.quirks) == ("NAK", "0", "0", ())
        assert nak.timestamp == NOON


class TestDuh:
    def test_echoes_and_is_never_encrypted(self):
        frame = real("syn-unknown-token")
        assert answered(csr(), frame, Verdict.DUH) == seal(b'"DUH"0003R0L0#1234[]')
        said = answered(csr(keys=keys), real("dc09spt-enc"), Verdict.DUH)
        assert said == seal(b'"DUH"0001R1L0#1234[]')


class TestSilence:
    def test_of_the_verdict(self):
        assert answered(csr(), real("ajax-jc12"), Verdict.SILENCE) == b""

    @pytest.mark.parametrize(
        "each",
        [each for each in rows() if each["expect"].get("response") == "none"],
        ids=lambda each: each["id"],
    )
    @pytest.mark.parametrize("verdict", list(Verdict))
    def test_to_what_is_broken_whatever_the_verdict(self, each, verdict):
        for connection in (csr(keys=keys), csr(keys=keys, datagram=True)):
            assert answered(connection, frame_of(each), verdict) == b""


def test_answers_leave_in_the_order_of_the_verdicts():
    connection = csr()
    first, second = connection.receive(real("ajax-jc12") + real("std-sia-fa129"), now=0.0)
    connection.answer(second, Verdict.ACK, utc=NOON)
    connection.answer(first, Verdict.ACK, utc=NOON)
    said = connection.data_to_send()
    assert said.index(b"9876") < said.index(b"3048")
    assert connection.data_to_send() == b""


@pytest.mark.parametrize("name", ["ajax-null-nots", "std-cid-1110", "trikdis-null-bin"])
def test_an_unauthenticated_source_gets_no_more_than_it_sent(name):
    """SEC-11."""
    assert len(answered(csr(), real(name))) <= len(real(name))
