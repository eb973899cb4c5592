"""Is it durable, was it seen before, is it done? The events, on disk, before anybody hears ACK."""

from gateway.journal.entry import Alike, AnyEntry, Entry, Identity, Outstanding, Record, Stored
from gateway.journal.form import Form, Pieces, fill, quoted, time_text
from gateway.journal.ids import EventIds, seq_of
from gateway.journal.journal import PUBACK, Journal
from gateway.journal.lock import JournalLocked
from gateway.journal.reader import Reader
from gateway.journal.sqlite_store import SqliteStore
from gateway.journal.store import Again, Confirm, Confirmed, EntryRefused, Opened, Store, StoreError

__all__ = [
    "PUBACK",
    "Again",
    "Alike",
    "AnyEntry",
    "Confirm",
    "Confirmed",
    "Entry",
    "EntryRefused",
    "EventIds",
    "Form",
    "Identity",
    "Journal",
    "JournalLocked",
    "Opened",
    "Outstanding",
    "Pieces",
    "Reader",
    "Record",
    "SqliteStore",
    "Store",
    "StoreError",
    "Stored",
    "fill",
    "quoted",
    "seq_of",
    "time_text",
]
