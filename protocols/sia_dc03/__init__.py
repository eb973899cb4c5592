"""SIA DC-03 data: two-letter codes, modifiers and texts in N, O and A blocks."""

from protocols.sia_dc03.build import build_sia_dcs
from protocols.sia_dc03.data import parse_ascii_blocks, parse_sia_dcs, text_encoding
from protocols.sia_dc03.message import SiaBlock, SiaEvent, SiaText

__all__ = [
    "SiaBlock",
    "SiaEvent",
    "SiaText",
    "build_sia_dcs",
    "parse_ascii_blocks",
    "parse_sia_dcs",
    "text_encoding",
]
