"""Facts of contacts, customers, operators and supervisors (DISP-I, S, M; XS-5; AMB-P12)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from decision.actions import Verdict
from decision.facts import (
    ContactAttempted,
    ContactSkipped,
    ElectronicCancel,
    GateOverridden,
    KeyHolderReported,
    ManualDispatchRequested,
    NoteAdded,
    OperatorDecided,
    RequirementConfirmed,
    Resolved,
    Taken,
)
from decision.rules import (
    call_list,
    cancelling,
    dispatching,
    gate,
    ppvar,
    progress,
    response,
    urgent,
)
from decision.rules.grouping import URGENT
from decision.rules.incident import MANUAL, AlarmInput, Manual
from decision.rules.moves import Input
from decision.rules.work import Work
from decision.site import Contact
from decision.state import Attempt
from decision.vocabulary import (
    Branch,
    Channel,
    CloseReason,
    ContactResult,
    DispatchReason,
    GateResult,
    ListPurpose,
    Procedure,
    Task,
    ThreatLevel,
)


def contact_attempted(work: Work, fact: ContactAttempted) -> None:
    """Take a call: an attempt, perhaps an answer (AMB-D2, D3, D11)."""
    contact = work.context.site.contact(fact.contact)
    if contact is None:
        work.refuse("PPVAR-3.6", f"{fact.contact!r} is nobody on the site's call list")
        return
    if fact.result is ContactResult.EXHAUSTED:
        work.refuse("DISP-S2", "EXHAUSTED is said of a whole list, never of one call")
        return
    what_for = call_list.purpose(work.state)
    result = call_list.result_of(fact, contact)
    attempt = Attempt(
        contact=contact.id,
        at=work.now,
        ending=call_list.ending_of(fact),
        result=result,
        purpose=what_for or _purpose_besides(work),
        said=fact.said,
        by=work.by,
        is_counted=what_for is not None and call_list.is_counted(fact, work.context),
    )
    work.set(attempts=(*work.state.attempts, attempt))
    if result is not fact.result and fact.result in call_list.DECISIVE:
        work.because("AMB-D2", f"{contact.name} cannot decide by this call: {fact.result}")
    if work.state.request is not None:
        _afterwards(work, contact, result, fact.said)
    elif work.state.procedure in URGENT or work.state.procedure is Procedure.TEST_EXCEPTION:
        work.because("XS-9", f"{contact.name}: {result}; kept as evidence, the operator decides")
    else:
        _before(work, contact, result, what_for)


def _purpose_besides(work: Work) -> ListPurpose:
    """Say what a call that nobody asked for was about: it counts for no list."""
    if work.state.request is not None:
        return ListPurpose.NOTIFY
    return ListPurpose.VERIFY if work.state.ppvar in ppvar.RUNNING else ListPurpose.DECIDE


def _before(
    work: Work, contact: Contact, result: ContactResult, what_for: ListPurpose | None
) -> None:
    """Before a dispatch: the first decisive answer wins (AMB-D11)."""
    if what_for is ListPurpose.TELL and result is not ContactResult.NO_ANSWER:
        _while_told(work, contact, result)
        return
    if result not in call_list.DECISIVE:
        progress.settle(work)
        return
    is_asked = what_for is not None or work.state.ppvar in ppvar.ASKS_SITE
    purpose = what_for or ListPurpose.VERIFY
    given = call_list.decision(result, purpose, work.context)
    if given is None:
        work.because("AMB-D3", f"{contact.name} says {result}: neither approves nor cancels")
        progress.settle(work)
        return
    if work.state.list_result in call_list.DECISIVE:
        work.because("AMB-D11", f"{work.state.list_result} was answered first; this is evidence")
        return
    work.set(list_result=result, decided_by=contact.id)
    if is_asked or given is Input.CONTACT_APPROVES:
        progress.feed(work, given)
    elif given is Input.CONTACT_DENIES:
        work.because("PPVAR-5.2", "kept: a presence that is heard now is not authorised")
    else:
        cancelling.confirm(work, f"{contact.name} says {result} before anybody was asked")


def _while_told(work: Work, contact: Contact, result: ContactResult) -> None:
    """Nobody is sent: a contact may take the alarm back, unless it was TL3."""
    work.set(informed=(*work.state.informed, contact.id))
    given = call_list.DECISIONS[ListPurpose.TELL][result]
    if given is None or work.state.threat_level is ThreatLevel.TL3:
        work.because("XS-5", f"{contact.name} was told and says {result}")
        return
    work.set(list_result=result, decided_by=contact.id)
    is_cancel = given is Input.CONTACT_CANCELS
    reason = CloseReason.CONTACT_CANCELLED if is_cancel else CloseReason.AUTHORIZED
    dispatching.close(work, reason, ("DISP-S4",))


def _afterwards(work: Work, contact: Contact, result: ContactResult, said: str) -> None:
    """After a dispatch: calls inform; a cancel is a call-off at best (DISP-I3, I4, AMB-D6)."""
    told = call_list.AFTERWARDS[result]
    if told is call_list.Told.NOTHING:
        return
    if contact.id not in work.state.informed:
        work.set(informed=(*work.state.informed, contact.id))
    if told is call_list.Told.INFORMED:
        return
    words = f"{contact.name} says {result}" + (f": {said}" if said else "")
    dispatching.forward(work, words, ("PPVAR-5.8", "AMB-D11"))
    if told is not call_list.Told.ASKS_CALL_OFF:
        return
    dispatching.call_off(work, contact.name, ("DISP-I4", "AMB-D6", "AMB-D11"))
    if work.context.settings.phone_cancel_resolves and work.state.is_active:
        dispatching.close(
            work, CloseReason.USER_RESOLVED, ("AMB-D6", "DISP-I5"), AlarmInput.RESOLVE
        )


def contact_skipped(work: Work, fact: ContactSkipped) -> None:
    """AMB-D2: never placed, so no attempt; the data are wrong."""
    contact = work.context.site.contact(fact.contact)
    if contact is None or contact.id in work.state.skipped:
        work.refuse("AMB-D2", f"{fact.contact!r} is not on the list, or skipped already")
        return
    work.set(skipped=(*work.state.skipped, contact.id))
    text = f"contact {contact.name} could not be called: {fact.reason or 'no number'}"
    work.fault(f"contacts.{contact.id}.phone", text, "AMB-D2")
    progress.settle(work)


def manual_request(work: Work, fact: ManualDispatchRequested) -> None:
    """DISP-M1..M4, AMB-D8; against a suspension a post-suspension request (XS-5)."""
    answer, rule = MANUAL[work.state.state]
    who = f"{fact.user} by {fact.channel.lower()}"
    if answer is Manual.REFUSE:
        work.refuse(rule, f"the alarm is not active ({work.state.state}): no dispatch")
        return
    if answer is Manual.UPDATE:
        said = f"customer asks for dispatch: {who}. {fact.note}".strip()
        dispatching.trigger(work, said, (rule,))
        return
    reason = DispatchReason.MANUAL_REQUEST
    rules = ("DISP-M1", "DISP-M2", "DISP-M3")
    verdict = gate.check(work.state, work.context, work.now, reason=reason)
    override = ""
    if verdict.result is GateResult.BLOCK and _customer_may(verdict):
        if verdict.fee_warning and not fact.is_fee_accepted:
            work.set(verdict=verdict)
            dispatching.warn(work, verdict)
            work.refuse("XS-5", f"show the fee warning first: {verdict.fee_warning}")
            return
        override = f"customer {who}"
    is_running = work.state.ppvar in ppvar.RUNNING or work.state.response in response.OPEN
    work.set(asked_by=who)
    dispatching.dispatch(work, reason, rules, override=override, is_final=not is_running)
    if work.state.request is None:
        work.refuse("XS-5", gate.words(verdict))


def _customer_may(verdict: Verdict) -> bool:
    """XS-5: a customer asks against a suspension; nothing else that blocks gives way to it."""
    blocks = {f.requirement for f in verdict.findings if f.result is GateResult.BLOCK}
    return verdict.can_override and blocks == {"suspended"}


def gate_overridden(work: Work, fact: GateOverridden) -> None:
    """XS-5: a supervisor asks against a BLOCK, with the fee warning shown."""
    withheld = work.state.withheld
    if work.actor.kind != "supervisor" and "supervisor" not in work.actor.roles:
        work.refuse("XS-5", "only a supervisor overrides the gate")
        return
    if withheld is None or work.state.request is not None or not work.state.is_active:
        work.refuse("XS-5", "no dispatch is withheld here")
        return
    verdict = gate.check(
        work.state, work.context, work.now, reason=withheld.reason, basis=withheld.basis
    )
    if not verdict.can_override:
        work.refuse("XS-5", "response is discontinued: there is no override")
        return
    if verdict.fee_warning and not fact.is_fee_accepted:
        work.set(verdict=verdict)
        dispatching.warn(work, verdict)
        work.refuse("XS-5", f"show the fee warning first: {verdict.fee_warning}")
        return
    dispatching.dispatch(
        work,
        withheld.reason,
        (*withheld.rules, "XS-5"),
        basis=withheld.basis,
        override=f"{work.by}: {fact.reason}",
    )


def resolved(work: Work, fact: Resolved) -> None:
    """DISP-I5, I6: ends the alarm; after a dispatch with a call-off."""
    state = work.state
    if not state.is_active:
        work.refuse("DISP-I5", f"the alarm is over already ({state.state})")
        return
    is_urgent = state.procedure in URGENT or state.procedure is Procedure.TEST_EXCEPTION
    if is_urgent and state.request is None and fact.channel is not Channel.PHONE:
        work.refuse("XS-9", "before a life-safety dispatch only the operator may resolve")
        return
    who = f"{fact.user} by {fact.channel.lower()}"
    if state.request is not None:
        dispatching.forward(work, f"Resolved by {who}. {fact.note}".strip(), ("PPVAR-5.8",))
        dispatching.call_off(work, who, ("DISP-I6",))
    dispatching.close(work, CloseReason.USER_RESOLVED, ("DISP-I5", "AMB-D6"), AlarmInput.RESOLVE)


def electronic_cancel(work: Work, fact: ElectronicCancel) -> None:
    """AMB-P12."""
    cancelling.cancelled(work, fact.user or fact.note or "a user")


def key_holder_reported(work: Work, fact: KeyHolderReported) -> None:
    """DISP-J3: may satisfy the gate; after the dispatch responders are told."""
    others = tuple(entry for entry in work.state.key_holders if entry[0] != fact.contact)
    work.set(key_holders=(*others, (fact.contact, fact.status)))
    contact = work.context.site.contact(fact.contact)
    if contact is None or not contact.is_key_holder:
        work.because("DISP-J3", f"{fact.contact!r} is no verified key holder of the site")
        work.set(key_holders=others)
    when = f" in {fact.minutes} min" if fact.minutes is not None else ""
    name = contact.name if contact is not None else fact.contact
    said = f"Key holder {name}: {fact.status.lower().replace('_', ' ')}{when}"
    dispatching.forward(work, said, ("DISP-J3", "PPVAR-5.8"))
    dispatching.recheck(work)


def requirement_confirmed(work: Work, fact: RequirementConfirmed) -> None:
    """DISP-J1: a further requirement, for this incident."""
    met = {*work.state.requirements_met} - {fact.requirement}
    unmet = {*work.state.requirements_unmet} - {fact.requirement}
    (met if fact.is_met else unmet).add(fact.requirement)
    work.set(requirements_met=tuple(sorted(met)), requirements_unmet=tuple(sorted(unmet)))
    dispatching.recheck(work)


def note_added(work: Work, fact: NoteAdded) -> None:
    """Keep words; forward those that responders should have (PPVAR-5.8)."""
    work.set(notes=(*work.state.notes, fact.text))
    if fact.is_for_responders:
        dispatching.forward(work, fact.text, ("PPVAR-5.8",))


def taken(work: Work, fact: Taken) -> None:
    """Say who handles it."""
    work.set(holder=fact.by)


# --- Choices ----------------------------------------------------------------------------------


def operator_decided(work: Work, fact: OperatorDecided) -> None:
    """Take a choice at a MAY branch or the answer to an OPERATOR_REQUIRED."""
    task = work.task(fact.task)
    if task is None:
        work.refuse("AMB-P3", f"{fact.task} is not open")
        return
    if fact.branch not in task.branches:
        offered = ", ".join(task.branches) or "none"
        work.refuse("AMB-P3", f"{fact.task} offers {offered}, not {fact.branch}")
        return
    if fact.note:
        work.set(notes=(*work.state.notes, fact.note))
    CHOICES[fact.task, fact.branch](work)


def _feeds(given: Input) -> Callable[[Work], None]:
    def choose(work: Work) -> None:
        progress.feed(work, given)

    return choose


def _done(*tasks: Task) -> Callable[[Work], None]:
    def choose(work: Work) -> None:
        work.close_task(*tasks)

    return choose


def _exhausted(work: Work) -> None:
    work.set(list_result=ContactResult.EXHAUSTED)
    work.close_task(Task.NO_CONTACTS)
    progress.feed(work, Input.LIST_EXHAUSTED)


CHOICES: Final[Mapping[tuple[Task, Branch], Callable[[Work], None]]] = {
    (Task.CHOOSE_NO_HUMAN, Branch.CLOSE): _feeds(Input.CHOSE_CLOSE),
    (Task.CHOOSE_NO_HUMAN, Branch.NON_AUDIO): _feeds(Input.CHOSE_NON_AUDIO),
    (Task.CHOOSE_NOT_SECURED, Branch.CLOSE): _feeds(Input.CHOSE_CLOSE),
    (Task.CHOOSE_NOT_SECURED, Branch.FOLLOW_MODE): _feeds(Input.CHOSE_TO_FOLLOW),
    (Task.VERIFY_OTHERWISE, Branch.CALL_LIST): _feeds(Input.CHOSE_CALL_LIST),
    (Task.UNKNOWN_MODE, Branch.CALL_LIST): _feeds(Input.CHOSE_CALL_LIST),
    (Task.NO_CONTACTS, Branch.FOLLOW_MODE): _exhausted,
    (Task.CONFIRM_CANCEL, Branch.ACCEPT_CANCEL): cancelling.accept,
    (Task.CONFIRM_CANCEL, Branch.REJECT_CANCEL): cancelling.reject,
    (Task.CONFIRM_CALL_OFF, Branch.CALL_OFF): cancelling.call_off,
    (Task.CONFIRM_CALL_OFF, Branch.DONE): _done(Task.CONFIRM_CALL_OFF),
    (Task.TEST_SCOPE, Branch.IS_REAL): urgent.is_real,
    (Task.TEST_SCOPE, Branch.IS_FALSE): urgent.is_false,
    (Task.WRITTEN_VERIFICATION, Branch.IS_REAL): urgent.is_real,
    (Task.WRITTEN_VERIFICATION, Branch.IS_FALSE): urgent.is_false,
    (Task.GATE_BLOCKED, Branch.DONE): _done(Task.GATE_BLOCKED),
    (Task.DISPATCH_REFUSED, Branch.DONE): _done(Task.DISPATCH_REFUSED),
    (Task.TRIGGER_AFTER_END, Branch.DONE): _done(Task.TRIGGER_AFTER_END),
    (Task.ANSWER_RESPONDERS, Branch.DONE): _done(Task.ANSWER_RESPONDERS),
    (Task.NO_PROCEDURE, Branch.DONE): _done(Task.NO_PROCEDURE),
}
"""Task and choice -> what follows."""
