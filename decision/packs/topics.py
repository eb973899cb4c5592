"""What a decision can be about: a key of a pack's ``[cites]`` for each."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Strict


class Topic(StrEnum):
    """One reason of the ledger; the pack names the rules behind it."""

    APPLIES = "applies"
    """The policy applies to an alarm."""
    OUT_OF_SCOPE = "out_of_scope"
    """It does not; no exemption names why."""
    TYPE_UNKNOWN = "type_unknown"
    PREMISE_UNKNOWN = "premise_unknown"
    COUNTED = "counted"
    """A false alarm counts toward the thresholds."""
    COUNTED_LEAD_TIME = "counted_lead_time"
    COUNTED_POST_SUSPENSION = "counted_post_suspension"
    """It counts apart."""
    DECLARED_FALSE = "declared_false"
    NOT_COUNTED = "not_counted"
    """No literal false-alarm disposition."""
    CALL_OPEN = "call_open"
    APPEALED = "appealed"
    """A successful appeal made it valid."""
    YEAR = "year"
    """A new counting year, or a new count after reinstatement."""
    DRAFT = "draft"
    SUBMIT = "submit"
    APPROVE = "approve"
    ISSUE = "issue"
    INFORM_USER = "inform_user"
    ALTERNATE = "alternate"
    SUSPENSION_ISSUED = "suspension_issued"
    LEAD_TIME = "lead_time"
    EFFECTIVE = "effective"
    WITHDRAWN = "withdrawn"
    REQUEST_REFUSED = "request_refused"
    REQUEST_ACCEPTED = "request_accepted"
    FEE = "fee"
    NO_FEE = "no_fee"
    FINE = "fine"
    TELL_ACCOUNTANT = "tell_accountant"
    PAST_DUE = "past_due"
    DISCONTINUED = "discontinued"
    CLEARED = "cleared"
    REVIEW = "review"
    DEFERRED = "deferred"
    REINSTATED = "reinstated"
    RESUMED = "resumed"
    LISTED = "listed"
    TELL_MANAGER = "tell_manager"
    APPEAL_FILER = "appeal_filer"
    APPEAL_DISPOSITION = "appeal_disposition"
    APPEAL_SUSPENSION = "appeal_suspension"
    APPEAL_PREMATURE = "appeal_premature"
    APPEAL_NOT_CLEAR = "appeal_not_clear"
    APPEAL_BLOCKED = "appeal_blocked"
    APPEAL_SUCCESS = "appeal_success"
    REPORT = "report"


TopicName = Annotated[Topic, Strict(strict=False)]
"""A topic as it is written in a file."""
