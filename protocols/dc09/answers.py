"""The bytes of our answers, taken from the same declarations that read the panel's frames.

ACK and DUH repeat sequence, receiver, line and account byte for byte, in the check value's
form of the message (hex or binary). Only the encrypted ACK and the NAK carry a timestamp.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from protocols._core import Pad
from protocols.dc09 import frame
from protocols.dc09.crypto import LONG_PAD_BYTES, pad_length, pad_text
from protocols.dc09.message import Envelope, UsualEnvelope, format_timestamp

_SAMPLE: Final = {"seq": b"0000", "receiver": b"0", "line": b"0", "account": b"0000"}
_SAMPLE_BYTES: Final = b"0000R0L0#0000"
_SAMPLE_CIPHERTEXT: Final = b"00"

seal_hex: Final = frame.sealed(frame.PLAIN, is_binary=False).seal
seal_binary: Final = frame.sealed(frame.PLAIN, is_binary=True).seal


def _around(content: Any, fields: dict[str, Any]) -> tuple[bytes, bytes]:
    """Build an answer once and keep what stands before and after the part that is echoed."""
    before, after = content.build({"echo": _SAMPLE, **fields}).split(_SAMPLE_BYTES)
    return before, after


_ACK: Final = _around(frame.PLAIN, {"token": b"ACK", "data": b""})
_DUH: Final = _around(frame.PLAIN, {"token": b"DUH", "data": b""})
_before, _after = _around(frame.ENCRYPTED, {"token": b"ACK", "ciphertext": _SAMPLE_CIPHERTEXT})
_STAR_ACK: Final = (_before, _after.removesuffix(_SAMPLE_CIPHERTEXT))


_BEFORE, _AFTER = _ACK


def usual_ack(envelope: UsualEnvelope) -> bytes:
    """Say yes to a usual frame; what ``ack`` says to it."""
    return seal_hex(_BEFORE + envelope.echo + _AFTER)


def ack(envelope: Envelope | UsualEnvelope, *, utc: datetime, pad: Pad) -> bytes:
    """Say yes; encrypted with the key that opened the message, where one did."""
    key = envelope.key
    if key is None:
        before, after = _ACK
        return _seal(envelope, before + envelope.echo + after)
    closing = _encrypted_body(int(utc.timestamp()))
    is_long = (envelope.pad_len or 0) >= LONG_PAD_BYTES
    padding = pad_text(pad(pad_length(len(closing), is_long=is_long)))
    ciphertext = key.encrypt(padding + closing).hex().upper().encode()
    before, after = _STAR_ACK
    return _seal(envelope, before + envelope.echo + after + ciphertext)


def duh(envelope: Envelope | UsualEnvelope) -> bytes:
    """Say that the frame was sound and cannot be processed; never encrypted."""
    before, after = _DUH
    return _seal(envelope, before + envelope.echo + after)


def nak(envelope: Envelope | UsualEnvelope, *, utc: datetime) -> bytes:
    """Tell our time; the panel sets its clock by it, so it must be right; never encrypted."""
    return _seal(envelope, _nak_region(int(utc.timestamp())))


def _seal(envelope: Envelope | UsualEnvelope, region: bytes) -> bytes:
    return seal_binary(region) if envelope.is_binary else seal_hex(region)


def _stamp(second: int) -> bytes:
    return format_timestamp(datetime.fromtimestamp(second, UTC))


@lru_cache(maxsize=4)
def _encrypted_body(second: int) -> bytes:
    """Return what follows the pad of an encrypted ACK."""
    fields = {"pad": b"", "data": b"", "xdata": (), "stamp": _stamp(second)}
    return bytes(frame.DECRYPTED.build(fields))


@lru_cache(maxsize=4)
def _nak_region(second: int) -> bytes:
    """Return the one form of a NAK: sequence 0000, R0, L0, and A0 without a #."""
    echo = {"seq": b"0000", "receiver": b"0", "line": b"0", "account": b"0"}
    fields = {"token": b"NAK", "echo": echo, "data": b"", "stamp": _stamp(second)}
    return bytes(frame.NAK.build(fields))
