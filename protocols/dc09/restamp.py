"""What of recorded frames hangs on the moment they were sent: given anew, or left out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from protocols.dc09.answers import seal_binary, seal_hex
from protocols.dc09.explain import envelopes
from protocols.dc09.message import Content, EncryptedContent, format_timestamp


def restamped(data: bytes, utc: datetime) -> bytes:
    """Put ``utc`` into every sound frame in clear that has a timestamp; all else stays as it is.

    The time of an encrypted frame is inside it, out of reach without the key.
    """
    now = format_timestamp(utc)
    return _reworded(data, lambda region, content: _with_stamp(region, content, now))


def face(answers: bytes) -> bytes:
    """Give what of our answers is the same whenever they are given: neither time nor padding."""
    return _reworded(answers, _timeless)


def _reworded(data: bytes, reword: Callable[[bytes, Content | EncryptedContent], bytes]) -> bytes:
    """Give every sound frame of a stream another region, under a head of its own kind."""
    pieces: list[bytes] = []
    done = 0
    for pos, envelope in envelopes(data):
        one, content = envelope.cut, envelope.content
        if content is None or not (one.crc_ok and one.length_ok):
            continue  # damaged on purpose, perhaps
        seal = seal_binary if one.is_binary else seal_hex
        if seal(one.region) != one.raw:
            continue  # counted in a maker's own way
        pieces += data[done:pos], seal(reword(one.region, content))
        done = pos + len(one.raw)
    return b"".join(pieces) + data[done:]


def _with_stamp(region: bytes, content: Content | EncryptedContent, stamp: bytes) -> bytes:
    if isinstance(content, EncryptedContent) or content.stamp is None:
        return region
    end = len(region) - len(content.trailing)
    return region[: end - len(content.stamp)] + stamp + region[end:]


def _timeless(region: bytes, content: Content | EncryptedContent) -> bytes:
    if isinstance(content, EncryptedContent):
        return region.removesuffix(content.ciphertext)
    return _with_stamp(region, content, b"")
