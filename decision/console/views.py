"""What the pages show: frozen view models, in words ready for a person.

Templates read these and nothing else; ``present_*.py`` make them from the states of the core. So
a page can be tried without an engine, and the engine can change without a page.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

Progress = Literal["done", "now", "to_come"]
Tone = Literal["plain", "danger", "caution", "good"]
"""Underlines what a word or a shape already says; never the only sign."""


class _View(msgspec.Struct, frozen=True, kw_only=True):
    """Common settings."""


class Severity(_View, frozen=True, kw_only=True):
    """How urgent: rank 1 to 19, and the word and the shape that go with it."""

    rank: int
    word: str
    """For instance ``LIFE SAFETY``, ``HOLD-UP``, ``BURGLARY``."""
    level: Literal["critical", "high", "medium", "low"]


class QueueRow(_View, frozen=True, kw_only=True):
    """One incident in the queue."""

    id: str
    severity: Severity
    title: str
    """In plain words: ``Burglary alarm, stockroom``."""
    site: str
    address: str
    area: str
    area_class: str
    opened_at: datetime
    state: str
    """OPEN, DISPATCHED ..."""
    asked: str
    """What the operator is asked next, short."""
    due: datetime | None = None
    """When that must be answered by."""
    holder: str | None = None
    """Who handles it."""
    flags: tuple[str, ...] = ()
    """For instance ``SUSPENDED``, ``SUPERVISOR``, ``ON TEST``."""


class Field(_View, frozen=True, kw_only=True):
    """Something to type or choose that goes with every answer of a question."""

    name: str
    label: str
    hint: str = ""
    is_required: bool = False
    is_long: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    """(value, label); empty: free text."""
    is_many: bool = False
    """Several of the choices may be taken."""
    value: str = ""


class Answer(_View, frozen=True, kw_only=True):
    """One answer to the question, on one key."""

    key: str
    """``1`` to ``9``."""
    token: str
    label: str
    detail: str = ""
    """What it leads to, in plain words."""
    tone: Tone = "plain"


class Question(_View, frozen=True, kw_only=True):
    """The ONE thing to answer next."""

    token: str
    """Which question of which state: an answer to an earlier one is refused."""
    kind: str = ""
    step: str
    """Where in the procedure, in words: ``Listen first``."""
    text: str
    help: str = ""
    rules: tuple[str, ...] = ()
    answers: tuple[Answer, ...]
    fields: tuple[Field, ...] = ()
    due: datetime | None = None
    needs_audio: bool = False
    """Only a person who may handle audio alarms answers it (PPVAR-4.3.1)."""
    stopped: str = ""
    """Why this person may not answer it; empty: they may."""
    call: Contact | None = None
    """Whom to call for it, if it is a call."""


class Attempt(_View, frozen=True, kw_only=True):
    """One call that was placed."""

    at: datetime
    result: str


class Contact(_View, frozen=True, kw_only=True):
    """One person of the call list."""

    id: str
    name: str
    role: str
    phone: str
    is_authorised: bool
    is_key_holder: bool
    attempts: tuple[Attempt, ...] = ()
    tried: int = 0
    """How often, for what the list is called now."""
    state: str = ""
    """In words: ``call now``, ``2 of 2 tried``, ``not placed: no number``."""
    is_next: bool = False
    hint: str = ""
    """How to ask for the passcode."""


class Warning_(_View, frozen=True, kw_only=True):  # noqa: N801  Warning is a builtin
    """What the gate says before the dispatch button."""

    gate: Literal["OK", "WARN", "BLOCK"]
    title: str
    text: str
    rules: tuple[str, ...] = ()


class Link(_View, frozen=True, kw_only=True):
    """A clip, picture, camera or live channel."""

    label: str
    url: str
    kind: Literal["audio", "live", "video", "camera", "link"]
    is_opened: bool = False


class Event(_View, frozen=True, kw_only=True):
    """One line of the timeline."""

    seq: int
    at: datetime
    who: str
    text: str
    detail: str = ""
    rules: tuple[str, ...] = ()
    tone: Tone = "plain"
    kind: Literal["alarm", "operator", "call", "decision", "responder", "customer", "time"]


class Line(_View, frozen=True, kw_only=True):
    """One line of the dispatch message."""

    label: str
    text: str


class Message(_View, frozen=True, kw_only=True):
    """The dispatch message as it will be sent, with what the wording rules say of it."""

    lines: tuple[Line, ...]
    audio_reference: bool
    is_about_audio: bool = True
    """False: no audio rule has anything to say of it."""
    faults: tuple[str, ...] = ()
    """Why it may not be sent as it stands (PPVAR-5.5, PPVAR-D)."""
    notes: tuple[str, ...] = ()


class Said(_View, frozen=True, kw_only=True):
    """One message between the station and the responders."""

    at: datetime
    is_ours: bool
    kind: str
    text: str


class Responder(_View, frozen=True, kw_only=True):
    """The conversation with the responders."""

    name: str
    number: str
    status: str
    """Requested is not responding (DISP-J10): both are shown."""
    said: tuple[Said, ...] = ()
    answers: tuple[Answer, ...] = ()
    """What can be recorded now."""
    dispositions: tuple[str, ...] = ()
    """Call-ending texts to choose from; the ledger matches some of them literally."""


class Place(_View, frozen=True, kw_only=True):
    """Where it is and what listens there (PPVAR-5.6)."""

    site: str
    address: str
    premise: str
    jurisdiction: str
    area: str
    area_class: str
    area_meaning: str
    """What the class changes, in one sentence."""
    armed: str = ""
    zones: tuple[Line, ...] = ()
    microphones: tuple[Line, ...] = ()
    directions: str = ""


class Incident(_View, frozen=True, kw_only=True):
    """One incident, whole."""

    id: str
    severity: Severity
    title: str
    what: str
    """What happened, in plain words."""
    state: str
    state_words: str
    path: tuple[tuple[str, Progress], ...]
    """The stations of the way, for the strip at the top."""
    opened_at: datetime
    due: datetime | None
    response_mode: str
    threat_level: str
    place: Place
    instructions: tuple[Line, ...]
    """Special instructions, shown first (PPVAR-6.1.1)."""
    is_instructions_reviewed: bool
    links: tuple[Link, ...]
    evidence: tuple[Line, ...]
    question: Question | None
    contacts: tuple[Contact, ...]
    warnings: tuple[Warning_, ...] = ()
    """What the gate says; before the buttons (DISP-J, XS-5)."""
    fee_warning: str = ""
    withheld: str = ""
    """A dispatch that was decided and that the gate blocked, in words."""
    can_be_overridden: bool = False
    message: Message | None
    is_sending: bool = False
    """The question is whether the message goes out: it is shown with it."""
    responder: Responder | None
    timeline: tuple[Event, ...]
    is_over: bool = False
    holder: str = ""
    tries: int = 2
    """Attempts for each contact."""
    faults: tuple[str, ...] = ()
    """What is wrong with the site's record."""


