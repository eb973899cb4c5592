"""How a dispatch, a close, an update and a call-off come about: order, gate, once only (AMB-D8)."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import msgspec

from decision.actions import (
    AlternateResponse,
    CallOff,
    Close,
    Dispatch,
    ForwardUpdate,
    GateWarning,
    NotifyContacts,
    Verdict,
)
from decision.rules import areas, call_list, gate, ppvar, site_step, words
from decision.rules.grouping import URGENT
from decision.rules.incident import ALARM, AlarmInput
from decision.rules.work import Work
from decision.state import Request, Withheld
from decision.vocabulary import (
    Basis,
    Branch,
    CallOffStatus,
    CloseReason,
    DispatchReason,
    GateResult,
    Ppvar,
    Procedure,
    RequestStatus,
    Response,
    ResponseMode,
    Task,
)

AUDIO_REASONS: Final = frozenset({DispatchReason.TL3, DispatchReason.TL2_SECURED_UNVERIFIED})

_KEPT: Final = frozenset({Task.GATE_BLOCKED, Task.CONFIRM_CANCEL})
"""Tasks that still make sense when a dispatch is withheld."""

_NO_LONGER_READ: Final = frozenset({RequestStatus.CLOSED, RequestStatus.REJECTED})


def may_dispatch(work: Work, reason: DispatchReason) -> bool:
    """Refuse a ``TL2_SECURED_UNVERIFIED`` without the recorded attempts (AMB-P5)."""
    if reason is not DispatchReason.TL2_SECURED_UNVERIFIED:
        return True
    missing = site_step.missing_attempts(
        work.state, is_list_tried=call_list.is_exhausted(work.state, work.context)
    )
    if missing:
        work.refuse("AMB-P5", "not dispatched: " + "; ".join(missing))
    return not missing


def dispatch(  # noqa: PLR0913  reason and rules, and three that most callers leave out
    work: Work,
    reason: DispatchReason,
    rules: tuple[str, ...],
    *,
    basis: Basis | None = None,
    override: str = "",
    is_final: bool = True,
) -> None:
    """Ask for responders, unless the gate blocks it; once for each alarm.

    ``override`` names who asks against a ``BLOCK``; the caller made sure that they may.
    ``is_final`` false: when blocked, the tables go on, since they may yet lift the block.
    """
    if work.state.request is not None:
        trigger(work, f"further reason to respond: {reason}", rules)
        return
    verdict = gate.check(work.state, work.context, work.now, reason=reason, basis=basis)
    work.set(verdict=verdict)
    if verdict.result is GateResult.BLOCK and not override:
        withheld = Withheld(
            reason=reason, at=work.now, rules=rules, verdict=verdict, basis=basis, is_final=is_final
        )
        _withhold(work, withheld)
        return
    if gate.warns(verdict):
        warn(work, verdict)
    _dispatch(work, reason, rules, basis, override)


def _dispatch(
    work: Work,
    reason: DispatchReason,
    rules: tuple[str, ...],
    basis: Basis | None,
    override: str,
) -> None:
    state, context = work.state, work.context
    verdict = state.verdict
    is_urgent = state.procedure in URGENT or reason in {
        DispatchReason.LIFE_SAFETY,
        DispatchReason.HOLD_UP,
    }
    is_post_suspension = verdict is not None and verdict.is_post_suspension
    work.act(
        Dispatch(
            rules=(*rules, *(("XS-5", "SJ-B7") if is_post_suspension else ())),
            inputs=work.inputs(),
            evidence=words.evidence(state, context),
            reason=reason,
            basis=basis or (Basis.AUDIO if reason in AUDIO_REASONS else None),
            threat_level=state.threat_level,
            area_class=areas.area_class(state, context),
            audio_reference=state.is_human_heard,
            gate=verdict.result if verdict is not None else GateResult.OK,
            is_post_suspension=is_post_suspension,
            overridden_by=override,
            by_operator=is_urgent,
            no_call_to_premises=state.procedure is Procedure.HOLD_UP,
        )
    )
    _to(work, AlarmInput.DISPATCH, rules[0])
    has_window = (
        context.settings.window_in_standard or context.site.response_mode != ResponseMode.STANDARD
    )
    window = timedelta(seconds=context.settings.active_window_s)
    work.set(
        request=Request(
            reason=reason,
            decided_at=work.now,
            window_end=work.now + window if has_window else None,
            is_post_suspension=is_post_suspension,
        ),
        response=Response.DONE,
        ppvar=Ppvar.DISPATCH if state.ppvar in ppvar.RUNNING else state.ppvar,
        tasks=(),
        list_purpose=None,
    )
    work.because(rules[0], f"dispatch: {reason}")
    work.act(
        NotifyContacts(
            rules=("PPVAR-6.2.2.1.2", "PPVAR-6.2.2.2.2.2.2", "DISP-I3"),
            inputs=work.inputs(),
            contacts=tuple(c.id for c in call_list.callable_contacts(work.state, context)),
            text=f"Responders were asked for ({reason}).",
        )
    )


def _withhold(work: Work, withheld: Withheld) -> None:
    """XS-5: nobody is asked; alternate response, and the customer is told."""
    is_first = not work.state.is_withheld
    if is_first or withheld.is_final:
        work.set(withheld=withheld)
    work.because("XS-5", f"{withheld.reason} withheld: {gate.words(withheld.verdict)}")
    warn(work, withheld.verdict)
    if not withheld.is_final:
        return
    work.set(
        response=Response.DONE,
        ppvar=Ppvar.DISPATCH if work.state.ppvar in ppvar.RUNNING else work.state.ppvar,
        tasks=tuple(t for t in work.state.tasks if t.task in _KEPT),
    )
    if not is_first:
        return
    site = work.context.site
    work.act(
        AlternateResponse(
            rules=("XS-5", "SJ-E2", "PPVAR-3.8"),
            inputs=work.inputs(),
            evidence=words.evidence(work.state, work.context),
            response=site.alternate_response,
            withheld=withheld.reason,
        )
    )
    if not site.alternate_response:
        work.fault("alternate_response", "no guard or runner is arranged", "SJ-E2")
    text = "Police are not asked: arrange the alternate response and tell the customer."
    work.require(Task.GATE_BLOCKED, text, ("XS-5",), branches=(Branch.DONE,))


def recheck(work: Work) -> None:
    """Ask the gate again for a withheld dispatch, after something it looks at changed."""
    withheld = work.state.withheld
    if withheld is None or work.state.request is not None or not work.state.is_active:
        return
    verdict = gate.check(
        work.state, work.context, work.now, reason=withheld.reason, basis=withheld.basis
    )
    if verdict.result is not GateResult.BLOCK:
        dispatch(work, withheld.reason, withheld.rules, basis=withheld.basis)


def warn(work: Work, verdict: Verdict) -> None:
    """Tell what the gate found, the operator before the request, the customer too."""
    work.act(
        GateWarning(
            rules=tuple(dict.fromkeys(("AMB-D9", *(f.rule for f in verdict.findings)))),
            inputs=work.inputs(),
            evidence=tuple(f.text for f in verdict.findings),
            verdict=verdict,
        )
    )


def close(
    work: Work,
    reason: CloseReason,
    rules: tuple[str, ...],
    how: AlarmInput = AlarmInput.CLOSE,
) -> None:
    """End the alarm; nothing is waited for any more."""
    _to(work, how, rules[0])
    work.act(
        Close(
            rules=rules,
            inputs=work.inputs(),
            evidence=words.evidence(work.state, work.context),
            reason=reason,
        )
    )
    work.set(
        close_reason=reason,
        ended_at=work.now,
        response=Response.DONE,
        ppvar=Ppvar.CLOSE if work.state.ppvar in ppvar.RUNNING else work.state.ppvar,
        tasks=(),
        list_purpose=None,
    )
    work.because(rules[0], f"closed: {reason}")


def forward(
    work: Work, text: str, rules: tuple[str, ...], references: tuple[str, ...] = ()
) -> None:
    """Tell responders what became known after the dispatch (PPVAR-5.8); nothing before it."""
    if work.state.request is None or work.state.request.status is RequestStatus.CLOSED:
        return
    work.act(ForwardUpdate(rules=rules, inputs=work.inputs(), text=text, references=references))
    _to_be_told(work, text)


def trigger(work: Work, text: str, rules: tuple[str, ...]) -> None:
    """Forward a further reason to respond: an update, never a second dispatch (AMB-D8)."""
    request = work.state.request
    if request is None:
        return
    work.act(
        ForwardUpdate(
            rules=tuple(dict.fromkeys(("AMB-D8", *rules))), inputs=work.inputs(), text=text
        )
    )
    _to_be_told(work, text)
    work.because("AMB-D8", f"one dispatch per alarm; forwarded: {text}")
    if request.status in _NO_LONGER_READ or request.call_off is CallOffStatus.CONFIRMED:
        said = f"Responders have ended or declined this call; tell them by phone: {text}"
        work.require(Task.TRIGGER_AFTER_END, said, ("AMB-D8", "PPVAR-5.8"), branches=(Branch.DONE,))


def _to_be_told(work: Work, text: str) -> None:
    """Keep an update for the operator to say, where responders are reached by telephone."""
    request = work.state.request
    if request is not None and request.is_by_phone and request.status not in _NO_LONGER_READ:
        untold = (*request.untold, text)
        work.set(request=msgspec.structs.replace(request, untold=untold))


def call_off(work: Work, asked_by: str, rules: tuple[str, ...]) -> None:
    """Ask responders not to come, once while an answer is out (DISP-I4, I6)."""
    request = work.state.request
    if request is None or request.status in _NO_LONGER_READ:
        return  # they have been, or never come
    if request.call_off in {CallOffStatus.REQUESTED, CallOffStatus.CONFIRMED}:
        work.because(rules[0], f"call-off already {request.call_off}")
        return
    work.set(request=msgspec.structs.replace(request, call_off=CallOffStatus.REQUESTED))
    work.act(CallOff(rules=rules, inputs=work.inputs(), asked_by=asked_by))


def _to(work: Work, given: AlarmInput, rule: str) -> None:
    before = work.state.state
    after = ALARM[before][given]
    work.set(state=after)
    work.moved("alarm", before, after, rule)
