"""The fold of one incident: ``(state, fact, now, context) -> Step``. Pure and deterministic.

Facts never fail to fold: one that changes nothing gives a ``refusal`` that says by which rule.
Time passes before the fact: the active window and a written verification that were over by
``now`` are over first, whether or not anybody was awake to say so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from decision import questions
from decision.actions import Action, CallContact
from decision.briefing import assessment
from decision.context import Context, context_of
from decision.facts import (
    SYSTEM,
    Actor,
    AreaClassified,
    AudioAccessAttempted,
    CallOffResult,
    ContactAttempted,
    ContactSkipped,
    ContextTaken,
    ElectronicCancel,
    EventReceived,
    EvidenceAttached,
    Fact,
    GateOverridden,
    HumanActivityAssessed,
    InstructionsReviewed,
    KeyHolderReported,
    Listened,
    ManualDispatchRequested,
    NoteAdded,
    OperatorDecided,
    Recorded,
    RequestAccepted,
    RequestClosed,
    RequestRejected,
    RequestSent,
    RequestUpdated,
    RequirementConfirmed,
    Resolved,
    SiteCheckedByPerson,
    SiteCheckedByVideo,
    Taken,
    ThreatAssessed,
    TimerFired,
    UpdateSent,
    VerifiedOtherwise,
)
from decision.questions import Question
from decision.rules import call_list, dispatching, on_audio, on_people, on_system, progress
from decision.rules.grouping import URGENT
from decision.rules.validation import changed
from decision.rules.work import Work
from decision.state import Due, IncidentState, Reason, Refusal, Step
from decision.vocabulary import RequestStatus, Task, Timer


def _context_taken(work: Work, _fact: ContextTaken) -> None:
    """Go on under what is configured now: a mode that became known, a suspension that ended."""
    if work.state.is_active and work.state.request is None:
        progress.settle(work)
        dispatching.recheck(work)


HANDLERS: Final[Mapping[type[Any], Callable[[Work, Any], None]]] = {
    ContextTaken: _context_taken,
    EventReceived: on_system.event_received,
    TimerFired: on_system.timer_fired,
    InstructionsReviewed: on_audio.instructions_reviewed,
    Listened: on_audio.listened,
    AudioAccessAttempted: on_audio.accessed,
    HumanActivityAssessed: on_audio.assessed,
    ThreatAssessed: on_audio.threat_assessed,
    SiteCheckedByVideo: on_audio.checked_by_video,
    SiteCheckedByPerson: on_audio.checked_by_person,
    VerifiedOtherwise: on_audio.verified_otherwise,
    ElectronicCancel: on_people.electronic_cancel,
    AreaClassified: on_audio.area_classified,
    EvidenceAttached: on_audio.evidence_attached,
    ContactAttempted: on_people.contact_attempted,
    ContactSkipped: on_people.contact_skipped,
    ManualDispatchRequested: on_people.manual_request,
    Resolved: on_people.resolved,
    KeyHolderReported: on_people.key_holder_reported,
    OperatorDecided: on_people.operator_decided,
    RequirementConfirmed: on_people.requirement_confirmed,
    GateOverridden: on_people.gate_overridden,
    NoteAdded: on_people.note_added,
    Taken: on_people.taken,
    RequestSent: on_system.request_sent,
    RequestAccepted: on_system.request_accepted,
    RequestRejected: on_system.request_rejected,
    RequestUpdated: on_system.request_updated,
    UpdateSent: on_system.update_sent,
    CallOffResult: on_system.call_off_result,
    RequestClosed: on_system.request_closed,
}
"""What each fact does. Every fact of the union has a row."""

AFTER_THE_END: Final[tuple[type[Any], ...]] = (
    ContextTaken,
    TimerFired,
    EvidenceAttached,
    ManualDispatchRequested,  # answers that the alarm is not active (DISP-M4)
    Resolved,
    NoteAdded,
    Taken,
    OperatorDecided,
)
"""Facts that are still heard when an alarm ended and nobody had been asked to respond."""


def apply(
    state: IncidentState | None,
    fact: Fact,
    now: datetime,
    context: Context,
    *,
    actor: Actor = SYSTEM,
) -> Step:
    """Fold one fact.

    Args:
        state: What is known so far; None only for the ``EventReceived`` that opens the incident.
        fact: What happened.
        now: When it was recorded, aware UTC.
        context: Site, settings, jurisdiction and ledger as they were then.
        actor: Who did it.

    Raises:
        ValueError: ``state`` is None and the fact opens nothing.

    """
    if state is None:
        if not isinstance(fact, EventReceived) or fact.signal.kind != "alarm":
            raise ValueError(f"{type(fact).__name__} opens no incident: only an alarm event does")
        work = Work(on_system.opening(fact), now=now, context=context, actor=actor)
        on_system.opened(work)
    else:
        work = Work(state, now=now, context=context, actor=actor)
        _pass_time(work)
        if _is_over(work.state) and not isinstance(fact, AFTER_THE_END):
            work.refuse("DISP-M4", f"the alarm is over ({work.state.state})")
        else:
            HANDLERS[type(fact)](work, fact)
        _estimate(state, work)
    _ask(work)
    return work.step()


def _estimate(before: IncidentState, work: Work) -> None:
    """Make the station's estimate again; a change is on record, and told once they were asked."""
    was, now = assessment(before, work.context), assessment(work.state, work.context)
    words = changed(was, now)
    if not words:
        return
    evidence = "; ".join((*now.evidence, *(f"lowered: {why}" for why in now.lowered_by)))
    work.because("PPVAR-5.8", f"{words} ({now.rule_version}: {evidence})")
    request = before.request
    if request is not None and request.status is not RequestStatus.DECIDED:
        dispatching.forward(work, words, ("PPVAR-5.8",), references=now.evidence)


