"""Every declaration, found by itself: pattern and Construct are one grammar, both ways.

Bytes that a declaration describes are generated from its own pattern, then damaged; Construct,
reading field after field without the pattern, must accept the same and say the same.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocols._core.fields import pattern_of
from tests.support.declarations import declarations, unmade

DECLARATIONS = declarations()
PIECES = [
    b" ", b"[", b"]", b"|", b"#", b'"', b"*", b"A", b"0", b"f", b"\r", b"\n", b"\x14", b"\x02",
    b"\x00", b"T", b"\xff", b"18", b"",
]  # fmt: skip
EXAMPLES = 12  # of each; there are hundreds, and fuzzing (tests/fuzz) looks at them for longer
ONLY_READ = {
    "contact_id.frame.LOOSE", "contact_id.frame.LONG_WITHOUT_ACCOUNT",
    "contact_id.frame.LONG_SPACED", "contact_id.frame.LONG_PACKED",
    "contact_id.frame.LONG_PACKED_10", "sia_dc03.frame.MODIFIER", "sia_dc03.frame.EVENT",
}  # fmt: skip
"""Spellings of makers that are read and never written: what they let pass has no name."""


def described(declaration):
    """Bytes that it describes; what must follow without being its own follows."""
    grammar = b"(?:%b)" % pattern_of(declaration.recogniser.declaration)
    return st.from_regex(grammar + rb"[\s\S]{0,3}", fullmatch=True)


@st.composite
def damaged(draw, texts):
    """One of the texts with a few places overwritten, cut out or filled in."""
    text = draw(texts)
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 5)))
        text = text[:start] + draw(st.sampled_from(PIECES) | st.binary(max_size=3)) + text[end:]
    return text


def test_none_is_made_where_no_oracle_sees_it():
    assert unmade() == [], "call it in tests/support/declarations.py"


def test_they_are_found():
    names = "\n".join(map(str, DECLARATIONS))
    for known in ("dc09.frame.USUAL", "dc07.frame.FRAME", "mx8000.commands.LOG_ON", "[telenot]"):
        assert known in names
    assert len(DECLARATIONS) > 200


def test_all_are_written_but_those_that_are_only_read():
    assert {str(each) for each in DECLARATIONS if not each.can_build} == ONLY_READ


@pytest.mark.parametrize("declaration", DECLARATIONS, ids=str)
class TestEveryDeclaration:
    @settings(max_examples=EXAMPLES)
    @given(data=st.data())
    def test_same_bytes_same_fields(self, declaration, data):
        recogniser = declaration.recogniser
        text = data.draw(damaged(described(declaration)))
        assert recogniser.fullmatch(text) == recogniser.interpret(text)
        assert recogniser.match(text) == recogniser.interpret(text, whole=False)

    @settings(max_examples=EXAMPLES)
    @given(data=st.data())
    def test_what_is_read_is_built_and_read_again(self, declaration, data):
        text = data.draw(described(declaration))
        form = declaration.recogniser.declaration
        end = declaration.recogniser.pattern.match(text).end()
        read = form.parse(text)
        if not declaration.can_build:
            return  # it only reads: something in it has no name to be built from
        built = form.build(read)
        assert len(built) == end
        assert form.parse(built + text[end:]) == read
        assert form.build(form.parse(built + text[end:])) == built
