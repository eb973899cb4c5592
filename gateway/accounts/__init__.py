"""Accounts: who may call, with which key, and where their zones are."""

from gateway.accounts.account import Account
from gateway.accounts.changes import KeyChanges, key_changes
from gateway.accounts.loading import load_accounts
from gateway.accounts.model import (
    AccountRecord,
    AreaEntry,
    Encryption,
    TimestampCheck,
    UserEntry,
    ZoneEntry,
)
from gateway.accounts.registry import AccountKey, Accounts

__all__ = [
    "Account",
    "AccountKey",
    "AccountRecord",
    "Accounts",
    "AreaEntry",
    "Encryption",
    "KeyChanges",
    "TimestampCheck",
    "UserEntry",
    "ZoneEntry",
    "key_changes",
    "load_accounts",
]