def _is_over(state: IncidentState) -> bool:
    return not state.is_active and state.request is None


def _pass_time(work: Work) -> None:
    """Let happen what was due before the fact and changes what the fact may do."""
    now, actor = work.now, work.actor
    for one in due(work.state):
        if one.at <= now and one.timer in {Timer.ACTIVE_WINDOW, Timer.WRITTEN_VERIFICATION}:
            work.now, work.actor = one.at, SYSTEM
            on_system.timer_fired(work, TimerFired(timer=one.timer, due=one.at, key=one.key))
    work.now, work.actor = now, actor


def _ask(work: Work) -> None:
    """Say what comes next: the call to place, and the question with its deadline."""
    call = call_list.next_call(work.state, work.context)
    key = call.key if call is not None else ""
    if call is not None and key != work.state.next_call:
        work.act(
            CallContact(
                rules=("AMB-D1", "DISP-I3" if key.startswith("NOTIFY") else "DISP-S1"),
                inputs=work.inputs(),
                contact=call.contact.id,
                attempt=call.attempt,
                purpose=call.purpose,
            )
        )
    purpose = call_list.purpose(work.state)
    work.set(next_call=key, list_purpose=purpose)
    question = questions.next_question(work.state, work.context)
    asked = question.key if question is not None else ""
    if asked == work.state.asked:
        return
    settings = work.context.settings
    seconds = settings.answer_urgent_s if work.state.procedure in URGENT else settings.answer_s
    work.set(
        asked=asked,
        asked_at=work.now if asked else None,
        answer_by=work.now + timedelta(seconds=seconds) if asked else None,
    )


def due(state: IncidentState) -> tuple[Due, ...]:
    """When the incident wants to be woken, soonest first; each becomes a ``TimerFired``."""
    return tuple(sorted(_due(state), key=lambda one: (one.at, one.timer, one.key)))


def _due(state: IncidentState) -> Iterator[Due]:
    request = state.request
    if state.is_active and request is not None and request.window_end is not None:
        yield Due(at=request.window_end, timer=Timer.ACTIVE_WINDOW)
    for task in state.tasks:
        is_written = task.task is Task.WRITTEN_VERIFICATION
        timer = Timer.WRITTEN_VERIFICATION if is_written else Timer.TASK_DEADLINE
        yield Due(at=task.remind_at, timer=timer, key=task.task)
    if state.answer_by is not None:
        yield Due(at=state.answer_by, timer=Timer.ANSWER_DUE, key=state.asked)


def next_question(state: IncidentState, context: Context) -> Question | None:
    """The one thing to ask the operator next; None when nothing is open."""
    return questions.next_question(state, context)


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One fact of a story, with what it led to."""

    recorded: Recorded
    before: IncidentState | None
    state: IncidentState
    actions: tuple[Action, ...]
    reasons: tuple[Reason, ...]
    refusal: Refusal | None


def story(recorded: Iterable[Recorded], context: Context | None = None) -> Iterator[Told]:
    """Fold a log and tell each step.

    Args:
        recorded: All facts of one incident, oldest first, beginning with its ``ContextTaken``.
        context: Replaces what the log kept: today's rules instead of then's (``replay``).

    Raises:
        ValueError: The log keeps no context before its first other fact, and none was given.

    """
    state: IncidentState | None = None
    kept = context
    for one in recorded:
        if isinstance(one.fact, ContextTaken):
            kept = context if context is not None else context_of(one.fact)
            if state is None:
                continue
        if kept is None:
            raise ValueError(f"{one.subject}: no ContextTaken before fact {one.seq}")
        step = apply(state, one.fact, one.at, kept, actor=one.actor)
        yield Told(
            recorded=one,
            before=state,
            state=step.state,
            actions=step.actions,
            reasons=step.reasons,
            refusal=step.refusal,
        )
        state = step.state


def fold(recorded: Iterable[Recorded], context: Context | None = None) -> IncidentState:
    """Fold a log; see ``story``. Raises ValueError for a log that opens no incident."""
    state: IncidentState | None = None
    for told in story(recorded, context):
        state = told.state
    if state is None:
        raise ValueError("the log opens no incident")
    return state
