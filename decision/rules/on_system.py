"""Facts of the gateway, of time and of responders (XS-9..XS-12, DISP-I5, J10, PPVAR-5.8)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import msgspec

from decision.actions import Escalate
from decision.alarm_signal import Signal
from decision.facts import (
    CallOffResult,
    EventReceived,
    RequestAccepted,
    RequestClosed,
    RequestRejected,
    RequestSent,
    RequestUpdated,
    TimerFired,
    UpdateSent,
)
from decision.rules import cancelling, dispatching, ppvar, progress, urgent, words
from decision.rules.grouping import PROCEDURES, URGENT
from decision.rules.incident import REQUEST, AlarmInput, Word
from decision.rules.moves import Input
from decision.rules.response import MODES
from decision.rules.work import Work
from decision.state import IncidentState, Request
from decision.vocabulary import (
    Basis,
    Branch,
    CallOffStatus,
    CloseReason,
    Ppvar,
    Procedure,
    RejectReason,
    RequestStatus,
    ResponderNews,
    Task,
    Timer,
)


def opening(fact: EventReceived) -> IncidentState:
    """Make the incident that an event opens."""
    signal = fact.signal
    procedure = PROCEDURES[signal.category]
    if fact.is_test_exception:
        procedure = Procedure.TEST_EXCEPTION
    return IncidentState(
        id=signal.event_id,
        site=signal.site,
        opened_at=signal.received_at,
        procedure=procedure,
        category=signal.category,
        severity=signal.severity,
        signals=(signal,),
        is_armed=fact.is_armed,
        ppvar=Ppvar.RECEIVED if procedure is Procedure.BURGLAR else Ppvar.NOT_USED,
    )


def opened(work: Work) -> None:
    """Set the incident going on its chain (section 4)."""
    procedure = work.state.procedure
    work.because("XS-9" if procedure in URGENT else "PPVAR-3.2", f"opened: {procedure}")
    mode = work.context.site.response_mode
    if mode not in MODES:
        work.fault("response_mode", f"unknown response mode {mode!r}", "DISP-5")
    if procedure in URGENT:
        urgent.opened(work)
    elif procedure is Procedure.TEST_EXCEPTION:
        urgent.test_exception(work)
    elif procedure is Procedure.OTHER:
        text = f"No procedure covers a {work.state.category} alarm: decide, and tell the contacts."
        work.require(Task.NO_PROCEDURE, text, ("DISP-2", "PPVAR-2.1"), branches=(Branch.DONE,))
        progress.check_list(work)
    else:
        progress.settle(work)


def event_received(work: Work, fact: EventReceived) -> None:
    """Take an event that joins the incident or bears on it."""
    signal, state = fact.signal, work.state
    if any(known.event_id == signal.event_id for known in (*state.signals, *state.others)):
        work.refuse("XS-12", f"event {signal.event_id} is on record already")
        return
    if fact.is_armed is not None:
        work.set(is_armed=fact.is_armed)
    if signal.kind == "alarm":
        _joined(work, signal, is_exception=fact.is_test_exception)
        return
    work.set(others=(*state.others, signal))
    if signal.kind in {"open", "close"}:
        work.set(is_armed=signal.kind == "close")
    if signal.kind == "cancel":
        cancelling.cancelled(work, signal.user_name or signal.user or "a user")
    elif signal.kind != "restoral" or work.context.settings.forward_restorals:
        dispatching.forward(work, words.of_signal(signal), ("PPVAR-5.8",), signal.media)


def _joined(work: Work, signal: Signal, *, is_exception: bool) -> None:
    """XS-12: another alarm of the same account, area and category."""
    state = work.state
    if not state.is_active:
        work.refuse("XS-12", f"the alarm is over already ({state.state})")
        return
    work.set(signals=(*state.signals, signal), severity=min(state.severity, signal.severity))
    work.because("XS-12", f"joined: {words.of_signal(signal)}")
    if state.request is not None:
        dispatching.trigger(work, f"Another alarm: {words.of_signal(signal)}", ("PPVAR-5.8",))
    elif state.procedure is Procedure.TEST_EXCEPTION and not is_exception:
        urgent.dispatch(work)
    elif state.procedure is Procedure.LIFE_SAFETY:
        work.because("XS-9", "a second detector: nothing is verified any longer")
        urgent.dispatch(work)
    elif ppvar.is_panel_verified(work.state, work.context):
        progress.feed(work, Input.VERIFIED, basis=Basis.PANEL)


# --- Time --------------------------------------------------------------------------------------


def timer_fired(work: Work, fact: TimerFired) -> None:
    """Do what a moment asks for; one that is not due, or no longer waited for, does nothing."""
    match fact.timer:
        case Timer.ACTIVE_WINDOW:
            _window_over(work)
        case Timer.WRITTEN_VERIFICATION:
            task = work.task(Task.WRITTEN_VERIFICATION)
            if task is not None and work.now >= task.remind_at:
                work.because("XS-9", "the written verification is over: dispatch")
                urgent.dispatch(work)
        case Timer.TASK_DEADLINE:
            _task_late(work, fact.key)
        case Timer.ANSWER_DUE:
            due = work.state.answer_by
            if due is not None and work.now >= due and fact.key == work.state.asked:
                work.set(answer_by=None)
                _escalate(work, f"unanswered: {work.state.asked}", 1, "AMB-P3")


def _window_over(work: Work) -> None:
    """AMB-D5: at exactly four hours the alarm is expired."""
    request = work.state.request
    if request is None or request.window_end is None or not work.state.is_active:
        return
    if work.now >= request.window_end:
        rules = ("DISP-I5", "AMB-D5", "AMB-D4")
        dispatching.close(work, CloseReason.ACTIVE_WINDOW_EXPIRED, rules, AlarmInput.EXPIRE)


def _task_late(work: Work, key: str) -> None:
    """AMB-P3: a supervisor is told, and told again while nobody sees to it."""
    task = next((t for t in work.state.tasks if t.task == key), None)
    if task is None or work.now < task.remind_at:
        return
    again = work.now + timedelta(seconds=work.context.settings.operator_deadline_s)
    late = msgspec.structs.replace(task, escalations=task.escalations + 1, remind_at=again)
    work.set(tasks=tuple(late if t.task is task.task else t for t in work.state.tasks))
    _escalate(work, f"{task.task}: {task.text}", late.escalations, "AMB-P3")


def _escalate(work: Work, what: str, times: int, rule: str) -> None:
    work.act(Escalate(rules=(rule,), inputs=work.inputs(), what=what, times=times))


# --- Responders --------------------------------------------------------------------------------


def request_sent(work: Work, fact: RequestSent) -> None:
    """The request went out; it is not an answer yet."""
    is_by_phone = fact.transport == "phone"
    _request(work, Word.SENT, id=fact.request, sent_at=work.now, is_by_phone=is_by_phone)
    work.close_task(Task.DISPATCH_REFUSED)


def request_accepted(work: Work, fact: RequestAccepted) -> None:
    """Responders took it; where nothing was sent before, they were asked by telephone."""
    request = work.state.request
    changes = {"number": fact.number, "answered_at": work.now}
    if request is not None and request.status is RequestStatus.DECIDED:
        changes["is_by_phone"] = True
    _request(work, Word.ACCEPTED, **changes)
    work.close_task(Task.DISPATCH_REFUSED)


def request_rejected(work: Work, fact: RequestRejected) -> None:
    """DISP-J10: even a correct request may be declined; a person takes it from here."""
    if fact.reason in SILENCE:
        _dial(work, fact)
        return
    changes = {"answered_at": work.now, "reject_text": fact.text, "disposition": fact.disposition}
    if not _request(work, Word.REJECTED, **changes) or not work.state.is_active:
        return
    text = f"Responders declined ({fact.reason}). {fact.text}".strip()
    work.require(Task.DISPATCH_REFUSED, text, ("DISP-J10", "DISP-J1"), branches=(Branch.DONE,))


SILENCE: Final[Mapping[RejectReason, str]] = {
    RejectReason.NO_ANSWER: "Responders have not answered: call them.",
    RejectReason.UNREACHABLE: "Their machine does not take the request: call and read the message.",
}
"""What is no refusal: the request stands as it stood, and a person dials (DISP-J10)."""


def _dial(work: Work, fact: RequestRejected) -> None:
    if work.state.request is not None and work.state.is_active:
        text = f"{SILENCE[fact.reason]} {fact.text}".strip()
        work.require(Task.DISPATCH_REFUSED, text, ("DISP-J10",), branches=(Branch.DONE,))


UPDATES: Final[Mapping[ResponderNews, Word | None]] = {
    ResponderNews.UNIT_DISPATCHED: Word.UNIT_DISPATCHED,
    ResponderNews.ON_SCENE: Word.ON_SCENE,
    ResponderNews.INFORMATION_REQUESTED: None,
    ResponderNews.OTHER: None,
}


def request_updated(work: Work, fact: RequestUpdated) -> None:
    """Responders told something, or want to know something."""
    word = UPDATES[fact.news]
    if word is not None:
        _request(work, word)
    elif fact.news is ResponderNews.INFORMATION_REQUESTED and work.state.is_active:
        text = f"Responders ask: {fact.text}"
        work.require(Task.ANSWER_RESPONDERS, text, ("PPVAR-5.7",), branches=(Branch.DONE,))


def update_sent(work: Work, fact: UpdateSent) -> None:
    """Keep that something went out; a call-off tells nothing of what is new."""
    request = work.state.request
    if request is not None and request.untold and not fact.is_call_off:
        work.set(request=msgspec.structs.replace(request, untold=()))
    work.because("PPVAR-5.8", f"told responders: {fact.text}")


def call_off_result(work: Work, fact: CallOffResult) -> None:
    """DISP-I4: confirmed, refused or unknown; the alarm stays active all the same (AMB-D6)."""
    request = work.state.request
    if request is None or request.call_off is None:
        work.refuse("DISP-I4", "no call-off was asked for")
        return
    if fact.result is CallOffStatus.REQUESTED:
        work.refuse("DISP-I4", "a result is confirmed, refused or unknown")
        return
    # Who asked them not to come has told them why (``questions``).
    work.set(request=msgspec.structs.replace(request, call_off=fact.result, untold=()))
    work.because("DISP-I4", f"call-off {fact.result}")


def request_closed(work: Work, fact: RequestClosed) -> None:
    """XS-7: the outcome feeds the ledger; the alarm stays active until resolved or expired."""
    _request(
        work,
        Word.CLOSED,
        disposition=fact.disposition,
        occurrence=fact.occurrence,
        closed_at=work.now,
    )
    work.close_task(Task.DISPATCH_REFUSED, Task.ANSWER_RESPONDERS)


def _request(work: Work, word: Word, **changes: object) -> bool:
    request = work.state.request
    if request is None:
        work.refuse("DISP-J10", "nobody was asked to respond in this incident")
        return False
    after = REQUEST[request.status].get(word)
    if after is None:
        work.because("DISP-J10", f"{word} after {request.status}; on record")
        after = request.status
    work.set(request=_with(request, after, changes))
    return True


def _with(request: Request, status: RequestStatus, changes: Mapping[str, object]) -> Request:
    """Change what was said; what was not said stays."""
    said = {name: value for name, value in changes.items() if value not in {"", None}}
    return msgspec.structs.replace(request, status=status, **said)
