"""One block: read, judged, written."""

from __future__ import annotations

from typing import Final

import msgspec

from protocols._core.checksums import xor_parity
from protocols._core.recogniser import Recogniser
from protocols.dc03_link import frame


class _Framed(msgspec.Struct):
    region: bytes
    parity: int


class _Inside(msgspec.Struct):
    header: int
    function: str
    data: bytes


BLOCK: Final = Recogniser(frame.BLOCK, _Framed)
INSIDE: Final = Recogniser(frame.INSIDE, _Inside)


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """One block of a session."""

    function: str
    """Its function character."""
    data: bytes = b""
    asks_answer: bool = True
    """Bit 6: the sender waits for an acknowledgement."""
    reverse_channel: bool = False
    parity_valid: bool = True

    @property
    def name(self) -> str | None:
        """What the function is called; None for one that does not exist."""
        return frame.FUNCTIONS.get(self.function)


def block_at(data: bytes, at: int) -> tuple[Block, int] | None:
    """Read the block that begins at ``at`` and where it ends; None when it is not whole."""
    found = BLOCK.match_end(data, at)
    if found is None:
        return None
    framed, end = found
    inside = INSIDE.fullmatch(framed.region)
    assert inside is not None  # noqa: S101  for the type checker: a region has its two bytes
    block = Block(
        function=inside.function,
        data=inside.data,
        asks_answer=bool(inside.header & frame.ACK_REQUEST),
        reverse_channel=bool(inside.header & frame.REVERSE_CHANNEL),
        parity_valid=xor_parity(framed.region) == framed.parity,
    )
    return block, end


def is_damaged(data: bytes, at: int) -> bool:
    """Tell quickly that the bytes of a whole block do not fit its parity: of noise most do not."""
    end = at + frame.LEAST_BLOCK_BYTES + (data[at] & frame.LENGTH_MASK)
    return end <= len(data) and xor_parity(data[at:end]) != 0


def build_block(block: Block) -> bytes:
    """Write a block.

    Raises:
        ValueError: More than 63 bytes of data.
    """
    if len(block.data) > frame.MAX_DATA_BYTES:
        message = f"{len(block.data)} bytes of data; a block holds {frame.MAX_DATA_BYTES}"
        raise ValueError(message)
    header = len(block.data)
    header |= frame.ACK_REQUEST if block.asks_answer else 0
    header |= frame.REVERSE_CHANNEL if block.reverse_channel else 0
    region = frame.INSIDE.build({"header": header, "function": block.function, "data": block.data})
    written: bytes = frame.BLOCK.build({"region": region, "parity": xor_parity(region)})
    return written
