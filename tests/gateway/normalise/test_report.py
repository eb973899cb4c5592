"""Event model 1 rule 1 and style 3.3: no report is lost, none fails, unknown is visible."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gateway.normalise
from gateway.contract.event import CLASS_OF_KIND, CLASSES
from gateway.normalise import Meaning, Normaliser, meanings, parse_severity, tables
from protocols._core import Part, Unreadable
from protocols.contact_id.adm_cid import parse_adm_cid
from protocols.contact_id.dtmf import parse_dtmf
from protocols.contact_id.message import ContactId
from protocols.sia_dc03.data import parse_sia_dcs
from protocols.sia_dc03.message import SiaBlock, SiaEvent, SiaText
from protocols.surgard.message import Internal, Modifier, PulseEvent, TwoWayAudio
from tests.support.meaning import RECEIVED, account, cid, meanings_of, report

CODES = Path(__file__).parents[2] / "corpus" / "codes.jsonl"


def test_a_report_without_an_event_is_one_info_event() -> None:
    (found,) = meanings_of()
    assert (found.kind, found.category, found.class_) == ("info", "information", "info")
    assert (found.code.format, found.code.value) == ("dc09", "SIA-DCS")


def test_an_unreadable_part_is_an_event_with_an_unknown_code() -> None:
    (found,) = meanings_of(Unreadable(raw=b"\xffA1", format="contact-id", reason="why"))
    assert not found.code.known
    assert (found.code.format, found.code.value) == ("contact-id", "\xffA1")
    assert found.flags == ("review",)


def test_a_part_of_a_kind_that_nobody_named_is_visible_too() -> None:
    (found,) = meanings_of(Part(raw=b"x"))
    assert (found.code.format, found.code.known) == ("raw", False)


def test_a_companion_report_marks_its_events() -> None:
    (found,) = meanings(report(companion=True), account(), received=RECEIVED)
    assert found.is_companion


def test_a_station_may_bring_its_own_severity() -> None:
    own = Normaliser(severity=parse_severity("[[rank]]\nseverity = 2\n", "own.toml"))
    own.warm()
    _, parts = parse_adm_cid(b"#1234|1602 00 000")
    (found,) = own.meanings(report(*parts), account(), received=RECEIVED)
    assert found.severity == 2
    assert cid("1602 00 000").severity == 19


def test_the_surface_is_what_all_names() -> None:
    for name in gateway.normalise.__all__:
        assert hasattr(gateway.normalise, name)


def _row_parts(row: dict[str, Any]) -> tuple[Part, ...]:
    data = row["code"].encode("latin-1")
    match row["encoding"]:
        case "adm-cid":
            return parse_adm_cid(data[1:-1])[1]
        case "sia-dcs":
            return parse_sia_dcs(data[1:-1])[1]
        case "dtmf" | "dtmf98":
            return (parse_dtmf(data),)
        case _:
            # 5RRL 18AAAAQEEEGGZZZ: the frame belongs to the receiver's tests, its body to these
            letter, body = row["code"][11], row["code"][12:]
            q = {"E": "1", "R": "3", "P": "6"}[letter]
            return parse_adm_cid(f"#1|{q}{body[:3]} {body[3:5]} {body[5:]}".encode())[1]


@pytest.mark.parametrize(
    "row",
    [pytest.param(row, id=row["id"]) for row in map(json.loads, CODES.read_text().splitlines())],
)
def test_the_published_examples(row: dict[str, Any]) -> None:
    found = meanings_of(*_row_parts(row))[row["index"]]
    assert (found.code.value, found.kind, found.category) == (
        row["event"],
        row["kind"],
        row["category"],
    )
    for key, value in (("area", found.area), ("zone", found.zone), ("user", found.user)):
        if key in row:
            seen = None if value is None or value.id is None else int(value.id)
            assert seen == row[key], key
    for key in ("new", "verified", "off_normal", "after_alarm"):
        if key in row:
            assert getattr(found.attributes, key) == row[key], key


# ------------------------------------------------------------- nothing raises, nothing is hidden

ANY_TEXT = st.text(max_size=6) | st.sampled_from(
    ["", "0", "00", "000", "130", "1A0", "BA", "HA", "12", "A", "01:02", "11-20-26", "²", "\u0661"]
)
PAIRS = st.lists(
    st.tuples(
        st.sampled_from(["ri", "id", "pi", "ti", "da", "lv", "ri_text", "id_text", "zz"]), ANY_TEXT
    ),
    max_size=4,
).map(tuple)
RAW = st.binary(max_size=8)
PARTS = st.one_of(
    st.builds(
        ContactId,
        raw=RAW,
        qualifier=st.sampled_from("136") | ANY_TEXT,
        event=ANY_TEXT,
        group=ANY_TEXT,
        zone=ANY_TEXT,
    ),
    st.builds(
        SiaEvent,
        raw=RAW,
        block=st.sampled_from("NO"),
        code=ANY_TEXT,
        address=ANY_TEXT,
        modifiers=PAIRS,
        trailing=st.none() | PAIRS,
        text=st.none() | ANY_TEXT,
    ),
    st.builds(SiaText, raw=RAW, text=ANY_TEXT),
    st.builds(SiaBlock, raw=RAW, function=ANY_TEXT, data=ANY_TEXT),
    st.builds(
        PulseEvent,
        raw=RAW,
        format=st.just("pulse-4/2"),
        event_code=ANY_TEXT,
        group=st.none() | ANY_TEXT,
        zone=ANY_TEXT,
    ),
    st.builds(Internal, raw=RAW, code=ANY_TEXT, number=ANY_TEXT, meaning=st.none() | ANY_TEXT),
    st.builds(TwoWayAudio, raw=RAW, event_code=ANY_TEXT, audio_line=ANY_TEXT),
    st.builds(Modifier, raw=RAW, name=ANY_TEXT, value=ANY_TEXT),
    st.builds(Unreadable, raw=RAW, format=st.just("raw"), reason=ANY_TEXT),
)
XDATA = st.lists(st.tuples(st.sampled_from("HIVXYZLORSTMq"), ANY_TEXT), max_size=3).map(tuple)


@given(
    st.lists(PARTS, max_size=4),
    XDATA,
    st.sampled_from((*tables.profile_names(), "unheard-of")),
    st.booleans(),
    st.sampled_from([10, 16]),
)
def test_no_report_ever_fails(
    parts: list[Part],
    xdata: tuple[tuple[str, str], ...],
    profile: str,
    trail: bool,  # noqa: FBT001 - drawn by hypothesis
    base: int,
) -> None:
    site = account(profile=profile, modifiers_trail=trail, address_base=base)
    found = meanings(report(*parts, xdata=xdata), site, received=RECEIVED)
    texts = sum(isinstance(part, SiaText) for part in parts)
    assert max(1, len(parts) - texts) <= len(found) <= max(1, len(parts))
    for meaning in found:
        # What is not in the contract's words would not survive the round trip.
        assert msgspec.convert(msgspec.to_builtins(meaning), Meaning) == meaning
        assert meaning.class_ in CLASSES
        assert meaning.class_ == CLASS_OF_KIND[meaning.kind]
        assert 1 <= meaning.severity <= 19
        assert meaning.code.known or "review" in meaning.flags


@given(st.sampled_from("136"), st.from_regex(r"[0-9B-F]{3}", fullmatch=True))
def test_every_contact_id_code_is_known_or_visibly_unknown(qualifier: str, code: str) -> None:
    found = cid(f"{qualifier}{code} 01 002")
    assert found.code.known == (code in tables.contact_id())
    assert found.code.value == code
    if not found.code.known:
        assert found.class_ != "open_close"
