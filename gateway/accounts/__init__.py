"""Accounts: who may call, with which key, and where their zones are."""

from gateway.accounts.account import Account
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
    "TimestampCheck",
    "UserEntry",
    "ZoneEntry",
    "load_accounts",
]
