"""What is known of one incident: the fold of its facts, as immutable data.

Several regions run beside each other: the audio verification (``ppvar``), the configured response
(``response``), the call list, the request to responders, and tasks that wait for a person. Each
region's table is in ``rules/``; ``incidents`` composes them.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from decision.actions import Action, Verdict
from decision.alarm_signal import Signal
from decision.vocabulary import (
    ACTIVE_STATES,
    AccessOutcome,
    AlarmState,
    AreaClass,
    Basis,
    Branch,
    CallEnding,
    CallOffStatus,
    CloseReason,
    ContactResult,
    DispatchReason,
    EvidenceKind,
    HumanActivity,
    KeyHolderStatus,
    ListPurpose,
    Ppvar,
    Procedure,
    RequestStatus,
    Response,
    SiteCheckOutcome,
    Task,
    ThreatLevel,
    Timer,
)


class _Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Common settings."""


class Reason(_Part, frozen=True, kw_only=True):
    """Why something was done, or was not."""

    rule: str
    text: str


class Refusal(_Part, frozen=True, kw_only=True):
    """The fact was recorded, and changes nothing; the answer to whoever asked (DISP-M4)."""

    rule: str
    text: str


class Attempt(_Part, frozen=True, kw_only=True):
    """One placed call."""

    contact: str
    at: datetime
    ending: CallEnding
    result: ContactResult
    purpose: ListPurpose
    said: str = ""
    by: str = ""
    is_counted: bool = True
    """Uses up an attempt (AMB-D2, AMB-D3)."""


class SiteCheck(_Part, frozen=True, kw_only=True):
    """One site step of VERIFY, or the fact that there is nothing to try (AMB-P5)."""

    basis: Basis
    outcome: SiteCheckOutcome
    at: datetime
    description: str = ""
    by: str = ""
    is_from_profile: bool = False
    """The site's profile says that there is none."""


class AudioAccess(_Part, frozen=True, kw_only=True):
    """One attempt to open the audio system."""

    step: str
    outcome: AccessOutcome
    at: datetime
    is_live_heard: bool = False
    description: str = ""
    by: str = ""


class Heard(_Part, frozen=True, kw_only=True):
    """One thing an operator heard and wrote down."""

    at: datetime
    description: str
    is_human: bool = False
    is_live: bool = False
    microphones: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    clips: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    by: str = ""


class Evidence(_Part, frozen=True, kw_only=True):
    """One thing that was attached."""

    at: datetime
    kind: EvidenceKind
    reference: str = ""
    sha256: str = ""
    description: str = ""
    by: str = ""


class Cancellation(_Part, frozen=True, kw_only=True):
    """An electronic cancellation (AMB-P12)."""

    at: datetime
    user: str = ""
    is_accepted: bool | None = None
    """None: nobody has judged it yet."""


class OpenTask(_Part, frozen=True, kw_only=True):
    """Something that waits for a person."""

    task: Task
    since: datetime
    deadline: datetime
    text: str
    branches: tuple[Branch, ...] = ()
    remind_at: datetime
    """When a supervisor is called next, or the written verification is over."""
    escalations: int = 0


class Request(_Part, frozen=True, kw_only=True):
    """The one request for responders; decided, sent and answered are different things."""

    reason: DispatchReason
    decided_at: datetime
    window_end: datetime | None
    """The alarm is active while ``t < window_end`` (AMB-D5); None: until resolved."""
    status: RequestStatus = RequestStatus.DECIDED
    id: str = ""
    number: str = ""
    sent_at: datetime | None = None
    answered_at: datetime | None = None
    reject_text: str = ""
    disposition: str = ""
    occurrence: str = ""
    closed_at: datetime | None = None
    call_off: CallOffStatus | None = None
    is_post_suspension: bool = False
    is_by_phone: bool = False
    """No machine carries updates: a person says them."""
    untold: tuple[str, ...] = ()
    """Updates that a person has yet to tell by telephone (PPVAR-5.8)."""


class Withheld(_Part, frozen=True, kw_only=True):
    """A dispatch that was decided and that the gate blocked (XS-5)."""

    reason: DispatchReason
    at: datetime
    rules: tuple[str, ...]
    verdict: Verdict
    basis: Basis | None = None
    is_final: bool = True
    """False: a customer's own request, beside which verification goes on."""


