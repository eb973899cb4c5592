"""The usual read: all of it is one sound frame in clear with no quirk to tell, read in one step.

Nearly every read is one. It says nothing that ``cutting`` and ``reading`` would not say of
the same bytes (a property test holds both together); it only leaves out what neither the
gateway nor the answer needs. Whatever is not usual is theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from protocols import contact_id, sia_dc03
from protocols._core import LinkTest, Part, Repeat, Report
from protocols._core.recogniser import Recogniser
from protocols.dc09 import frame
from protocols.dc09.answers import seal_hex
from protocols.dc09.incoming import NEVER_MERGED, PROTOCOL
from protocols.dc09.message import TOKENS, Kind, UsualEnvelope, parse_timestamp

_HEAD_BYTES: Final = 9
_LONGEST: Final = 1024
"""Bytes of a read; a longer one is never usual, and need not be looked at twice."""

_Read = Callable[[bytes, str | None], tuple[Part, ...]]
_ACCOUNT: Final = Repeat.ACCOUNT  # an Enum's member costs as much as the rest of its line
_NEVER: Final = Repeat.NEVER


class UsualFields(msgspec.Struct):
    """What the pattern captures, in its order; the receive path takes the groups as they are."""

    token: bytes
    echo: bytes
    seq: bytes
    receiver: bytes | None
    line: bytes
    account: bytes
    data: bytes
    data_account: bytes | None
    blocks: bytes
    stamp: bytes | None


_READERS: Final[dict[Kind, _Read | None]] = {
    Kind.SIA: sia_dc03.parse_ascii_blocks,
    Kind.CONTACT_ID: contact_id.parse_ascii_chunks,
    Kind.LINK_TEST: None,
}
_USUAL_TOKENS: Final = {
    token: (name, _READERS[kind]) for token, (name, kind) in TOKENS.items() if kind in _READERS
}
_fullmatch: Final = Recogniser(frame.USUAL, UsualFields).pattern.fullmatch


def read_usual(data: bytes) -> Report | LinkTest | None:
    """Read the frame that ``data`` is; None when it is anything but one usual frame."""
    region = data[_HEAD_BYTES:-1]
    found = _fullmatch(region) if len(region) <= _LONGEST else None
    # Sealing the region again gives check value, length and marks, or the frame is not sound.
    if found is None or seal_hex(region) != data:
        return None
    token, echo, seq, receiver, line, account, said, data_account, blocks, stamp = found.groups()
    known = _USUAL_TOKENS.get(token)
    timestamp = None if stamp is None else parse_timestamp(stamp)
    if known is None or (timestamp is None and stamp is not None):
        return None
    name, read = known
    header_account = account.decode()
    if receiver is not None:
        receiver = receiver.decode()
    if read is None:
        return LinkTest(
            PROTOCOL, data, UsualEnvelope(echo, said), header_account, receiver, line.decode(),
            seq.decode(), timestamp,
        )  # fmt: skip
    if data_account is None:
        inner = None
    elif data_account == account:
        inner = header_account
    else:
        return None  # quirk account_mismatch
    is_mergeable = seq != NEVER_MERGED
    return Report(
        PROTOCOL, data, name, header_account, read(blocks, inner), UsualEnvelope(echo, said),
        _ACCOUNT if is_mergeable else _NEVER,
        b"%b\0%b\0%b" % (token, seq, said) if is_mergeable else b"",
        inner, receiver, line.decode(), seq.decode(), timestamp, data=said,
    )  # fmt: skip
