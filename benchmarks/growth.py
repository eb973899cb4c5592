"""SEC-15: what the worst read costs a session, and how that grows with its length.

Each session of the registry is given 8 KiB and 64 KiB in one read: of every byte that begins or
ends something, and of real frames, whole and cut short, over and over. What is shown is the worst
growth and the highest cost of each.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from benchmarks import goals
from benchmarks.goals import Row
from protocols.registry import PROTOCOLS
from tests.fuzz.targets import seeds

SHORT_BYTES: Final = 8 * 1024
LONG_BYTES: Final = 64 * 1024
_FRAMES: Final = 60  # real frames that are tried, spread over the corpora
_TRIES: Final = 3  # the best of them counts: the machine has other things to do
_FLOOR_S: Final = 20e-6  # a read that costs less than this is not measured well enough to grow
_BYTES: Final = b'\0\n\r\x02\x06\x14\x15 "*#[]|_/@0159AFN\x7f\xff'


def patterns() -> Iterator[bytes]:
    """What the reads are made of."""
    for byte in _BYTES:
        yield bytes([byte])
    frames = [each for each in dict.fromkeys(seeds("")) if each]
    for frame in frames[:: max(1, len(frames) // _FRAMES)]:
        yield frame
        yield frame[:-1]
        yield frame[: len(frame) // 2]


def _cost_s(protocol: str, data: bytes) -> float:
    best = 1e9
    for _ in range(_TRIES):
        connection = PROTOCOLS[protocol].connect(keys=lambda _account: (), pad=bytes)
        began = time.thread_time()
        connection.receive(data, now=0.0)
        connection.eof()
        best = min(best, time.thread_time() - began)
    return best


def run(*, say: Callable[[str], None]) -> list[Row]:
    """Measure every stream protocol."""
    rows = []
    tried = list(patterns())
    for name in PROTOCOLS:
        say(f"SEC-15: {name}")
        growths, costs = [], []
        for pattern in tried:
            cost = [
                _cost_s(name, (pattern * (size // len(pattern) + 1))[:size])
                for size in (SHORT_BYTES, LONG_BYTES)
            ]
            growths.append(cost[1] / max(cost[0], _FLOOR_S))
            costs.append(cost[1])
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
