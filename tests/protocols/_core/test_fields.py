"""Each word of the vocabulary: reads, builds, and says in its pattern what it reads."""

import re

import pytest
from construct import Struct, Terminated
from hypothesis import example, given
from hypothesis import strategies as st

from protocols._core.checksums import crc16_arc
from protocols._core.fields import (
    ANY,
    DECIMAL,
    HEX,
    LETTERS,
    PRINTABLE,
    UPPER_HEX,
    Ahead,
    Alphabet,
    BinaryNumber,
    Characters,
    Choice,
    DecimalNumber,
    Enclosed,
    Field,
    FieldError,
    HexNumber,
    Literal,
    Maybe,
    Padded,
    Picture,
    Prefixed,
    QuotedToken,
    Repeat,
    Rest,
    UpTo,
    pattern_of,
)
from protocols._core.sealed import Sealed

# field, value, bytes: read and built alike.
SIMPLE = [
    (Literal(b"[#"), b"[#", b"[#"),
    (Characters(HEX, 4), "0aF9", b"0aF9"),
    (Characters(HEX, 1, 6), "F", b"F"),
    (Characters(ANY.but(b"]"), as_bytes=True), b"\xff\r[", b"\xff\r["),
    (Characters(ANY), "\xe9", b"\xe9"),
    (Characters(HEX, 2, 5, first=LETTERS), "A12", b"A12"),
    (HexNumber(4), 0x2B, b"002B"),
    (DecimalNumber(3), 7, b"007"),
    (BinaryNumber(2), 0xD14B, b"\xd1\x4b"),
    (Picture(b"99:99"), "09:15", b"09:15"),
    (Padded(6, UPPER_HEX), "1234", b"1234  "),
    (Padded(6, UPPER_HEX, align="right"), "1234", b"  1234"),
    (Padded(4, UPPER_HEX, fill=b"0", align="right", minimum=1), "7", b"0007"),
    (Enclosed(b"[", Characters(DECIMAL, 1, 3), b"]"), "12", b"[12]"),
    (Prefixed(b"R", Characters(HEX, 0, 6)), "", b"R"),
    (QuotedToken(PRINTABLE, 1, 8), "NULL", b'"NULL"'),
    (UpTo(b"J{", b"]", followed_by=b"[_"), b'J{"a":[1,2]}', b'J{"a":[1,2]}'),
    (Maybe(Prefixed(b"L", Characters(HEX, 1, 6))), "0", b"L0"),
    (Maybe(Prefixed(b"L", Characters(HEX, 1, 6))), None, b""),
    (Choice(Picture(b"99"), Characters(LETTERS, 2)), "12", b"12"),
    (Repeat(Enclosed(b"[", Characters(LETTERS, 1, 3), b"]")), ("ab", "c"), b"[ab][c]"),
    (Repeat(Enclosed(b"[", Characters(LETTERS, 1, 3), b"]")), (), b""),
    (Rest(), b"\0\xff", b"\0\xff"),
]


@pytest.mark.parametrize(("field", "value", "data"), SIMPLE)
class TestEveryWord:
    def test_reads(self, field, value, data):
        if isinstance(field, UpTo):
            field, data = Enclosed(b"[", field, b"]"), b"[" + data + b"]"
        assert field.parse(data) == value

    def test_builds(self, field, value, data):
        if isinstance(field, UpTo):
            field = Enclosed(b"[", field, b"]")
            data = b"[" + data + b"]"
        assert field.build(value) == data

    def test_says_so_in_its_pattern(self, field, value, data):
        del value
        if isinstance(field, UpTo):
            field, data = Enclosed(b"[", field, b"]"), b"[" + data + b"]"
        found = re.fullmatch(field.captured("value"), data)
        assert found is not None
        assert re.fullmatch(pattern_of(field), data)


# field, bytes: refused by both.
REFUSED = [
    (Literal(b"[#"), b"[["),
    (Ahead(b'"'), b"x"),
    (Characters(HEX, 4), b"12G4"),
    (HexNumber(4), b"+0A1"),
    (HexNumber(4), b" 0A1"),
    (HexNumber(4), b"0x1F"),
    (HexNumber(4), b"1_00"),
    (HexNumber(4), b"123"),
    (BinaryNumber(2), b"1"),
    (Picture(b"99:99"), b"09-15"),
    (Picture(b"99:99"), b"09:1"),
    (Padded(4, UPPER_HEX), b" 123"),
    (Padded(4, UPPER_HEX), b"12"),
    (Padded(4, UPPER_HEX, minimum=1), b"    "),
    (Padded(4, UPPER_HEX, align="right"), b"12  "),
    (Enclosed(b"[", Characters(DECIMAL, 1, 3), b"]"), b"[1234]"),
    (UpTo(b"J{", b"]", followed_by=b"[_"), b"J{}]x"),
    (UpTo(b"J{", b"]", followed_by=b"[_"), b"K{}]"),
    (Choice(Picture(b"99"), Characters(LETTERS, 2)), b"a1"),
    (Characters(HEX, 2, 5, first=LETTERS), b"12"),
]


