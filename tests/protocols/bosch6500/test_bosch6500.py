"""Bosch/Radionics D6500 and D6600 (computer interface manual): both modes and host commands."""

from datetime import UTC, datetime

import pytest

from protocols import bosch6500
from protocols._core import LinkTest, Rejected, Unreadable, Verdict
from protocols.bosch6500 import Command, Output
from protocols.contact_id import ContactId
from protocols.receiver_link import Channels, Internal, PulseEvent
from protocols.sia_dc03 import SiaEvent
from tests.support.dialect import cid, receive, sia

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def link(**options):
    return bosch6500.connect(keys=lambda _: (), pad=bytes, options=options)


class TestD6500Mode:
    """5.1: a type, RR, L, data, DC4."""

    @pytest.mark.parametrize(
        ("frame", "account", "part"),
        [
            (
                b"a01A 123418313101015\x14",
                "1234",
                ContactId(
                    raw=b"", qualifier="3", event="131", group="01", zone="015", account="1234"
                ),
            ),
            (b"a011 123418E13101015\x14", "1234", cid("1234", "E")),
            (
                b"1011    123456AB  15\x14",
                "123456",
                PulseEvent(raw=b"", format="standard-digital", event_code="AB", zone="15"),
            ),
            (
                b"9011    123455515555\x14",
                "1234",
                Channels(raw=b"", format="acron-super-fast", channels=tuple("55515555")),
            ),
            (
                b"g011  1234 1555 5555 5555 5552 7\x14",
                "1234",
                Channels(raw=b"", format="scancom", channels=tuple("1555555555555552"), status="7"),
            ),
            (b"S011[#1234|Nri1/BA015]\x14", "1234", sia("1234")),
            (
                b"3011 REJECT COMMAND  \x14",
                None,
                Internal(raw=b"", code="TEXT", number="", text="REJECT COMMAND"),
            ),
        ],
    )
    def test_every_type(self, frame, account, part):
        (report,) = receive(link(), frame)
        (said,) = report.parts
        assert report.account == account
        assert type(said) is type(part)
        for name in set(part.__struct_fields__) - {"raw"}:
            assert getattr(said, name) == getattr(part, name), name
        assert report.internal == isinstance(part, Internal)

    @pytest.mark.parametrize("part", [
        sia("1234"),
        PulseEvent(raw=b"", format="standard-digital", event_code="O", zone="15"),
        Channels(raw=b"", format="acron-super-fast", channels=tuple("55515555")),
        Channels(raw=b"", format="scancom", channels=tuple("1555555555555552"), status="7"),
        Internal(raw=b"", code="TEXT", number="", text="REJECT COMMAND"),
    ])  # fmt: skip
    def test_the_receiver_writes_what_we_read(self, part):
        far_end = bosch6500.receiver()
        far_end.report(part, account="1234", now=0.0, line="B")
        (report,) = receive(link(), far_end.data_to_send())
        (said,) = report.parts
        assert report.line == "B"
        for name in set(part.__struct_fields__) - {"raw", "meaning"}:
            assert getattr(said, name) == getattr(part, name), name

    @pytest.mark.parametrize("part", [
        Unreadable(raw=b"", format="raw", reason=""),
        Channels(raw=b"", format="vonk", channels=("5",)),
        cid("123456789"),
    ])  # fmt: skip
    def test_what_fits_no_frame_is_not_written(self, part):
        with pytest.raises(ValueError, match="frame"):
            bosch6500.receiver().report(part, account="123456789", now=0.0)

    def test_a_type_whose_layout_is_not_known_is_kept_whole(self):
        (report,) = receive(link(), b"I011A1B2C3D4E5\x14")
        (part,) = report.parts
        assert isinstance(part, Unreadable)
        assert part.raw == b"A1B2C3D4E5"
        assert not report.companion

    def test_the_called_number_is_a_companion(self):
        (report,) = receive(link(), b"N0115551234567\x14")
        assert report.companion

    def test_after_noise_such_a_type_is_refused_first_and_believed_after_a_sure_frame(self):
        connection = link()
        noise, doubtful = receive(connection, b"\xff\x80I011A1B2C3D4E5\x14")
        assert (noise.reason, doubtful.reason) == ("noise", "body_unreadable")
        assert doubtful.envelope_sound
        receive(connection, b"1010           @    \x14")
        (report,) = receive(connection, b"I011A1B2C3D4E5\x14")
        assert report.token == "I"

    def test_header_and_terminator_are_programmed(self):
        connection = link(header="01", terminator="0a")
        (report,) = receive(connection, b"\x01a011 123418113101015\n")
        assert report.account == "1234"
        output = Output(header=b"\x01", terminator=b"\n")
        far_end = bosch6500.receiver(output)
        far_end.report(cid("1234"), account="1234", now=0.0)
        assert far_end.data_to_send() == b"\x01a011 123418113101015\n"

    def test_without_terminator_it_waits_a_moment(self):
        connection = link()
        assert connection.receive(b"a011 123418113101015", now=5.0) == []
        assert 5.0 < connection.deadline() < 5.5
        assert len(connection.on_deadline(now=connection.deadline())) == 1

    def test_any_other_answer_makes_the_receiver_repeat_for_ever(self):
        far_end = bosch6500.receiver()
        far_end.report(cid("1234"), account="1234", now=0.0)
        frame = far_end.data_to_send()
        now = 0.0
        for _ in range(50):
            assert far_end.receive(b"?", now=now) == []
            now = far_end.deadline()
            assert far_end.on_deadline(now=now) == []
            assert far_end.data_to_send() == frame

    def test_the_third_nak_in_a_row_skips_the_message(self):
        far_end = bosch6500.receiver()
        far_end.report(cid("1234"), account="1234", now=0.0)
        far_end.report(cid("5678"), account="5678", now=0.0)
        for _ in range(3):
            far_end.data_to_send()
            (answer,) = far_end.receive(b"\x15", now=0.0)
            assert answer.verdict is Verdict.DUH
        assert b"5678" in far_end.data_to_send()


