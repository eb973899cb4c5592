"""What a question to the operator is made of."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

import msgspec

FieldName: TypeAlias = Literal[
    "description", "zones", "microphones", "clips", "signs", "note", "used", "said", "person",
    "number", "user", "text", "ending",
]  # fmt: skip
"""What may be typed or chosen with an answer."""

Tone: TypeAlias = Literal["plain", "danger", "caution", "good"]


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One answer."""

    token: str
    label: str
    leads_to: str = ""
    """What follows, in plain words."""
    fields: tuple[FieldName, ...] = ()
    tone: Tone = "plain"


class Question(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The ONE thing to answer next."""

    key: str
    """Names this question of this moment; an answer to an earlier one is refused."""
    kind: str
    """Row of the table of questions: ``LISTEN_INITIAL``, ``CALL_DECIDE``, ``SEND_REQUEST`` ..."""
    step: str
    """Where in the procedure, in words."""
    text: str
    rules: tuple[str, ...]
    answers: tuple[Answer, ...]
    incident: str = ""
    since: datetime | None = None
    deadline: datetime | None = None
    contact: str = ""
    """Id of whom to call, if it is a call."""
    attempt: int = 0
    needs_audio: bool = False
    """Only who may handle audio alarms answers it (PPVAR-4.3.1)."""
    needs_supervisor: bool = False


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the table of questions."""

    step: str
    text: str
    rules: tuple[str, ...]
    answers: tuple[Answer, ...]
    needs_audio: bool = False


class Given(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was typed or chosen with an answer."""

    description: str = ""
    zones: tuple[str, ...] = ()
    microphones: tuple[str, ...] = ()
    clips: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    used: tuple[str, ...] = ()
    note: str = ""
    said: str = ""
    person: str = ""
    number: str = ""
    user: str = ""
    text: str = ""
    ending: str = ""
