"""Moves an incident through its tables: one input, then all that follows from what is on file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from decision.actions import NonAudio
from decision.rules import call_list, ppvar, response, site_step, words
from decision.rules.dispatching import close, dispatch, may_dispatch
from decision.rules.moves import Input, Move
from decision.rules.work import Work
from decision.vocabulary import (
    Basis,
    Branch,
    ContactResult,
    Ppvar,
    Response,
    ResponseMode,
    Task,
)

MOST_MOVES: Final = 2 * len(Ppvar) + len(Response)
"""More automatic moves for one fact than there are states means a table that runs in a circle."""

TEXTS: Final[Mapping[Task, tuple[str, tuple[str, ...], tuple[Branch, ...]]]] = {
    Task.CHOOSE_NO_HUMAN: (
        "No human activity was heard: close, or go on without audio?",
        ("PPVAR-6.2.1.2.2",),
        (Branch.CLOSE, Branch.NON_AUDIO),
    ),
    Task.CLASSIFY_AREA: (
        "A person was heard and could not be verified: classify the area first.",
        ("AMB-P3",),
        (),
    ),
    Task.CHOOSE_NOT_SECURED: (
        "A person was heard and could not be verified, and the area is not secured.",
        ("PPVAR-6.2.2.2.2.2.3", "XS-3"),
        (Branch.CLOSE, Branch.FOLLOW_MODE),
    ),
    Task.VERIFY_OTHERWISE: (
        "Immediate response without audio: verify by video, somebody on site or other means.",
        ("XS-4", "DISP-I1"),
        (Branch.CALL_LIST,),
    ),
    Task.UNKNOWN_MODE: (
        "The site's response mode is not known here: decide how to go on.",
        ("DISP-5",),
        (Branch.CALL_LIST,),
    ),
    Task.NO_CONTACTS: (
        "The contact list is empty: dispatch as exhausted?",
        ("AMB-D7",),
        (Branch.FOLLOW_MODE,),
    ),
}
"""Task of a waiting state -> words, rules, and what can be chosen."""


def feed(
    work: Work,
    given: Input,
    *,
    basis: Basis | None = None,
    clips: tuple[str, ...] = (),
) -> bool:
    """Give an input to the table that runs; False when it changes nothing there."""
    if not work.state.is_active or work.state.request is not None:
        return False
    given = _as_mode(work, given)
    if not _take(work, given, basis, clips):
        return False
    settle(work)
    return True


def feed_chosen(work: Work, given: Input, choice: Input, *, clips: tuple[str, ...] = ()) -> bool:
    """Give an input that leads to a MAY branch together with the operator's choice there."""
    if not work.state.is_active or work.state.request is not None:
        return False
    if not _take(work, given, None, clips):
        return False
    _take(work, choice, None, ())
    settle(work)
    return True


def _as_mode(work: Work, given: Input) -> Input:
    """XS-2: in Immediate response a crime seen verifies the alarm, unless the audio tree asked."""
    if given not in {Input.CRIME_SEEN, Input.SITE_DENIES}:
        return given
    is_immediate = work.context.site.response_mode == ResponseMode.IMMEDIATE
    return Input.VERIFIED if is_immediate and work.state.ppvar not in ppvar.ASKS_SITE else given


def _take(work: Work, given: Input, basis: Basis | None, clips: tuple[str, ...]) -> bool:
    before = work.state.ppvar
    cell = ppvar.TRANSITIONS[before].get(given)
    if cell is not None:
        return _take_ppvar(work, cell, basis, clips)
    if before is not Ppvar.NON_AUDIO:
        return False
    answered = response.TRANSITIONS[work.state.response].get(given)
    return answered is not None and _take_response(work, answered, basis, clips)


