"""An electronic cancellation, before and after a dispatch (AMB-P12, PPVAR-3.1)."""

from __future__ import annotations

import msgspec

from decision.rules import dispatching, progress
from decision.rules.grouping import URGENT
from decision.rules.moves import Input
from decision.rules.work import Work
from decision.state import Cancellation
from decision.vocabulary import Branch, CloseReason, Procedure, Task, ThreatLevel


def cancelled(work: Work, user: str) -> None:
    """Take a cancellation; what it may do depends on what was decided already."""
    state = work.state
    is_urgent = state.procedure in URGENT or state.procedure is Procedure.TEST_EXCEPTION
    work.set(cancellation=Cancellation(at=work.now, user=user))
    if state.request is not None:
        dispatching.forward(work, f"Electronic cancellation by {user}", ("AMB-P12", "PPVAR-5.8"))
        if not is_urgent:
            dispatching.call_off(work, user, ("AMB-P12", "DISP-I4"))
        elif state.is_active:
            text = f"{user} cancelled a life-safety or hold-up alarm: ask responders not to come?"
            branches = (Branch.CALL_OFF, Branch.DONE)
            work.require(Task.CONFIRM_CALL_OFF, text, ("XS-9", "DISP-I4"), branches=branches)
    elif is_urgent:
        work.because("XS-9", f"{user} cancelled; kept as evidence, the operator decides")
    elif state.threat_level is ThreatLevel.TL3:
        work.because("AMB-P12", f"{user} cancelled; a cancellation never undoes TL3")
    elif work.context.settings.electronic_cancel == "ACCEPT":
        accept(work)
    else:
        confirm(work, f"{user} cancelled electronically")


def confirm(work: Work, said: str) -> None:
    """Ask the operator whether a cancellation counts as authorised."""
    branches = (Branch.ACCEPT_CANCEL, Branch.REJECT_CANCEL)
    text = f"{said}: does it count as authorised?"
    work.require(Task.CONFIRM_CANCEL, text, ("AMB-P12",), branches=branches)


def accept(work: Work) -> None:
    """Close as authorised, by the policy's or the operator's word; never against TL3."""
    if work.state.threat_level is ThreatLevel.TL3:
        work.refuse("AMB-P12", "a cancellation never undoes TL3")
        return
    _judge(work, is_accepted=True)
    work.close_task(Task.CONFIRM_CANCEL)
    if not progress.feed(work, Input.CANCEL_ACCEPTED):
        dispatching.close(work, CloseReason.AUTHORIZED, ("AMB-P12", "PPVAR-3.1"))


def reject(work: Work) -> None:
    """Go on as if nobody had cancelled; the word stays on record."""
    _judge(work, is_accepted=False)
    work.close_task(Task.CONFIRM_CANCEL)
    work.set(list_result=None, decided_by="")
    progress.settle(work)


def call_off(work: Work) -> None:
    """The operator passes the cancellation of a life-safety alarm on."""
    work.close_task(Task.CONFIRM_CALL_OFF)
    dispatching.call_off(work, work.by, ("DISP-I4", "XS-9"))


def _judge(work: Work, *, is_accepted: bool) -> None:
    if work.state.cancellation is not None:
        judged = msgspec.structs.replace(work.state.cancellation, is_accepted=is_accepted)
        work.set(cancellation=judged)
