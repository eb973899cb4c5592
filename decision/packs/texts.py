"""The texts of a pack in one language: notices, appeal forms, invoice, what is said at the desk.

A text holds placeholders in braces, ``{effective_date}``; which ones exist stands here, and a
notice that leaves out what the policy makes mandatory is refused (domain rules 3.7).
"""

from __future__ import annotations

import difflib
import string
from typing import Annotated, Final

from pydantic import AfterValidator, Field, Strict
from pydantic_core import PydanticCustomError

from decision.packs.fields import AsTuple, Table, Words, setting
from decision.packs.words import AppealKind, NoticeKind

PLACEHOLDERS: Final[frozenset[str]] = frozenset({
    "date", "authority", "business_name", "business_address", "company_name", "premises_address",
    "user_name", "user_address", "reported_by", "count", "year", "alarms", "suspension_count",
    "effective_date", "lead_days", "term_years", "review_date", "resume_days", "fee", "currency",
    "past_due_count", "disposition_days", "disposition_until", "appeal_days", "appeal_from",
    "appeal_until", "served_days", "invoice_number", "amount", "net_days", "due_date",
    "occurrence", "call_date", "case_office", "name",
})  # fmt: skip
"""Everything that a text may ask for; ``alarms`` stands alone and becomes the list of alarms."""

MANDATORY: Final[dict[NoticeKind, frozenset[str]]] = {
    NoticeKind.CAUTION: frozenset({"count", "alarms", "reported_by"}),
    NoticeKind.SUSPENSION: frozenset({"count", "alarms", "reported_by", "effective_date"}),
    NoticeKind.REINSTATEMENT: frozenset({"effective_date"}),
}
"""What a notice of a kind must say besides date, names, addresses, subject and mark (SJ-N1..3)."""

FORM_FIELDS: Final[tuple[str, ...]] = (
    "alarm_business", "contact_name", "incident_date", "contact_information", "company_name",
    "company_address", "owner_name", "owner_contact", "supporting_information", "attachments",
    "completed_by", "date",
)  # fmt: skip
"""The fields of both appeal forms, in their order (SJ-G4)."""


def placeholders(text: str) -> set[str]:
    """Names in braces in a text.

    Raises:
        ValueError: for a brace without its other half.
    """
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def _known(value: str) -> str:
    try:
        names = placeholders(value)
    except ValueError as error:
        raise PydanticCustomError(
            "braces", "braces do not match: {error}", {"error": str(error)}
        ) from error
    for name in sorted(names - PLACEHOLDERS):
        near = difflib.get_close_matches(name, sorted(PLACEHOLDERS), n=1)
        hint = f"; did you mean {{{near[0]}}}?" if near else ""
        raise PydanticCustomError(
            "placeholder",
            "unknown placeholder {name}{hint}",
            {"name": "{" + name + "}", "hint": hint},
        )
    return value


Text = Annotated[str, AfterValidator(_known)]
"""A text with known placeholders only."""
Paragraphs = Annotated[tuple[Text, ...], AsTuple]


# As they are written in a file.
_Notice = Annotated[NoticeKind, Strict(strict=False)]
_Appeal = Annotated[AppealKind, Strict(strict=False)]


class NoticeText(Table):
    """One notice."""

    subject: Text = setting(..., "Subject line, literally as the policy has it.", "SJ-N1")
    paragraphs: Paragraphs = setting(..., "The body; the list of alarms stands at {alarms}.")
    signature: Text = setting("{case_office}", "Line below the signature.")


class FormText(Table):
    """One appeal form (SJ-G4)."""

    title: Text = setting(..., "Title, literally as the policy has it.", "SJ-G4")
    intro: Paragraphs = setting((), "What stands above the fields.")
    documents: Words = setting((), "Supporting documents that belong to it.", "SJ-G2", "SJ-G3")
    fields: dict[str, str] = Field(..., description="Label of each field, in the form's order.")


class InvoiceText(Table):
    """The invoice of a fee or fine (SJ-R6)."""

    title: Text = setting(..., "Title.")
    paragraphs: Paragraphs = setting(..., "The body.")
    line: Text = setting(..., "The one line that is charged.")


class Said(Table):
    """What is said at the desk and to customers."""

    refused: Text = setting("", "To the caller while suspended.", "SJ-C2c-i")
    fee_warning: Text = setting("", "Before a request for a suspended system.", "XS-5", "SJ-$1")
    suspended: Text = setting("", "To the customer of a suspended system.", "SJ-E2")
    pending: Text = setting("", "To the customer within the lead time.", "XS-6", "SJ-E2")
    discontinued: Text = setting("", "Where response is discontinued.", "SJ-E1c")
    key_holder: Text = setting("", "To contacts about their duty.", "DISP-J4")


class Texts(Table):
    """All texts in one language."""

    language: str = setting(..., "The language's own name, e.g. English.")
    letterhead: Words = setting((), "Lines of the letterhead; may be in several languages.")
    address_lines: Words = setting((), "Where the authority is reached.")
    mark: str = setting("", "Security designation, literally.", "SJ-G4")
    date_format: str = setting("%Y-%m-%d", "How a date is written (strftime).")
    labels: dict[str, str] = setting({}, "Headings and other small words by name.")
    notices: dict[_Notice, NoticeText] = Field({}, description="By kind.")
    appeals: dict[_Appeal, FormText] = Field({}, description="By kind.")
    invoice: InvoiceText | None = setting(None, "Left out where nothing is charged.")
    says: Said = setting(Said(), "What is said.")
