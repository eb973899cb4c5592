"""Osborne-Hoffman over TCP, versions 1 to 3: the key exchange, both ciphers, both ends."""

from datetime import UTC, datetime

import pytest

from protocols import osborne_hoffman as oh
from protocols._core import LinkTest, Rejected, Report, Unreadable, Verdict
from protocols.osborne_hoffman.cipher import Scrambler, scrambled, with_parity
from protocols.registry import PROTOCOLS
from tests.support.dialect import cid, receive, sia
from tests.support.dialects import OH_WITH_TEXT

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
KEY = with_parity(bytes(range(24)))
EVENT = b'\n01010034"SIA-DCS"0009R6666L1234[#005412|Nri04/UA105]\r'
HEARTBEATS = (
    b"SRDEADLBEEF    F0000DXX    \x00",
    b"SRDEADLBEEF    F0000DXX    \x00[ID2F958DB3]\x00",
)


def link(**options):
    return oh.connect(keys=lambda _: (), pad=lambda count: bytes(range(count)), options=options)


class TestKey:
    """The receiver speaks first: a key covered by a public mask."""

    def test_it_is_24_bytes_xor_the_mask(self):
        sent = link().data_to_send()
        assert len(sent) == 24
        assert scrambled(sent) == KEY
        assert bytes(one ^ other for one, other in zip(sent, KEY, strict=True)).hex() == (
            "552d6a05234939a84529d3e994c2b58845a3508a44aa6954"
        )

    def test_each_byte_has_odd_parity(self):
        assert all(byte.bit_count() % 2 == 1 for byte in KEY)

    def test_plain_text_sends_none(self):
        assert link(cipher="none").data_to_send() == b""

    def test_the_cipher_shows_its_key_to_nobody(self):
        assert "Scrambler()" in repr(Scrambler(KEY))

    def test_known_answer_of_triple_des(self):
        """NIST SP 800-20, table A.1: the three keys alike make it single DES."""
        cipher = Scrambler(bytes.fromhex("0101010101010101") * 3)
        assert cipher.closed(bytes.fromhex("8000000000000000"))[:8].hex() == "95f8a5e5dd31d900"


class TestScrambled:
    """Everything after the key: triple DES block by block, filled with zeros."""

    @pytest.mark.parametrize("frame", [EVENT, OH_WITH_TEXT, *HEARTBEATS])
    def test_split_anywhere(self, frame):
        sent = Scrambler(KEY).closed(frame)
        for cut in range(len(sent) + 1):
            connection = link()
            connection.data_to_send()
            got = connection.receive(sent[:cut], now=0.0) + receive(connection, sent[cut:])
            assert [type(each) for each in got] == [LinkTest if frame[:1] == b"S" else Report]
            assert got[0].envelope.is_scrambled
            connection.answer(got[0], Verdict.ACK, utc=NOW)
            answer = connection.data_to_send()
            assert Scrambler(KEY).opened(answer) == b"ACK\r\x00\x00\x00\x00"

    def test_refused_in_the_same_way(self):
        connection = link()
        connection.data_to_send()
        (rejected,) = receive(connection, Scrambler(KEY).closed(EVENT.replace(b"0034", b"0035")))
        assert rejected.reason == "length_wrong"
        assert rejected.error.reason == "the length field says 53; 52 bytes stand between LF and CR"
        connection.answer(rejected, Verdict.DUH, utc=NOW)
        assert Scrambler(KEY).opened(connection.data_to_send()) == b"NACK\r\x00\x00\x00"

    @pytest.mark.parametrize("frame", [EVENT, *HEARTBEATS])
    def test_a_frame_in_clear_on_such_a_connection_is_answered_in_clear(self, frame):
        for fed in ([frame], [bytes([byte]) for byte in frame]):
            connection = link()
            connection.data_to_send()
            got = [each for data in fed for each in connection.receive(data, now=0.0)]
            got += receive(connection, b"")
            assert len(got) == 1
            assert not got[0].envelope.is_scrambled
            connection.answer(got[0], Verdict.ACK, utc=NOW)
            assert connection.data_to_send() == b"ACK\r\n"

    def test_scrambled_then_clear_then_scrambled(self):
        connection = link()
        connection.data_to_send()
        cipher = Scrambler(KEY)
        got = receive(connection, cipher.closed(EVENT) + EVENT + cipher.closed(EVENT))
        assert [type(each) for each in got] == [Report] * 3

    def test_what_another_key_closed_is_noise(self):
        connection = link()
        connection.data_to_send()
        sent = Scrambler(with_parity(bytes(24))).closed(EVENT)
        assert {each.reason for each in receive(connection, sent)} <= {"noise", "frame_incomplete"}

    def test_a_piece_of_a_block_is_given_up_in_time(self):
        connection = link()
        connection.data_to_send()
        connection.receive(b"abc", now=0.0)
        (rejected,) = connection.on_deadline(now=connection.deadline())
        assert isinstance(rejected, Rejected)