def _take_ppvar(work: Work, cell: Move[Ppvar], basis: Basis | None, clips: tuple[str, ...]) -> bool:
    before = work.state.ppvar
    if cell.dispatch is not None and not may_dispatch(work, cell.dispatch):
        return False
    _leave(work, ppvar.WAITS_FOR.get(before))
    work.moved("ppvar", before, cell.after, cell.rules[0], clips)
    if not _conclude(work, cell, basis):
        work.set(ppvar=cell.after)
        work.because(cell.rules[0], f"{before} -> {cell.after}")
        if cell.after is Ppvar.NON_AUDIO:
            work.act(
                NonAudio(
                    rules=cell.rules,
                    inputs=work.inputs(),
                    evidence=words.evidence(work.state, work.context),
                )
            )
    return True


def _take_response(
    work: Work, cell: Move[Response], basis: Basis | None, clips: tuple[str, ...]
) -> bool:
    before = work.state.response
    _leave(work, response.WAITS_FOR.get(before))
    work.moved("response", before, cell.after, cell.rules[0], clips)
    if not _conclude(work, cell, basis):
        work.set(response=cell.after)
        work.because(cell.rules[0], f"{before} -> {cell.after}")
    return True


def _conclude(work: Work, cell: Move[Ppvar] | Move[Response], basis: Basis | None) -> bool:
    if cell.dispatch is not None:
        dispatch(work, cell.dispatch, cell.rules, basis=basis)
    elif cell.close is not None:
        close(work, cell.close, cell.rules)
    else:
        return False
    return True


def _leave(work: Work, task: Task | None) -> None:
    if task is not None:
        work.close_task(task)


def settle(work: Work) -> None:
    """Move by what is on file until a person must say something new."""
    for _ in range(MOST_MOVES):
        state = work.state
        if not state.is_active or state.request is not None or state.is_withheld:
            return
        _prepare(work)
        given = ppvar.automatic(work.state, work.context) or response.automatic(
            work.state, work.context
        )
        if given is Input.LIST_EXHAUSTED:
            work.set(list_result=ContactResult.EXHAUSTED)
        if given is None or not _take(work, given, None, ()):
            _wait(work)
            return
    raise RuntimeError(f"incident {work.state.id}: the tables run in a circle")


def _prepare(work: Work) -> None:
    """Put on record what the site's profile says, when a state is reached that asks for it."""
    state, context = work.state, work.context
    if state.ppvar is Ppvar.VERIFY_SITE:
        found = site_step.from_profile(state, context, work.now)
        work.set(site_checks=(*state.site_checks, *found))
    if state.ppvar is Ppvar.VERIFY_CONTACT or state.response is Response.CALLING:
        check_list(work)


def check_list(work: Work) -> None:
    """Raise the faults of the call list when it is needed (AMB-D2, AMB-D7)."""
    work.set(list_purpose=call_list.purpose(work.state))
    contacts = work.context.site.contacts
    if not contacts:
        work.fault("contacts", "the contact list is empty", "AMB-D7")
    for contact in contacts:
        if not contact.phone and contact.id not in work.state.skipped:
            work.set(skipped=(*work.state.skipped, contact.id))
            text = f"contact {contact.name} has no number; skipped"
            work.fault(f"contacts.{contact.id}.phone", text, "AMB-D2")


def _wait(work: Work) -> None:
    """Ask a person, in a state that nothing on file moves."""
    state = work.state
    task = ppvar.WAITS_FOR.get(state.ppvar)
    if task is None and state.ppvar is Ppvar.NON_AUDIO:
        task = response.WAITS_FOR.get(state.response)
        if state.response is Response.CALLING and not work.context.site.contacts:
            task = Task.NO_CONTACTS
    if task is None:
        return
    text, rules, branches = TEXTS[task]
    is_immediate = work.context.site.response_mode == ResponseMode.IMMEDIATE
    if task is Task.CHOOSE_NOT_SECURED and is_immediate:
        branches = (Branch.CLOSE,)  # no list to exhaust, so no mode to follow (XS-3)
    work.require(task, text, rules, branches=branches)
