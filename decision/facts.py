"""Everything that can happen to an incident, as immutable facts; a state is a fold over them.

Subject of these facts: ``incident/<incident id>``. ``Fact`` is the union for the store's decoder,
told apart by the field ``fact``. A fact says what happened, never what follows from it. Who did it
stands beside it (``Recorded.actor``), and so does when (``Recorded.at``).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, TypeAlias

import msgspec

from decision.alarm_signal import Signal
from decision.requirements import Requirements, Standing
from decision.settings import Settings
from decision.site import Site
from decision.vocabulary import (
    AccessOutcome,
    AccessStep,
    AreaClass,
    Audibility,
    AudioSource,
    Basis,
    Branch,
    CallEnding,
    CallOffStatus,
    Channel,
    ContactResult,
    EvidenceKind,
    HumanActivity,
    KeyHolderStatus,
    RejectReason,
    ResponderNews,
    SiteCheckOutcome,
    Task,
    ThreatJudgement,
    Timer,
)

ActorKind: TypeAlias = Literal[
    "system", "gateway", "operator", "supervisor", "contact", "responder", "ledger"
]


class Actor(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who did it."""

    kind: ActorKind
    id: str = ""
    roles: tuple[str, ...] = ()

    def __str__(self) -> str:
        """For people."""
        return f"{self.kind} {self.id}".strip()


SYSTEM = Actor(kind="system")
GATEWAY = Actor(kind="gateway")


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """One fact with its place in the log. ``at`` is aware UTC."""

    seq: int
    at: datetime
    subject: str
    actor: Actor
    fact: Any


class _Fact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="fact"):
    """Common settings: immutable, told apart by ``fact``."""


# --- The gateway, the context, time ------------------------------------------------------------


class ContextTaken(_Fact, frozen=True, kw_only=True, tag="ContextTaken"):
    """What was configured and how the alarm system stood when the facts after this came.

    Appended when an incident opens and whenever one of the parts changed before a fact, so that
    the same facts give the same state on any later day.
    """

    site: Site
    settings: Settings
    requirements: Requirements | None = None
    """None: unknown jurisdiction."""
    standing: Standing | None = None
    """None: no ledger knows the system."""


class EventReceived(_Fact, frozen=True, kw_only=True, tag="EventReceived"):
    """An event of the gateway that opens this incident, joins it, or bears on it."""

    signal: Signal
    is_armed: bool | None = None
    """Arm state of the event's area just before it; None: not known."""
    is_test_exception: bool = False
    """On test, yet life safety or hold-up outside the declared scope (XS-10)."""


class TimerFired(_Fact, frozen=True, kw_only=True, tag="TimerFired"):
    """The moment that the state asked for has come."""

    timer: Timer
    due: datetime
    key: str = ""
    """Which task or question."""


# --- Audio verification (PPVAR 6.1, 6.2) -------------------------------------------------------


class InstructionsReviewed(_Fact, frozen=True, kw_only=True, tag="InstructionsReviewed"):
    """The special instructions were read; ``used`` are told to responders (PPVAR-6.1.1, 6.1.3)."""

    used: tuple[str, ...] = ()
    """Ids of the instructions that apply and were followed."""
    note: str = ""


class Listened(_Fact, frozen=True, kw_only=True, tag="Listened"):
    """The initial audio was listened to (PPVAR-6.2.1)."""

    audibility: Audibility
    source: AudioSource = AudioSource.ARCHIVED
    clips: tuple[str, ...] = ()
    """Ids or addresses of what was listened to."""
    microphones: tuple[str, ...] = ()
    description: str = ""


class AudioAccessAttempted(_Fact, frozen=True, kw_only=True, tag="AudioAccessAttempted"):
    """The audio system was opened, or could not be (PPVAR-6.2.1.1, 6.2.2.2)."""

    step: AccessStep
    outcome: AccessOutcome
    is_live_heard: bool = False
    """MUST be true unless there was no access."""
    is_archive_heard: bool = False
    clips: tuple[str, ...] = ()
    microphones: tuple[str, ...] = ()
    description: str = ""


class HumanActivityAssessed(_Fact, frozen=True, kw_only=True, tag="HumanActivityAssessed"):
    """Whether a human is, or just was, to be heard (PPVAR-6.2.1.2)."""

    activity: HumanActivity
    zones: tuple[str, ...] = ()
    """Zones in which it was heard; decides the area class (AMB-P4)."""
    microphones: tuple[str, ...] = ()
    description: str = ""
    clips: tuple[str, ...] = ()
    then: Branch | None = None
    """With NONE: ``CLOSE`` or ``NON_AUDIO``, when the operator chooses at once."""


