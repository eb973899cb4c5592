"""Every token that events, facts, decisions, settings and scenarios may use, spelled exactly so.

The first part is section 0 of the domain rules. The second part names what the rules speak of in
words only (how a call ended, what a look at the video gave); those tokens are ours.
"""

from __future__ import annotations

from enum import StrEnum

# --- Section 0 of the domain rules -------------------------------------------------------------


class AreaClass(StrEnum):
    """What an area is, which decides one branch only (PPVAR-3.15, 3.21, 3.22, AMB-P3)."""

    SECURED = "SECURED"
    UNSECURED = "UNSECURED"
    COMMON = "COMMON"
    UNKNOWN = "UNKNOWN"


class ThreatLevel(StrEnum):
    """What was heard; higher is worse (PPVAR-3.19)."""

    TL1 = "TL1"
    TL2 = "TL2"
    TL3 = "TL3"


class ResponseMode(StrEnum):
    """The two usual configured responses; a site may name another (DISP-5)."""

    IMMEDIATE = "IMMEDIATE"
    STANDARD = "STANDARD"


class ContactResult(StrEnum):
    """What one call gave (section 0); ``EXHAUSTED`` is only said of a whole list."""

    NO_ANSWER = "NO_ANSWER"
    APPROVE = "APPROVE"
    CANCEL = "CANCEL"
    AUTHORIZED_ACTIVITY = "AUTHORIZED_ACTIVITY"
    NOT_AUTHORIZED = "NOT_AUTHORIZED"
    UNDECIDED = "UNDECIDED"
    EXHAUSTED = "EXHAUSTED"


class DispatchReason(StrEnum):
    """Why responders are asked for."""

    TL3 = "TL3"
    TL2_SECURED_UNVERIFIED = "TL2_SECURED_UNVERIFIED"
    ACTIVITY_NOT_AUTHORIZED = "ACTIVITY_NOT_AUTHORIZED"
    IMMEDIATE_VERIFIED = "IMMEDIATE_VERIFIED"
    CONTACT_APPROVED = "CONTACT_APPROVED"
    CONTACTS_EXHAUSTED = "CONTACTS_EXHAUSTED"
    MANUAL_REQUEST = "MANUAL_REQUEST"
    LIFE_SAFETY = "LIFE_SAFETY"
    HOLD_UP = "HOLD_UP"


class CloseReason(StrEnum):
    """Why nothing more is done."""

    AUTHORIZED = "AUTHORIZED"
    NO_HUMAN_ACTIVITY = "NO_HUMAN_ACTIVITY"
    TL2_NOT_SECURED = "TL2_NOT_SECURED"
    CONTACT_CANCELLED = "CONTACT_CANCELLED"
    USER_RESOLVED = "USER_RESOLVED"
    ACTIVE_WINDOW_EXPIRED = "ACTIVE_WINDOW_EXPIRED"


class ActionKind(StrEnum):
    """Tags of the actions: section 0 first, then what our rules ask for besides."""

    DISPATCH = "DISPATCH"
    CLOSE = "CLOSE"
    NON_AUDIO = "NON_AUDIO"
    CALL_OFF = "CALL_OFF"
    NOTIFY_CONTACTS = "NOTIFY_CONTACTS"
    FORWARD_UPDATE = "FORWARD_UPDATE"
    OPERATOR_REQUIRED = "OPERATOR_REQUIRED"
    CALL_CONTACT = "CALL_CONTACT"
    GATE_WARNING = "GATE_WARNING"
    ALTERNATE_RESPONSE = "ALTERNATE_RESPONSE"
    ESCALATE = "ESCALATE"
    CONFIGURATION_FAULT = "CONFIGURATION_FAULT"


class AlarmState(StrEnum):
    """Life of an alarm: ``OPEN`` -> (``DISPATCHED``) -> ``RESOLVED`` | ``EXPIRED`` | ``CLOSED``."""

    OPEN = "OPEN"
    DISPATCHED = "DISPATCHED"
    RESOLVED = "RESOLVED"
    EXPIRED = "EXPIRED"
    CLOSED = "CLOSED"


ACTIVE_STATES = frozenset({AlarmState.OPEN, AlarmState.DISPATCHED})
"""While the alarm is active (DISP-M1)."""


class GateResult(StrEnum):
    """What local requirements say to a request for responders; later is worse."""

    OK = "OK"
    WARN = "WARN"
    BLOCK = "BLOCK"


