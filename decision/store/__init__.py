"""The fact log: append-only, durable, one effect for each event; every state is a fold over it."""

from __future__ import annotations

from decision.store.chain import Broken, verify
from decision.store.port import (
    EventKnown,
    Mark,
    NewFact,
    Opened,
    Row,
    Store,
    StoreError,
    StoreLocked,
)
from decision.store.reader import LogReader
from decision.store.sqlite import SqliteStore

__all__ = [
    "Broken", "EventKnown", "LogReader", "Mark", "NewFact", "Opened", "Row", "SqliteStore",
    "Store", "StoreError", "StoreLocked", "verify",
]  # fmt: skip
