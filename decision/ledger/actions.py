"""What a fact makes happen: tasks for somebody, moves of the state, the list at the desk."""

from __future__ import annotations

from datetime import date, datetime
from typing import TypeAlias

import msgspec

from decision.ledger.words import SystemStatus, TaskKind


class Task(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that somebody has to do."""

    id: str
    """Made from what it is about, so that the same reason never makes two."""
    kind: TaskKind
    roles: tuple[str, ...]
    """Roles of the pack, any of which may do it."""
    about: str = ""
    """Notice kind, call, invoice or appeal."""
    calls: tuple[str, ...] = ()
    """The alarms behind it."""
    opened: datetime
    why: str
    rules: tuple[str, ...]
    closed: datetime | None = None
    outcome: str = ""
    """How it ended."""

    @property
    def is_open(self) -> bool:
        """Whether it waits to be done."""
        return self.closed is None


class _Action(msgspec.Struct, frozen=True, kw_only=True, tag_field="action"):
    """Common settings."""

    rules: tuple[str, ...]
    why: str


class TaskOpened(_Action, frozen=True, kw_only=True, tag="TaskOpened"):
    """Put before whoever may do it."""

    task: Task


class TaskClosed(_Action, frozen=True, kw_only=True, tag="TaskClosed"):
    """Done, or overtaken."""

    task: Task


class StatusChanged(_Action, frozen=True, kw_only=True, tag="StatusChanged"):
    """The system moved in the table of states."""

    before: SystemStatus
    after: SystemStatus
    on: date


class DiscontinuedChanged(_Action, frozen=True, kw_only=True, tag="DiscontinuedChanged"):
    """The flag was set or lifted."""

    is_discontinued: bool
    on: date


class SuspendedListChanged(_Action, frozen=True, kw_only=True, tag="SuspendedListChanged"):
    """The system came onto the list of suspended addresses, or left it (SJ-C7)."""

    is_listed: bool


LedgerAction: TypeAlias = (
    TaskOpened | TaskClosed | StatusChanged | DiscontinuedChanged | SuspendedListChanged
)


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """Why something was done or not done."""

    text: str
    rules: tuple[str, ...] = ()
