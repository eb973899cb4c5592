"""The words that a pack and the ledger share: kinds of notice, appeal and permission.

Everything else a jurisdiction says (numbers, names, texts) stands in its pack.
"""

from __future__ import annotations

from enum import StrEnum


class NoticeKind(StrEnum):
    """A notice that a false-alarm policy may know (SJ-N1, SJ-N2, SJ-N3)."""

    CAUTION = "CAUTION"
    SUSPENSION = "SUSPENSION"
    REINSTATEMENT = "REINSTATEMENT"


class AppealKind(StrEnum):
    """What an appeal is against (SJ-G1)."""

    DISPOSITION = "DISPOSITION"
    SUSPENSION = "SUSPENSION"


class Permission(StrEnum):
    """One thing that a role of a pack may or must do (domain rules 3.3).

    Those that the station's own table knows too (``decision/roles.py``) are spelled as there.
    """

    POLICE_CALL_TAKE = "police.call_take"
    """Receive the call, create the CAD call, check the suspended list, route (SJ-C2a, SJ-R1)."""
    POST_SUSPENSION_REFUSE = "post_suspension.refuse"
    """Refuse with the disposition (SJ-C2c-i)."""
    POST_SUSPENSION_ACCEPT = "post_suspension.accept"
    """Accept a request for a suspended system: an explicit, logged decision (SJ-C1b, AMB-S4)."""
    POLICE_DISPATCH = "police.dispatch"
    """Dispatch, updates and the final disposition (SJ-C2b, SJ-R2)."""
    REPORT_RUN = "report.run"
    """Run and mail the monthly report (SJ-C3, SJ-R3)."""
    REPORT_REVIEW = "report.review"
    """Look through the report for the counts (SJ-R4)."""
    NOTICE_DRAFT = "notice.draft"
    NOTICE_APPROVE = "notice.approve"
    NOTICE_ISSUE = "notice.issue"
    APPEAL_FILE = "appeal.file"
    APPEAL_DECIDE = "appeal.decide"
    REVIEW_DECIDE = "review.decide"
    """Reinstate or defer (SJ-E3, SJ-F1, SJ-F2)."""
    DISCONTINUED_CLEAR = "discontinued.clear"
    """Let response go on again after invoices were paid (AMB-S6)."""
    INVOICE_REQUEST = "invoice.request"
    """Tell the accountant of a false post-suspension alarm (SJ-R4)."""
    INVOICE_KEEP = "invoice.keep"
    """Issue invoices and record payments (SJ-R6)."""
    PAST_DUE_TELL = "past_due.tell"
    """Tell the case office of the past-due invoices (SJ-R6)."""
    LIST_TELL = "list.tell"
    """Tell who keeps the suspended list what changed (SJ-R5)."""
    SUSPENDED_LIST_KEEP = "suspended_list.keep"
    """Keep call-takers informed which addresses are suspended (SJ-R7)."""
    FALSE_DECLARE = "false.declare"
    """Declare an alarm false (SJ-B5b, SJ-R10)."""
    RESPONSE_REQUEST = "response.request"
    """Ask police to respond, a suspended system included (SJ-B7, SJ-C1)."""
    USERS_INFORM = "users.inform"
    """Tell users of the policy, notices, deferral and appeals (SJ-D2, SJ-E2, SJ-F2, SJ-R8)."""
    ALTERNATE_ARRANGE = "alternate.arrange"
    """Arrange alternate response (SJ-E2)."""
    STEPS_REPORT = "steps.report"
    """Tell which steps were taken against false alarms (SJ-E3 ii)."""
    ISSUES_RAISE = "issues.raise"
    """Raise issues through the alarm business (SJ-R9)."""
    PREMISES_ATTEND = "premises.attend"
    """Attend, or send a key holder with access, when police ask (SJ-R9)."""
    POLICY_OWN = "policy.own"
    """Own the text of the policy; decides no case by that (AMB-S21)."""
