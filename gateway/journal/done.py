"""Which events are done: one bit per event, in pages, so that years of them fit in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

PAGE_SEQS: Final = 4096
PAGE_BYTES: Final = PAGE_SEQS // 8
_FULL: Final = b"\xff" * PAGE_BYTES
_NONE: Final = bytes(PAGE_BYTES)
_ABSENT_MOST: Final = 64  # pages that are not there, one by one, before the next is looked for


class DoneMap:
    """A set of event numbers.

    Changed by the writing thread alone. Another thread may read at the same time: pages are
    immutable and replaced whole.
    """

    def __init__(self) -> None:
        self._pages: dict[int, bytes] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __contains__(self, seq: int) -> bool:
        bits = self._pages.get(seq // PAGE_SEQS)
        offset = seq % PAGE_SEQS
        return bits is not None and bool(bits[offset >> 3] >> (offset & 7) & 1)

    def copy(self) -> DoneMap:
        """Give a map that can change without this one changing; it shares the pages."""
        twin = DoneMap()
        twin._pages = dict(self._pages)
        twin._count = self._count
        return twin

    def first_page(self, after: int = -1) -> int | None:
        """Give the lowest page behind ``after`` that holds anything."""
        return min((page for page in list(self._pages) if page > after), default=None)

    def bits(self, page: int) -> bytes:
        """Give a page as it is stored."""
        return self._pages.get(page, _NONE)

    def load(self, page: int, bits: bytes) -> None:
        """Take one page as it was stored."""
        before = self._pages.get(page)
        self._count += _number(bits).bit_count() - (_number(before).bit_count() if before else 0)
        if bits == _NONE:
            self._pages.pop(page, None)
        else:
            # One object stands for all full pages: most of a long journal is done.
            self._pages[page] = _FULL if bits == _FULL else bits

    def install(self, pages: Mapping[int, bytes]) -> None:
        """Take pages that ``with_seqs`` or ``without_range`` made, once they are durable."""
        for page, bits in pages.items():
            self.load(page, bits)

    def with_seqs(self, seqs: Iterable[int]) -> dict[int, bytes]:
        """Give the pages that change when these are added."""
        changed: dict[int, bytearray] = {}
        for seq in seqs:
            page, offset = divmod(seq, PAGE_SEQS)
            bits = changed.get(page)
            if bits is None:
                changed[page] = bits = bytearray(self._pages.get(page) or PAGE_BYTES)
            bits[offset >> 3] |= 1 << (offset & 7)
        return {page: bytes(bits) for page, bits in changed.items()}

    def without_seqs(self, seqs: Iterable[int]) -> dict[int, bytes]:
        """Give the pages that change when these are taken out."""
        changed: dict[int, bytearray] = {}
        for seq in seqs:
            page, offset = divmod(seq, PAGE_SEQS)
            bits = changed.get(page)
            if bits is None:
                changed[page] = bits = bytearray(self._pages.get(page) or PAGE_BYTES)
            bits[offset >> 3] &= ~(1 << (offset & 7))
        return {page: bytes(bits) for page, bits in changed.items()}

    def with_common(self, maps: Sequence[DoneMap]) -> dict[int, bytes]:
        """Give the pages that change when what stands in every one of ``maps`` is added."""
        changed: dict[int, bytes] = {}
        for page in maps[0]._pages:  # noqa: SLF001  of the same class
            common = -1
            for one in maps:
                common &= _number(one._pages.get(page, b""))  # noqa: SLF001  of the same class
            before = _number(self._pages.get(page, b""))
            if common & ~before:
                changed[page] = (before | common).to_bytes(PAGE_BYTES, "little")
        return changed

    def count_lost(self, pages: Mapping[int, bytes]) -> int:
        """How many numbers go when these pages are installed."""
        return sum(
            (_number(self._pages.get(page, b"")) & ~_number(bits)).bit_count()
            for page, bits in pages.items()
        )

    def without_range(self, first: int, last: int) -> dict[int, bytes]:
        """Give the pages that change when this range (both ends included) is taken out."""
        changed: dict[int, bytes] = {}
        for page in sorted(self._pages):
            start = page * PAGE_SEQS
            low, high = max(first, start) - start, min(last, start + PAGE_SEQS - 1) - start
            if low > high:
                continue
            before = _number(self._pages[page])
            after = before & ~(((1 << (high - low + 1)) - 1) << low)
            if after != before:
                changed[page] = after.to_bytes(PAGE_BYTES, "little")
        return changed

    def missing_runs(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        """Yield the runs (both ends included) of numbers in the range that are not in the set."""
        start: int | None = None
        page = first // PAGE_SEQS
        while page * PAGE_SEQS <= last:
            bits = self._pages.get(page)
            base = page * PAGE_SEQS
            page += 1
            if bits is None:
                start = max(first, base) if start is None else start
                page = self._following(page, last)
                continue
            if bits is _FULL:
                if start is not None:
                    yield start, base - 1
                    start = None
                continue
            for is_missing, low in _edges(~_number(bits) & (1 << PAGE_SEQS) - 1):
                seq = base + low
                if is_missing and start is None:
                    start = seq
                elif not is_missing and start is not None:
                    if seq > first and start <= last:
                        yield max(start, first), min(seq - 1, last)
                    start = None
        if start is not None and start <= last:
            yield max(start, first), last

    def _following(self, page: int, last: int) -> int:
        """Give the next page that is there, or one behind the number ``last``."""
        for near in range(page, page + _ABSENT_MOST):
            if near in self._pages:
                return near
        # Removed long ago, or numbers left out by the million.
        far = self.first_page(page)
        return last // PAGE_SEQS + 1 if far is None else far


def _number(bits: bytes) -> int:
    return int.from_bytes(bits, "little")


def _edges(missing: int) -> Iterator[tuple[bool, int]]:
    """Yield where runs of set bits begin (True) and where they end (False), lowest first."""
    low = 0
    if not missing & 1:
        yield False, 0
    while missing:
        zeros = (missing & -missing).bit_length() - 1
        missing >>= zeros
        low += zeros
        yield True, low
        ones = (~missing & (missing + 1)).bit_length() - 1
        missing >>= ones
        low += ones
        if low < PAGE_SEQS:
            yield False, low
