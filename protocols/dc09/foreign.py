"""Which other protocol strays onto a DC-09 port: recognised by name, never answered.

Such senders flood the port every 50 to 100 ms while they get no answer they know; the name
lets the log say once a minute what it is instead of reporting noise.
"""

from __future__ import annotations

import re
from typing import Final

from protocols._core.checksums import xor_parity

_LENGTH_BITS: Final = 0x3F
_SHORTEST_BLOCK_BYTES: Final = 3  # header, function, parity
_FUNCTIONS: Final = frozenset(b"0126789\x08\x09#&?@ACEILNOPVvX")  # DC-03
_HANDSHAKE_BYTES: Final = 5
_HANDSHAKE_START: Final = 0x05
_ITV2_MARK_AT: Final = 5
_ITV2_MARK: Final = 0x7E
_ECOLINE_START: Final = b"LFQ="
_ECOLINE_CHECK: Final = b"#CRC="
_OH_HEARTBEAT: Final = re.compile(rb"SR[0-9A-F]{4}L[0-9A-F]{4} ++[0-9A-Fa-f]++ *+XX")

OSBORNE_HOFFMAN: Final = "osborne-hoffman"
OSBORNE_HOFFMAN_CHECK: Final = b"0101"
"""What that dialect writes where DC-09 has its check value."""


def foreign_protocol(data: bytes) -> str | None:
    """Name the protocol that a whole read without any DC-09 header looks like."""
    if data.startswith(_ECOLINE_START) and _ECOLINE_CHECK in data:
        return "vendor-ecoline"
    if _OH_HEARTBEAT.match(data):
        return "osborne-hoffman-heartbeat"
    if _is_galaxy_blocks(data):
        return "galaxy-sia-blocks"
    if len(data) == _HANDSHAKE_BYTES and data[0] == _HANDSHAKE_START:
        return "galaxy-encrypted-handshake"
    # One sample only: 00 00 00, then 7E as the sixth byte.
    if data.startswith(b"\0\0\0") and data[_ITV2_MARK_AT : _ITV2_MARK_AT + 1] == b"\x7e":
        return "dsc-itv2"
    return None


def _is_galaxy_blocks(data: bytes) -> bool:
    """Tell whether the bytes are DC-03 blocks end to end, parities included."""
    pos = 0
    while len(data) - pos >= _SHORTEST_BLOCK_BYTES and data[pos + 1] in _FUNCTIONS:
        end = pos + _SHORTEST_BLOCK_BYTES + (data[pos] & _LENGTH_BITS)
        if end > len(data) or xor_parity(data[pos:end]):
            return False
        pos = end
    return 0 < pos == len(data)
