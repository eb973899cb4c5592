"""How ids are compared: account ids without case, ids inside an account without leading zeros."""

from __future__ import annotations


def canonical(account_id: str) -> str:
    """The account id as it is looked up: ASCII letters upper-cased, all else as it is."""
    return account_id.upper() if account_id.isascii() else _canonical_bytes(account_id).decode()


def packed_id(account_id: str) -> bytes:
    """The canonical id as the bytes that key the tables in memory."""
    return account_id.encode().upper() if account_id.isascii() else _canonical_bytes(account_id)


def bare(inner_id: str) -> str:
    """A zone, area or user id as it is looked up: no case, no leading zeros (``000`` is ``0``)."""
    return inner_id.lstrip("0").upper() or "0"


def _canonical_bytes(account_id: str) -> bytes:
    # bytes.upper() knows ASCII only, as wanted: str.upper() would turn one letter into two.
    return account_id.encode("utf-8", "replace").upper()
