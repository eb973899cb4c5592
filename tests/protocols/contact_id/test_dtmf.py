"""DC-05: sixteen digits ``ACCT MT Q XYZ GG CCC S`` and their checksum."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols._core import Unreadable
from protocols.contact_id import ContactId, build_dtmf, checksum, parse_dtmf

# (digits as printed, message type, account, qualifier, event, group, zone)
MESSAGES = [
    (b"1234181131010158", "18", "1234", "1", "131", "01", "015"),  # DC-05, worked example
    (b"1234181137010152", "18", "1234", "1", "137", "01", "015"),  # M2000 manual, menu 2-5
    (b"B234181300000002", "18", "B234", "1", "300", "00", "000"),
    (b"123418140102012F", "18", "1234", "1", "401", "02", "012"),
    (b"B1C298130200000B", "98", "B1C2", "1", "302", "00", "000"),
]


def event_of(raw, account, qualifier, event, group, zone):
    return ContactId(
        raw=raw, account=account, qualifier=qualifier, event=event, group=group, zone=zone
    )


@pytest.mark.parametrize(
    ("message", "message_type", "fields"), [(m, t, f) for m, t, *f in MESSAGES]
)
def test_a_message_is_read_and_written(message, message_type, fields):
    event = event_of(message, *fields)
    assert parse_dtmf(message) == event
    assert build_dtmf(event, message_type=message_type) == message


def test_zero_counts_ten_and_a_remainder_of_nothing_is_f():
    assert checksum(b"0") == b"5"
    assert checksum(b"05") == b"F"
    assert checksum(b"5") == b"0"


def test_a_wrong_checksum_is_told_with_the_right_one():
    read = parse_dtmf(b"1234181131010157")
    assert isinstance(read, Unreadable)
    assert read.reason == "checksum 7 seen; expected 8"


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"12341811310101588",
        b"A234181131010158",  # A is no digit of DC-05
        b"1234171131010158",
        b"1234182131010158",
        b"1234 18 1131 01 015 8",
    ],
)
def test_what_is_no_message_is_unreadable(message):
    read = parse_dtmf(message)
    assert isinstance(read, Unreadable)
    assert "expected 16 digits" in read.reason


def test_an_account_of_five_digits_does_not_fit():
    with pytest.raises(ValueError, match="expected ACCT"):
        build_dtmf(event_of(b"", "12345", "1", "131", "01", "015"))


@given(st.sampled_from(MESSAGES), st.integers(0, 15), st.sampled_from(b"0123456789BCDEF"))
def test_no_single_wrong_digit_passes(message, index, digit):
    raw = bytearray(message[0])
    raw[index] = digit
    # 0 and F differ by 5, so every single change moves the sum off the multiple of 15, apart
    # from the two digits whose values are equal modulo 15: none, since they run 1 to 15.
    assert isinstance(parse_dtmf(bytes(raw)), ContactId) == (bytes(raw) == message[0])


@given(st.binary(max_size=20))
def test_no_bytes_make_it_raise(data):
    assert parse_dtmf(data).raw == data
