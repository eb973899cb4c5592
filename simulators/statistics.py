"""Latency figures of a run: exact percentiles from every single measurement."""

from __future__ import annotations

import math
from array import array

import msgspec


class Latency(msgspec.Struct, frozen=True, kw_only=True):
    """Percentiles in milliseconds; all zero when nothing was measured."""

    count: int = 0
    p50_ms: float = 0.0
    p99_ms: float = 0.0
    p999_ms: float = 0.0
    max_ms: float = 0.0


class Latencies:
    """Collects seconds (8 bytes each, so ten million fit anywhere) and sums them up."""

    def __init__(self) -> None:
        self._seconds = array("d")

    def add(self, seconds: float) -> None:
        """Take one measurement."""
        self._seconds.append(seconds)

    def extend(self, other: Latencies) -> None:
        """Take all measurements of another collection."""
        self._seconds.extend(other._seconds)

    def summary(self) -> Latency:
        """Sort once and read the percentiles off (nearest rank: a value that was measured)."""
        ordered = sorted(self._seconds)
        if not ordered:
            return Latency()

        def at(share: float) -> float:
            rank = max(1, math.ceil(share * len(ordered)))
            return round(ordered[rank - 1] * 1000, 3)

        return Latency(
            count=len(ordered),
            p50_ms=at(0.50),
            p99_ms=at(0.99),
            p999_ms=at(0.999),
            max_ms=round(ordered[-1] * 1000, 3),
        )