class Paper(_View, frozen=True, kw_only=True):
    """A notice, an invoice or an appeal: what, how far, when."""

    kind: str
    state: str
    dated: str
    detail: str = ""
    url: str = ""
    """Where it is printed from."""


DayState = Literal["past", "open", "to_come"]


class Day(_View, frozen=True, kw_only=True):
    """One date that matters, for the calendar."""

    date: str
    title: str
    detail: str = ""
    state: DayState
    rules: tuple[str, ...] = ()


class Alarm(_View, frozen=True, kw_only=True):
    """One police call of the ledger and whether it counts."""

    day: str
    call: str
    incident: str
    outcome: str
    counts: str
    why: str
    rules: tuple[str, ...] = ()


class Todo(_View, frozen=True, kw_only=True):
    """A task of a role."""

    title: str
    role: str
    why: str
    is_mine: bool
    rules: tuple[str, ...] = ()


class Action(_View, frozen=True, kw_only=True):
    """Something this person may do on a ledger page, as a small form."""

    token: str
    label: str
    help: str = ""
    fields: tuple[Field, ...] = ()
    tone: Tone = "plain"


class Ledger(_View, frozen=True, kw_only=True):
    """The false-alarm file of one alarm system."""

    id: str
    site: str
    address: str
    jurisdiction: str
    state: str
    state_words: str
    tone: Tone
    flags: tuple[str, ...]
    year: str
    count: int
    meter: int
    """How many boxes the count is shown in."""
    marks: tuple[int, ...]
    """Counts that lead to a notice."""
    thresholds: tuple[tuple[int, str], ...]
    post_suspension: int
    alarms: tuple[Alarm, ...]
    notices: tuple[Paper, ...]
    calendar: tuple[Day, ...]
    tasks: tuple[Todo, ...]
    invoices: tuple[Paper, ...]
    appeals: tuple[Paper, ...]
    papers: tuple[tuple[str, str], ...]
    """(what, where): forms to print."""
    history: tuple[Event, ...]
    actions: tuple[Action, ...] = ()
    hint: str = ""
    """What the pack wants to be asked (its own review)."""


class LedgerRow(_View, frozen=True, kw_only=True):
    """One alarm system in the list of ledgers."""

    id: str
    site: str
    address: str
    jurisdiction: str
    state: str
    tone: Tone
    count: int
    next_date: str
    tasks: int


class Trainee(_View, frozen=True, kw_only=True):
    """One person's training (PPVAR-4.5) and what it allows today."""

    id: str
    name: str
    verdict: str
    tone: Tone
    reason: str
    rules: tuple[str, ...]
    started: str
    day: str
    latest: str
    missing: tuple[str, ...]
    is_supervised: bool
    records: tuple[tuple[Line, ...], ...]


class AuditRow(_View, frozen=True, kw_only=True):
    """Who did what, when, to what."""

    seq: int
    at: datetime
    who: str
    roles: str
    what: str
    subject: str
    detail: str
    href: str = ""