class TestSiaMode:
    """5.2: LF CRC type seq RR LL [data] CR, answered with a frame of its own."""

    def frame(self, data, line=b"01", sequence=b"0007"):
        return b"\n0000\t" + sequence + b"01" + line + b"[" + data + b"]\r"

    def test_contact_id_with_a_short_and_with_a_long_account(self):
        (report,) = receive(link(mode="sia"), self.frame(b"# 123|18113101015"))
        assert report.account == "123"
        (report,) = receive(link(mode="sia"), self.frame(b"#1234567890|58113101015"))
        assert (report.account, report.sequence) == ("1234567890", "0007")

    def test_sia_data_with_its_area_and_text(self):
        (report,) = receive(link(mode="sia"), self.frame(b"#7112|Nri1FA100*'HALL'NM"))
        (event,) = report.parts
        assert (event.code, event.address, event.modifier("ri"), event.text) == (
            "FA", "100", "1", "HALL",
        )  # fmt: skip

    def test_line_00_is_the_receiver_itself(self):
        (report,) = receive(link(mode="sia"), self.frame(b"#0000|NYC0001", line=b"00"))
        assert report.internal
        assert isinstance(report.parts[0], Internal)
        (report,) = receive(link(mode="sia"), self.frame(b"#0000|NYC0001|AHello", line=b"00"))
        assert len(report.parts) == 2

    @pytest.mark.parametrize(("data", "seen"), [(b"hello", "hello"), (b"#12", "#12")])
    def test_brackets_without_account_or_event_are_refused(self, data, seen):
        (rejected,) = receive(link(mode="sia"), self.frame(data))
        assert isinstance(rejected, Rejected)
        assert rejected.envelope_sound
        assert seen in rejected.error.reason

    def test_a_missing_bracket_is_told_with_its_place(self):
        (rejected,) = receive(link(mode="sia"), b"\n0000\t00010101[#1234|NBA01\r")
        assert rejected.reason == "body_unreadable"
        assert rejected.envelope_sound

    def test_six_digits_of_check_value(self):
        connection = link(mode="sia", check_digits=6)
        (test,) = receive(connection, b"\nABCDEF\t00010100[]\r")
        assert isinstance(test, LinkTest)
        connection.answer(test, Verdict.ACK, utc=NOW)
        assert connection.data_to_send() == b"\n000000\t00010100[]\r"

    def test_an_answer_that_names_another_sequence_settles_nothing(self):
        far_end = bosch6500.receiver(mode="sia")
        far_end.report(cid("1234"), account="1234", now=0.0)
        assert far_end.receive(b"noise\r\n0000\t00020101[]\r\n0000\t00", now=0.0) == []
        (answer,) = far_end.receive(b"010101[]\r", now=0.0)
        assert answer.verdict is Verdict.ACK

    def test_sequence_runs_from_1_to_9999(self):
        side = bosch6500.receiver(mode="sia").side
        seen = [side._next_sequence() for _ in range(10_000)]
        assert (seen[0], seen[-2], seen[-1]) == (1, 9999, 1)

    def test_a_long_account_goes_out_as_type_58(self):
        far_end = bosch6500.receiver(mode="sia")
        far_end.report(cid("1234567890"), account="1234567890", now=0.0)
        assert b"[#1234567890|58113101015]" in far_end.data_to_send()
        with pytest.raises(ValueError, match="no Contact ID data"):
            far_end.report(cid("x"), account="12345678901", now=0.0)


