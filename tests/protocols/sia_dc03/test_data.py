"""DC-03 6.2 and DC-09 5.1: blocks, packets, modifiers and texts of SIA data."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols._core import Unreadable
from protocols.sia_dc03 import SiaBlock, SiaEvent, SiaText, build_sia_dcs, parse_sia_dcs


def told(part):
    """What a part says, short enough to stand in a table."""
    if isinstance(part, SiaEvent):
        text = () if part.text is None else (part.text,)
        modifiers = " ".join("=".join(pair) for pair in part.modifiers)
        return (f"{part.block} {part.code}{part.address}".rstrip(), modifiers, *text)
    if isinstance(part, SiaText):
        return ("A", part.text)
    if isinstance(part, SiaBlock):
        return (part.function, part.data)
    return ("?", part.raw)


DATA = [
    # events and areas
    (b"#1234|NFA129", "1234", [("N FA129", "")]),
    (b"#1234|NRR", "1234", [("N RR", "")]),
    (b"#000010|OFA2", "000010", [("O FA2", "")]),
    (b"#AAA|Nri0/RP0000", "AAA", [("N RP0000", "ri=0")]),
    (b"#4455|Nri2BA07", "4455", [("N BA07", "ri=2")]),  # Patriot: no slash
    (b"|Nri1/CL501", None, [("N CL501", "ri=1")]),
    (b"Nri1/WA000", None, [("N WA000", "ri=1")]),
    # modifiers, with and without separators, in any order
    (b"#1|Nri1ti09:34:20CL5", "1", [("N CL5", "ri=1 ti=09:34:20")]),
    (b"#1|Nri01id0012HA", "1", [("N HA", "ri=01 id=0012")]),
    (b"#1|Nid0012JT", "1", [("N JT", "id=0012")]),
    (b"#1|Npi0/AT", "1", [("N AT", "pi=0")]),
    (b"#1|Nda03-04-26/ti1046/RP", "1", [("N RP", "da=03-04-26 ti=1046")]),
    (b"#1|Nph1/lv2/va3/pt1/rg01/ss7/ai9/RS", "1", [
        ("N RS", "ph=1 lv=2 va=3 pt=1 rg=01 ss=7 ai=9")]),
    (b"#1|Nri1", "1", [("N", "ri=1")]),  # no event code: plain movement of one maker
    (b"#1|Nri1//BA1/", "1", [("N BA1", "ri=1")]),
    # packed events: modifiers reach forward until the same one comes again
    (b"#1|Nri1/BA001/BA002/ri2/FA003", "1", [
        ("N BA001", "ri=1"), ("N BA002", "ri=1"), ("N FA003", "ri=2")]),
    (b"#1|NBA001BA002", "1", [("N BA001", ""), ("N BA002", "")]),
    (b"#1|Nri1/BA1|NBA2", "1", [("N BA1", "ri=1"), ("N BA2", "")]),  # not across blocks
    # trailing modifiers belong to the last event
    (b"#1|NFA2/ri6", "1", [("N FA2", "ri=6")]),
    (b"#1|NBA001/Ri1", "1", [("N BA001", "ri=1")]),
    (b"#1|NBA1/BA2/ti10:35", "1", [("N BA1", ""), ("N BA2", "ti=10:35")]),
    # hexadecimal and odd addresses stay as sent
    (b"#1|NBA0A1F", "1", [("N BA0A1F", "")]),
    (b"#1|NBA1-2", "1", [("N BA1-2", "")]),
    (b"#1|NBA123456", "1", [("N BA123456", "")]),
    # texts
    (b"#1|Nri0KR1^TAST.  001      ^", "1", [("N KR1", "ri=0", "TAST.  001      ")]),
    (b"#1|NBA1^^", "1", [("N BA1", "", "")]),
    (b"#1|NBA1^Hall", "1", [("N BA1", "", "Hall")]),
    (b"#1|Nri1^Ground floor^id5^Anna^OP5^A^", "1", [
        ("N OP5", "ri=1 ri_text=Ground floor id=5 id_text=Anna", "A")]),
    (b"#001465|NRP000*'DECKERS'NM", "001465", [("N RP000", "", "DECKERS")]),
    (b'#1|NBA1*"Rear door"NM', "1", [("N BA1", "", "Rear door")]),
    (b"#1|NBA1*'Jo's room'NM/BA2*'a/b'NM", "1", [
        ("N BA1", "", "Jo's room"), ("N BA2", "", "a/b")]),
    (b"#1|NBA1*'Hall", "1", [("N BA1", "", "Hall")]),
    (b"#1|NBA12/AFire Zone 2", "1", [("N BA12", ""), ("A", "Fire Zone 2")]),
    (b"#1|NBA12/AF12", "1", [("N BA12", ""), ("N AF12", "")]),
    (b"#1|NBA12/AZone 1/2/ri3", "1", [("N BA12", "ri=3"), ("A", "Zone 1/2")]),
    (b"#1|NRR|Atest", "1", [("N RR", ""), ("A", "test")]),
    # other blocks
    (b"#1|NBA1|L90", "1", [("N BA1", ""), ("L", "90")]),
    (b"#1|Vhttps://x", "1", [("V", "https://x")]),
    # empty things are no parts
    (b"", None, []),
    (b"#1234", "1234", []),
    (b"#1234||", "1234", []),
]  # fmt: skip


@pytest.mark.parametrize(("data", "account", "parts"), DATA)
def test_data_is_read(data, account, parts):
    read_account, read = parse_sia_dcs(data)
    assert read_account == account
    assert [told(part) for part in read] == parts


def test_several_account_groups_name_their_own_events():
    account, parts = parse_sia_dcs(b"#1|NBA1|#2|NBA2")
    assert account == "1"
    assert [part.account for part in parts] == ["1", "2"]


def test_units_are_kept_beside_the_address():
    _, (event,) = parse_sia_dcs(b"#1|NKA1*25C^cold store^")
    assert (event.address, event.units, event.text) == ("1", "25C", "cold store")


def test_modifiers_that_trail_by_the_accounts_setting():
    _, (first, second) = parse_sia_dcs(b"#1|NBA001/Ri1 BA003/Ri2")
    assert first.modifiers == ()
    assert first.trailing == (("ri", "1"),)
    assert second.modifiers == (("ri", "2"),)
    assert second.trailing is None  # the same either way


@pytest.mark.parametrize(
    ("data", "raws"),
    [
        (b"1234|Nri1/BA01", [b"1234"]),
        (b"#1|N??", [b"N??"]),
        (b"#1|Nri1/BA1?x", [b"?x"]),
        (b"#1|xyz", [b"xyz"]),
        (b"#1|BA1", [b"BA1"]),
    ],
)
def test_what_cannot_be_read_stands_beside_the_rest(data, raws):
    _, parts = parse_sia_dcs(data)
    bad = [part for part in parts if isinstance(part, Unreadable)]
    assert [part.raw for part in bad] == raws
    assert all("expected" in part.reason for part in bad)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Tür".encode(), "Tür"),
        ("Tür".encode("cp1252"), "Tür"),
        (b"T\x81r", "T\x81r"),  # undefined in Windows-1252
    ],
)
def test_text_is_utf8_else_windows_1252_else_latin_1(text, read):
    _, (event,) = parse_sia_dcs(b"#1|NBA1^" + text + b"^")
    assert event.text == read


def test_the_carrier_may_name_the_code_page():
    _, (event,) = parse_sia_dcs("#1|NBA1^Tür^".encode(), encoding="cp1252")
    assert event.text == "TÃ¼r"


NAME = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=2, max_size=2)
TEXT = st.none() | st.text("abc XYZ 019 äß/*'", max_size=12)
MODIFIER = st.tuples(st.sampled_from(["ri", "id", "pi"]), st.text("0123456789", max_size=4))
EVENT = st.builds(
    SiaEvent,
    raw=st.just(b""),
    block=st.sampled_from("NO"),
    code=NAME,
    address=st.text("0123456789", max_size=4),
    modifiers=st.lists(MODIFIER, max_size=3, unique_by=lambda pair: pair[0]).map(tuple),
    text=TEXT,
)


@given(st.lists(EVENT, max_size=4))
def test_building_is_the_inverse_of_reading(events):
    data = build_sia_dcs("1234", events)
    account, read = parse_sia_dcs(data, encoding="utf-8")
    assert account == "1234"
    assert [told(part) for part in read] == [told(part) for part in events]


def test_texts_and_other_blocks_are_written_too():
    parts = [
        SiaEvent(raw=b"", block="N", code="BA", address="1", modifiers=(("ri", "2"),), units="3C"),
        SiaText(raw=b"", text="Front door"),
        SiaBlock(raw=b"", function="L", data="90"),
    ]
    data = build_sia_dcs(None, parts)
    assert data == b"|Nri2/BA1*3C|AFront door|L90"
    _, read = parse_sia_dcs(data)
    assert [told(part) for part in read] == [told(part) for part in parts]
    assert read[0].modifier("ri") == "2"
    assert read[0].modifier("id") is None


@pytest.mark.parametrize(
    "part",
    [
        SiaText(raw=b"", text="a|b"),
        SiaBlock(raw=b"", function="N", data="BA1"),
        SiaBlock(raw=b"", function="L", data="9|0"),
        SiaEvent(raw=b"", block="N", code="ba", address="1"),
        SiaEvent(raw=b"", block="N", code="BA", text="a|b"),
        SiaEvent(raw=b"", block="N", code="BA", text="a^b"),
        Unreadable(raw=b"x", format="raw", reason=""),
    ],
)
def test_what_would_be_read_otherwise_is_not_written(part):
    with pytest.raises(ValueError, match="SIA data"):
        build_sia_dcs("1", [part])


@given(st.binary(max_size=80) | st.text("NOA#|/^*'riBA01 ", max_size=40).map(str.encode))
def test_no_bytes_make_it_raise_and_none_are_dropped(data):
    _, parts = parse_sia_dcs(data)
    kept = b"".join(part.raw for part in parts)
    content = b"".join(c for c in data.split(b"|") if not c.startswith(b"#"))
    assert kept.replace(b"/", b"").replace(b" ", b"") == content.replace(b"/", b"").replace(
        b" ", b""
    ) or any(isinstance(part, SiaText) for part in parts)
