"""A frame field by field, broken ones included: for the decode command and the corpus."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec

from protocols._core import Incoming, Keys, Part, ProtocolError, Rejected
from protocols._core.checksums import crc16_arc
from protocols.dc09.cutting import cut, next_header
from protocols.dc09.foreign import foreign_protocol
from protocols.dc09.incoming import extended, noise, received_by_csr
from protocols.dc09.message import EncryptedContent, Envelope, Kind, text
from protocols.dc09.reading import read


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """All that can be said of one frame. What could not be read is None or empty."""

    raw: bytes
    incoming: Incoming
    """What a connection in the role CSR hands up for it."""
    is_dc09: bool = True
    """False when no DC-09 header stands in the bytes at all."""
    foreign: str | None = None
    """The name of the other protocol these bytes look like."""
    header_ok: bool = False
    """The region follows the grammar: id, sequence, R, L, account, data."""
    crc: str | None = None
    """As sent, in upper case; two raw bytes are shown as hex."""
    crc_mode: str | None = None
    """``hex`` or ``bin``."""
    crc_ok: bool = False
    crc_expected: str | None = None
    """What the standard's rule gives for the region."""
    length: int | None = None
    """The length field's value."""
    length_ok: bool = False
    length_expected: int | None = None
    token: str | None = None
    """Without the star."""
    encrypted: bool = False
    seq: str | None = None
    receiver: str | None = None
    """None when absent, ``""`` when R stands without digits; so for ``line``."""
    line: str | None = None
    account: str | None = None
    ciphertext_len: int | None = None
    """Bytes, that is half the hex digits."""
    pad_len: int | None = None
    key_bits: int = 0
    data: str | None = None
    """The data field, decrypted, ``#acct|`` included."""
    data_account: str | None = None
    parts: tuple[Part, ...] = ()
    xdata: tuple[tuple[str, str], ...] = ()
    timestamp: datetime | None = None
    trailing_text: str | None = None
    """What stands in the body where only ``[x...]`` or a timestamp may."""
    quirks: tuple[str, ...] = ()
    response: str | None = None
    """``ACK``, ``*ACK``, ``DUH`` or ``none`` by the standard's own rules, before any policy of
    an account; None for an answer and for what no key opened."""

    @property
    def reason(self) -> str | None:
        """Why it is no report (``crc_wrong``, ``decrypt_failed`` ...); None when it is one."""
        return self.incoming.reason if isinstance(self.incoming, Rejected) else None

    @property
    def error(self) -> ProtocolError | None:
        """The broken rule in words, with byte and clause; None when none is."""
        return self.incoming.error if isinstance(self.incoming, Rejected) else None


def _no_keys(account: str) -> tuple[bytes, ...]:
    del account
    return ()


def explain(frame: bytes, keys: Keys = _no_keys) -> Frame:
    """Tell every field of the first frame in these bytes; never raises.

    A wrong check value or length does not hide the fields: the frame is cut at its CR.
    ``keys`` gives the keys of an account, as for a connection.
    """
    return explain_all(frame, keys)[0]


def explain_all(stream: bytes, keys: Keys = _no_keys) -> list[Frame]:
    """Tell every frame of a stream that has come whole, and the noise where there is none.

    Bytes between two frames belong to the quirk ``trailing_bytes`` of the first.
    """
    frames = [_frame(envelope) for _, envelope in envelopes(stream, keys)]
    if frames and any(frame.is_dc09 for frame in frames):
        return frames
    foreign = foreign_protocol(stream)
    rejected = noise(stream, foreign)
    return [Frame(raw=stream, incoming=rejected, is_dc09=False, foreign=foreign, response="none")]


def envelopes(stream: bytes, keys: Keys = _no_keys) -> Iterator[tuple[int, Envelope]]:
    """Read every frame of a stream, broken ones included, each with where its LF stands."""
    pos = next_header(stream, 0)
    while pos < len(stream) and (one := cut(stream, pos, is_complete=True)) is not None:
        end = pos + len(one.raw)
        following = next_header(stream, end)
        yield pos, read(one, keys, stream[end:following])
        pos = following


def _frame(envelope: Envelope) -> Frame:
    one = envelope.cut
    incoming = received_by_csr(envelope)
    crc = crc16_arc(one.region)
    known = Frame(
        raw=one.raw,
        incoming=incoming,
        is_dc09=bool(one.check),
        foreign=incoming.foreign if isinstance(incoming, Rejected) else None,
        crc=one.check.hex().upper() if one.is_binary else one.check.decode("latin-1").upper(),
        crc_mode="bin" if one.is_binary else "hex",
        crc_ok=one.crc_ok,
        crc_expected=f"{crc:04X}",
        length=one.length,
        length_ok=one.length_ok,
        length_expected=len(one.region),
        quirks=envelope.quirks,
        response=_response(envelope),
    )
    content = envelope.content
    if content is None:
        return known
    encoding = envelope.encoding
    header = msgspec.structs.replace(
        known,
        header_ok=True,
        token=envelope.token,
        seq=text(content.seq, "ascii"),
        receiver=text(content.receiver, "ascii"),
        line=text(content.line, "ascii"),
        account=envelope.account,
    )
    if isinstance(content, EncryptedContent):
        header = msgspec.structs.replace(
            header, encrypted=True, ciphertext_len=len(content.ciphertext) // 2
        )
    if envelope.data is None:
        return header
    return msgspec.structs.replace(
        header,
        pad_len=envelope.pad_len,
        key_bits=0 if envelope.key is None else envelope.key.bits,
        data=text(envelope.data, encoding),
        data_account=envelope.data_account,
        parts=envelope.parts,
        xdata=extended(envelope),
        timestamp=envelope.timestamp,
        trailing_text=text(envelope.trailing, encoding) or None,
    )


def _response(envelope: Envelope) -> str | None:
    if envelope.cut.fault is not None or envelope.content is None:
        return "none"
    if envelope.kind is Kind.ANSWER or envelope.fault is not None:
        return None
    if envelope.kind is Kind.UNKNOWN:
        return "DUH"
    return "ACK" if envelope.key is None else "*ACK"
