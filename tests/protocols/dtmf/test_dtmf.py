"""Dialled digits behind a line interface: Contact ID (DC-05) and the formats before it."""

import pytest

from protocols import dtmf
from protocols._core import Rejected, Unreadable, Verdict
from protocols.contact_id import ContactId
from protocols.receiver_link import Channels, PulseEvent
from tests.support.dialect import cid, receive


def link(**options):
    return dtmf.connect(keys=lambda _: (), pad=bytes, options=options)


def channels(format_):
    return Channels(raw=b"", format=format_, channels=tuple("15555556"), status="9")


@pytest.mark.parametrize(
    ("part", "digits"),
    [
        (cid("1234"), b"1234181131010158"),
        (channels("ademco-high-speed"), b"1234551555555699"),
        (channels("ademco-super-fast"), b"123456155555569"),
        (PulseEvent(raw=b"", format="express-4+1", event_code="3"), b"12341739"),
        (PulseEvent(raw=b"", format="express-4+2", event_code="3", zone="1"), b"123427317"),
    ],
)
def test_every_type_both_ways(part, digits):
    assert dtmf.build_message(part, "1234") == digits
    (report,) = receive(link(), digits + b"\r")
    (said,) = report.parts
    for name in set(part.__struct_fields__) - {"raw"}:
        assert getattr(said, name) == getattr(part, name), name
    assert report.account == "1234"


def test_both_message_types_of_contact_id_are_read_and_written():
    digits = dtmf.build_message(cid("1234"), "1234", message_type="98")
    assert digits[4:6] == b"98"
    (report,) = receive(link(), digits + b"\n")
    assert report.token == "98"
    assert isinstance(report.parts[0], ContactId)


def test_express_may_leave_its_check_digit_out():
    (report,) = receive(link(), b"1234173\r")
    assert report.parts[0].event_code == "3"


def test_digits_without_any_end_are_taken_after_a_moment_and_copies_come_apart():
    connection = link()
    assert connection.receive(b"1234181131010158" * 2, now=0.0) == []
    assert connection.deadline() < dtmf.KISSOFF_TIMEOUT_S / 2
    assert len(connection.on_deadline(now=connection.deadline())) == 2


@pytest.mark.parametrize(
    "digits", [b"12341811310101\r", b"91234181131010158\r", b"12341739123\r", b"4321000000001734\r"]
)
def test_a_damaged_run_is_never_read_in_part(digits):
    (rejected,) = receive(link(), digits)
    assert isinstance(rejected, Rejected)
    assert rejected.envelope_sound
    assert rejected.reason == "message_unreadable"


def test_three_digits_or_too_many_are_noise():
    assert receive(link(), b"123\r")[0].reason == "noise"
    assert receive(link(), b"1" * 300)[0].reason == "noise"
    assert receive(link(), b"1" * 100 + b"\r")[0].reason == "noise"
    assert receive(link(), b"12341811")[0].reason == "frame_incomplete"


def test_noise_comes_up_as_one_piece_not_as_one_for_each_digit():
    (noise, report) = receive(link(), b"x1y2z\xff34567w\r1234181131010158\r")
    assert (noise.reason, noise.raw) == ("noise", b"x1y2z\xff34567w")
    assert report.account == "1234"


def test_a_wrong_check_digit_gets_no_tone_unless_the_site_has_a_byte_for_it():
    wrong = b"1234181131010157\r"
    for options, expected in (({}, b""), ({"refusal": "15"}, b"\x15"), ({"refusal": "none"}, b"")):
        connection = link(**options)
        (rejected,) = receive(connection, wrong)
        assert rejected.reason == "checksum_wrong"
        assert rejected.error.reason == "checksum 7 seen; expected 8"
        connection.answer(rejected, Verdict.DUH, utc=None)
        assert connection.data_to_send() == expected


def test_the_kissoff_is_the_sites_byte():
    connection = link(kissoff="4b")
    (report,) = receive(connection, b"1234181131010158\r")
    connection.answer(report, Verdict.ACK, utc=None)
    assert connection.data_to_send() == b"K"


def test_four_transmissions_then_the_panel_gives_up():
    panel = dtmf.panel()
    panel.report(cid("1234"), account="1234", now=0.0)
    sent = 0
    while True:
        sent += bool(panel.data_to_send())
        if answers := panel.on_deadline(now=panel.deadline()):
            break
    assert sent == 4
    assert answers[0].verdict is Verdict.SILENCE
    assert not panel.heartbeat(now=0.0)


@pytest.mark.parametrize("part", [
    Unreadable(raw=b"", format="raw", reason=""),
    PulseEvent(raw=b"", format="surgard-4/3", event_code="A"),
    PulseEvent(raw=b"", format="express-4+1", event_code="A"),
])  # fmt: skip
def test_what_has_no_message_is_not_written(part):
    with pytest.raises(ValueError, match="message"):
        dtmf.build_message(part, "1234")


@pytest.mark.parametrize(
    ("data", "kind"),
    [(b"12341739\r", "event"), (b"12341738\r", "invalid"), (b"?", "noise"), (b"", "noise")],
)
def test_an_explanation_of_everything(data, kind):
    assert dtmf.explain(data).kind == kind


def test_audio_follows_is_named():
    assert dtmf.AUDIO_FOLLOWS == "606"
    assert dtmf.TYPES["high-speed"] == "55"
