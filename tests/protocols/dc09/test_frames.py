"""Frames and their meaning, read and built: the worked examples and real panels."""

from datetime import UTC, datetime

import pytest

from protocols._core import LinkTest, Rejected, Report, Unreadable
from protocols.contact_id import ContactId
from protocols.dc09 import build_frame, parse_timestamp
from protocols.sia_dc03 import SiaEvent, SiaText
from tests.support.dc09 import csr, no_keys, real, row, seal, sound_rows

AT = datetime(2020, 10, 7, 16, 43, 6, tzinfo=UTC)

# what a panel says, and the bytes of it: one list for both directions.
CASES = [
    # DC-09 annex
    (
        {"token": "SIA-DCS", "sequence": "9876", "receiver": "579BDF", "line": "789ABC",
         "account": "12345A", "data": b"#12345A|NFA129"},
        real("std-sia-fa129"),
    ),
    (
        {"token": "ADM-CID", "sequence": "9876", "receiver": "579BDF", "line": "789ABC",
         "account": "12345A", "data": b"#12345A|1110 00 129"},
        real("std-cid-1110"),
    ),
    (
        {"token": "SIA-DCS", "sequence": "9876", "receiver": "579BDF", "line": "789ABC",
         "account": "123456A", "data": b"#123456A|NFA129", "xdata": [("M", "1234567890AB")]},
        real("std-sia-mac"),
    ),
    ({"token": "NULL", "account": "AAA"}, real("ajax-null-nots")),
    (
        {"token": "ADM-CID", "sequence": "0086", "account": "1234",
         "data": b"#1234|1130 02 001", "timestamp": AT,
         "xdata": [("V", "https://img.example.invalid/1.jpg,https://img.example.invalid/2.jpg")]},
        real("syn-ajax-photo"),
    ),
    ({"token": "SIA-DCS", "sequence": "0002", "line": None, "account": "0123",
      "data": b"#0123|Nti20:50:26RP99"}, real("noL")),
    (
        {"token": "NULL", "sequence": "3012", "receiver": "1", "line": "1", "account": "9413",
         "is_binary_crc": True},
        real("syn-bin-quote"),
    ),
    (
        {"token": "ADM-CID", "sequence": "0056", "line": "9999", "account": "9999",
         "data": b"#9999|1900 00 001", "includes_cr": True},
        real("eldes-0056"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("said", "frame"), CASES)
class TestBothDirections:
    def test_is_built(self, said, frame):
        said = dict(said)
        assert build_frame(said.pop("token"), **said) == frame

    def test_is_read(self, said, frame):
        [incoming] = csr().receive(frame, now=0.0)
        assert incoming.raw == frame
        assert incoming.account == said["account"]
        assert incoming.sequence == said.get("sequence", "0000")
        assert incoming.receiver == said.get("receiver")
        assert incoming.line == said.get("line", "0")
        assert incoming.timestamp == said.get("timestamp")
        if said["token"] == "NULL":
            assert isinstance(incoming, LinkTest)
        else:
            assert isinstance(incoming, Report)
            assert incoming.token == said["token"]
            assert incoming.envelope.data == said["data"]
            assert incoming.xdata == tuple(said.get("xdata", ()))


class TestParts:
    """The payload arrives whole, whatever the dialect."""

    def test_contact_id(self):
        [report] = csr().receive(real("dahua-cid-room"), now=0.0)
        [part] = report.parts
        assert isinstance(part, ContactId)
        assert (part.qualifier, part.event, part.group, part.zone) == ("1", "406", "01", "000")
        assert report.inner_account == "123456"
        assert report.xdata == (("R", "LivingRoom"),)

    def test_sia_with_text(self):
        [report] = csr().receive(real("dc09spt-plain"), now=0.0)
        event, text = report.parts
        assert isinstance(event, SiaEvent)
        assert (event.code, event.address, event.text) == ("BA", "3", "Hall")
        assert isinstance(text, SiaText)
        assert text.text == "Intruder"

    def test_an_empty_report_has_no_parts(self):
        """It becomes one info event."""
        [report] = csr().receive(build_frame("SIA-DCS", account="1234"), now=0.0)
        assert report.parts == ()

    @pytest.mark.parametrize(("token", "known"), [("SIA-PUL", True), ("HENG-BO", False)])
    def test_a_token_that_is_not_decoded_keeps_its_bytes(self, token, known):
        frame = build_frame(token, account="1234", sequence="0001", data=b"#1234|xyz")
        [report] = csr().receive(frame, now=0.0)
        [part] = report.parts
        assert isinstance(part, Unreadable)
        assert (part.format, part.raw) == ("raw", b"#1234|xyz")
        assert report.envelope.token_known is known

    @pytest.mark.parametrize("token", ["NULL", "XNM"])
    def test_a_link_test_is_one_with_or_without_data(self, token):
        """NULL with a dummy body (quirk 20), XNM with extended data (2026 edition)."""
        frame = build_frame(
            token, account="1234", data=b"#1234|1602 00 000", xdata=[("C", "CDP")], timestamp=AT
        )
        [test] = csr().receive(frame, now=0.0)
        assert isinstance(test, LinkTest)
        assert test.timestamp == AT

    @pytest.mark.parametrize("token", ["ACK", "NAK", "DUH", "RSP"])
    def test_an_answer_is_nothing_that_a_panel_sends(self, token):
        [rejected] = csr().receive(build_frame(token, account="1234"), now=0.0)
        assert isinstance(rejected, Rejected)
        assert rejected.reason == "answer_misplaced"


class TestExtendedData:
    """Section 6 of the fact sheet: letters, order, repeats, JSON."""

    def test_order_repeats_and_unknown_letters_are_kept(self):
        xdata = [("S", "Site"), ("I", "a"), ("I", "b"), ("Q", "?"), ("X", "093W23.4567890")]
        frame = build_frame("SIA-DCS", account="1234", sequence="0001", xdata=xdata)
        [report] = csr().receive(frame, now=0.0)
        assert report.xdata == tuple(xdata)

    def test_json_may_hold_brackets(self):
        json = '{"paths":[{"n":1},{"n":[2,3]}]}'
        frame = build_frame("NULL", account="1234", xdata=[("J", json), ("G", "1")], timestamp=AT)
        [test] = csr().receive(frame, now=0.0)
        assert test.quirks == ()
        assert test.timestamp == AT
        report = build_frame("SIA-DCS", account="1234", sequence="0001", xdata=[("J", json)])
        assert csr().receive(report, now=0.0)[0].xdata == (("J", json),)

    @pytest.mark.parametrize(
        ("encoding", "quirk"), [("utf-8", "non_ascii:utf-8"), ("cp1252", "non_ascii:cp1252")]
    )
    def test_text_is_read_in_its_code_page(self, encoding, quirk):
        frame = build_frame(
            "SIA-DCS", account="1234", sequence="0001", xdata=[("R", "Küche €")], encoding=encoding
        )
        [report] = csr().receive(frame, now=0.0)
        assert report.xdata == (("R", "Küche €"),)
        assert report.quirks == (quirk,)

    def test_bytes_of_no_code_page_are_read_as_latin_1(self):
        frame = build_frame("SIA-DCS", account="1234", sequence="0001", xdata=[("R", b"\x81")])
        [report] = csr().receive(frame, now=0.0)
        assert report.xdata == (("R", "\x81"),)
        assert report.quirks == ("non_ascii:undecodable",)


# A frame (or its region, sealed here), and exactly the quirks that it shows.
QUIRKS = [
    (seal(b'"NULL"0000L0#1234[]'), set()),
    (real("trikdis-null-bin"), {"binary_crc"}),
    (b"\nabcd" + seal(b'"NULL"0000L0#1234[]')[5:], None),
    (real("eldes-0228"), {"crc_includes_cr", "length_includes_cr"}),
    (real("dc09spt-hexseq"), {"hex_sequence"}),
    (real("noL"), {"missing_line"}),
    (real("cn-null-emptyL"), {"empty_line", "trailing_bytes:00"}),
    (seal(b'"SIA-DCS"0001L0[#1234|NRP]'), {"missing_header_account"}),
    (real("focus-lc"), {"nonstandard_account"}),
    (real("ajax-acct1"), {"nonstandard_account"}),
    (real("satel-pi-at"), {"account_mismatch"}),
    (seal(b'"SIA-DCS"0001L0#AB[#ab|NRP]'), {"nonstandard_account", "account_mismatch"}),
    (seal(b'"ADM-CID"0011R1L1#1234[#1234|1130 00 007]345678[] 2345678[] '), {"trailing_text"}),
    (seal(b'"NULL"0000L0#1234[]_25:00:00,01-01-2020'), {"trailing_text"}),
    (seal(b'"NULL"0000L0#1234[]_10:00:00,02-30-2020'), {"trailing_text"}),
    (seal(b'"NULL"0000L0#1234[]_10:00:00,01-01-2020 '), {"trailing_text"}),
    (seal(b'"ADM-CID"0011L1#1234[#1234|1130 00 007]\xa5\x81'),
     {"trailing_text", "non_ascii:undecodable"}),
    (seal(b'"NULL"0000L0#1234[]') + b"\0 \r", {"trailing_bytes:00200d"}),
]  # fmt: skip


@pytest.mark.parametrize(("frame", "quirks"), QUIRKS)
def test_a_tolerated_frame_says_how_it_left_the_standard(frame, quirks):
    [incoming] = csr().receive(frame, now=0.0)
    if quirks is None:
        assert incoming.reason == "crc_wrong"
    else:
        assert set(incoming.quirks) == quirks


def test_lower_case_digits_are_read_and_told():
    """Jablotron JA-106K (quirk 5); R, L and the account do not count."""
    upper = seal(b'"NULL"0007Rc0ffdL0a#abcd[]')
    lower = upper[:9].lower() + upper[9:]
    assert lower != upper
    assert csr().receive(upper, now=0.0)[0].quirks == ()
    assert csr().receive(lower, now=0.0)[0].quirks == ("lowercase_hex_header",)


def test_lower_case_digits_of_the_length_alone():
    frame = next(
        frame
        for number in range(10_000)
        if (frame := seal(b'"NULL"%04dL0#1234[]_10:00:00,01-01-2020[GAB]' % number))[1:5].isdigit()
    )
    lower = frame[:9].lower() + frame[9:]
    assert lower[1:5] == frame[1:5]
    assert lower != frame
    [test] = csr().receive(lower, now=0.0)
    assert "lowercase_hex_header" in test.quirks


@pytest.mark.parametrize(
    ("stamp", "moment"),
    [
        ("16:43:06,10-07-2020", AT),
        (b"16:43:06,10-07-2020", AT),
        ("16:43:06,10-07-20", None),
        ("24:00:00,10-07-2020", None),
        ("16:43:06,10-07-0000", None),
        ("1\u0666:43:06,10-07-2020", None),
    ],
)
def test_a_timestamp_is_a_moment_or_nothing(stamp, moment):
    assert parse_timestamp(stamp) == moment


def test_a_malformed_timestamp_is_null_and_the_event_counts():
    """comXline sends uninitialised memory in its place (quirk 9)."""
    frame = seal(b'"ADM-CID"0011R1L1#1234[#1234|1130 00 007]_\x00\xff:garbage]\r][2345678')
    [report] = csr().receive(frame, now=0.0)
    assert isinstance(report, Report)
    assert report.timestamp is None
    assert report.parts[0].event == "130"
    assert "trailing_text" in report.quirks


@pytest.mark.parametrize("each", sound_rows(), ids=lambda each: each["id"])
def test_every_sound_frame_of_the_corpus_shows_its_quirks(each):
    want = set(each["expect"]["quirks"])
    frame = bytes.fromhex(each["frame_hex"]) if "frame_hex" in each else each["frame"].encode()
    [incoming] = csr().receive(frame, now=0.0)
    assert set(incoming.quirks) == want
    assert incoming.account == each["expect"]["account"]


class TestRejected:
    """REL-28: counted, kept raw, with the reason; its envelope still shows the fields."""

    @pytest.mark.parametrize(
        ("frame", "reason"),
        [
            (real("syn-bad-crc"), "crc_wrong"),
            (real("bad-nohash"), "crc_wrong"),
            (b"\n" + b"5423" + b"0011" + real("ajax-null-nots")[9:], "length_wrong"),
            (seal(b'"NULL"0000NoneL0#1234[]'), "header_unreadable"),
            (seal(b'"NULL"000L0#1234[]'), "header_unreadable"),
            (seal(b'"NULL"0000L0#1234'), "header_unreadable"),
            (seal(b'"*NULL"0000L0#1234[0G'), "header_unreadable"),
            (seal(b'"*NULL"0000L0#1234[00'), "key_missing"),
            (b"no frame at all", "noise"),
        ],
    )
    def test_with_its_reason(self, frame, reason):
        [rejected] = csr(datagram=True).receive(frame, now=0.0)
        assert isinstance(rejected, Rejected)
        assert rejected.reason == reason
        assert rejected.raw == frame
        assert 0 <= rejected.error.offset <= len(frame)
        assert rejected.error.clause.startswith("DC-09")

    def test_a_wrong_check_value_names_the_right_one(self):
        [rejected] = csr().receive(real("bad-nohash"), now=0.0)
        assert "4E67" in rejected.error.reason
        assert "405C" in rejected.error.reason
        assert rejected.account == "1234"
        assert rejected.foreign is None

    def test_osborne_hoffman_is_named(self):
        [rejected] = csr(datagram=True).receive(real("oh-nrp"), now=0.0)
        assert rejected.foreign == "osborne-hoffman"


class TestIdentity:
    """REL-36: token, sequence and data tell a repeat; nothing else does."""

    def said(self, **changes):
        return {
            "token": "SIA-DCS",
            "account": "1234",
            "sequence": "0007",
            "data": b"#1234|NBA1",
            "timestamp": AT,
            **changes,
        }

    def identity(self, **changes):
        frame = build_frame(**self.said(**changes))
        return csr().receive(frame, now=0.0)[0].identity

    @pytest.mark.parametrize(
        "change",
        [{"timestamp": None}, {"receiver": "2"}, {"line": "5"}, {"is_binary_crc": True},
         {"xdata": [("I", "x")]}, {"account": "9"}],
    )  # fmt: skip
    def test_is_the_same(self, change):
        assert self.identity(**change) == self.identity()

    @pytest.mark.parametrize(
        "change", [{"sequence": "0008"}, {"data": b"#1234|NBA2"}, {"token": "ADM-CID"}]
    )
    def test_is_another(self, change):
        assert self.identity(**change) != self.identity()

    def test_a_refreshed_retry_of_a_real_panel_is_the_same(self):
        first, second = (csr().receive(real(f"ajax-pe501-{n}"), now=0.0)[0] for n in (1, 2))
        assert first.raw != second.raw
        assert first.identity == second.identity

    def test_sequence_0000_is_never_merged(self):
        frame = build_frame(**self.said(sequence="0000"))
        [report] = csr().receive(frame, now=0.0)
        assert report.repeat.name == "NEVER"


def test_the_account_of_a_user_name_is_kept_as_sent():
    assert row("focus-lc")["expect"]["account"] == "foc7688"
    [report] = csr(keys=no_keys).receive(real("focus-lc"), now=0.0)
    assert report.account == "foc7688"


def test_a_second_account_group_is_text_by_the_grammar_and_its_events_count():
    first = b'"SIA-DCS"0001L0#1234[#1234|Nri1/BA001]'
    [report] = csr().receive(seal(first + b"[#1234|Nri2/FA002|AHall][#1234|NTA3]"), now=0.0)
    parts = [part.code if isinstance(part, SiaEvent) else part.text for part in report.parts]
    assert parts == ["BA", "FA", "Hall", "TA"]
    assert report.parts[1].modifier("ri") == "2"
    assert report.quirks == ("trailing_text",)
    [other] = csr().receive(seal(first + b"[#1234|NBR001]"), now=0.0)
    assert other.identity != report.identity  # a restart of the count, no repeat
    [without] = csr().receive(seal(first + b"[#1234|Nri2/FA002"), now=0.0)
    assert [part.code for part in without.parts] == ["BA"]


def test_a_second_account_group_of_contact_id():
    frame = seal(b'"ADM-CID"0001L0#1234[#1234|1130 01 001][#1234|3131 02 002]')
    [report] = csr().receive(frame, now=0.0)
    assert [(part.qualifier, part.event) for part in report.parts] == [("1", "130"), ("3", "131")]
