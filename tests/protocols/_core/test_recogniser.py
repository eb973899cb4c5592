"""The generated pattern fills a struct, and Construct, reading by itself, agrees."""

import msgspec
import pytest
from construct import Struct
from hypothesis import given
from hypothesis import strategies as st

from protocols._core.fields import (
    DECIMAL,
    HEX,
    LETTERS,
    Characters,
    DecimalNumber,
    Enclosed,
    Literal,
    Maybe,
    Prefixed,
    Repeat,
)
from protocols._core.recogniser import Recogniser

DECLARATION = Struct(
    Literal(b"<"),
    "number" / DecimalNumber(2),
    "where"
    / Struct("area" / Characters(HEX, 1), "zone" / Maybe(Prefixed(b"z", Characters(HEX, 1, 3)))),
    "notes" / Repeat(Enclosed(b"(", Characters(LETTERS, 0, 4), b")")),
    "ignored" / Characters(DECIMAL, 0, 2),
    Literal(b">"),
)


class Whole(msgspec.Struct, frozen=True):
    number: int
    where: bytes
    area: str
    zone: str | None
    notes: tuple[str, ...]


class Named(msgspec.Struct, frozen=True, kw_only=True):
    zone: str | None
    number: int


class One(msgspec.Struct, frozen=True):
    area: str


RECOGNISER = Recogniser(DECLARATION, Whole)


def test_it_fills_the_struct_and_converts():
    assert RECOGNISER.match(b"<07Fz12(ab)(c)9>") == Whole(7, b"Fz12", "F", "12", ("ab", "c"))


def test_an_absent_part_is_none_and_an_empty_repeat_is_empty():
    assert RECOGNISER.match(b"<07F>") == Whole(7, b"F", "F", None, ())


def test_fields_may_be_fewer_in_another_order_and_by_keyword():
    assert Recogniser(DECLARATION, Named).match(b"<07Fz1>") == Named(number=7, zone="1")
    assert Recogniser(DECLARATION, One).match(b"<07Fz1>") == One("F")


def test_it_tells_where_it_ended_and_reads_from_anywhere():
    assert RECOGNISER.match_end(b"..<07F>..", 2) == (Whole(7, b"F", "F", None, ()), 7)
    assert RECOGNISER.match_end(b"..<07F>..", 1) is None
    assert RECOGNISER.match(b"<7>") is None


def test_the_whole_may_be_asked_for():
    assert RECOGNISER.fullmatch(b"<07F>") is not None
    assert RECOGNISER.fullmatch(b"<07F>.") is None
    assert RECOGNISER.interpret(b"<07F>.") is None
    assert RECOGNISER.interpret(b"<07F>.", whole=False) == RECOGNISER.match(b"<07F>.")


def test_a_field_the_declaration_does_not_name_is_refused_at_once():
    class Wrong(msgspec.Struct):
        nowhere: str

    with pytest.raises(ValueError, match="nowhere"):
        Recogniser(DECLARATION, Wrong)


def test_an_optional_part_that_fits_is_not_skipped():
    """The sequential reader would not come back to it, so the pattern must not."""

    class Line(msgspec.Struct):
        line: str | None

    optional = Struct("line" / Maybe(Prefixed(b"L", Characters(HEX, 0, 3))), Literal(b"L0"))
    recogniser = Recogniser(optional, Line)
    assert recogniser.match(b"L0L0") == recogniser.interpret(b"L0L0") == Line("0")
    assert recogniser.match(b"L0") is recogniser.interpret(b"L0") is None


PIECES = st.sampled_from([b"<", b">", b"07", b"F", b"z", b"1", b"(", b")", b"ab", b"", b"\xff"])


@given(st.lists(PIECES, max_size=12).map(b"".join).map(lambda body: b"<07" + body))
def test_pattern_and_construct_accept_the_same_bytes(data):
    assert RECOGNISER.fullmatch(data) == RECOGNISER.interpret(data)
    assert RECOGNISER.match(data) == RECOGNISER.interpret(data, whole=False)