class SystemState(StrEnum):
    """State of an alarm system in the false-alarm ledger (SJ, 3.9)."""

    ACTIVE = "ACTIVE"
    SUSPENSION_PENDING = "SUSPENSION_PENDING"
    SUSPENDED = "SUSPENDED"
    DEFERRED = "DEFERRED"
    REINSTATEMENT_PENDING = "REINSTATEMENT_PENDING"


NOT_RESPONDED_TO = frozenset(
    {SystemState.SUSPENDED, SystemState.DEFERRED, SystemState.REINSTATEMENT_PENDING}
)
"""Still suspended, whatever the name (XS-5)."""


class SystemFlag(StrEnum):
    """Flags on top of the state."""

    DISCONTINUED = "DISCONTINUED"
    CAUTIONED = "CAUTIONED"


class AlarmType(StrEnum):
    """The kind of alarm responders and the ledger tell apart."""

    BURGLAR = "BURGLAR"
    HOLD_UP = "HOLD_UP"
    FIRE = "FIRE"
    MEDICAL = "MEDICAL"
    OTHER = "OTHER"


class PremiseType(StrEnum):
    """The kind of premises (SJ-A2, SJ-B4, SJ-B8)."""

    COMPANY = "COMPANY"
    RESIDENTIAL = "RESIDENTIAL"
    SCHOOL = "SCHOOL"
    HOSPITAL = "HOSPITAL"


NO_REPORT_FALSE_ALARM = "No Report - False Alarm"
NO_RESPONSE_POST_SUSPENSION = "No Response - Post Suspension Alarm"
"""The two dispositions the ledger matches exactly; every other text never counts."""


# --- What the rules say in words; tokens of our own --------------------------------------------


class Procedure(StrEnum):
    """Which chain an incident goes through (section 4, XS-8..XS-10)."""

    BURGLAR = "BURGLAR"
    """Audio verification, response mode, gate."""
    LIFE_SAFETY = "LIFE_SAFETY"
    HOLD_UP = "HOLD_UP"
    TEST_EXCEPTION = "TEST_EXCEPTION"
    """Life safety or hold-up while on test, outside the declared scope (XS-10)."""
    OTHER = "OTHER"
    """No rule of the three sources speaks of it (flood, cold store): operator and contacts."""


class Ppvar(StrEnum):
    """States of the audio verification of PPVAR 6.2 (domain rules 2.8)."""

    RECEIVED = "RECEIVED"
    LISTEN_INITIAL = "LISTEN_INITIAL"
    ACCESS_A = "ACCESS_A"
    ASSESS = "ASSESS"
    NO_HUMAN = "NO_HUMAN"
    """The MAY branch after "no human activity" waits for the operator's choice."""
    THREAT = "THREAT"
    ACCESS_B = "ACCESS_B"
    VERIFY_SITE = "VERIFY_SITE"
    """VERIFY step 1: video, or a person on site."""
    VERIFY_CONTACT = "VERIFY_CONTACT"
    """VERIFY step 2: an authorised contact, over the call list."""
    AREA = "AREA"
    """Cannot be verified: the one branch that the area class decides."""
    NOT_SECURED = "NOT_SECURED"
    """The MAY branch of an unverified TL2 outside secured areas."""
    NON_AUDIO = "NON_AUDIO"
    DISPATCH = "DISPATCH"
    CLOSE = "CLOSE"
    NOT_USED = "NOT_USED"
    """The incident is none for audio verification (XS-8, XS-9)."""


class Response(StrEnum):
    """States of the configured response, for incidents without audio verification (DISP, XS-4)."""

    IDLE = "IDLE"
    """Audio verification still runs, or the response is none of this incident's business."""
    AWAIT_VERIFICATION = "AWAIT_VERIFICATION"
    """Immediate: needs a verification that is not audio (DISP-I1, XS-4)."""
    CALLING = "CALLING"
    """Standard: the call list (DISP-S1)."""
    OPERATOR = "OPERATOR"
    """A mode nobody knows (DISP-5), or nothing to go by."""
    DONE = "DONE"


class ListPurpose(StrEnum):
    """What the contacts are called for."""

    DECIDE = "DECIDE"
    """Standard response (DISP-S1)."""
    VERIFY = "VERIFY"
    """PPVAR VERIFY step 2 (XS-3)."""
    NOTIFY = "NOTIFY"
    """Inform after a dispatch; asks for no approval (DISP-I3)."""
    TELL = "TELL"
    """Tell of an alarm to which nobody is sent: the gate blocks (XS-5), or no rule covers it."""


