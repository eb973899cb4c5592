"""Check values of the wire formats."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fastcrc import crc16

crc16_arc: Final[Callable[[bytes], int]] = crc16.arc
"""CRC-16/ARC: 0x8005 reflected, start 0, no final xor; ``123456789`` gives BB3D (DC-09)."""


def xor_parity(data: bytes) -> int:
    """Return 0xFF xor every byte: the closing byte of a DC-03 block makes this zero."""
    # Folded in halves: noise has a block's parity judged at every byte of it.
    folded = int.from_bytes(data)
    half = 1 << (len(data) - 1).bit_length() >> 1 if data else 0
    while half:
        folded ^= folded >> 8 * half
        half >>= 1
    return 0xFF ^ folded & 0xFF