@pytest.mark.parametrize(("field", "data"), REFUSED)
def test_refused_by_reader_and_pattern(field, data):
    with pytest.raises(FieldError):
        field.parse(data)
    assert re.match(field.captured("value"), data) is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (Characters(HEX, 4), "12345"),
        (HexNumber(2), 256),
        (HexNumber(2), -1),
        (DecimalNumber(2), 100),
        (Picture(b"99"), "1x"),
        (Padded(2, HEX), "123"),
        (Enclosed(b"[", Characters(ANY.but(b"]")), b"]"), "a]b"),
        (UpTo(b"J{", b"]", followed_by=b"[_"), "J{]_}"),
        (Choice(Picture(b"99"), Picture(b"9")), "x"),
    ],
)
def test_a_value_that_would_read_as_another_is_not_built(field, value):
    with pytest.raises(FieldError):
        field.build(value)


def test_text_with_its_own_delimiter_is_built_alone():
    assert UpTo(b"J{", b"]", followed_by=b"[_").build('J{"a":[1]}') == b'J{"a":[1]}'


def test_a_new_word_must_say_where_it_ends_how_it_looks_and_how_it_is_written():
    word = Field()
    for say in (lambda: word.measure(b"", 0), word.pattern, lambda: word.encode(b"")):
        with pytest.raises(NotImplementedError):
            say()


class TestSequentially:
    """A field takes what it can and never gives back."""

    def test_an_optional_part_that_fits_is_not_skipped(self):
        field = Struct("line" / Maybe(Prefixed(b"L", Characters(HEX, 0, 3))), Literal(b"L0"))
        with pytest.raises(FieldError):
            field.parse(b"L0")
        assert re.fullmatch(pattern_of(field), b"L0") is None

    def test_a_choice_does_not_come_back(self):
        field = Struct("x" / Choice(Characters(DECIMAL, 1), Characters(DECIMAL, 2)), Literal(b"!"))
        with pytest.raises(FieldError):
            field.parse(b"12!")
        assert re.fullmatch(pattern_of(field), b"12!") is None

    def test_a_repeat_stops_at_its_maximum(self):
        field = Repeat(Characters(DECIMAL, 1), maximum=2)
        assert field.parse(b"123") == ("1", "2")
        assert re.match(field.pattern(), b"123")[0] == b"12"

    def test_text_with_its_own_delimiter_ends_before_the_next_field(self):
        field = Repeat(
            Enclosed(
                b"[",
                Choice(
                    UpTo(b"J{", b"]", followed_by=b"[_"),
                    Characters(ANY.but(b"]"), 1, 99, first=LETTERS, as_bytes=True),
                ),
                b"]",
            )
        )
        data = b'[J{"a":[1,[2]]}][Rroom]_12'
        assert field.parse(data) == (b'J{"a":[1,[2]]}', b"Rroom")
        assert field.convert(re.match(field.pattern(), data)[0]) == field.parse(data)


def test_an_alphabet_is_spelled_with_ranges_and_a_closing_hyphen():
    assert Alphabet("0-9-").members == frozenset(b"0123456789-")
    assert re.fullmatch(Alphabet("^]-").pattern + b"+", b"^]-")
    assert not ANY.is_ascii
    assert PRINTABLE.plus(HEX).members == PRINTABLE.members


def test_ahead_consumes_nothing():
    field = Struct(Ahead(b"a"), "x" / Characters(LETTERS, 1), Terminated)
    assert field.parse(b"a").x == "a"
    assert field.build({"x": "a"}) == b"a"
    assert re.fullmatch(pattern_of(field), b"a")


def test_a_stock_field_has_no_pattern_and_says_so():
    from construct import Int8ub

    with pytest.raises(TypeError, match="declare it with"):
        pattern_of(Struct("x" / Int8ub))


class TestSealed:
    """Check value and length, which no pattern can say."""

    FRAME = Sealed(
        opening=b"\n",
        check=HexNumber(4),
        length=HexNumber(4),
        content=Struct("text" / Characters(LETTERS, 1, 99)),
        closing=b"\r",
        checksum=crc16_arc,
    )

    def test_reads_what_it_builds(self):
        built = self.FRAME.build({"text": "abc"})
        assert built == b"\n97380003abc\r"
        assert self.FRAME.parse(built).text == "abc"

    @pytest.mark.parametrize(
        "broken",
        [
            b"\n97390003abc\r",  # check value
            b"\n97380004abc\r",  # length
            b"\n97380003abc",  # no closing mark
            b"\n9738000",
        ],
    )
    def test_refuses(self, broken):
        with pytest.raises(FieldError):
            self.FRAME.parse(broken)

    def test_refuses_bytes_left_over(self):
        with pytest.raises(FieldError, match="left over"):
            self.FRAME.parse(self.FRAME.seal(b"abc1"))

    def test_a_region_too_long_for_its_length_field_is_not_sealed(self):
        with pytest.raises(FieldError):
            self.FRAME.seal(bytes(0x10000))


@given(st.sampled_from([field for field, _, _ in SIMPLE]), st.binary(max_size=12))
@example(Padded(4, UPPER_HEX, fill=b"0", align="right", minimum=1), b"0000")
def test_reader_and_pattern_end_at_the_same_byte(field, data):
    end = field.measure(data, 0)
    found = re.match(field.pattern(), data)
    assert (found.end() if found else -1) == end
