"""SIA DC-03 blocks as a link of their own: header, function, parity; Honeywell Galaxy's way."""

from protocols.dc03_link.blocks import Block, block_at, build_block
from protocols.dc03_link.explain import explain, explain_all
from protocols.dc03_link.session import ACK_TIMEOUT_S, blocks_of, connect, panel

__all__ = [
    "ACK_TIMEOUT_S",
    "Block",
    "block_at",
    "blocks_of",
    "build_block",
    "connect",
    "explain",
    "explain_all",
    "panel",
]
