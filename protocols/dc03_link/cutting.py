"""Blocks out of a stream of bytes; after damage it finds the next one byte by byte.

Nothing marks where a block begins, and one parity byte does not prove much: of random bytes
one position in some thousands looks like a block. So after noise only what says more than
its parity is believed again: an account of three digits or more, or an event.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from protocols.dc03_link import frame
from protocols.dc03_link.blocks import Block, block_at, is_damaged
from protocols.receiver_link import Kind
from protocols.sia_dc03 import SiaEvent, parse_sia_dcs

_ACCOUNT: Final = re.compile(rb"[0-9A-Fa-f]{3,16}")
_PROVES: Final = re.compile(rb"[#NO]")
"""Functions whose blocks can prove themselves; behind noise no other is believed."""
_EMPTY: Final = frozenset("06789\x08\x09")
"""Functions whose blocks carry no data."""


class BlockCut(msgspec.Struct, frozen=True):
    """A stretch of the stream."""

    kind: Kind
    raw: bytes
    block: Block | None = None


class BlockCutter:
    """See ``receiver_link.Framing``."""

    def __init__(self) -> None:
        self._pending = b""
        self._is_clean = True
        self._out: list[BlockCut] = []
        self._noise_from = -1

    @property
    def is_waiting(self) -> bool:
        """See ``Framing``."""
        return bool(self._pending)

    @property
    def is_complete(self) -> bool:
        """See ``Framing``: a block tells its own length, so none may grow."""
        return False

    def take(self, data: bytes, *, is_last: bool = False) -> list[BlockCut]:
        """See ``Framing``."""
        buffer = self._pending + data
        self._out = []
        self._noise_from = -1
        at = 0
        while at < len(buffer):
            step = self._step(buffer, at, is_last=is_last)
            if step == at:
                break
            at = step
        if self._noise_from >= 0:
            self._end_noise(buffer, at)
        self._pending = buffer[at:]
        if is_last and self._pending:
            self._is_clean = False
            self._out.append(BlockCut(Kind.INCOMPLETE, self._pending))
            self._pending = b""
        return self._out

    def _step(self, buffer: bytes, at: int, *, is_last: bool) -> int:
        function = buffer[at + 1 : at + 2].decode("latin-1")
        is_none = function and function not in frame.FUNCTIONS
        if is_none or (self._noise_from >= 0 and is_damaged(buffer, at)):
            return self._skip(buffer, at)
        read = block_at(buffer, at)
        if read is None:
            # Not whole. What it hides must not wait for its end.
            if self._noise_from < 0 and not self._hides_another(buffer, at + 1, len(buffer)):
                return at
            return self._skip(buffer, at) if is_last or function else at
        block, end = read
        if block.parity_valid and self._is_believed(block):
            self._emit(BlockCut(Kind.FRAME, buffer[at:end], block), buffer, at)
            self._is_clean = self._is_clean or _is_strong(block)
            return end
        if self._noise_from >= 0 or self._hides_another(buffer, at + 1, end):
            return self._skip(buffer, at)
        self._emit(BlockCut(Kind.UNREADABLE, buffer[at:end], block), buffer, at)
        return end

    def _is_believed(self, block: Block) -> bool:
        if _is_strong(block):
            return True
        is_shaped = not block.data if block.function in _EMPTY else block.function not in "#NO"
        return self._is_clean and self._noise_from < 0 and is_shaped

    @staticmethod
    def _hides_another(buffer: bytes, begin: int, end: int) -> bool:
        """Whether a block that proves itself begins before ``end``: then this one is damage."""
        for at in range(begin, end):
            if buffer[at + 1 : at + 2] not in (b"#", b"N", b"O") or is_damaged(buffer, at):
                continue
            read = block_at(buffer, at)
            if read is not None and read[0].parity_valid and _is_strong(read[0]):
                return True
        return False

    def _skip(self, buffer: bytes, at: int) -> int:
        """Go on where a block may begin that proves itself, at once: noise may be long."""
        self._is_clean = False
        if self._noise_from < 0:
            self._noise_from = at
        found = _PROVES.search(buffer, at + 2)
        # The function of a block at the last byte has not come yet.
        return max(at + 1, len(buffer) - 1) if found is None else found.start() - 1

    def _end_noise(self, buffer: bytes, end: int) -> None:
        self._out.append(BlockCut(Kind.NOISE, buffer[self._noise_from : end]))
        self._noise_from = -1

    def _emit(self, cut: BlockCut, buffer: bytes, at: int) -> None:
        if self._noise_from >= 0:
            self._end_noise(buffer, at)
        self._out.append(cut)


def _is_strong(block: Block) -> bool:
    if block.function == "#":
        return _ACCOUNT.fullmatch(block.data) is not None
    if block.function in "NO":
        _, parts = parse_sia_dcs(block.function.encode() + block.data)
        return any(isinstance(part, SiaEvent) and part.code for part in parts)
    return False
