"""What a read costs grows with its length and no faster; what is held of it does not grow (SEC-15).

Counted in calls, not in seconds: the machine has other things to do. ``python -m benchmarks
--only SEC-15`` shows the same in time.
"""

import ast
import sys
from collections import deque

import pytest

from protocols.receiver_link.cutting import Layouts
from protocols.surgard.layouts import Layouts as SurgardLayouts
from tests.fuzz.sessions import VARIANTS, opened
from tests.support.dialects import DIALECTS

SHORT_BYTES = 2 * 1024
LONG_BYTES = 16 * 1024
HELD_BYTES = 6 * 1024  # two buffers of 2 KiB, one behind a cipher and one before it, and more
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


def held(thing, seen):
    """Count the bytes that are reachable from a session's own objects."""
    if id(thing) in seen:
        return 0
    seen.add(id(thing))
    if isinstance(thing, bytes | bytearray | str):
        return len(thing)
    if isinstance(thing, dict):
        return sum(held(each, seen) for pair in thing.items() for each in pair)
    if isinstance(thing, list | tuple | set | frozenset | deque):
        return sum(held(each, seen) for each in thing)
    kind = type(thing)
    if not kind.__module__.startswith("protocols.") or isinstance(thing, Layouts | SurgardLayouts):
        return 0  # what is declared once is no part of a session
    names = {*getattr(thing, "__dict__", ())}
    names.update(name for each in kind.__mro__ for name in getattr(each, "__slots__", ()))
    return sum(held(getattr(thing, name, None), seen) for name in names)


@pytest.mark.parametrize(("protocol", "options"), SESSIONS, ids=str)
def test_what_is_held_of_any_stream_is_bounded(protocol, options):
    frames = [each.frame for each in DIALECTS if each.protocol == protocol]
    for pattern in (*PATTERNS, *(frame[:-1] for frame in frames), *frames):
        connection = opened(protocol, options)
        data = (pattern * (LONG_BYTES // len(pattern) + 1))[:LONG_BYTES]
        for at in range(0, LONG_BYTES, 1_000):
            connection.receive(data[at : at + 1_000], now=0.0)
            connection.data_to_send()
        assert held(connection, set()) <= HELD_BYTES, pattern


def test_every_option_of_every_protocol_is_tried():
    for protocol, variants in VARIANTS.items():
        with pytest.raises(ValueError, match="siren") as refused:
            opened(protocol, {"siren": 1})
        tried = {name for options in variants for name in options}
        _, _, known = str(refused.value).partition(f"{protocol} has ")
        names = set() if known in {"none", ""} else set(ast.literal_eval(known))
        assert tried == names, protocol
