"""DC-09 5.2, ADM-CID data: ``#acct|Qeee gg zzz`` and the forms tolerated beside it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols._core import Unreadable
from protocols.contact_id import ContactId, build_adm_cid, parse_adm_cid


def cid(raw, q, event, group, zone, account="1234", quirks=()):
    return ContactId(
        raw=raw, qualifier=q, event=event, group=group, zone=zone, account=account, quirks=quirks
    )


# One list serves reading and writing.
BOTH_WAYS = [
    (b"#1234|1131 01 015", "1234", [cid(b"1131 01 015", "1", "131", "01", "015")]),
    (b"#1234|6301 00 000", "1234", [cid(b"6301 00 000", "6", "301", "00", "000")]),
    (b"#F00D|3401 B2 F01", "F00D", [cid(b"3401 B2 F01", "3", "401", "B2", "F01", "F00D")]),
    (
        b"#1234|1131 01 015|3131 01 015",
        "1234",
        [
            cid(b"1131 01 015", "1", "131", "01", "015"),
            cid(b"3131 01 015", "3", "131", "01", "015"),
        ],
    ),
    (b"|1602 00 000", None, [cid(b"1602 00 000", "1", "602", "00", "000", None)]),
    (b"#1234", "1234", []),
]

TOLERATED = [
    (b"1131 01 015", None, [cid(b"1131 01 015", "1", "131", "01", "015", None)]),
    (b"#7|113101015", "7", [cid(b"113101015", "1", "131", "01", "015", "7", ("missing_blanks",))]),
    (
        b"#7|1131 01015 ",
        "7",
        [cid(b"1131 01015 ", "1", "131", "01", "015", "7", ("missing_blanks", "extra_blanks"))],
    ),
    (
        b"#7|1234 18 1131 01 015",
        "7",
        [cid(b"1234 18 1131 01 015", "1", "131", "01", "015", "1234", ("long_form",))],
    ),
    (b"#7|18113101015", "7", [cid(b"18113101015", "1", "131", "01", "015", "7", ("long_form",))]),
    (
        b"1234 18 1131 01 015 8",
        None,
        [cid(b"1234 18 1131 01 015 8", "1", "131", "01", "015", "1234", ("long_form",))],
    ),
    (
        b"1234 18 1131 01 015 9",
        None,
        [
            cid(
                b"1234 18 1131 01 015 9",
                "1",
                "131",
                "01",
                "015",
                "1234",
                ("long_form", "checksum_wrong"),
            )
        ],
    ),
    (
        b"#7|1234 18 1131 01 A15 8",
        "7",
        [
            cid(
                b"1234 18 1131 01 A15 8",
                "1",
                "131",
                "01",
                "A15",
                "1234",
                ("long_form", "digit_a", "checksum_wrong"),
            )
        ],
    ),
    (b"#7|14A1 00 000", "7", [cid(b"14A1 00 000", "1", "4A1", "00", "000", "7", ("digit_a",))]),
    (b"", None, []),
    (b"#foc7688|", "foc7688", []),
]


@pytest.mark.parametrize(("data", "account", "events"), BOTH_WAYS + TOLERATED)
def test_data_is_read(data, account, events):
    assert parse_adm_cid(data) == (account, tuple(events))


@pytest.mark.parametrize(("data", "account", "events"), BOTH_WAYS)
def test_data_is_written(data, account, events):
    assert build_adm_cid(account, events) == data


@pytest.mark.parametrize(
    ("chunk", "why"),
    [
        (b"2131 01 015", "qualifier '2' seen; expected 1, 3 or 6"),
        (b"1131 01 01", "expected Qeee gg zzz"),
        (b"1131 01 0155", "expected Qeee gg zzz"),
        (b"1G31 01 015", "expected Qeee gg zzz"),
        (b"\xff\x00", "expected Qeee gg zzz"),
    ],
)
def test_a_part_that_cannot_be_read_stands_beside_the_others(chunk, why):
    account, (good, bad) = parse_adm_cid(b"#1|1131 01 015|" + chunk)
    assert account == "1"
    assert isinstance(good, ContactId)
    assert isinstance(bad, Unreadable)
    assert bad.raw == chunk
    assert why in bad.reason


def test_an_account_without_its_sign_is_not_taken_for_one():
    account, (first, second) = parse_adm_cid(b"1234|1130 01 009")
    assert account is None
    assert first == Unreadable(raw=b"1234", format="contact-id", reason=first.reason)
    assert second.event == "130"


def test_a_field_without_its_digits_is_not_written():
    with pytest.raises(ValueError, match="expected Qeee gg zzz"):
        build_adm_cid("1", [cid(b"", "1", "13", "01", "015")])


DIGIT = st.sampled_from("0123456789BCDEF")


def digits(count):
    return st.text(DIGIT, min_size=count, max_size=count)


@given(digits(4), st.sampled_from("136"), digits(3), digits(2), digits(3))
def test_building_is_the_inverse_of_reading(account, qualifier, event, group, zone):
    sent = cid(b"", qualifier, event, group, zone, account)
    data = build_adm_cid(account, [sent])
    _, (read,) = parse_adm_cid(data)
    assert read == cid(data.partition(b"|")[2], qualifier, event, group, zone, account)


@given(st.binary(max_size=80))
def test_no_bytes_make_it_raise_and_none_are_dropped(data):
    _, parts = parse_adm_cid(data)
    assert [part.raw for part in parts] == [
        chunk for chunk in data.split(b"|") if chunk and chunk[:1] != b"#"
    ]
