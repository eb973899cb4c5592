"""The usual read: all of it is one sound frame in clear with no quirk to tell, read in one step.

Nearly every read is one. It says nothing that ``cutting`` and ``reading`` would not say of
the same bytes (a property test holds both together); it only leaves out what neither the
gateway nor the answer needs. Whatever is not usual is theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
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


class _Words(msgspec.Struct, frozen=True, gc=False):
    """What a report says but for its sequence number and its timestamp, once it was recognised."""

    token: str
    account: str
    parts: tuple[Part, ...]
    echo: bytes
    """What the answer repeats behind the sequence number."""
    identity: tuple[bytes, bytes]
    """What stands before and behind the sequence number in it."""
    inner_account: str | None
    receiver: str | None
    line: str
    data: bytes


_WORDS_MAX: Final = 16_384  # about 1 KiB each; then it begins anew
_WORDS_BYTES: Final = 192
"""Of a frame that is remembered. Longer ones are rare, and whoever knows the format may send them:
they would fill the memory, before anybody asked whether the account is ours."""
_STAMPS_MAX: Final = 1_024
_words: Final[dict[bytes, _Words]] = {}
_stamps: Final[dict[bytes, datetime]] = {}
_STAMP_BYTES: Final = 20


def read_usual(data: bytes) -> Report | LinkTest | None:
    """Read the frame that ``data`` is; None when it is anything but one usual frame."""
    # A panel says the same few things again and again. What it says is a function of the bytes
    # around its four digits and before its timestamp, so those are looked up first; a frame that
    # is not sound, or not laid out so, finds nothing there.
    at = data.find(b'"', _HEAD_BYTES + 1) + 1
    seq = data[at : at + 4]
    end = -1 if data[-2:-1] == b"]" else -1 - _STAMP_BYTES
    words = _words.get(data[_HEAD_BYTES:at] + data[at + 4 : end])
    if words is None or not seq.isdigit():
        return _recognised(data)
    stamp = None
    if end != -1:
        stamp = _stamps.get(data[end:-1])
        if stamp is None:
            return _recognised(data)
    if seal_hex(data[_HEAD_BYTES:-1]) != data:
        return None
    echo = UsualEnvelope(seq + words.echo, words.data)
    if seq == NEVER_MERGED:
        repeat, identity = _NEVER, b""
    else:
        before, behind = words.identity
        repeat, identity = _ACCOUNT, before + seq + behind
    return Report(
        PROTOCOL, data, words.token, words.account, words.parts, echo, repeat, identity,
        words.inner_account, words.receiver, words.line, seq.decode(), stamp, data=words.data,
    )  # fmt: skip


def _recognised(data: bytes) -> Report | LinkTest | None:
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
    words = _Words(
        name, header_account, read(blocks, inner), echo[len(seq) :],
        (token + b"\0", b"\0" + said), inner, receiver, line.decode(), said,
    )  # fmt: skip
    _remember(data, words, stamp, timestamp)
    before, behind = words.identity
    return Report(
        PROTOCOL, data, name, header_account, words.parts, UsualEnvelope(echo, said),
        _ACCOUNT if is_mergeable else _NEVER, before + seq + behind if is_mergeable else b"",
        inner, receiver, words.line, seq.decode(), timestamp, data=said,
    )  # fmt: skip


def _remember(data: bytes, words: _Words, stamp: bytes | None, at: datetime | None) -> None:
    """Keep what the pattern recognised for the next frame that says the same."""
    if len(data) > _WORDS_BYTES:
        return
    end = -1
    if stamp is not None and at is not None:
        end -= _STAMP_BYTES
        if len(_stamps) >= _STAMPS_MAX:
            _stamps.clear()
        _stamps[b"_" + stamp] = at
    digits = data.index(b'"', _HEAD_BYTES + 1) + 1
    if len(_words) >= _WORDS_MAX:
        _words.clear()
    _words[data[_HEAD_BYTES:digits] + data[digits + 4 : end]] = words
