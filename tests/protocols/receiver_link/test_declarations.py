"""Pattern and Construct are one grammar, in every dialect; what they build they read back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.dialects import DECLARED

PIECES = [
    b" ", b"[", b"]", b"|", b"#", b"A", b"0", b"f", b"\r", b"\n", b"\x14", b"\x02", b"\x00", b"T",
    b"\xff", b"18", b"*'x'NM", b"",
]  # fmt: skip


@st.composite
def mutants(draw, bases):
    """A real frame with a few places overwritten, cut out or filled in."""
    text = draw(st.sampled_from(bases))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 5)))
        text = text[:start] + draw(st.sampled_from(PIECES) | st.binary(max_size=3)) + text[end:]
    return text


@pytest.mark.parametrize("declared", DECLARED, ids=str)
class TestEveryDeclaration:
    @given(data=st.data())
    def test_same_bytes_same_fields(self, declared, data):
        text = data.draw(mutants(declared.samples))
        recogniser = declared.recogniser
        assert recogniser.fullmatch(text) == recogniser.interpret(text)

    @given(text=st.binary(max_size=60))
    def test_also_on_anything(self, declared, text):
        recogniser = declared.recogniser
        assert recogniser.fullmatch(text) == recogniser.interpret(text)

    def test_the_oracle_sees_real_frames(self, declared):
        """Agreement on refusing everything would prove nothing."""
        assert all(declared.recogniser.fullmatch(sample) for sample in declared.samples)

    def test_what_is_read_builds_the_same_bytes(self, declared):
        for sample in declared.samples:
            assert declared.declaration.build(declared.declaration.parse(sample)) == sample
