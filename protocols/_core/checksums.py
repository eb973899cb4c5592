"""Check values of the wire formats."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fastcrc import crc16

crc16_arc: Final[Callable[[bytes], int]] = crc16.arc
"""CRC-16/ARC: 0x8005 reflected, start 0, no final xor; ``123456789`` gives BB3D (DC-09)."""


def xor_parity(data: bytes) -> int:
    """Return 0xFF xor every byte: the closing byte of a DC-03 block makes this zero."""
    parity = 0xFF
    for byte in data:
        parity ^= byte
    return parity
