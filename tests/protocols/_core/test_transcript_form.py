"""What is captured can be read, and what is read is what was captured."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols._core.transcript import (
    Came,
    TranscriptError,
    Went,
    Writer,
    as_bytes,
    as_text,
    header,
    read,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
FRAMES = st.binary(min_size=1, max_size=80) | st.text('ABC 019[]|#"\r\n\\x', min_size=1).map(
    lambda text: text.encode("latin-1")
)


@given(FRAMES)
def test_bytes_are_written_so_that_they_are_read_back(data):
    text = as_text(data)
    assert as_bytes(text) == data
    assert text == text.strip()
    assert "\n" not in text


@given(st.lists(st.tuples(st.floats(0, 5), st.sampled_from("ab"), st.booleans(), FRAMES)))
def test_a_capture_is_read_back_as_it_was_held(held):
    writer, at_s = Writer(), 0.0
    lines = list(header(["what it is"], protocol="dc09", is_datagram=True, utc=NOON))
    for pause_s, peer, is_ours, data in held:
        at_s += pause_s
        lines += writer.lines(at_s, peer, is_ours=is_ours, text=as_text(data))
    said = read("\n".join(lines))
    assert (said.protocol, said.is_datagram) == ("dc09", True)
    found = [step for step in said.steps if isinstance(step, Came | Went)]
    assert [(s.peer, isinstance(s, Went), s.data) for s in found] == [
        (peer, is_ours, data) for _, peer, is_ours, data in held
    ]
    if found:
        assert found[-1].at_s == pytest.approx(at_s, abs=0.01 * (len(held) + 1))


def test_a_frame_is_written_as_a_technician_would():
    assert as_text(b'\n54230012"NULL"0000L0#AAA[]\r') == '\\n54230012"NULL"0000L0#AAA[]\\r'
    assert as_text(b"5011 181234E13101015\x14") == "5011 181234E13101015\\x14"
    assert as_text(b"\x06") == "06"
    assert as_text(b"41") == "34 31"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("no mark", "expected '> bytes'"),
        (">no blank", "expected '> bytes'"),
        ("@ color red", "expected @ protocol"),
        (r"> \q", "after a backslash"),
        ("> \u20ac", "Latin-1"),
        ("@ key 1234 xyz", "hexadecimal"),
        ("@ clock noon", "noon"),
    ],
)
def test_a_mistake_is_told_with_its_line(line, expected):
    with pytest.raises(TranscriptError, match=r"^line 2: ") as told:
        read(f"# head\n{line}\n")
    assert expected in str(told.value)
