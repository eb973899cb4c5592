"""AES of DC-09: a fresh cipher for every message, and what may be believed after decryption.

CBC with sixteen zero bytes as the start of every message (DC-09 5.4.3). One cipher object
used for two messages would start the second with the last block of the first: its first
sixteen bytes would come out as garbage and the rest as text.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK_BYTES: Final = 16
LONG_PAD_BYTES: Final = 16
"""Senders after the 2026 edition pad with 16 to 31 bytes, older ones with fewer."""
_KEY_BYTES: Final = (16, 24, 32)
_ZERO_IV: Final = modes.CBC(bytes(BLOCK_BYTES))
# 64 characters that no far end can stumble over, six random bits in each.
_PAD_CHARACTERS: Final = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.-"
_AS_PAD: Final = bytes(_PAD_CHARACTERS[value % 64] for value in range(256))


class AesKey:
    """An AES key that shows itself to nobody.

    Raises:
        ValueError: The key has not 16, 24 or 32 bytes.
    """

    __slots__ = ("_cipher", "bits")

    def __init__(self, raw: bytes) -> None:
        if len(raw) not in _KEY_BYTES:
            raise ValueError(f"an AES key of {len(raw)} bytes: expected 16, 24 or 32")
        self.bits = 8 * len(raw)
        self._cipher = Cipher(algorithms.AES(raw), _ZERO_IV)

    def decrypt(self, ciphertext: bytes) -> bytes:
        """Decrypt one message; its length must be a multiple of 16."""
        return self._cipher.decryptor().update(ciphertext)

    def encrypt(self, plaintext: bytes) -> bytes:
        """Encrypt one message; its length must be a multiple of 16."""
        return self._cipher.encryptor().update(plaintext)

    def __repr__(self) -> str:
        """Tell the length and nothing else."""
        return f"AesKey({self.bits} bits)"


@lru_cache(maxsize=1024)
def aes_key(raw: bytes) -> AesKey:
    """Return the key of these bytes, made once."""
    return AesKey(raw)


def pad_length(body_bytes: int, *, is_long: bool) -> int:
    """Tell how many pad bytes fill a body up to a whole number of blocks.

    0 to 15 as older senders do, 16 to 31 with ``is_long``.
    """
    return -body_bytes % BLOCK_BYTES + (LONG_PAD_BYTES if is_long else 0)


def pad_text(random: bytes) -> bytes:
    """Turn random bytes into a pad: letters and digits, so never ``[``, ``]`` or ``|``."""
    return random.translate(_AS_PAD)


def is_pkcs7_tail(tail: bytes) -> bool:
    """Tell whether these bytes are the filling some libraries append (seen in ioBroker.sia)."""
    return 1 <= len(tail) <= BLOCK_BYTES and tail == bytes((len(tail),)) * len(tail)
