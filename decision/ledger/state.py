"""The state of one alarm system: everything that its facts say, and nothing else."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from decision.ledger.actions import LedgerAction, Reason, Task
from decision.ledger.words import (
    AppealStatus,
    Counter,
    NoticeStatus,
    Outcome,
    SuspensionStatus,
    SystemStatus,
)
from decision.packs.words import AppealKind, NoticeKind


class _Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Common settings."""


class Registration(_Part, frozen=True, kw_only=True):
    """Who and where the system is; empty where nobody told."""

    address: str = ""
    premise_type: str | None = None
    company_name: str = ""
    business_name: str = ""
    business_address: str = ""
    user_name: str = ""
    user_address: str = ""
    user_contact: str = ""
    permit: str = ""
    jurisdiction: str = ""


class Verdict(_Part, frozen=True, kw_only=True):
    """Whether a call counts and why, as it was seen at a moment; verdicts are only added."""

    counter: Counter
    outcome: Outcome
    why: str
    rules: tuple[str, ...]
    seen: datetime


class Call(_Part, frozen=True, kw_only=True):
    """One request for police, with all that is known of it."""

    call: str
    at: datetime
    day: date
    """Local day that decides its year (AMB-S1)."""
    alarm_type: str | None = None
    """None: not told; it counts when it is told to be in scope."""
    category: str | None = None
    premise_type: str | None = None
    accepted: bool | None = None
    accepted_by: str | None = None
    cancelled_before_arrival: bool = False
    disposition: str | None = None
    closed_at: datetime | None = None
    occurrence: str | None = None
    incident: str | None = None
    declared_by: str | None = None
    declared_on: date | None = None
    made_valid_by: str | None = None
    """The appeal that made it valid."""
    recorded: datetime
    verdicts: tuple[Verdict, ...] = ()
    fee: str = "0.00"
    """What it costs: the fee of a post-suspension call, or a fine."""

    @property
    def verdict(self) -> Verdict:
        """The one that holds."""
        return self.verdicts[-1]

    @property
    def counter(self) -> Counter:
        """Where it counts now."""
        return self.verdicts[-1].counter if self.verdicts else Counter.NONE

    @property
    def outcome(self) -> Outcome:
        """What became of it."""
        return self.verdicts[-1].outcome if self.verdicts else Outcome.OPEN


class Notice(_Part, frozen=True, kw_only=True):
    """One notice on its way."""

    notice: str
    kind: NoticeKind
    status: NoticeStatus
    calls: tuple[str, ...]
    period: date
    """First day of the count it belongs to."""
    drafted: datetime | None = None
    approved_on: date | None = None
    approved_by: str = ""
    rejected_why: str = ""
    issued_on: date | None = None
    is_received: bool = False


class Suspension(_Part, frozen=True, kw_only=True):
    """One suspension from its notice to its end."""

    notice: str
    status: SuspensionStatus
    period: date
    issued_on: date
    effective: date
    term_ends: date
    review_due: date
    """Day of the next review."""
    is_review_open: bool = False
    is_directed: bool = False
    """The case office directed reinstatement: the notice may be written (SJ-F1)."""
    directed_why: str = ""
    last_review: date | None = None
    reinstated_on: date | None = None
    """Issue of the reinstatement notice."""
    resumes: date | None = None


class Appeal(_Part, frozen=True, kw_only=True):
    """One appeal."""

    appeal: str
    kind: AppealKind
    status: AppealStatus
    filed_on: date
    filed_by: str
    call: str | None = None
    notice: str | None = None
    documents: tuple[str, ...] = ()
    grounds: tuple[Reason, ...] = ()
    """Why it was or was not admitted: every condition that failed."""
    processed_on: date | None = None
    why: str = ""


class Invoice(_Part, frozen=True, kw_only=True):
    """One invoice."""

    invoice: str
    call: str
    """The call it charges."""
    issued_on: date
    amount: str
    past_due_on: date
    """First day on which it is past due."""
    was_past_due: bool = False
    """Whether that day was reached while it was unpaid."""
    paid_on: date | None = None
    cancelled_on: date | None = None

    def is_past_due(self, day: date) -> bool:
        """Whether it is unpaid and past due on a day (AMB-S6)."""
        return day >= self.past_due_on and not any(
            ended is not None and ended <= day for ended in (self.paid_on, self.cancelled_on)
        )


class SystemState(_Part, frozen=True, kw_only=True):
    """One alarm system."""

    system: str
    state: SystemStatus = SystemStatus.ACTIVE
    is_discontinued: bool = False
    is_cautioned: bool = False
    is_listed: bool = False
    """Whether it stands on the list of suspended addresses."""
    count: int = 0
    """False alarms in the counting year of ``as_of`` (since reinstatement, AMB-S16)."""
    post_suspension_count: int = 0
    """False post-suspension alarms of the last suspension."""
    period: date | None = None
    """First day of the count that ``count`` shows."""
    as_of: datetime | None = None
    """Until when time has passed for it."""
    registration: Registration = Registration()
    calls: tuple[Call, ...] = ()
    notices: tuple[Notice, ...] = ()
    suspensions: tuple[Suspension, ...] = ()
    appeals: tuple[Appeal, ...] = ()
    invoices: tuple[Invoice, ...] = ()
    tasks: tuple[Task, ...] = ()
    steps: tuple[tuple[date, str], ...] = ()
    """What was done against false alarms (SJ-E3 ii)."""
    discontinued_on: date | None = None
    """Since when response is discontinued; None while it is not."""

    @property
    def is_suspended(self) -> bool:
        """Whether police do not respond to its burglar alarms (XS-5)."""
        return self.state in (
            SystemStatus.SUSPENDED,
            SystemStatus.DEFERRED,
            SystemStatus.REINSTATEMENT_PENDING,
        )

    @property
    def suspension(self) -> Suspension | None:
        """The last suspension, unless it was withdrawn."""
        for one in reversed(self.suspensions):
            if one.status is not SuspensionStatus.WITHDRAWN:
                return one
        return None

    @property
    def effective(self) -> date | None:
        """Effective date of the last suspension."""
        return self.suspension.effective if self.suspension else None

    @property
    def review_due(self) -> date | None:
        """Day of the next review of a running suspension."""
        one = self.suspension
        return one.review_due if one and one.status is not SuspensionStatus.ENDED else None

    @property
    def deferred_from(self) -> date | None:
        """Day from which a running suspension is deferred without a notice (AMB-S24)."""
        one = self.suspension
        return one.term_ends if one and one.status is not SuspensionStatus.ENDED else None

    @property
    def resumes(self) -> date | None:
        """Day on which response resumes or resumed."""
        return self.suspension.resumes if self.suspension else None

    @property
    def open_tasks(self) -> tuple[Task, ...]:
        """What waits to be done."""
        return tuple(task for task in self.tasks if task.is_open)

    def call(self, name: str) -> Call | None:
        """A call by its name."""
        return next((one for one in self.calls if one.call == name), None)

    def past_due(self, day: date) -> tuple[Invoice, ...]:
        """Invoices unpaid and past due on a day."""
        return tuple(one for one in self.invoices if one.is_past_due(day))


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What one fact did."""

    state: SystemState
    actions: tuple[LedgerAction, ...] = ()
    reasons: tuple[Reason, ...] = ()
    is_refused: bool = False
    """The fact cannot stand (issue without approval ...): the state is as time alone made it."""
