"""SEC-15: what the worst read costs a session, and how that grows with its length.

Each session of the registry is given 8 KiB and 64 KiB in one read: of every byte that begins or
ends something, and of real frames, whole and cut short, over and over. What is shown is the worst
growth and the highest cost of each.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from benchmarks import goals
from benchmarks.goals import Row
from protocols.registry import PROTOCOLS
from tests.fuzz.targets import real_frames

SHORT_BYTES: Final = 8 * 1024
LONG_BYTES: Final = 64 * 1024
_FRAMES: Final = 60  # real frames that are tried, spread over the corpora
_TRIES: Final = 3  # the best of them counts: the machine has other things to do
_DOUBTFUL: Final = 8.5  # one try is enough where it grows by less: in proportion is eight times
_FLOOR_S: Final = 20e-6  # a read that costs less than this is not measured well enough to grow
_BYTES: Final = b'\0\n\r\x02\x06\x14\x15 "*#[]|_/@0159AFN\x7f\xff'


def patterns() -> Iterator[bytes]:
    """What the reads are made of."""
    for byte in _BYTES:
        yield bytes([byte])
    frames = [each for each in dict.fromkeys(real_frames()) if each]
    for frame in frames[:: max(1, len(frames) // _FRAMES)]:
        yield frame
        yield frame[:-1]
        yield frame[: len(frame) // 2]


def _cost_s(protocol: str, data: bytes, *, tries: int) -> float:
    best = 1e9
    for _ in range(tries):
        connection = PROTOCOLS[protocol].connect(keys=lambda _account: (), pad=bytes)
        began = time.thread_time()
        connection.receive(data, now=0.0)
        connection.eof()
        best = min(best, time.thread_time() - began)
    return best


def _growth(protocol: str, pattern: bytes) -> tuple[float, float]:
    """Give how the cost grows, and what the longer read costs in seconds."""
    short, long = (
        (pattern * (size // len(pattern) + 1))[:size] for size in (SHORT_BYTES, LONG_BYTES)
    )
    growth = cost = 0.0
    for tries in (1, _TRIES):
        cost = _cost_s(protocol, long, tries=tries)
        growth = cost / max(_cost_s(protocol, short, tries=tries), _FLOOR_S)
        if growth < _DOUBTFUL:
            break
    return growth, cost


def run(*, say: Callable[[str], None]) -> list[Row]:
    """Measure every stream protocol."""
    rows = []
    tried = list(dict.fromkeys(patterns()))
    gc.collect()
    gc.freeze()  # as the gateway does once it runs: what is read is measured, not what is held
    for name in PROTOCOLS:
        say(f"SEC-15: {name}")
        growths, costs = [], []
        for pattern in tried:
            growth, cost = _growth(name, pattern)
            growths.append(growth)
            costs.append(cost)
        rows.append(
            Row(
                goal=msgspec.structs.replace(goals.GROWTH, what=goals.GROWTH.what.format(name)),
                measured=f"{max(costs) * 1000:.1f} ms for 64 KiB",
                against="8 KiB, eight times shorter",
                figure=max(growths),
                details={"worst": repr(tried[growths.index(max(growths))][:40])},
            )
        )
    return rows
