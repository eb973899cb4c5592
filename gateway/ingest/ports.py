"""What does ingest need of others? The journal and the normaliser, as narrow interfaces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from gateway.accounts import Account
from gateway.journal import AnyEntry
from gateway.normalise import Meaning
from protocols._core import Report


class Journal(Protocol):
    """What ingest needs of the journal."""

    @property
    def commits_succeed(self) -> bool:
        """Whether link tests may be answered."""
        ...

    def next_seq(self) -> int:
        """Draw a number."""
        ...

    def came_again(self, link: str, digest: bytes, received_ms: int) -> None:
        """Note when the last event frame of a link came again."""
        ...

    def append(self, entries: Sequence[AnyEntry], done: Callable[[bool], None]) -> None:
        """Store these in one group and say whether they are durable."""
        ...


class Normalise(Protocol):
    """``gateway.normalise.meanings``."""

    def __call__(self, report: Report, account: Account, *, received: datetime) -> list[Meaning]:
        """Say what a report means: at least one meaning."""
        ...
