"""`auto`: says nothing while it does not know, loses nothing, and keeps to what it found."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocols._core import LinkTest, Rejected, Report, Verdict
from protocols.recognition import AUTO_LINKS, readings, spoken
from protocols.recognition.connection import EAGER_BYTES, GIVE_UP_S, HELD_BYTES, QUIET_S
from protocols.registry import PROTOCOLS

UTC_NOW = datetime(2026, 11, 20, 9, 15, tzinfo=UTC)
SURGARD = b"5011 181234E13101015\x14"
SURGARD_WIDE = b"501100 181234E12101001\x14"
SHARED = b"1011      1234 O  15\x14"  # Sur-Gard id 1 and D6500 type 1 alike
D6500_ONLY = b"a011 123418113101015\x14"
ADEMCO = b"\n11 1234 18 E131 01 C015 \r"
DC09_NULL = b'\n54230012"NULL"0000L0#AAA[]\r'
GALAXY = b"F#012345\x9b"
NOISE = b"\xf0\x81\x92\xe3\xff\xfe~\xf0\x81\x92\xe3\xff\xfe~"


def auto(link="receiver", **options):
    return AUTO_LINKS[link].connect(keys=lambda _: (), pad=bytes, options=options)


def until_quiet(connection, now=0.0):
    """Everything that comes up when no more bytes come."""
    incoming = []
    while (due := connection.deadline()) is not None:
        now = max(now, due)
        incoming += connection.on_deadline(now=now)
    return incoming


class TestFindingOut:
    def test_a_frame_that_one_family_reads_settles_it(self):
        connection = auto()
        (report,) = connection.receive(ADEMCO, now=0.0)
        assert isinstance(report, Report)
        assert (report.protocol, report.account) == ("ademco685", "1234")
        assert connection.news().words == "hears ademco685 (format 685)"

    @pytest.mark.parametrize(("frame", "form"), [(SURGARD, "RRL"), (SURGARD_WIDE, "RRLLL")])
    def test_it_tells_the_width_of_the_header(self, frame, form):
        connection = auto()
        connection.receive(frame, now=0.0)
        assert connection.news().form == f"header {form}"

    def test_the_report_is_handed_up_by_the_read_that_completes_it(self):
        connection = auto()
        assert connection.receive(SURGARD[:9], now=0.0) == []
        (report,) = connection.receive(SURGARD[9:], now=0.1)
        assert report.raw == SURGARD

    def test_nothing_heard_before_is_lost(self):
        connection = auto()
        incoming = connection.receive(NOISE + SURGARD, now=0.0)
        incoming += until_quiet(connection)
        incoming += connection.receive(SURGARD_WIDE, now=5.0)
        assert b"".join(item.raw for item in incoming) == NOISE + SURGARD + SURGARD_WIDE
        assert [type(item) for item in incoming].count(Report) == 2

    def test_it_is_told_once(self):
        connection = auto()
        connection.receive(ADEMCO, now=0.0)
        assert connection.news() is not None
        connection.receive(ADEMCO, now=1.0)
        assert connection.news() is None

    def test_a_new_opening_finds_out_afresh(self):
        connection = auto()
        connection.receive(ADEMCO, now=0.0)
        connection.eof()
        assert connection.family is None
        connection.receive(SURGARD, now=1.0)
        assert connection.family == "surgard"

    def test_the_end_of_the_stream_hands_up_what_was_heard(self):
        connection = auto()
        connection.receive(SURGARD[:-1], now=0.0)
        assert b"".join(item.raw for item in connection.eof()) == SURGARD[:-1]


class TestSharedLayouts:
    def test_the_default_is_kept_and_those_that_fit_are_named(self):
        connection = auto()
        (report,) = connection.receive(SHARED, now=0.0)
        found = connection.news()
        assert report.protocol == found.family == "surgard"
        assert "bosch6500" in found.fits
        assert "bosch6500 and mcdi would read these frames too" in found.words

    def test_another_default_is_kept(self):
        connection = auto(default="bosch6500")
        (report,) = connection.receive(SHARED, now=0.0)
        assert report.protocol == "bosch6500"

    def test_a_later_frame_that_tells_them_apart_changes_it(self):
        connection = auto()
        (first,) = connection.receive(SHARED, now=0.0)
        connection.answer(first, Verdict.ACK, utc=UTC_NOW)
        assert connection.data_to_send() == b"\x06"
        (second,) = connection.receive(D6500_ONLY, now=5.0)
        assert second.protocol == "bosch6500"
        assert connection.news().family == "bosch6500"
        connection.answer(second, Verdict.ACK, utc=UTC_NOW)
        assert connection.data_to_send() == b"\x06"

    def test_a_later_frame_that_speaks_for_the_default_ends_the_doubt(self):
        connection = auto()
        for _ in range(3):
            connection.receive(SHARED, now=0.0)
        connection.receive(SURGARD, now=1.0)
        connection.receive(SHARED, now=2.0)
        (refused,) = connection.receive(D6500_ONLY, now=3.0)
        assert isinstance(refused, Rejected)
        assert connection.family == "surgard"

    def test_an_answer_to_a_frame_before_the_change_goes_out_too(self):
        connection = auto()
        (first,) = connection.receive(SHARED, now=0.0)
        (second,) = connection.receive(D6500_ONLY, now=1.0)
        connection.answer(first, Verdict.ACK, utc=UTC_NOW)
        connection.answer(second, Verdict.DUH, utc=UTC_NOW)
        assert connection.data_to_send() == b"\x06\x15"


class TestSilenceWhileUndecided:
    def test_noise_is_handed_up_and_never_answered(self):
        connection = auto()
        assert connection.receive(NOISE, now=0.0) == []
        (noise,) = until_quiet(connection)
        assert (noise.reason, noise.raw, noise.envelope_sound) == ("unrecognised", NOISE, False)
        for verdict in Verdict:
            connection.answer(noise, verdict, utc=UTC_NOW)
        assert connection.data_to_send() == b""
        assert connection.family is None

    def test_one_frame_within_more_noise_waits_for_its_copy(self):
        connection = auto()
        connection.receive(NOISE * 2 + SURGARD, now=0.0)
        assert until_quiet(connection) == []
        incoming = connection.receive(SURGARD, now=4.0)
        assert [one.raw for one in incoming if isinstance(one, Report)] == [SURGARD, SURGARD]

    def test_a_frame_that_waited_too_long_gets_no_answer(self):
        """Its sender takes the next ACK byte for the copy that it sent since."""
        connection = auto()
        connection.receive(NOISE * 2 + SURGARD, now=0.0)
        until_quiet(connection)
        for report in connection.receive(SURGARD, now=4.0):
            connection.answer(report, Verdict.ACK, utc=UTC_NOW)
        assert connection.data_to_send() == b"\x06"

    def test_noise_without_end_is_bounded(self):
        connection = auto()
        incoming, sent = [], 0
        while sent < 4 * HELD_BYTES:
            incoming += connection.receive(NOISE, now=0.0)
            sent += len(NOISE)
        assert sent - sum(len(item.raw) for item in incoming) <= HELD_BYTES + len(NOISE)

    @pytest.mark.parametrize("size", [EAGER_BYTES, 3 * EAGER_BYTES + 7])
    def test_a_frame_behind_much_noise_is_found_when_it_is_quiet(self, size):
        connection = auto()
        connection.receive(b"\xf0" * size, now=0.0)
        for at in range(len(SURGARD)):
            connection.receive(SURGARD[at : at + 1], now=0.1)
        until_quiet(connection, now=0.1)
        connection.receive(SURGARD, now=4.0)
        incoming = until_quiet(connection, now=4.0) + connection.receive(SURGARD, now=8.0)
        assert connection.family == "surgard"
        assert incoming[-1].raw == SURGARD

    @settings(deadline=None)  # the first example pays for eighteen codecs
    @given(
        st.lists(st.sampled_from([SURGARD, SHARED, ADEMCO, NOISE, b"\xf0", GALAXY]) | st.binary())
    )
    def test_every_byte_comes_up_or_is_a_filler(self, chunks):
        connection = auto()
        incoming, now = [], 0.0
        for chunk in chunks:
            incoming += connection.receive(chunk, now=now)
            now += 0.1
        incoming += connection.eof()
        raw = b"".join(item.raw for item in incoming)
        fillers = b"\r\n\x14\x04\x00 "
        assert raw.translate(None, fillers) == b"".join(chunks).translate(None, fillers)

    def test_time_always_moves_on(self):
        connection = auto()
        connection.receive(SURGARD[:5], now=0.0)
        incoming = until_quiet(connection)
        assert connection.deadline() is None
        assert b"".join(item.raw for item in incoming) == SURGARD[:5]

    def test_it_decides_well_within_any_far_ends_patience(self):
        assert min(one.ack_timeout_s for one in PROTOCOLS.values()) / 2 > QUIET_S
        assert GIVE_UP_S > QUIET_S


class TestTrust:
    """What bytes say never makes a panel's stranger a receiver, or the other way round."""

    def test_a_panels_frame_is_named_on_a_receivers_link(self):
        raw = DC09_NULL
        connection = auto("receiver")
        incoming = connection.receive(raw, now=0.0) + until_quiet(connection)
        assert [(one.foreign, one.raw) for one in incoming] == [("dc09", raw)]
        assert connection.family is None

    def test_a_receivers_frame_is_named_on_a_panels_link(self):
        connection = auto("panel")
        incoming = connection.receive(SURGARD, now=0.0) + until_quiet(connection)
        assert [(one.foreign, one.raw) for one in incoming] == [("surgard", SURGARD)]
        assert "expected a family for a panel" in str(incoming[0].error)

    def test_panels_are_told_apart(self):
        connection = auto("panel")
        (account,) = connection.receive(GALAXY, now=0.0) or until_quiet(connection)
        assert isinstance(account, LinkTest | Report)
        assert connection.family == "sia-dc03"

    @pytest.mark.parametrize("link", AUTO_LINKS)
    def test_the_default_is_of_the_same_kind(self, link):
        other = "dc09" if link == "receiver" else "surgard"
        with pytest.raises(ValueError, match=f"default '{other}' seen"):
            auto(link, default=other)


def test_only_options_that_it_has():
    with pytest.raises(ValueError, match=r"options \['header'\] seen"):
        auto(header="RRL")
    with pytest.raises(ValueError, match="udp seen"):
        AUTO_LINKS["panel"].connect(keys=lambda _: (), pad=bytes, datagram=True)


def test_a_protocol_is_spoken_whatever_the_link():
    assert spoken("surgard", "panel") is PROTOCOLS["surgard"]
    assert spoken("auto", "panel").link == "panel"
    assert spoken("auto", "receiver").link == "receiver"


def test_readings_name_all_families_that_read_the_bytes():
    assert [one.variant.family for one in readings(SHARED)] == ["surgard", "bosch6500", "mcdi"]
    assert readings(NOISE) == []