class TestHostCommands:
    """5.3: only where menu 2.2.4 allows them."""

    @pytest.mark.parametrize(
        ("data", "command", "is_sia"),
        [
            (b"!T1345\r", Command(name="set-time", value="1345"), False),
            (b"!D112026\r", Command(name="set-date", value="112026"), False),
            (b"!K3\r", Command(name="stop-listen", line="3"), False),
            (b"!L12\r", Command(name="switch-line", line="12"), False),
            (b"CST1345", Command(name="set-time", value="1345"), True),
            (b"CSD112026", Command(name="set-date", value="112026"), True),
            (b"CLK07", Command(name="stop-listen", line="07"), True),
        ],
    )
    def test_both_ways(self, data, command, is_sia):
        assert bosch6500.parse_command(data, sia=is_sia) == command
        assert bosch6500.build_command(command, sia=is_sia) == data

    def test_what_is_no_command(self):
        assert bosch6500.parse_command(b"!X\r") is None
        with pytest.raises(ValueError, match="expected one of"):
            bosch6500.build_command(Command(name="reboot"))
        with pytest.raises(ValueError, match="no such form"):
            bosch6500.build_command(Command(name="set-time", value="9"))


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"mode": "xyz"}, "mode"),
        ({"header": "zz"}, "header"),
        ({"terminator": "1414"}, "terminator"),
        ({"check": "crc32"}, "check"),
        ({"check_digits": 0}, "check_digits"),
        ({"check_digits": True}, "check_digits"),
    ],
)
def test_a_wrong_option_says_what_was_seen_and_expected(options, word):
    with pytest.raises(ValueError, match=f"{word} .* seen; expected"):
        link(**options)


def test_udp_is_refused():
    with pytest.raises(ValueError, match="udp seen"):
        bosch6500.connect(keys=lambda _: (), pad=bytes, datagram=True)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"a011 123418113101015\x14", "event"),
        (b"1010           @    \x14", "heartbeat"),
        (b"3011 REJECT COMMAND  \x14", "text"),
        (b"\n0000\t00010100[#0000|NYC0001]\r", "internal"),
        (b"I011A1B2C3D4E5\x14", "other"),
        (b"a011 123418X13101015\x14", "invalid"),
        (b"!T1345\r", "command"),
        (b"\x06", "ack"),
        (b"\x15", "nak"),
        (b"\xff\xff", "noise"),
        (b"", "noise"),
    ],
)
def test_an_explanation_of_everything(data, kind):
    assert bosch6500.explain(data).kind == kind


def test_an_explanation_names_fields_and_the_broken_rule():
    told = bosch6500.explain(b"a011 123418X13101015\x14")
    assert told.error.reason == "'X131' seen where contact-id has its qualifier"
    assert told.response == "NAK"
    told = bosch6500.explain(b"\n0000\t00010101[#1234|18113101015]\r")
    assert told.value("sequence") == "0001"
    assert isinstance(told.parts[0], ContactId | SiaEvent)
