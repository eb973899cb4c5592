"""Where the keys of accounts come from (never the accounts file itself), and which are weak."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from gateway.accounts.ids import canonical
from gateway.config import SecretError, read_credential, read_secret

KeyFormat = Literal["hex", "ascii"]
LENGTHS: Final = (16, 24, 32)  # bytes: AES-128, AES-192, AES-256 (DC-09 5.4)

_KEYRINGS: Final = (".toml", ".csv")  # file names that say: keys of many accounts
_DISTINCT_MIN: Final = 6  # different bytes in a key; 16 random bytes have 11 or more almost surely
_LISTED: Final = frozenset(
    word.lower().encode()
    for word in (
        "passwordpassword", "1234567887654321", "1234567890abcdef", "qwertyuiopasdfgh",
        "changemechangeme", "defaultkeydefault"[:16], "secretkeysecretk", "alarmalarmalarm1",
    )
)  # fmt: skip


class KeyRef(msgspec.Struct, frozen=True, array_like=True):
    """By what name the key of an account goes; the key itself is never in it."""

    file: str | None = None
    """Path of a key file, or of a keyring (``.toml``, ``.csv``) with the keys of many accounts."""
    credential: str | None = None
    """Name of a systemd credential; a keyring when it ends in ``.toml`` or ``.csv``."""
    format: KeyFormat = "hex"
    allow_weak: bool = False

    def __str__(self) -> str:
        """Name where the key stands."""
        return self.file or f"credential {self.credential}"


_VALUES: Final = bytes(
    int(chr(byte), 16) if chr(byte) in "0123456789abcdefABCDEF" else byte for byte in range(256)
)
"""From the ASCII of a hexadecimal digit to its value; all else stays."""


class KeyReader:
    """Reads keys by reference; each file and keyring once."""

    def __init__(self) -> None:
        self._texts: dict[tuple[str | None, str | None], str] = {}
        self._keyrings: dict[tuple[str | None, str | None], Mapping[str, object]] = {}
        self.weak: list[tuple[str, str, str]] = []
        """(group, id, reason) of the weak keys that were allowed, to be listed at start."""

    def keys(self, ref: KeyRef, group: str, account_id: str) -> tuple[bytes, ...]:
        """The raw keys of an account, newest first.

        Raises:
            SecretError: when they cannot be read, have no AES length or are weak.
        """
        spelled = self._spelled(ref, group, account_id)
        keys = tuple([_raw(text, ref, number) for number, text in enumerate(spelled, 1)])
        for number, key in enumerate(keys, 1):
            reason = weakness(key)
            if reason and not ref.allow_weak:
                raise SecretError(
                    f"key {number} in {ref} is weak: {reason}",
                    "a random key: openssl rand -hex 16",
                    "allow_weak_key = true takes it all the same",
                )
            if reason:
                self.weak.append((group, account_id, reason))
        return keys

    def _spelled(self, ref: KeyRef, group: str, account_id: str) -> list[str]:
        if (ref.file or ref.credential or "").endswith(_KEYRINGS):
            return self._in_keyring(ref, group, account_id)
        lines = [line.strip("\r\n") for line in self._text(ref).split("\n")]
        keys = [line for line in lines if line.strip() and not line.startswith("# ")]
        if not keys:
            raise SecretError(f"{ref} is empty", "one key a line, the newest first")
        return keys

    def _text(self, ref: KeyRef) -> str:
        place = (ref.file, ref.credential)
        if place not in self._texts:
            raw = read_secret(Path(ref.file)) if ref.file else read_credential(ref.credential or "")
            self._texts[place] = raw.decode("utf-8", "replace")
        return self._texts[place]

    def _in_keyring(self, ref: KeyRef, group: str, account_id: str) -> list[str]:
        place = (ref.file, ref.credential)
        if place not in self._keyrings:
            self._keyrings[place] = _keyring(self._text(ref), ref)
            self._texts.pop(place, None)
        found = self._keyrings[place].get(f"{group}/{canonical(account_id)}")
        spelled = [found] if isinstance(found, str) else found
        if not isinstance(spelled, list) or not spelled:
            raise SecretError(
                f"the keyring {ref} has no key for {group}/{account_id}",
                f'[{group}] with "{account_id}" = "<key>"',
                'a list while a rotation overlaps, the newest first: ["<new>", "<old>"]',
            )
        return [text if isinstance(text, str) else "" for text in spelled]


def weakness(key: bytes) -> str:
    """Why a key is weak (SEC-6); empty when nothing speaks against it."""
    different = len(set(key))
    if different == 1:
        return "all its bytes are the same"
    if _counts(key):
        return "it counts"
    if key.lower() in _LISTED:
        return "it is a well-known one"
    return "it has too few different bytes" if different < _DISTINCT_MIN else ""


def _counts(key: bytes) -> bool:
    """Whether the bytes, their hexadecimal digits, or their decimal digits go up or down evenly."""
    digits = key.hex().encode().translate(_VALUES)
    if _is_even_walk(key, 256) or _is_even_walk(digits, 16) or _is_even_walk(digits, 10):
        return True
    if not key.isascii():
        return False
    typed = key.translate(_VALUES)
    return _is_even_walk(typed, 10) or _is_even_walk(typed, 16)


def _is_even_walk(numbers: bytes, modulus: int) -> bool:
    """Whether each number follows the one before by the same step."""
    step = (numbers[1] - numbers[0]) % modulus
    if (numbers[2] - numbers[1]) % modulus != step:
        return False  # nearly every key: at a start there may be a million of them
    return all((right - left) % modulus == step for left, right in pairwise(numbers))


def _raw(text: str, ref: KeyRef, number: int) -> bytes:
    allowed = (
        "32, 48 or 64 hexadecimal digits"
        if ref.format == "hex"
        else "16, 24 or 32 ASCII characters"
    )
    try:
        key = bytes.fromhex(text.strip()) if ref.format == "hex" else text.encode("ascii")
    except ValueError:
        wanted = "hexadecimal" if ref.format == "hex" else "ASCII"
        raise SecretError(
            f"key {number} in {ref} is not {wanted} (not shown)",
            allowed,
            "key_format = 'ascii' when it was typed into the panel as letters",
        ) from None
    if len(key) not in LENGTHS:
        raise SecretError(
            f"key {number} in {ref} has {len(key)} bytes as {ref.format}",
            allowed,
            "key_format says how it is spelled: 'hex' or 'ascii'",
        )
    return key


def _keyring(text: str, ref: KeyRef) -> dict[str, object]:
    if (ref.file or ref.credential or "").endswith(".csv"):
        return _csv_keyring(text, ref)
    try:
        tables: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        # The message of the reader names a position, never the text around it.
        raise SecretError(f"the keyring {ref} is no valid TOML: {error}", "a TOML file") from None
    return {
        f"{group.lower()}/{canonical(account_id)}": key
        for group, table in tables.items()
        if isinstance(table, dict)
        for account_id, key in table.items()
    }


def _csv_keyring(text: str, ref: KeyRef) -> dict[str, object]:
    """Rows ``group,id,key`` or ``group,id,new key,old key``; a heading is allowed."""
    keyring: dict[str, object] = {}
    for number, line in enumerate(text.splitlines(), 1):
        group, _, rest = line.partition(",")
        account_id, _, keys = rest.partition(",")
        if not keys:
            if line.strip():
                raise SecretError(f"line {number} of the keyring {ref} has no key", "group,id,key")
            continue
        keyring[f"{group.strip().lower()}/{canonical(account_id.strip())}"] = (
            [key.strip() for key in keys.split(",") if key.strip()] if "," in keys else keys.strip()
        )
    return keyring
