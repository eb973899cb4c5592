"""Fees, fines and invoices, and what three past-due invoices do (SJ-$1, SJ-$2, SJ-E1c)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

import msgspec

from decision.ledger.actions import DiscontinuedChanged
from decision.ledger.counting import ZERO, counted, is_post_suspension
from decision.ledger.facts import (
    DiscontinuedCleared,
    InvoiceCancelled,
    InvoiceIssued,
    InvoicePaid,
)
from decision.ledger.state import Call, Invoice, SystemState
from decision.ledger.words import Counter, Outcome, TaskKind
from decision.ledger.work import Work
from decision.packs.model import Pack
from decision.packs.topics import Topic

_SYSTEM: Final = "system"
"""What a task about the whole system is about."""


def fees(state: SystemState, pack: Pack) -> Mapping[str, str]:
    """What each call costs by the policy; a call that was invoiced keeps its amount."""
    terms = pack.fees
    if terms is None:
        return {}
    due: dict[str, str] = {}
    for calls in counted(state, pack).values():
        for number, call in enumerate(calls, start=1):
            amounts = [fine.amount for fine in terms.schedule if number >= fine.from_count]
            if amounts:
                due[call.call] = amounts[-1]
    for call in state.calls:
        is_counted = call.counter is not Counter.NONE and call.outcome is Outcome.FALSE
        if is_counted and terms.post_suspension and is_post_suspension(call, state, pack):
            # Officers who found it false went there: accepted, unless somebody recorded otherwise.
            due[call.call] = ZERO if call.accepted is False else terms.post_suspension
    return due


def live_invoice(state: SystemState, call: str) -> Invoice | None:
    """The invoice of a call that was not cancelled."""
    for one in state.invoices:
        if one.call == call and one.cancelled_on is None:
            return one
    return None


def charge(work: Work) -> None:
    """Ask for invoices where a fee arose, and for cancelling where one fell away."""
    now = fees(work.state, work.pack)
    calls: list[Call] = []
    changed: list[Call] = []
    for call in work.state.calls:
        fee = now.get(call.call, ZERO)
        invoice = live_invoice(work.state, call.call)
        if invoice is not None and fee != ZERO:
            fee = invoice.amount
        if fee != call.fee:
            call = msgspec.structs.replace(call, fee=fee)  # noqa: PLW2901  the changed one is kept
            changed.append(call)
        calls.append(call)
    work.put(calls=tuple(calls))
    for call in changed:
        _ask(work, call)


def _ask(work: Work, call: Call) -> None:
    terms = work.pack.fees
    if terms is None:
        return
    if call.fee == ZERO:
        why = f"nothing is charged for call {call.call}"
        work.close_tasks(TaskKind.TELL_ACCOUNTANT, why, call.call)
        work.close_tasks(TaskKind.ISSUE_INVOICE, why, call.call)
        invoice = live_invoice(work.state, call.call)
        if invoice is not None:
            work.open_task(
                TaskKind.CANCEL_INVOICE,
                about=invoice.invoice,
                calls=(call.call,),
                why=f"{why}: cancel it, or pay it back",
                rules=work.cite(Topic.NO_FEE),
            )
        work.say(why, Topic.NO_FEE)
        return
    topic = Topic.FEE if is_post_suspension(call, work.state, work.pack) else Topic.FINE
    why = f"{call.fee} {terms.currency} for call {call.call} of {call.day}"
    work.say(why, topic)
    before = len(work.state.tasks)
    work.open_task(
        TaskKind.TELL_ACCOUNTANT,
        about=call.call,
        calls=(call.call,),
        why=f"tell the accountant: {why}",
        rules=work.cite(Topic.TELL_ACCOUNTANT),
    )
    told_first = len(work.state.tasks) > before
    if not told_first and work.open_task_of(TaskKind.TELL_ACCOUNTANT, call.call) is None:
        ask_for_invoice(work, call.call)


def ask_for_invoice(work: Work, name: str) -> None:
    """The accountant was told, or need not be: the invoice is due."""
    call = work.state.call(name)
    if call is None or call.fee == ZERO or live_invoice(work.state, name) is not None:
        return
    topic = Topic.FEE if is_post_suspension(call, work.state, work.pack) else Topic.FINE
    work.open_task(
        TaskKind.ISSUE_INVOICE,
        about=name,
        calls=(name,),
        why=f"invoice {call.fee} for call {name} of {call.day}",
        rules=work.cite(topic),
    )


def invoiced(work: Work, fact: InvoiceIssued) -> None:
    """An invoice went out."""
    call = work.state.call(fact.call)
    if any(one.invoice == fact.invoice for one in work.state.invoices):
        work.refuse(f"there is an invoice {fact.invoice!r} already", Topic.FEE)
        return
    if call is None or call.fee == ZERO:
        work.refuse(f"nothing is charged for call {fact.call!r}", Topic.NO_FEE)
        return
    if live_invoice(work.state, fact.call) is not None:
        work.refuse(f"call {fact.call!r} is invoiced already", Topic.FEE)
        return
    if fact.amount not in (None, call.fee):
        work.refuse(f"the policy charges {call.fee}, not {fact.amount}", Topic.FEE)
        return
    if not call.day <= fact.on <= work.today:
        work.refuse(f"an invoice of {fact.on} is before the call or in the future", Topic.FEE)
        return
    net = work.pack.invoices.net_days
    invoice = Invoice(
        invoice=fact.invoice,
        call=fact.call,
        issued_on=fact.on,
        amount=call.fee,
        past_due_on=work.pack.calendar.after_days(fact.on, net + 1),
    )
    work.put(invoices=(*work.state.invoices, invoice))
    outcome = f"invoice {fact.invoice}, past due from {invoice.past_due_on}"
    work.close_tasks(TaskKind.TELL_ACCOUNTANT, outcome, fact.call)
    work.close_tasks(TaskKind.ISSUE_INVOICE, outcome, fact.call)
    work.say(outcome, Topic.PAST_DUE)


def paid(work: Work, fact: InvoicePaid) -> None:
    """An invoice was paid in full."""
    invoice = _open(work, fact.invoice)
    if invoice is None:
        return
    if not invoice.issued_on <= fact.on <= work.today:
        work.refuse(f"a payment on {fact.on} is before the invoice or in the future", Topic.FEE)
        return
    _put(work, msgspec.structs.replace(invoice, paid_on=fact.on))
    work.say(f"invoice {fact.invoice} was paid on {fact.on}", Topic.PAST_DUE)


def cancelled(work: Work, fact: InvoiceCancelled) -> None:
    """An invoice was cancelled (or paid back)."""
    invoice = next((one for one in work.state.invoices if one.invoice == fact.invoice), None)
    if invoice is None or invoice.cancelled_on is not None:
        work.refuse(f"there is no invoice {fact.invoice!r} to cancel", Topic.FEE)
        return
    _put(work, msgspec.structs.replace(invoice, cancelled_on=fact.on))
    work.close_tasks(TaskKind.CANCEL_INVOICE, f"cancelled on {fact.on}", fact.invoice)
    work.say(f"invoice {fact.invoice} was cancelled: {fact.why}", Topic.NO_FEE)
    ask_for_invoice(work, invoice.call)


def _open(work: Work, name: str) -> Invoice | None:
    invoice = next((one for one in work.state.invoices if one.invoice == name), None)
    if invoice is None or invoice.paid_on is not None or invoice.cancelled_on is not None:
        work.refuse(f"there is no unpaid invoice {name!r}", Topic.FEE)
        return None
    return invoice


def _put(work: Work, invoice: Invoice) -> None:
    rest = tuple(invoice if one.invoice == invoice.invoice else one for one in work.state.invoices)
    work.put(invoices=rest)


def note_past_due(work: Work, day: date) -> None:
    """Invoices whose day to be paid has gone by (AMB-S6)."""
    for one in work.state.invoices:
        if one.is_past_due(day) and not one.was_past_due:
            _put(work, msgspec.structs.replace(one, was_past_due=True))
            work.say(f"invoice {one.invoice} is past due since {one.past_due_on}", Topic.PAST_DUE)


def settle_discontinued(work: Work, day: date) -> None:
    """Set the flag where too many are past due; ask for a decision where fewer are (AMB-S6)."""
    terms = work.pack.invoices
    if terms.discontinue_at is None:
        return
    number = len(work.state.past_due(day))
    if number >= terms.discontinue_at:
        work.close_tasks(TaskKind.CLEAR_DISCONTINUED, "past due again", _SYSTEM)
        if not work.state.is_discontinued:
            _discontinue(work, day, number)
    elif work.state.is_discontinued:
        why = f"{number} invoices are past due now, fewer than {terms.discontinue_at}"
        if terms.cleared_by == "payment":
            _clear(work, day, why)
        else:
            work.open_task(
                TaskKind.CLEAR_DISCONTINUED, about=_SYSTEM, why=why, rules=work.cite(Topic.CLEARED)
            )


def _discontinue(work: Work, day: date, number: int) -> None:
    why = f"{number} invoices are unpaid and past due: no request is accepted from {day} on"
    work.put(is_discontinued=True, discontinued_on=day)
    rules = work.cite(Topic.DISCONTINUED)
    work.actions.append(DiscontinuedChanged(is_discontinued=True, on=day, why=why, rules=rules))
    work.say(why, Topic.DISCONTINUED)
    about = f"discontinued/{day.isoformat()}"
    work.open_task(TaskKind.TELL_INSPECTOR, about=about, why=why, rules=work.cite(Topic.PAST_DUE))
    work.open_task(TaskKind.TELL_MANAGER, about=about, why=why, rules=work.cite(Topic.TELL_MANAGER))
    work.open_task(TaskKind.UPDATE_LIST, about=about, why=why, rules=work.cite(Topic.LISTED))


def discontinued_cleared(work: Work, fact: DiscontinuedCleared) -> None:
    """The case office lets response go on (AMB-S6)."""
    terms = work.pack.invoices
    number = len(work.state.past_due(work.today))
    if not work.state.is_discontinued:
        work.refuse("response is not discontinued", Topic.CLEARED)
    elif fact.on > work.today:
        work.refuse(f"a decision on {fact.on} lies in the future", Topic.CLEARED)
    elif terms.discontinue_at is not None and number >= terms.discontinue_at:
        work.refuse(f"{number} invoices are still past due", Topic.CLEARED)
    else:
        _clear(work, fact.on, f"cleared on {fact.on}: {fact.why}")


def _clear(work: Work, day: date, why: str) -> None:
    work.put(is_discontinued=False, discontinued_on=None)
    rules = work.cite(Topic.CLEARED)
    work.actions.append(DiscontinuedChanged(is_discontinued=False, on=day, why=why, rules=rules))
    work.say(why, Topic.CLEARED)
    work.close_tasks(TaskKind.CLEAR_DISCONTINUED, why, _SYSTEM)
    about = f"cleared/{day.isoformat()}"
    work.open_task(TaskKind.TELL_MANAGER, about=about, why=why, rules=work.cite(Topic.TELL_MANAGER))
    work.open_task(TaskKind.UPDATE_LIST, about=about, why=why, rules=work.cite(Topic.LISTED))