class TestFrames:
    """The text inside."""

    def test_everything_a_frame_may_carry(self):
        (report,) = receive(link(cipher="none"), OH_WITH_TEXT)
        assert (report.account, report.sequence, report.receiver, report.line) == (
            "001234", "0001", "6666", "1234",
        )  # fmt: skip
        assert report.envelope.panel_id == "E69B557E0CE8BD98"
        assert report.envelope.system_account == "001234"
        assert report.parts[0].text == "HA"
        assert report.quirks == ()

    def test_contact_id_with_the_time(self):
        body = b'"ADM-CID"0005RABCDLDEAD[#005412|1150 04 261]T5F000000'
        frame = b"\n0101%04X" % (len(body) + 8) + body + b"\r"
        (report,) = receive(link(cipher="none"), frame)
        assert report.parts[0].event == "150"
        assert report.timestamp == datetime.fromtimestamp(0x5F000000, UTC)

    def test_a_token_that_is_not_read_is_kept_whole(self):
        body = b'"SIA-ABC"0005RABCDLDEAD[#005412|hello]'
        (report,) = receive(link(cipher="none"), b"\n0101%04X" % (len(body) + 8) + body + b"\r")
        assert isinstance(report.parts[0], Unreadable)

    def test_a_check_that_is_not_the_constant_is_told(self):
        (report,) = receive(link(cipher="none"), EVENT.replace(b"0101", b"BEEF", 1))
        assert report.quirks == ("check_not_constant",)

    @pytest.mark.parametrize(
        ("frame", "panel_id"), [(HEARTBEATS[0], None), (HEARTBEATS[1], "2F958DB3")]
    )
    def test_heartbeats_of_both_versions(self, frame, panel_id):
        (test,) = receive(link(cipher="none"), frame)
        assert isinstance(test, LinkTest)
        assert test.raw == frame
        assert (test.account, test.receiver, test.line) == ("F0000D", "DEAD", "BEEF")
        assert test.envelope.panel_id == panel_id

    def test_a_broken_heartbeat_costs_only_itself(self):
        noise, report = receive(link(cipher="none"), b"SRDEADLBEEFxF0000DXX\x00" + EVENT)
        assert noise.reason == "noise"
        assert isinstance(report, Report)

    def test_a_missing_bracket_is_told_with_its_place(self):
        frame = EVENT.replace(b"[", b"{")
        (rejected,) = receive(link(cipher="none"), frame)
        assert (rejected.reason, rejected.error.offset) == ("body_unreadable", frame.index(b"{"))


class TestPanel:
    """The other end."""

    @pytest.mark.parametrize("part", [sia("001234"), cid("001234")])
    @pytest.mark.parametrize("panel_id", [None, "2F958DB3"])
    def test_it_waits_for_its_key(self, part, panel_id):
        gateway, panel = link(), oh.panel(oh.Output(panel_id=panel_id))
        assert not panel.heartbeat(now=0.0)
        number = panel.report(part, account="001234", now=0.0, line="00AB")
        assert panel.data_to_send() == b""
        key = gateway.data_to_send()
        assert panel.receive(key[:7], now=0.0) == []
        panel.receive(key[7:], now=0.0)
        (report,) = receive(gateway, panel.data_to_send())
        assert report.line == "00AB"
        gateway.answer(report, Verdict.ACK, utc=NOW)
        (answer,) = panel.receive(gateway.data_to_send(), now=0.0)
        assert (answer.verdict, answer.sequence) == (Verdict.ACK, number)
        assert panel.heartbeat(now=0.0)
        (test,) = receive(gateway, panel.data_to_send())
        assert isinstance(test, LinkTest)

    def test_a_new_connection_has_a_key_of_its_own(self):
        panel = oh.panel()
        panel.receive(scrambled(KEY), now=0.0)
        panel.eof()
        assert not panel.side.is_ready
        assert panel.side.answer_bytes == 24

    def test_what_fits_no_frame_is_not_written(self):
        with pytest.raises(ValueError, match="expected Contact ID or SIA"):
            oh.panel().report(Unreadable(raw=b"", format="", reason=""), account="1", now=0.0)
        with pytest.raises(ValueError, match="no frame"):
            oh.panel(oh.Output(receiver="xyz")).report(sia("1"), account="1", now=0.0)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (EVENT, "event"),
        (HEARTBEATS[0], "heartbeat"),
        (EVENT.replace(b"0034", b"0035"), "invalid"),
        (b"ACK\r\n", "ack"),
        (b"NACK\r\x00\x00\x00", "nak"),
        (b"ID12345678", "set-panel-id"),
        (b"xyz", "noise"),
        (b"", "noise"),
    ],
)
def test_an_explanation_of_everything(data, kind):
    assert oh.explain(data).kind == kind


def test_a_capture_shows_no_key():
    assert PROTOCOLS["osborne-hoffman"].hide(True, scrambled(KEY)) == b"X" * 24
    assert PROTOCOLS["osborne-hoffman"].hide(False, scrambled(KEY)) == scrambled(KEY)
    assert PROTOCOLS["osborne-hoffman"].hide(True, b"ACK\r\n") == b"ACK\r\n"