class ThreatAssessed(_Fact, frozen=True, kw_only=True, tag="ThreatAssessed"):
    """The threat level of what was heard (PPVAR-6.2.2, AMB-P11)."""

    judgement: ThreatJudgement
    zones: tuple[str, ...] = ()
    microphones: tuple[str, ...] = ()
    description: str = ""
    """What was heard, plainly; goes into the message."""
    signs: tuple[str, ...] = ()
    """For the validation level: ``breaking``, ``tools``, ``violence``, ``weapon`` ..."""
    clips: tuple[str, ...] = ()
    then: Branch | None = None
    """With TL1: ``CLOSE`` or ``NON_AUDIO``, when the operator chooses at once."""


# --- Verification other than audio -------------------------------------------------------------


class SiteCheckedByVideo(_Fact, frozen=True, kw_only=True, tag="SiteCheckedByVideo"):
    """Video was looked at, or there is none (PPVAR-6.2.2.2.2)."""

    outcome: SiteCheckOutcome
    cameras: tuple[str, ...] = ()
    clips: tuple[str, ...] = ()
    description: str = ""
    signs: tuple[str, ...] = ()


class SiteCheckedByPerson(_Fact, frozen=True, kw_only=True, tag="SiteCheckedByPerson"):
    """Somebody on site was reached by any means, or could not be (PPVAR-6.2.2.2.2)."""

    outcome: SiteCheckOutcome
    person: str = ""
    means: Literal["SITE_PHONE", "TWO_WAY_AUDIO", "GUARD", "OTHER"] = "SITE_PHONE"
    description: str = ""
    signs: tuple[str, ...] = ()


class VerifiedOtherwise(_Fact, frozen=True, kw_only=True, tag="VerifiedOtherwise"):
    """The alarm counts as verified, by something that is not audio (XS-2, AMB-D10)."""

    basis: Basis
    description: str = ""


class ElectronicCancel(_Fact, frozen=True, kw_only=True, tag="ElectronicCancel"):
    """An electronic signal that all seems well, which came by no event (PPVAR-3.1, AMB-P12).

    A cancel event of the panel needs no such fact: ``EventReceived`` with kind ``cancel`` is one.
    """

    user: str = ""
    channel: Channel | None = None
    note: str = ""


class AreaClassified(_Fact, frozen=True, kw_only=True, tag="AreaClassified"):
    """A person said what the area is (AMB-P3); goes before every table for this incident."""

    area_class: AreaClass
    note: str = ""


class EvidenceAttached(_Fact, frozen=True, kw_only=True, tag="EvidenceAttached"):
    """A clip, picture or word that belongs to the incident (PPVAR-5.7, 5.8, 2.2)."""

    kind: EvidenceKind
    reference: str = ""
    """Address or id."""
    sha256: str = ""
    """Chain of evidence: of the bytes, in hex, where the station holds them."""
    description: str = ""


# --- Contacts and customers --------------------------------------------------------------------


class ContactAttempted(_Fact, frozen=True, kw_only=True, tag="ContactAttempted"):
    """A call to a contact was placed and ended (AMB-D2, AMB-D3)."""

    contact: str
    ending: CallEnding | None = None
    """None: ``NO_ANSWER`` with that result, else ``ANSWERED``."""
    result: ContactResult = ContactResult.NO_ANSWER
    """Counts only when the call was answered; never ``EXHAUSTED``."""
    said: str = ""
    is_inbound: bool = False
    """The contact called the station: an answer, but no attempt of ours."""


class ContactSkipped(_Fact, frozen=True, kw_only=True, tag="ContactSkipped"):
    """A call that was never placed (no number): no attempt, a data fault (AMB-D2)."""

    contact: str
    reason: str = ""


class ManualDispatchRequested(_Fact, frozen=True, kw_only=True, tag="ManualDispatchRequested"):
    """The customer asks for dispatch (DISP-M1, M2)."""

    channel: Channel
    user: str
    is_fee_accepted: bool = False
    """The fee warning was shown and the customer asked all the same (XS-5)."""
    note: str = ""


