"""Is it durable, was it seen before, is it done? The events, on disk, before anybody hears ACK."""

from gateway.journal.entry import Entry, Identity, Outstanding, Record
from gateway.journal.ids import EventIds, seq_of
from gateway.journal.journal import PUBACK, Journal
from gateway.journal.lock import JournalLocked
from gateway.journal.reader import Reader
from gateway.journal.sqlite_store import SqliteStore
from gateway.journal.store import Again, Confirm, Confirmed, EntryRefused, Opened, Store, StoreError

__all__ = [
    "PUBACK",
    "Again",
    "Confirm",
    "Confirmed",
    "Entry",
    "EntryRefused",
    "EventIds",
    "Identity",
    "Journal",
    "JournalLocked",
    "Opened",
    "Outstanding",
    "Reader",
    "Record",
    "SqliteStore",
    "Store",
    "StoreError",
    "seq_of",
]
