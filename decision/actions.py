"""What the rules ask for: the outcomes of a decision, each with its rules, inputs and evidence.

Actions come out of ``incidents.apply`` and are carried out by others, in their order: a dispatch
stands before the notification in the same step. They are made again by every fold, so whoever
carries them out does so once for each fact (by the fact's ``seq``), and never while replaying.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

import msgspec

from decision.vocabulary import (
    AreaClass,
    Basis,
    Branch,
    CloseReason,
    DispatchReason,
    GateResult,
    ListPurpose,
    Task,
    ThreatLevel,
)


class Inputs(msgspec.Struct, frozen=True, kw_only=True):
    """The three inputs of DISP-3, as they stood when the decision was made."""

    response_mode: str
    """(a) The site's configured response."""
    customer_answer: str
    """(b) What the customer answered; ``none yet`` when nobody was asked or answered."""
    local_requirement: str
    """(c) What the gate said of the jurisdiction: its result, and why."""


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing the gate found."""

    result: GateResult
    rule: str
    requirement: str
    """``permit``, ``key_holder``, ``suspended`` ..."""
    text: str
    """One sentence for the operator and the customer."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What local requirements say to a request: the worst of the findings."""

    result: GateResult
    findings: tuple[Finding, ...] = ()
    can_override: bool = True
    """False for a discontinued system (XS-5)."""
    is_post_suspension: bool = False
    """A request all the same would be a post-suspension request (SJ-B7)."""
    fee_warning: str = ""


class _Action(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="action"):
    """Every action says why."""

    rules: tuple[str, ...]
    """Ids of the rules that asked for it, the deciding one first."""
    inputs: Inputs
    evidence: tuple[str, ...] = ()
    """What it rests on, in words, oldest first."""


class Dispatch(_Action, frozen=True, kw_only=True, tag="DISPATCH"):
    """Ask for responders. One for each incident, ever (AMB-D8)."""

    reason: DispatchReason
    basis: Basis | None = None
    """What verified it: ``VIDEO``, ``ON_SITE``, ``CONTACT``, ``AUDIO`` ..."""
    threat_level: ThreatLevel | None = None
    area_class: AreaClass = AreaClass.UNKNOWN
    audio_reference: bool = False
    """False: not one word of audio in the message (PPVAR-5.5)."""
    gate: GateResult = GateResult.OK
    is_post_suspension: bool = False
    """SJ-B7."""
    overridden_by: str = ""
    """Who asked against a ``BLOCK``."""
    by_operator: bool = False
    """Put to an operator at once, never sent by a machine alone (XS-9)."""
    no_call_to_premises: bool = False
    """Hold-up (XS-9)."""


class Close(_Action, frozen=True, kw_only=True, tag="CLOSE"):
    """Nothing more is done."""

    reason: CloseReason


class NonAudio(_Action, frozen=True, kw_only=True, tag="NON_AUDIO"):
    """Go on without audio verification (PPVAR-6.2.1.1.2, XS-4, XS-11)."""


class CallOff(_Action, frozen=True, kw_only=True, tag="CALL_OFF"):
    """Ask responders not to come, as best one can (DISP-I4, I6)."""

    asked_by: str


class NotifyContacts(_Action, frozen=True, kw_only=True, tag="NOTIFY_CONTACTS"):
    """Tell the contacts what happened and what was done; asks for no approval (DISP-I3)."""

    contacts: tuple[str, ...]
    """Ids in the order of the list."""
    text: str


class ForwardUpdate(_Action, frozen=True, kw_only=True, tag="FORWARD_UPDATE"):
    """Tell responders what became known after the dispatch (PPVAR-5.8, AMB-D8)."""

    text: str
    references: tuple[str, ...] = ()


class OperatorRequired(_Action, frozen=True, kw_only=True, tag="OPERATOR_REQUIRED"):
    """Only a person can decide; a supervisor is called when the deadline passes (AMB-P3)."""

    task: Task
    text: str
    deadline: datetime
    branches: tuple[Branch, ...] = ()


class CallContact(_Action, frozen=True, kw_only=True, tag="CALL_CONTACT"):
    """The next call to place."""

    contact: str
    attempt: int
    """1 or 2."""
    purpose: ListPurpose


class GateWarning(_Action, frozen=True, kw_only=True, tag="GATE_WARNING"):
    """Refusal is likely, or certain: tell the operator before the request, and the customer."""

    verdict: Verdict
    tell_customer: bool = True


class AlternateResponse(_Action, frozen=True, kw_only=True, tag="ALTERNATE_RESPONSE"):
    """Responders will not come: send the guard or runner, tell the customer (XS-5, SJ-E2)."""

    response: str
    """As the site's profile says; empty: none is arranged."""
    withheld: DispatchReason
    """The dispatch that the gate blocked."""


class Escalate(_Action, frozen=True, kw_only=True, tag="ESCALATE"):
    """Nobody saw to it in time: tell a supervisor (AMB-P3)."""

    what: str
    """The task, or the question."""
    times: int = 1


class ConfigurationFault(_Action, frozen=True, kw_only=True, tag="CONFIGURATION_FAULT"):
    """The site's data are wrong or missing (DISP-5, AMB-D2, AMB-D7)."""

    key: str
    """Where in the site's profile."""
    text: str


Action: TypeAlias = (
    Dispatch
    | Close
    | NonAudio
    | CallOff
    | NotifyContacts
    | ForwardUpdate
    | OperatorRequired
    | CallContact
    | GateWarning
    | AlternateResponse
    | Escalate
    | ConfigurationFault
)
"""All of them, for records and for those who carry them out."""
