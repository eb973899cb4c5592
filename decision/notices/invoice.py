"""The invoice of a post-suspension fee or a fine as data ready to print (SJ-R6, SJ-$1)."""

from __future__ import annotations

from datetime import date, timedelta

from decision.ledger.state import Invoice, SystemState
from decision.notices.letter import Address, Paper, labels, language_of
from decision.notices.missing import Missing, MissingDatum
from decision.notices.values import asked_for, common, fill, missing, written
from decision.packs.model import Pack

RULE = "SJ-R6"
_ALWAYS = (
    "business_name", "business_address", "company_name", "premises_address", "user_name",
    "user_address", "currency",
)  # fmt: skip


class InvoicePaper(Paper, frozen=True, kw_only=True):
    """One invoice: one line, flat, no escalation."""

    number: str
    to: tuple[Address, ...]
    body: tuple[str, ...]
    line: str
    amount: str
    currency: str
    due: str


def due_date(invoice: Invoice) -> date:
    """Give the last day on which it is paid in time (AMB-S6: past due from the day after)."""
    return invoice.past_due_on - timedelta(days=1)


def invoice(
    pack: Pack, state: SystemState, invoice: Invoice, *, language: str | None = None
) -> InvoicePaper:
    """Make the paper of an invoice of the ledger.

    Raises:
        MissingDatum: for everything it needs and nobody filed.
    """
    used = language_of(pack, language)
    texts = pack.texts[used]
    paper = f"invoice {invoice.invoice}"
    if texts.invoice is None:
        where = f"pack, texts.{used}.invoice"
        raise MissingDatum(paper, [Missing(what="the invoice's text", where=where, rule=RULE)])
    call = state.call(invoice.call)
    values = common(pack, state, texts, invoice.issued_on) | {
        "invoice_number": invoice.invoice,
        "amount": invoice.amount,
        "fee": invoice.amount,
        "due_date": written(due_date(invoice), texts),
        "occurrence": call.occurrence if call else None,
        "call_date": written(call.day, texts) if call else None,
    }
    wording = texts.invoice
    lacking = [missing(name, RULE) for name in _ALWAYS if not values[name]]
    lacking += asked_for((wording.title, *wording.paragraphs, wording.line), values, RULE)
    if not texts.letterhead:
        lacking.append(Missing(what="letterhead", where="pack, texts.letterhead", rule=RULE))
    if lacking:
        raise MissingDatum(paper, dict.fromkeys(lacking))
    text = {name: value or "" for name, value in values.items()}
    words = labels(texts)
    business = Address(
        label=words["business"], name=text["business_name"], address=text["business_address"]
    )
    user = Address(label=words["user"], name=text["user_name"], address=text["user_address"])
    is_via_business = pack.invoices.addressed_via == "alarm_business"  # AMB-S5
    return InvoicePaper(
        language=used,
        letterhead=texts.letterhead,
        address_lines=texts.address_lines,
        mark=texts.mark or pack.notices.mark,
        title=fill(wording.title, values),
        date=text["date"],
        labels=words,
        number=invoice.invoice,
        to=(business, user) if is_via_business else (user,),
        body=tuple(fill(paragraph, values) for paragraph in wording.paragraphs),
        line=fill(wording.line, values),
        amount=invoice.amount,
        currency=text["currency"],
        due=text["due_date"],
        banner=_banner(invoice, words),
    )


def _banner(invoice: Invoice, words: dict[str, str]) -> str:
    if invoice.cancelled_on:
        return words["cancelled"]
    return words["paid"] if invoice.paid_on else ""
