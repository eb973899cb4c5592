"""The words of the ledger: states, inputs, outcomes and kinds of task (domain rules, section 0)."""

from __future__ import annotations

from enum import StrEnum

from decision.vocabulary import SystemState as SystemStatus

__all__ = [
    "AppealStatus", "Counter", "LedgerInput", "NoticeStatus", "Outcome", "ReviewDecision",
    "SuspensionStatus", "SystemStatus", "TaskKind",
]  # fmt: skip


class LedgerInput(StrEnum):
    """What moves a system from one state to another (domain rules 3.9)."""

    FALSE_COUNTED = "FALSE_COUNTED"
    SUSPENSION_ISSUED = "SUSPENSION_ISSUED"
    SUSPENSION_WITHDRAWN = "SUSPENSION_WITHDRAWN"
    EFFECTIVE_REACHED = "EFFECTIVE_REACHED"
    POST_SUSPENSION_REQUEST = "POST_SUSPENSION_REQUEST"
    TERM_OVER = "TERM_OVER"
    REVIEW_DUE = "REVIEW_DUE"
    REINSTATEMENT_ISSUED = "REINSTATEMENT_ISSUED"
    RESUME_REACHED = "RESUME_REACHED"


class Counter(StrEnum):
    """Where a call stands in the count."""

    YEAR = "YEAR"
    """Counts toward the thresholds of its year."""
    POST_SUSPENSION = "POST_SUSPENSION"
    """False while suspended: counts apart (AMB-S9)."""
    NONE = "NONE"


class Outcome(StrEnum):
    """What became of a call."""

    OPEN = "OPEN"
    FALSE = "FALSE"
    VALID = "VALID"
    REFUSED = "REFUSED"
    OTHER = "OTHER"
    """Fits neither false nor valid (SJ-B9)."""


class NoticeStatus(StrEnum):
    """How far a notice has come."""

    DRAFTED = "DRAFTED"
    REJECTED = "REJECTED"
    APPROVED = "APPROVED"
    ISSUED = "ISSUED"
    WITHDRAWN = "WITHDRAWN"
    """Overtaken: its reason fell away."""


class SuspensionStatus(StrEnum):
    """How far a suspension has come."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    ENDED = "ENDED"
    WITHDRAWN = "WITHDRAWN"


class AppealStatus(StrEnum):
    """What became of an appeal."""

    ADMITTED = "ADMITTED"
    PREMATURE = "PREMATURE"
    """Filed too early: returned, not processed (AMB-S14)."""
    LATE = "LATE"
    NOT_CLEAR = "NOT_CLEAR"
    """The days to be served were not clear (SJ-G3c)."""
    BLOCKED = "BLOCKED"
    """By an earlier appeal (SJ-G3d, SJ-G3e)."""
    NOT_ACCEPTED = "NOT_ACCEPTED"
    """Filed by somebody who may not (SJ-G1)."""
    NOTHING_TO_APPEAL = "NOTHING_TO_APPEAL"
    GRANTED = "GRANTED"
    DENIED = "DENIED"


class TaskKind(StrEnum):
    """What somebody has to do."""

    DRAFT_NOTICE = "DRAFT_NOTICE"
    APPROVE_NOTICE = "APPROVE_NOTICE"
    ISSUE_NOTICE = "ISSUE_NOTICE"
    INFORM_USER = "INFORM_USER"
    ARRANGE_ALTERNATE = "ARRANGE_ALTERNATE"
    TELL_ACCOUNTANT = "TELL_ACCOUNTANT"
    ISSUE_INVOICE = "ISSUE_INVOICE"
    CANCEL_INVOICE = "CANCEL_INVOICE"
    TELL_INSPECTOR = "TELL_INSPECTOR"
    TELL_MANAGER = "TELL_MANAGER"
    UPDATE_LIST = "UPDATE_LIST"
    PROCESS_APPEAL = "PROCESS_APPEAL"
    REVIEW = "REVIEW"
    """End of the term: reinstate or defer (SJ-E3)."""
    RECONSIDER = "RECONSIDER"
    """The count fell below the threshold of a running suspension (AMB-S10)."""
    CLEAR_DISCONTINUED = "CLEAR_DISCONTINUED"
    """Fewer invoices are past due now (AMB-S6)."""


class ReviewDecision(StrEnum):
    """What a review decided."""

    REINSTATE = "REINSTATE"
    DEFER = "DEFER"
