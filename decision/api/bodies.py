"""What goes in and out of the API, as frozen structs; the OpenAPI document is made of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec

from decision.facts import Actor, Recorded
from decision.ledger.state import SystemState
from decision.people import Person
from decision.questions import Given, Question
from decision.rules.training import Competence
from decision.state import IncidentState


class _Body(msgspec.Struct, frozen=True, kw_only=True):
    """Common settings."""


class _In(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Common settings of what comes in: a misspelt field is told, not ignored."""


class Credentials(_In, frozen=True, kw_only=True):
    """Who signs in."""

    user: str
    password: str


class SessionInfo(_Body, frozen=True, kw_only=True):
    """Who is signed in."""

    user: str
    name: str
    roles: tuple[str, ...]
    permissions: tuple[str, ...]
    csrf: str
    """Send it back with every change."""


class IncidentRow(_Body, frozen=True, kw_only=True):
    """One incident in the queue."""

    id: str
    severity: int
    title: str
    site: str
    address: str
    area_class: str
    opened_at: datetime
    state: str
    asked: str
    deadline: datetime | None
    holder: str


class IncidentDetail(_Body, frozen=True, kw_only=True):
    """One incident with the one thing to answer next."""

    state: IncidentState
    area_class: str
    question: Question | None
    stopped: str
    """Why this person may not answer; empty when they may."""


class AnswerGiven(_In, frozen=True, kw_only=True):
    """An answer; ``question`` is the key it was given to."""

    question: str
    answer: str
    given: Given = Given()


class ActGiven(_In, frozen=True, kw_only=True):
    """An act with the responders, or one that can be done at any time."""

    act: str
    text: str = ""
    contact: str = ""
    result: str = ""
    minutes: int | None = None
    disposition: str = ""
    is_fee_accepted: bool = False


class Override(_In, frozen=True, kw_only=True):
    """Why responders are asked against the gate."""

    reason: str
    is_fee_accepted: bool = False
    """The fee warning was read."""


class Outcome(_Body, frozen=True, kw_only=True):
    """What the fact led to."""

    state: IncidentState | None
    actions: tuple[dict[str, Any], ...]
    """Each with its ``action``, rules, inputs and evidence."""
    refusal: str = ""
    """Recorded, and it changes nothing: why."""
    rule: str = ""


class FactRow(_Body, frozen=True, kw_only=True):
    """One fact of the log."""

    seq: int
    at: datetime
    subject: str
    actor: Actor
    fact: dict[str, Any]
    """Its fields; ``fact`` names its kind."""


class LedgerForm(_In, frozen=True, kw_only=True):
    """The blanks of a ledger act by name."""

    fields: dict[str, str]


class SystemRow(_Body, frozen=True, kw_only=True):
    """One alarm system in the list."""

    id: str
    address: str
    jurisdiction: str
    state: str
    is_discontinued: bool
    is_listed: bool
    count: int
    open_tasks: int


class SystemDetail(_Body, frozen=True, kw_only=True):
    """One alarm system and what this person can do to its file."""

    state: SystemState
    jurisdiction: str
    acts: tuple[str, ...]


class Training(_Body, frozen=True, kw_only=True):
    """Somebody's training and what it allows on a day."""

    user: str
    on: date
    person: Person
    competence: Competence


class Alive(_Body, frozen=True, kw_only=True):
    """That the process answers; nothing more is said to those who are not signed in."""

    state: str


def fact_row(recorded: Recorded) -> FactRow:
    """One fact of the log."""
    return FactRow(
        seq=recorded.seq,
        at=recorded.at,
        subject=recorded.subject,
        actor=recorded.actor,
        fact=msgspec.to_builtins(recorded.fact, str_keys=True),
    )
