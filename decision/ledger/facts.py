"""What can be recorded about one alarm system's false alarms: the facts of its ledger.

Subject of these facts: ``system/<alarm system id>``. Facts are never changed; a later fact adds.
Days (``on``) are local to the jurisdiction: they are the ones printed on the papers.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal, TypeAlias

import msgspec

from decision.ledger.words import ReviewDecision
from decision.packs.words import AppealKind, NoticeKind


class _LedgerFact(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="fact", omit_defaults=True,
    forbid_unknown_fields=True,
):  # fmt: skip
    """Common settings: immutable, told apart by ``fact``, which is the name of the class."""


class SystemRegistered(_LedgerFact, frozen=True, kw_only=True, tag="SystemRegistered"):
    """Who and where the system is (SJ-R9); a later one replaces what it names."""

    address: str | None = None
    """Registered address of the premises."""
    premise_type: Literal["COMPANY", "RESIDENTIAL", "SCHOOL", "HOSPITAL"] | None = None
    company_name: str | None = None
    business_name: str | None = None
    """The alarm business that reports."""
    business_address: str | None = None
    user_name: str | None = None
    user_address: str | None = None
    user_contact: str | None = None
    permit: str | None = None
    jurisdiction: str | None = None
    """Id of the pack, so that the ledger outlives the site's entry in the site file."""


class PoliceCall(_LedgerFact, frozen=True, kw_only=True, tag="PoliceCall"):
    """What is known of one request for police; a later one of the same ``call`` adds to it.

    Recorded when police are asked, again when they answer, again when the call is closed.
    """

    call: str
    """Name of the call, unique in the system: the dispatch or the CAD number."""
    at: datetime | None = None
    """When police were called (UTC); the moment of recording where it is left out."""
    alarm_type: Literal["BURGLAR", "HOLD_UP", "FIRE", "MEDICAL", "OTHER"] | None = None
    category: str | None = None
    """Category of the event; a commercial ``panic`` is a hold-up (SJ-B6)."""
    premise_type: Literal["COMPANY", "RESIDENTIAL", "SCHOOL", "HOSPITAL"] | None = None
    """Left out: as the system is registered."""
    accepted: bool | None = None
    """Whether police took it on; of a suspended system an explicit decision (AMB-S4)."""
    accepted_by: str | None = None
    cancelled_before_arrival: bool | None = None
    disposition: str | None = None
    """The call-ending text, literally."""
    closed_at: datetime | None = None
    occurrence: str | None = None
    """The police's own number; notices list it (SJ-N1)."""
    incident: str | None = None
    """The station's incident it came from."""


class DeclaredFalse(_LedgerFact, frozen=True, kw_only=True, tag="DeclaredFalse"):
    """The Chief, or who is designated, judges that there was no emergency (SJ-B5b, SJ-R10)."""

    call: str
    on: date
    by: str


class NoticeDrafted(_LedgerFact, frozen=True, kw_only=True, tag="NoticeDrafted"):
    """A notice was written and sent on for approval (SJ-C4)."""

    notice: str
    kind: NoticeKind
    calls: tuple[str, ...] = ()
    """The alarms it lists; left out: those that count."""


class NoticeApproved(_LedgerFact, frozen=True, kw_only=True, tag="NoticeApproved"):
    """By the case office (SJ-C5a)."""

    notice: str
    on: date
    by: str = ""


class NoticeRejected(_LedgerFact, frozen=True, kw_only=True, tag="NoticeRejected"):
    """Not approved; it is drafted again while its reason stands."""

    notice: str
    on: date
    why: str = ""


class NoticeIssued(_LedgerFact, frozen=True, kw_only=True, tag="NoticeIssued"):
    """Sent to its addressees; its day starts every delay and window."""

    notice: str
    on: date
    is_received: bool = False
    """The authority wrote, approved and issued it on its own side; we only got it."""
    kind: NoticeKind | None = None
    """Needed with ``is_received``, as there was no draft."""
    calls: tuple[str, ...] = ()


class AppealFiled(_LedgerFact, frozen=True, kw_only=True, tag="AppealFiled"):
    """An appeal came in (SJ-G1)."""

    appeal: str
    kind: AppealKind
    on: date
    filed_by: Literal["alarm_business", "alarm_user", "other"]
    call: str | None = None
    """The alarm, in a disposition appeal."""
    documents: tuple[str, ...] = ()
    text: str = ""


class AppealProcessed(_LedgerFact, frozen=True, kw_only=True, tag="AppealProcessed"):
    """The case office decided."""

    appeal: str
    on: date
    is_granted: bool
    why: str = ""


class InvoiceIssued(_LedgerFact, frozen=True, kw_only=True, tag="InvoiceIssued"):
    """A fee or fine was invoiced (SJ-R6)."""

    invoice: str
    call: str
    on: date
    amount: str | None = None
    """Left out: what the policy says for the call."""


class InvoicePaid(_LedgerFact, frozen=True, kw_only=True, tag="InvoicePaid"):
    """In full."""

    invoice: str
    on: date


class InvoiceCancelled(_LedgerFact, frozen=True, kw_only=True, tag="InvoiceCancelled"):
    """E.g. after a successful appeal."""

    invoice: str
    on: date
    why: str = ""


class ReviewDecided(_LedgerFact, frozen=True, kw_only=True, tag="ReviewDecided"):
    """Reinstate or defer, case by case (SJ-E3)."""

    on: date
    decision: ReviewDecision
    considered: tuple[str, ...] = ()
    why: str = ""


class DiscontinuedCleared(_LedgerFact, frozen=True, kw_only=True, tag="DiscontinuedCleared"):
    """Response goes on again (AMB-S6)."""

    on: date
    why: str = ""


class StepsReported(_LedgerFact, frozen=True, kw_only=True, tag="StepsReported"):
    """What the alarm business did against false alarms (SJ-E3 ii)."""

    on: date
    text: str


class TaskDone(_LedgerFact, frozen=True, kw_only=True, tag="TaskDone"):
    """Somebody did a task that no other fact shows as done (told the manager ...)."""

    task: str
    note: str = ""


class DayCame(_LedgerFact, frozen=True, kw_only=True, tag="DayCame"):
    """A timer of the ledger: says nothing but that its moment is reached."""

    why: str = ""


LedgerFact: TypeAlias = (
    SystemRegistered
    | PoliceCall
    | DeclaredFalse
    | NoticeDrafted
    | NoticeApproved
    | NoticeRejected
    | NoticeIssued
    | AppealFiled
    | AppealProcessed
    | InvoiceIssued
    | InvoicePaid
    | InvoiceCancelled
    | ReviewDecided
    | DiscontinuedCleared
    | StepsReported
    | TaskDone
    | DayCame
)
"""Everything that can be recorded about an alarm system."""