class Transition(_Part, frozen=True, kw_only=True):
    """One step of a region: who, when, which clips, which rule (2.8)."""

    at: datetime
    region: str
    """``ppvar``, ``response`` or ``alarm``."""
    before: str
    after: str
    rule: str
    by: str
    clips: tuple[str, ...] = ()


class IncidentState(_Part, frozen=True, kw_only=True):
    """One incident."""

    id: str
    """Event id of the event that opened it."""
    site: str
    """``<group>.<account>``."""
    opened_at: datetime
    procedure: Procedure
    category: str
    severity: int
    """The best rank of its alarms: 1 is handled first."""
    signals: tuple[Signal, ...]
    """Alarms first to last."""
    others: tuple[Signal, ...] = ()
    """Restorals, cancels, openings that bear on it."""
    is_armed: bool | None = None
    """Of the area, as last known (AMB-P10)."""
    state: AlarmState = AlarmState.OPEN
    ppvar: Ppvar = Ppvar.NOT_USED
    response: Response = Response.IDLE
    are_instructions_reviewed: bool = False
    instructions_used: tuple[str, ...] = ()
    activity: HumanActivity | None = None
    threat_level: ThreatLevel | None = None
    is_human_heard: bool = False
    """A human, or evidence of one, was heard: audio may be spoken of (PPVAR-5.5)."""
    area_class: AreaClass | None = None
    """As an operator classified it (AMB-P3); None: as the tables say."""
    zones_heard: tuple[str, ...] = ()
    heard: tuple[Heard, ...] = ()
    accesses: tuple[AudioAccess, ...] = ()
    site_checks: tuple[SiteCheck, ...] = ()
    signs_seen: tuple[str, ...] = ()
    """What video or a person on site told, for the validation level."""
    verified_by: tuple[Basis, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    skipped: tuple[str, ...] = ()
    list_purpose: ListPurpose | None = None
    """What the contacts are being called for now."""
    list_result: ContactResult | None = None
    """Of the decision or verification list; the first decisive answer (AMB-D11)."""
    decided_by: str = ""
    """The contact whose answer that was."""
    asked_by: str = ""
    """The customer who asked for dispatch, and how (DISP-M2)."""
    informed: tuple[str, ...] = ()
    """Contacts told after the dispatch."""
    cancellation: Cancellation | None = None
    evidence: tuple[Evidence, ...] = ()
    notes: tuple[str, ...] = ()
    key_holders: tuple[tuple[str, KeyHolderStatus], ...] = ()
    requirements_met: tuple[str, ...] = ()
    requirements_unmet: tuple[str, ...] = ()
    verdict: Verdict | None = None
    """What the gate said last."""
    withheld: Withheld | None = None
    request: Request | None = None
    close_reason: CloseReason | None = None
    ended_at: datetime | None = None
    tasks: tuple[OpenTask, ...] = ()
    faults: tuple[str, ...] = ()
    asked: str = ""
    """Key of the question that is open."""
    asked_at: datetime | None = None
    answer_by: datetime | None = None
    """When a supervisor is told that nobody answered it; None: told, or nothing is asked."""
    next_call: str = ""
    """Key of the call that was asked for last (``purpose/contact/attempt``)."""
    holder: str = ""
    trail: tuple[Transition, ...] = ()

    @property
    def is_active(self) -> bool:
        """Whether the alarm is active (DISP-M1)."""
        return self.state in ACTIVE_STATES

    @property
    def is_withheld(self) -> bool:
        """Whether what the rules decided was blocked, so that nobody is sent (XS-5)."""
        return self.withheld is not None and self.withheld.is_final

    @property
    def is_dispatched(self) -> bool:
        """Whether a dispatch was ever decided and not withheld."""
        return self.request is not None

    @property
    def last_alarm_at(self) -> datetime:
        """When its last alarm came (XS-12)."""
        return self.signals[-1].received_at


class Due(_Part, frozen=True, kw_only=True):
    """When the incident wants to be woken, and by which ``TimerFired``."""

    at: datetime
    timer: Timer
    key: str = ""


class Step(_Part, frozen=True, kw_only=True):
    """What one fact led to."""

    state: IncidentState
    actions: tuple[Action, ...] = ()
    """In the order in which they are carried out."""
    reasons: tuple[Reason, ...] = ()
    refusal: Refusal | None = None
