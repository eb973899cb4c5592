"""The scrambling of versions 1 to 3: triple DES with a key that is sent along.

This is obfuscation, no confidentiality: the key crosses the same wire, covered by a mask that
is public, so whoever hears the connection from its beginning can read and forge all of it.
Events that came this way are trusted like plain text. Version 4 (AES, Diffie-Hellman) is
another protocol and is not read.
"""

from __future__ import annotations

from typing import Final

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes

KEY_BYTES: Final = 24
BLOCK_BYTES: Final = 8

_MASK: Final = bytes.fromhex("552d6a05234939a84529d3e994c2b58845a3508a44aa6954")
"""Every byte of the key is sent xor the one in its place (a published implementation)."""


def scrambled(key: bytes) -> bytes:
    """Cover a key as it is sent, or uncover it: the same both ways."""
    return bytes(one ^ mask for one, mask in zip(key, _MASK, strict=True))


def with_parity(random: bytes) -> bytes:
    """Make a DES key of random bytes: odd parity in the lowest bit of each."""
    return bytes(byte & 0xFE | (byte >> 1).bit_count() % 2 ^ 1 for byte in random)


class Scrambler:
    """Triple DES, each block by itself; shows its key to nobody."""

    __slots__ = ("_cipher",)

    def __init__(self, key: bytes) -> None:
        self._cipher = Cipher(TripleDES(key), modes.ECB())  # noqa: S305  the protocol's choice

    def opened(self, data: bytes) -> bytes:
        """Return the text of whole blocks."""
        return self._cipher.decryptor().update(data)

    def closed(self, text: bytes) -> bytes:
        """Return a text filled with zeros, in blocks; one that fills them gets one more."""
        text += bytes(BLOCK_BYTES - len(text) % BLOCK_BYTES)
        return self._cipher.encryptor().update(text)

    def __repr__(self) -> str:
        """Tell nothing."""
        return "Scrambler()"
