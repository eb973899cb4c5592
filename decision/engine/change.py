"""What recording a fact gives back, and what subscribers are told."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import msgspec

from decision import state as incident
from decision.facts import Recorded
from decision.ledger import state as ledger


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One fact, durable, with what it led to."""

    recorded: Recorded
    step: incident.Step | ledger.Step | None = None
    """None: the fact belongs to no fold (an opening of a site, a sign-in), or there is no pack."""

    @property
    def subject(self) -> str:
        """Whose fact it is."""
        return self.recorded.subject

    @property
    def incident(self) -> incident.Step | None:
        """The step, where the subject is an incident."""
        return self.step if isinstance(self.step, incident.Step) else None

    @property
    def system(self) -> ledger.Step | None:
        """The step, where the subject is an alarm system."""
        return self.step if isinstance(self.step, ledger.Step) else None


Listener: TypeAlias = Callable[[tuple[Change, ...]], None]
"""Told of each transaction once it is durable, in the order of the log, in the thread that
recorded. It must be quick and may record more."""


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a batch of events."""

    confirm: tuple[str, ...]
    """Ids that stand in the log now, whether just recorded or known before."""
    fresh: int
    """How many of them were recorded just now."""
    failed: dict[str, str]
    """Id -> why: not recorded, not to be confirmed; they come again."""


class UnknownSubject(LookupError):  # noqa: N818  reads as the fact it tells
    """There is no such incident; the message names it."""
