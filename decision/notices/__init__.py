"""The papers of a false-alarm policy: notices, appeal forms, invoice, monthly report, the list.

Every word of them comes from the jurisdiction's pack; a datum that the policy makes mandatory and
nobody filed is an error that names it. Nothing here issues anything: that takes the facts of
``approval``.
"""

from __future__ import annotations

from decision.notices.approval import ApprovalError, approve, draft, issue, reject
from decision.notices.form import appeal_form
from decision.notices.invoice import invoice
from decision.notices.letter import letter
from decision.notices.missing import Missing, MissingDatum
from decision.notices.render import html
from decision.notices.report import report_csv, report_page
from decision.notices.suspended import suspended_csv

__all__ = [
    "ApprovalError", "Missing", "MissingDatum", "appeal_form", "approve", "draft", "html",
    "invoice", "issue", "letter", "reject", "report_csv", "report_page", "suspended_csv",
]  # fmt: skip