class Resolved(_Fact, frozen=True, kw_only=True, tag="Resolved"):
    """A user resolved the alarm, or an operator recorded it for them (DISP-I6, AMB-D6)."""

    channel: Channel
    user: str
    note: str = ""


class KeyHolderReported(_Fact, frozen=True, kw_only=True, tag="KeyHolderReported"):
    """Where the key holder is (DISP-J3)."""

    contact: str
    status: KeyHolderStatus
    minutes: int | None = None
    """Until arrival."""


# --- Decisions of people -----------------------------------------------------------------------


class OperatorDecided(_Fact, frozen=True, kw_only=True, tag="OperatorDecided"):
    """An operator's choice at a MAY branch, or the answer to an ``OPERATOR_REQUIRED``."""

    task: Task
    branch: Branch
    note: str = ""


class RequirementConfirmed(_Fact, frozen=True, kw_only=True, tag="RequirementConfirmed"):
    """A further requirement of the jurisdiction was met, or found unmet, for this incident."""

    requirement: str
    is_met: bool = True
    note: str = ""


class GateOverridden(_Fact, frozen=True, kw_only=True, tag="GateOverridden"):
    """A supervisor asks for responders against a ``BLOCK`` (XS-5)."""

    reason: str
    is_fee_accepted: bool = False
    """The fee warning was shown."""


class NoteAdded(_Fact, frozen=True, kw_only=True, tag="NoteAdded"):
    """Words for the record; forwarded to responders when asked."""

    text: str
    is_for_responders: bool = False


class Taken(_Fact, frozen=True, kw_only=True, tag="Taken"):
    """The actor handles the incident from now on; empty the incident is free again."""

    by: str


# --- The conversation with responders ----------------------------------------------------------


class RequestSent(_Fact, frozen=True, kw_only=True, tag="RequestSent"):
    """The request for responders went out (DISP-J10: requested is not responding)."""

    request: str
    """Our id of the request."""
    transport: str = "phone"
    to: str = ""
    message: str = ""
    """As it was read or sent."""


class RequestAccepted(_Fact, frozen=True, kw_only=True, tag="RequestAccepted"):
    """Responders took it."""

    request: str = ""
    number: str = ""
    """Their event number."""


class RequestRejected(_Fact, frozen=True, kw_only=True, tag="RequestRejected"):
    """Responders declined (DISP-J10)."""

    request: str = ""
    reason: RejectReason = RejectReason.OTHER
    text: str = ""
    disposition: str = ""
    """When the refusal already ends the call (SJ-C2c-i)."""


class RequestUpdated(_Fact, frozen=True, kw_only=True, tag="RequestUpdated"):
    """Responders told something."""

    request: str = ""
    news: ResponderNews = ResponderNews.OTHER
    text: str = ""


class UpdateSent(_Fact, frozen=True, kw_only=True, tag="UpdateSent"):
    """An update or a call-off went out to responders (PPVAR-5.8, DISP-I4)."""

    request: str = ""
    text: str = ""
    is_call_off: bool = False


class CallOffResult(_Fact, frozen=True, kw_only=True, tag="CallOffResult"):
    """What came of the call-off: ``confirmed``, ``refused`` or ``unknown`` (DISP-I4)."""

    result: CallOffStatus
    request: str = ""
    text: str = ""


class RequestClosed(_Fact, frozen=True, kw_only=True, tag="RequestClosed"):
    """Responders ended the call, with its disposition as they spell it (XS-7)."""

    disposition: str = ""
    request: str = ""
    occurrence: str = ""
    """Their occurrence number."""
    text: str = ""


Fact: TypeAlias = (
    ContextTaken
    | EventReceived
    | TimerFired
    | InstructionsReviewed
    | Listened
    | AudioAccessAttempted
    | HumanActivityAssessed
    | ThreatAssessed
    | SiteCheckedByVideo
    | SiteCheckedByPerson
    | VerifiedOtherwise
    | ElectronicCancel
    | AreaClassified
    | EvidenceAttached
    | ContactAttempted
    | ContactSkipped
    | ManualDispatchRequested
    | Resolved
    | KeyHolderReported
    | OperatorDecided
    | RequirementConfirmed
    | GateOverridden
    | NoteAdded
    | Taken
    | RequestSent
    | RequestAccepted
    | RequestRejected
    | RequestUpdated
    | UpdateSent
    | CallOffResult
    | RequestClosed
)
"""All of them, for the store's decoder."""
