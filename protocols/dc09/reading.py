"""One frame, already cut, becomes an envelope: its fields, its parts, its quirks, its fault."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from protocols import contact_id, sia_dc03
from protocols._core import Keys, Part, Unreadable
from protocols._core.recogniser import Recogniser
from protocols.dc09 import frame
from protocols.dc09.crypto import BLOCK_BYTES, AesKey, aes_key, is_pkcs7_tail
from protocols.dc09.message import (
    TOKENS,
    Content,
    Cut,
    DecryptedContent,
    EncryptedContent,
    Envelope,
    Fault,
    Kind,
    parse_timestamp,
)

_plain: Final = Recogniser(frame.PLAIN, Content).fullmatch
_nak: Final = Recogniser(frame.NAK, Content).fullmatch
_encrypted: Final = Recogniser(frame.ENCRYPTED, EncryptedContent).fullmatch
_decrypted: Final = Recogniser(frame.DECRYPTED, DecryptedContent).fullmatch
_HEX_DIGITS: Final = b"0123456789ABCDEFabcdef"
_NOBODYS: Final = (bytes(BLOCK_BYTES),)
"""Where there is no key the work is the same, and what comes of it counts for nothing: whoever
measures us does not learn which accounts are ours (SEC-4)."""
_STAR: Final = ord("*")
_SHOWN_GAP_BYTES: Final = 64
_SHORTEST_ACCOUNT: Final = 3
_LONGEST_ACCOUNT: Final = 16
_UNKNOWN: Final = (None, Kind.UNKNOWN)
# An Enum's member costs as much as a line of code.
_SIA: Final = Kind.SIA
_CONTACT_ID: Final = Kind.CONTACT_ID
_NOT_DECODED: Final = (Kind.OPAQUE, Kind.UNKNOWN)
_NO_PARTS: Final[tuple[Part, ...]] = ()


def read(cut: Cut, keys: Keys, gap: bytes = b"") -> Envelope:
    """Read the region of a frame; whatever is wrong with it stands in the envelope's fault.

    ``gap`` is what stood between its CR and the next header, as far as it was there.
    """
    region = cut.region
    if gap:
        shown = gap[:_SHOWN_GAP_BYTES].hex()
        cut = msgspec.structs.replace(cut, quirks=(*cut.quirks, f"trailing_bytes:{shown}"))
    if region[1:2] == b"*":
        return _read_encrypted(cut, keys)
    content = _plain(region)
    if content is None:
        return _unreadable(cut)
    if content.token == b"NAK":
        content = _nak(region) or content
    token, kind = TOKENS.get(content.token, _UNKNOWN)
    if token is None:
        token = content.token.decode()
    encoding = "ascii" if region.isascii() else sia_dc03.text_encoding(region)
    timestamp = None
    trailing = content.trailing
    if content.stamp is not None:
        timestamp = parse_timestamp(content.stamp)
        if timestamp is None:  # the shape of a moment and none, e.g. the 30th of February
            trailing = b"_" + content.stamp + trailing
    data = content.data
    data_account, parts = _parts(kind, data, encoding)
    quirks = _quirks(content, cut.quirks, data_account, encoding)
    if trailing:
        quirks = (*quirks, "trailing_text")
    return Envelope(
        cut, content, token, kind, data, data_account, parts, content.xdata, encoding,
        timestamp, trailing, None, None, quirks, cut.fault,
    )  # fmt: skip


def _parts(kind: Kind, data: bytes, encoding: str) -> tuple[str | None, tuple[Part, ...]]:
    if kind is _SIA:
        return sia_dc03.parse_sia_dcs(data, encoding=encoding) if data else (None, _NO_PARTS)
    if kind is _CONTACT_ID:
        return contact_id.parse_adm_cid(data) if data else (None, _NO_PARTS)
    if kind in _NOT_DECODED:
        reason = "a layout that is not decoded; expected SIA-DCS or ADM-CID"
        return None, (Unreadable(raw=data, format="raw", reason=reason),)
    return None, _NO_PARTS


def _named_in(data: bytes, encoding: str) -> str | None:
    """The account at the head of data that is not decoded otherwise: ``#acct|``.

    Only of what was encrypted: there it is the one thing that tells a garbled block (SEC-3).
    """
    account, bar, _ = data.partition(b"|")
    if not bar or not account.startswith(b"#"):
        return None
    return account[1:].decode(encoding, "replace")


def further_groups(trailing: bytes) -> list[bytes]:
    """Take the ``[#acct|...]`` groups off what stands behind the data: some senders write two."""
    groups = []
    while trailing.startswith(b"[#") and (end := trailing.find(b"]")) > 0:
        groups.append(trailing[1:end])
        trailing = trailing[end + 1 :]
    return groups


def further_parts(envelope: Envelope) -> tuple[Part, ...]:
    """Read the events of further groups: text by the grammar, but not to be lost."""
    kind, encoding = envelope.kind, envelope.encoding
    if kind is not _SIA and kind is not _CONTACT_ID:
        return _NO_PARTS
    groups = further_groups(envelope.trailing)
    return tuple(part for group in groups for part in _parts(kind, group, encoding)[1])


def _quirks(
    content: Content | EncryptedContent,
    quirks: tuple[str, ...],
    data_account: str | None,
    encoding: str,
) -> tuple[str, ...]:
    """Tell how the header and the body leave the standard; usually adds nothing."""
    if not content.seq.isdigit():
        quirks += ("hex_sequence",)
    if not content.line:
        quirks += ("missing_line" if content.line is None else "empty_line",)
    account = content.account
    if account is None:
        quirks += ("missing_header_account",)
    else:
        is_nak = content.token == b"NAK"  # its A0 is the form the standard gives
        is_standard = _SHORTEST_ACCOUNT <= len(
            account
        ) <= _LONGEST_ACCOUNT and not account.translate(None, _HEX_DIGITS)
        if not is_standard and not is_nak:
            quirks += ("nonstandard_account",)
        if data_account is not None and data_account != account.decode(encoding, "replace"):
            quirks += ("account_mismatch",)
    if encoding != "ascii":
        quirks += ("non_ascii:" + ("undecodable" if encoding == "latin-1" else encoding),)
    return quirks


def _read_encrypted(cut: Cut, keys: Keys) -> Envelope:
    content = _encrypted(cut.region)
    if content is None:
        return _unreadable(cut)
    token, kind = TOKENS.get(content.token, _UNKNOWN)
    if token is None:
        token = content.token.decode()
    account = "" if content.account is None else content.account.decode("utf-8", "replace")
    candidates = keys(account)
    fault = cut.fault
    if not candidates and fault is None:
        words = "an encrypted frame seen; expected a key for its account"
        fault = Fault("key_missing", words, _offset(cut, content), "DC-09 5.4.3")
    opened = _open(content.ciphertext, candidates or _NOBODYS)
    if opened is None or not candidates:
        if fault is None:
            fault = _undecipherable(cut, content, len(candidates))
        quirks = _quirks(content, cut.quirks, None, "ascii")
        return Envelope(
            cut, content, token, kind, None, None, _NO_PARTS, (), "ascii",
            None, b"", None, None, quirks, fault,
        )  # fmt: skip
    inner, key, plaintext = opened
    pad_len = len(inner.pad)
    body = plaintext[pad_len:]
    encoding = "ascii" if body.isascii() else sia_dc03.text_encoding(body)
    data = inner.data or b""
    data_account, parts = _parts(kind, data, encoding)
    if kind in _NOT_DECODED:
        data_account = _named_in(data, encoding)
    quirks = _quirks(content, cut.quirks, data_account, encoding)
    if inner.data is None:
        quirks += ("no_pad_separator",)
    if inner.trailing:
        quirks += ("trailing_text",)
    return Envelope(
        cut, content, token, kind, data, data_account, parts, inner.xdata, encoding,
        parse_timestamp(inner.stamp), inner.trailing, key, pad_len, quirks, fault,
    )  # fmt: skip


def _open(
    hex_digits: bytes, candidates: Sequence[bytes]
) -> tuple[DecryptedContent, AesKey, bytes] | None:
    """Decrypt with each key in turn, and believe only what fits the grammar (SEC-3).

    The inner account against the header's is the gateway's to judge: it knows aliases.
    """
    if not hex_digits or len(hex_digits) % (2 * BLOCK_BYTES):
        return None
    ciphertext = bytes.fromhex(hex_digits.decode())
    for raw_key in candidates:
        key = aes_key(raw_key)
        plaintext = key.decrypt(ciphertext)
        inner = _decrypted(plaintext)
        if (
            inner is not None
            and (not inner.trailing or is_pkcs7_tail(inner.trailing))
            and parse_timestamp(inner.stamp) is not None
        ):
            return inner, key, plaintext
    return None


def _offset(cut: Cut, content: EncryptedContent) -> int:
    """Where the ciphertext begins in the frame."""
    return cut.raw.find(b"[", len(content.echo))


def _undecipherable(cut: Cut, content: EncryptedContent, tried: int) -> Fault:
    digits = len(content.ciphertext)
    if not digits or digits % (2 * BLOCK_BYTES):
        words = f"{digits} hex digits of ciphertext seen; expected a multiple of 32"
    else:
        words = f"no sense with any of {tried} keys; expected pad, data and timestamp"
    return Fault("decrypt_failed", words, _offset(cut, content), "DC-09 5.4.3")


def _unreadable(cut: Cut) -> Envelope:
    fault = cut.fault
    if fault is None:
        words = f'{cut.region[:40]!r} seen; expected "id"seq[R]L#acct[data]'
        at = cut.raw.find(b'"', 1)
        fault = Fault("header_unreadable", words, at, "DC-09 5.4.1")
    return Envelope(
        cut, None, None, Kind.UNKNOWN, None, None, _NO_PARTS, (), "ascii",
        None, b"", None, None, cut.quirks, fault,
    )  # fmt: skip
