"""Words, decimal-coded numbers and joined fields: reader, pattern and writer agree."""

import re

import pytest
from construct import ConstructError
from hypothesis import given
from hypothesis import strategies as st

from protocols._core.alphabet import DECIMAL, LETTERS
from protocols._core.fields import Characters
from protocols._core.words import BcdNumber, Joined, OneOf

FIELDS = [
    (OneOf(b"18", b"98"), ["18", "98"]),
    (BcdNumber(2), [0, 25, 9999]),
    (Joined(Characters(DECIMAL, 1, 6), Characters(LETTERS, 0, 2)), ["1", "123456", "25C", "1Kg"]),
]


@pytest.mark.parametrize(("field", "values"), FIELDS)
def test_building_is_the_inverse_of_reading(field, values):
    for value in values:
        assert field.parse(field.build(value)) == value


@pytest.mark.parametrize(
    ("field", "value"), [(OneOf(b"18"), "19"), (BcdNumber(1), 100), (FIELDS[2][0], "C")]
)
def test_what_does_not_fit_is_not_built(field, value):
    with pytest.raises(ConstructError):
        field.build(value)


@pytest.mark.parametrize("field", [field for field, _ in FIELDS])
@given(data=st.binary(max_size=6) | st.text("0189AC", max_size=8).map(str.encode))
def test_reader_and_pattern_agree(field, data):
    end = field.measure(data, 0)
    found = re.compile(field.pattern()).match(data)
    assert (found.end() if found else -1) == end
    if found:
        assert field.convert(found[0]) == field.decode(data[:end])
