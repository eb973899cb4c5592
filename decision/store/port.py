"""What the decision core asks of whatever keeps its facts: a narrow interface, rows in and out.

Rows are bytes here; ``codec`` knows what they mean. The SQLite file behind it may be replaced by a
server database for stations with several desks without anybody else noticing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import msgspec


class StoreError(Exception):
    """The store cannot do it now: disk full, I/O error, not ours, in use by another process.

    Nothing of what was asked is there, unless ``reopen`` shows that it is after all.
    """


class StoreLocked(StoreError):  # noqa: N818  reads as the fact it tells
    """Another process has the store open; the message names it."""


class EventKnown(StoreError):  # noqa: N818  reads as the fact it tells
    """An event id that is to be appended stands in the log already: nothing was appended."""


class NewFact(msgspec.Struct, frozen=True, kw_only=True):
    """One fact to append."""

    at_us: int
    """Microseconds since 1970, UTC."""
    subject: str
    """``incident/<id>``, ``system/<id>``, ``operator/<id>``, ``site/<group>.<id>``."""
    actor: bytes
    """Who did it, as JSON."""
    kind: str
    """The fact's tag."""
    body: bytes
    """The fact, as JSON."""
    event_id: str | None = None
    """Of the gateway's event that this fact is the effect of."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One fact as it stands in the log."""

    seq: int
    """1 for the first; no number is left out."""
    at_us: int
    subject: str
    actor: bytes
    kind: str
    body: bytes
    event_id: str | None
    digest: bytes


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """What is derived of a subject, to find it without folding the whole log."""

    subject: str
    is_open: bool
    """Held in memory from the start."""
    due_us: int | None = None
    """When it wants to be woken."""
    site: str = ""
    """Site of an incident; empty for other subjects."""
    first_us: int = 0
    """When its first fact was recorded."""
    last_seq: int = 0


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """What was found on opening."""

    last_seq: int
    """0 for an empty log."""
    last_digest: bytes
    marks_version: int
    """By which version of the rules the marks were made; 0: never."""
    version: str
    """Of the database, for the log."""


class Store(Protocol):
    """One log of facts. Blocking; one thread at a time, except ``facts`` and what reads alike."""

    def open(self) -> Opened:
        """Open and lock; also called again after a failure. Raises ``StoreError``."""
        ...

    def close(self) -> None:
        """End well; harmless when it is not open."""
        ...

    def append(self, facts: Sequence[NewFact], marks: Sequence[Mark] = ()) -> list[int]:
        """Append all of them and set the marks, in one durable transaction; give their numbers.

        Raises:
            EventKnown: An event id is known already.
            StoreError: It is not durable; nothing of it shows.
        """
        ...

    def known(self, event_ids: Sequence[str]) -> set[str]:
        """Which of these event ids have had their effect."""
        ...

    def facts(self, subject: str, *, last: int | None = None) -> list[Row]:
        """All facts of one subject, or the ``last`` so many, oldest first."""
        ...

    def event(self, event_id: str) -> Row | None:
        """The fact that an event caused."""
        ...

    def rows(
        self, *, after_seq: int = 0, up_to_seq: int | None = None, prefix: str = ""
    ) -> Iterator[Row]:
        """The log in order, read in pages; of subjects that begin with ``prefix``."""
        ...

    def latest(self, *, prefix: str = "", before_seq: int | None = None, limit: int) -> list[Row]:
        """The newest facts, newest first: for pages of an audit."""
        ...

    def subjects(self, prefix: str = "") -> Iterator[str]:
        """All subjects that begin with ``prefix``, in alphabetical order."""
        ...

    def mark(self, subject: str) -> Mark | None:
        """What is derived of a subject."""
        ...

    def open_marks(self) -> list[Mark]:
        """Those that are held in memory or want to be woken."""
        ...

    def marks(
        self, prefix: str, *, site: str | None = None, before_us: int | None = None, limit: int
    ) -> list[Mark]:
        """Subjects that begin with ``prefix``, the newest first; of one site when it is named."""
        ...

    def rebuild_marks(self, marks: Iterator[Mark], version: int) -> None:
        """Throw all marks away and set these, in one transaction."""
        ...