class CallEnding(StrEnum):
    """How a placed call ended (AMB-D2)."""

    ANSWERED = "ANSWERED"
    NO_ANSWER = "NO_ANSWER"
    BUSY = "BUSY"
    VOICEMAIL = "VOICEMAIL"
    WRONG_NUMBER = "WRONG_NUMBER"
    FAILED_PASSCODE = "FAILED_PASSCODE"
    HANG_UP = "HANG_UP"


class AudioSource(StrEnum):
    """Near real time, or recorded earlier (PPVAR-3.3, 3.11)."""

    LIVE = "LIVE"
    ARCHIVED = "ARCHIVED"


class Audibility(StrEnum):
    """What the first listening gave (PPVAR-6.2.1)."""

    NO_AUDIO = "NO_AUDIO"
    NOT_DISCERNIBLE = "NOT_DISCERNIBLE"
    DISCERNIBLE = "DISCERNIBLE"


class AccessStep(StrEnum):
    """Which of the two attempts to open the audio system."""

    ACCESS_A = "ACCESS_A"
    ACCESS_B = "ACCESS_B"


class AccessOutcome(StrEnum):
    """What the attempt to open the audio system gave."""

    NO_ACCESS = "NO_ACCESS"
    NOTHING_ACTIONABLE = "NOTHING_ACTIONABLE"
    ACTIONABLE = "ACTIONABLE"
    NOT_RAISED = "NOT_RAISED"
    RAISED = "RAISED"
    """To TL3."""


class HumanActivity(StrEnum):
    """The judgement at ASSESS (PPVAR-6.2.1.2)."""

    HUMAN = "HUMAN"
    RECENT = "RECENT"
    """Evidence of recent human activity."""
    NONE = "NONE"


class ThreatJudgement(StrEnum):
    """The judgement at THREAT; ``UNSETTLED`` counts as TL2 (AMB-P11)."""

    TL1 = "TL1"
    TL2 = "TL2"
    TL3 = "TL3"
    UNSETTLED = "UNSETTLED"


class SiteCheckOutcome(StrEnum):
    """What a look at the video, or a person on site, gave."""

    AUTHORIZED = "AUTHORIZED"
    NOT_AUTHORIZED = "NOT_AUTHORIZED"
    """A person on site says that whoever is there should not be."""
    CRIME = "CRIME"
    """It shows a crime (PPVAR-5.3)."""
    UNVERIFIED = "UNVERIFIED"
    """Looked, asked or rang, and it could not verify."""
    NOT_AVAILABLE = "NOT_AVAILABLE"
    """There is none: no camera, nobody and no telephone on site."""


class Basis(StrEnum):
    """What a verification rests on."""

    AUDIO = "AUDIO"
    VIDEO = "VIDEO"
    ON_SITE = "ON_SITE"
    CONTACT = "CONTACT"
    PANEL = "PANEL"
    """The panel's own word (verified signal codes)."""
    TWO_CALLS = "TWO_CALLS"
    """Two or more verification calls were placed (PPVAR-3.10)."""
    OTHER = "OTHER"


class Channel(StrEnum):
    """How a person outside the station spoke to us (DISP-M2)."""

    LINK = "LINK"
    """The incident link."""
    COMMAND = "COMMAND"
    """The customer's management console."""
    PHONE = "PHONE"
    """Told to the operator, who recorded it."""


class Branch(StrEnum):
    """What an operator chose where the source says MAY, or where only a person can decide."""

    CLOSE = "CLOSE"
    NON_AUDIO = "NON_AUDIO"
    FOLLOW_MODE = "FOLLOW_MODE"
    CALL_LIST = "CALL_LIST"
    """Work through the contacts as in Standard response."""
    ACCEPT_CANCEL = "ACCEPT_CANCEL"
    REJECT_CANCEL = "REJECT_CANCEL"
    IS_REAL = "IS_REAL"
    """Not part of the test (XS-10), or confirmed in a written verification (XS-9)."""
    IS_FALSE = "IS_FALSE"
    """Part of the test, or found to be no emergency."""
    CALL_OFF = "CALL_OFF"
    DONE = "DONE"
    """The task was seen to by other means; say how in the note."""


