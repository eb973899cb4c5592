"""The next question to the operator: which one, its answers, and the fact each answer becomes.

Dispatch comes first, then what waits for a person, then the procedure, then the calls.
``TABLE`` (``question_table``) holds the words, ``answers`` the facts; here is what is asked when.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

from decision.answers import fact_for
from decision.context import Context
from decision.question_form import Answer, FieldName, Given, Question, Tone
from decision.question_table import TABLE
from decision.rules import call_list, ppvar
from decision.state import IncidentState, OpenTask
from decision.vocabulary import (
    Basis,
    CallOffStatus,
    ListPurpose,
    RequestStatus,
    SiteCheckOutcome,
    Task,
)

__all__ = ["Answer", "FieldName", "Given", "Question", "Tone", "fact_for", "next_question"]

URGENT_TASKS: Final = (
    Task.WRITTEN_VERIFICATION,
    Task.TEST_SCOPE,
    Task.DISPATCH_REFUSED,
    Task.TRIGGER_AFTER_END,
    Task.ANSWER_RESPONDERS,
    Task.CONFIRM_CALL_OFF,
    Task.CONFIRM_CANCEL,
    Task.GATE_BLOCKED,
)
"""Tasks that are asked before the procedure goes on, in this order."""

CALLS: Final = frozenset(f"CALL_{purpose}" for purpose in ListPurpose)
"""Kinds that ask for a call to a contact; ``CALL_OFF_RESULT`` asks responders."""

_READ: Final = frozenset(
    {RequestStatus.SENT, RequestStatus.ACCEPTED, RequestStatus.DISPATCHED, RequestStatus.ON_SCENE}
)
"""Responders have the request and listen to what is new."""

_NO_CHECK: Final[Mapping[Basis, frozenset[str]]] = {
    Basis.VIDEO: frozenset(
        {"VIDEO_AUTHORIZED", "VIDEO_CRIME", "VIDEO_UNVERIFIED", "VIDEO_NOT_AVAILABLE"}
    ),
    Basis.ON_SITE: frozenset(
        {"SITE_AUTHORIZED", "SITE_NOT_AUTHORIZED", "SITE_UNVERIFIED", "SITE_NOT_AVAILABLE"}
    ),
}
"""Answers that fall away where the site has no such means."""


def next_question(state: IncidentState, context: Context) -> Question | None:
    """The one thing to ask next; None when nothing is open."""
    found = next(_candidates(state, context), None)
    if found is None:
        return None
    kind, key, task = found
    row = TABLE[kind]
    call = call_list.next_call(state, context) if kind in CALLS else None
    is_same = state.asked == key
    answers = row.answers
    if task is not None:
        answers = tuple(a for a in answers if a.token in task.branches or a.token not in _BRANCHES)
    return Question(
        key=key,
        kind=kind,
        step=row.step,
        text=_words(row.text, kind, state, task),
        rules=row.rules,
        answers=_offered(state, answers),
        incident=state.id,
        since=state.asked_at if is_same else None,
        deadline=task.deadline if task is not None else (state.answer_by if is_same else None),
        contact=call.contact.id if call is not None else "",
        attempt=call.attempt if call is not None else 0,
        needs_audio=row.needs_audio,
    )


def _words(usual: str, kind: str, state: IncidentState, task: OpenTask | None) -> str:
    untold = "; ".join(state.request.untold) if state.request is not None else ""
    if kind == "TELL_UPDATE":
        return f"Tell responders by telephone: {untold}"
    if kind == "CALL_OFF_RESULT" and untold:
        return f"{usual} Tell them: {untold}"
    return task.text if task is not None and task.text else usual


_BRANCHES: Final = frozenset(
    {"CLOSE", "NON_AUDIO", "FOLLOW_MODE", "CALL_LIST", "ACCEPT_CANCEL", "REJECT_CANCEL",
     "IS_REAL", "IS_FALSE", "CALL_OFF", "DONE"}
)  # fmt: skip


Candidate: TypeAlias = tuple[str, str, OpenTask | None]
"""Row of the table, key of this asking, and the task behind it."""


def _candidates(state: IncidentState, context: Context) -> Iterator[Candidate]:
    """Give what could be asked, the most pressing first."""
    request = state.request
    if request is not None and state.is_active and request.status is RequestStatus.DECIDED:
        yield "SEND_REQUEST", "SEND_REQUEST", None
    tasks = {task.task: task for task in state.tasks}
    yield from (_task(tasks[name]) for name in URGENT_TASKS if name in tasks)
    if request is not None and request.call_off is CallOffStatus.REQUESTED:
        yield "CALL_OFF_RESULT", "CALL_OFF_RESULT", None
    if request is not None and state.is_active and request.untold and request.status in _READ:
        yield "TELL_UPDATE", f"TELL_UPDATE/{len(request.untold)}", None
    if not state.is_active:
        return
    if request is not None and request.status is RequestStatus.SENT:
        yield "AWAIT_RESPONDERS", "AWAIT_RESPONDERS", None
    call = call_list.next_call(state, context)
    if call is not None:
        yield f"CALL_{call.purpose}", call.key, None
    yield from (_task(task) for task in state.tasks)
    if state.ppvar in ppvar.RUNNING:
        yield str(state.ppvar), f"{state.ppvar}/{len(state.trail)}", None
    if request is None:
        yield "FINISH", "FINISH", None


def _task(task: OpenTask) -> tuple[str, str, OpenTask]:
    return f"TASK_{task.task}", f"TASK_{task.task}/{task.since.isoformat()}", task


def _offered(state: IncidentState, answers: tuple[Answer, ...]) -> tuple[Answer, ...]:
    """Leave out what cannot be: video where there is no camera, and the like."""
    missing: set[str] = set()
    if state.request is None or not state.request.is_post_suspension:
        missing.add("NO_RESPONSE")
    for check in state.site_checks:
        if check.outcome is SiteCheckOutcome.NOT_AVAILABLE:
            missing |= _NO_CHECK.get(check.basis, frozenset())
    return tuple(answer for answer in answers if answer.token not in missing)
