"""The block of SIA DC-03 as it goes over a wire, declared. Declarations only.

::

    header     bits 0-5 length of the data, bit 6 acknowledge requested, bit 7 reverse channel
    function   what the block is
    data       0 to 63 bytes
    parity     FF xor every byte before it, header included
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from construct import Struct

from protocols._core.alphabet import ANY
from protocols._core.counted import Counted
from protocols._core.fields import BinaryNumber, Characters, Rest

LENGTH_MASK: Final = 0x3F
ACK_REQUEST: Final = 0x40
REVERSE_CHANNEL: Final = 0x80
MAX_DATA_BYTES: Final = 63
LEAST_BLOCK_BYTES: Final = 3
MAX_BLOCK_BYTES: Final = MAX_DATA_BYTES + LEAST_BLOCK_BYTES

BLOCK: Final = Struct("region" / Counted(mask=LENGTH_MASK, fixed=1), "parity" / BinaryNumber(1))

INSIDE: Final = Struct("header" / BinaryNumber(1), "function" / Characters(ANY, 1), "data" / Rest())
"""What the region holds."""

FUNCTIONS: Final[Mapping[str, str]] = MappingProxyType({
    "#": "account", "&": "origin", "?": "remote-login", "@": "configuration",
    "N": "new-event", "O": "old-event", "P": "program", "C": "control", "E": "environmental",
    "A": "text", "X": "extended", "L": "listen-in", "V": "v-channel", "v": "v-channel",
    "I": "video", "0": "end-of-data", "1": "wait", "2": "abort", "6": "ack-and-standby",
    "7": "ack-and-disconnect", "8": "acknowledge", "9": "reject", "\x08": "acknowledge",
    "\x09": "reject",
})  # fmt: skip
"""Function character to its name; 3, 4 and 5 are reserved."""
