"""What a read costs grows with its length and no faster, in every session (SEC-15).

Counted in calls, not in seconds: the machine has other things to do. ``python -m benchmarks
--only SEC-15`` shows the same in time.
"""

import ast
import sys

import pytest

from tests.fuzz.sessions import VARIANTS, opened
from tests.support.dialects import DIALECTS

SHORT_BYTES = 2 * 1024
LONG_BYTES = 16 * 1024
MOST_CALLS_A_BYTE = 16
PATTERNS = [
    b"\n", b"\r", b"\x02", b"N", b"1", b" ", b"\x00", b"12341813", b"123418130100005F",
    b"1011      1234 A  F3", b"S011[#123", b'\n2F2F002B"ADM-CID"0056L9999#9999[#9999|1',
]  # fmt: skip
SESSIONS = [(name, options) for name, variants in VARIANTS.items() for options in ({}, *variants)]


def calls(protocol, options, data):
    """Count the calls that a read and its end make, built-in ones included."""
    connection = opened(protocol, options)
    count = 0

    def counted(_frame, event, _argument):
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(counted)
    try:
        connection.receive(data, now=0.0)
        connection.eof()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(("protocol", "options"), SESSIONS, ids=str)
def test_the_cost_of_a_read_is_linear(protocol, options):
    frames = [each.frame for each in DIALECTS if each.protocol == protocol]
    for pattern in (*PATTERNS, *(frame[:-1] for frame in frames), *frames):
        short, long = (
            calls(protocol, options, (pattern * (size // len(pattern) + 1))[:size])
            for size in (SHORT_BYTES, LONG_BYTES)
        )
        assert long <= 9 * max(short, 200), pattern
        assert long <= MOST_CALLS_A_BYTE * LONG_BYTES, pattern


def test_every_option_of_every_protocol_is_tried():
    for protocol, variants in VARIANTS.items():
        with pytest.raises(ValueError, match="siren") as refused:
            opened(protocol, {"siren": 1})
        tried = {name for options in variants for name in options}
        _, _, known = str(refused.value).partition(f"{protocol} has ")
        names = set() if known in {"none", ""} else set(ast.literal_eval(known))
        assert tried == names, protocol