class Task(StrEnum):
    """What an ``OPERATOR_REQUIRED`` asks for."""

    CLASSIFY_AREA = "CLASSIFY_AREA"
    """AMB-P3."""
    CHOOSE_NO_HUMAN = "CHOOSE_NO_HUMAN"
    """PPVAR-6.2.1.2.2 with the policy set to ask."""
    CHOOSE_NOT_SECURED = "CHOOSE_NOT_SECURED"
    """PPVAR-6.2.2.2.2.2.3 with the policy set to ask, or nothing to follow (XS-3)."""
    UNKNOWN_MODE = "UNKNOWN_MODE"
    """DISP-5."""
    CONFIRM_CANCEL = "CONFIRM_CANCEL"
    """AMB-P12."""
    CONFIRM_CALL_OFF = "CONFIRM_CALL_OFF"
    """Cancel of a life-safety or hold-up alarm after the dispatch."""
    TEST_SCOPE = "TEST_SCOPE"
    """XS-10."""
    WRITTEN_VERIFICATION = "WRITTEN_VERIFICATION"
    """XS-9: dispatches by itself when its seconds are over."""
    GATE_BLOCKED = "GATE_BLOCKED"
    """XS-5: arrange alternate response; a supervisor may override."""
    DISPATCH_REFUSED = "DISPATCH_REFUSED"
    """DISP-J10: responders declined; or the machine path failed and somebody must phone."""
    TRIGGER_AFTER_END = "TRIGGER_AFTER_END"
    """A new trigger after responders closed or called off: they no longer read updates."""
    VERIFY_OTHERWISE = "VERIFY_OTHERWISE"
    """Immediate response without audio needs another verification (XS-4)."""
    ANSWER_RESPONDERS = "ANSWER_RESPONDERS"
    """Responders asked for something, for instance when the key holder comes."""
    NO_CONTACTS = "NO_CONTACTS"
    """AMB-D7 with the setting that asks."""
    NO_PROCEDURE = "NO_PROCEDURE"
    """An alarm that no rule covers."""


class Timer(StrEnum):
    """What wakes an incident by itself; all of them follow from its facts."""

    ACTIVE_WINDOW = "ACTIVE_WINDOW"
    """DISP-I5, AMB-D4, AMB-D5."""
    TASK_DEADLINE = "TASK_DEADLINE"
    """AMB-P3: supervisor escalation."""
    WRITTEN_VERIFICATION = "WRITTEN_VERIFICATION"
    """XS-9: at most 90 s."""
    ANSWER_DUE = "ANSWER_DUE"
    """The question on the screen was not answered in time."""


class CallOffStatus(StrEnum):
    """Best effort, success not guaranteed (DISP-I4)."""

    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class RequestStatus(StrEnum):
    """What is known of the request to responders (DISP-J10)."""

    DECIDED = "DECIDED"
    """The engine decided; nobody has sent it yet."""
    SENT = "SENT"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    DISPATCHED = "DISPATCHED"
    """A unit was dispatched."""
    ON_SCENE = "ON_SCENE"
    CLOSED = "CLOSED"


class RejectReason(StrEnum):
    """Why responders' machines said no (ASAP-style)."""

    BAD_ADDRESS = "BAD_ADDRESS"
    BAD_EVENT_TYPE = "BAD_EVENT_TYPE"
    TOO_OLD = "TOO_OLD"
    NO_RESPONSE = "NO_RESPONSE"
    """They do not respond: suspended, no permit, no key holder, not verified."""
    OTHER = "OTHER"
    NO_ANSWER = "NO_ANSWER"
    """No refusal: their machine has the request and did not answer in time."""
    UNREACHABLE = "UNREACHABLE"
    """No refusal: their machine did not take the request; a person has to phone."""


class ResponderNews(StrEnum):
    """What an update from responders says."""

    UNIT_DISPATCHED = "UNIT_DISPATCHED"
    ON_SCENE = "ON_SCENE"
    INFORMATION_REQUESTED = "INFORMATION_REQUESTED"
    OTHER = "OTHER"


class KeyHolderStatus(StrEnum):
    """Whether a verified key holder comes (DISP-J3)."""

    PRESENT = "PRESENT"
    EN_ROUTE = "EN_ROUTE"
    NOT_COMING = "NOT_COMING"


class EvidenceKind(StrEnum):
    """What can be attached (PPVAR-5.7)."""

    AUDIO_CLIP = "AUDIO_CLIP"
    VIDEO_CLIP = "VIDEO_CLIP"
    PICTURE = "PICTURE"
    DOCUMENT = "DOCUMENT"
    NOTE = "NOTE"
