"""What did the gateway do to its files, and when did acknowledgements leave? The shim's record."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_HEAD = struct.Struct("<c3xiiIQQQ")
_ACK = re.compile(rb'"ACK"(\d{4})L0#(\w+)\[')


class Entry(NamedTuple):
    """One call, or one acknowledgement.

    ``op``: P a process begins, O open, C close, W write, T truncate to ``offset``, L allocate up
    to ``offset``, B a flush begins, E it ended with ``result``, U unlink, M make a folder,
    A acknowledge. Opens have the flags as their ``result``.
    """

    op: str
    fd: int
    result: int
    thread: int
    offset: int
    data: bytes


class Acknowledged(NamedTuple):
    """Which report an ACK is for; a panel has each sequence number once in a trace."""

    account: str
    sequence: str


def read(path: Path) -> Iterator[Entry]:
    """Read a trace in the order of its calls."""
    with path.open("rb") as file:
        while len(head := file.read(_HEAD.size)) == _HEAD.size:
            op, fd, result, thread, _inode, offset, size = _HEAD.unpack(head)
            data = file.read(size)
            if len(data) == size:  # the last entry of a process that was killed may be torn
                yield Entry(op.decode(), fd, result, thread, offset, data)


def acknowledged(data: bytes) -> Acknowledged | None:
    """Tell for which report an ACK in plain text is; None for another text."""
    found = _ACK.match(data)
    if found is None:
        return None
    return Acknowledged(found[2].decode(), found[1].decode())
