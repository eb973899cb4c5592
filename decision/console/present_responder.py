"""The conversation with responders: what was said, and what the operator can record now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from decision import facts as f
from decision.console import views as v
from decision.console.story import told
from decision.vocabulary import (
    NO_REPORT_FALSE_ALARM,
    NO_RESPONSE_POST_SUSPENSION,
    CallOffStatus,
    RequestStatus,
)
from decision.web.seen import Seen

OURS: Final = (f.RequestSent, f.UpdateSent)
THEIRS: Final = (
    f.RequestAccepted,
    f.RequestRejected,
    f.RequestUpdated,
    f.CallOffResult,
    f.RequestClosed,
)
DISPOSITIONS: Final = (
    NO_REPORT_FALSE_ALARM,
    NO_RESPONSE_POST_SUSPENSION,
    "Report taken",
    "Cancelled before arrival",
)
STATUS_WORDS: Final = {
    RequestStatus.DECIDED: "decided, not asked yet",
    RequestStatus.SENT: "asked; requested is not responding",
    RequestStatus.ACCEPTED: "accepted the request",
    RequestStatus.REJECTED: "declined",
    RequestStatus.DISPATCHED: "a unit is on its way",
    RequestStatus.ON_SCENE: "on scene",
    RequestStatus.CLOSED: "closed the call",
}


def responder_view(seen: Seen) -> v.Responder | None:
    """The panel; None before anything was decided."""
    request = seen.state.request
    if request is None:
        return None
    status = STATUS_WORDS[request.status]
    if request.call_off is not None:
        status += f"; call-off {request.call_off}"
    return v.Responder(
        name=seen.context.site.psap or "Responders",
        number=request.number,
        status=status,
        said=tuple(_said(seen)),
        answers=tuple(_answers(seen)),
        dispositions=DISPOSITIONS,
    )


def _said(seen: Seen) -> Iterator[v.Said]:
    for recorded in seen.history:
        fact = recorded.fact
        if isinstance(fact, OURS + THEIRS):
            words = told(fact)
            yield v.Said(
                at=recorded.at,
                is_ours=isinstance(fact, OURS),
                kind=words.text,
                text=getattr(fact, "message", "") or words.detail,
            )


def _answers(seen: Seen) -> Iterator[v.Answer]:
    request = seen.state.request
    if request is None or request.status in (RequestStatus.DECIDED, RequestStatus.CLOSED):
        return
    status = request.status
    if status is RequestStatus.SENT:
        yield _answer("accepted", "They accept", "Number, if they gave one")
        yield _answer("rejected", "They decline", "Reason as they said it", "danger")
    if status in (RequestStatus.SENT, RequestStatus.ACCEPTED):
        yield _answer("unit", "A unit is on its way")
    if status is not RequestStatus.ON_SCENE:
        yield _answer("on_scene", "On scene")
    yield _answer("information", "They ask for information")
    yield _answer("update", "We told them something new", "PPVAR-5.8")
    if request.call_off is CallOffStatus.REQUESTED:
        yield _answer("call_off_confirmed", "Call-off confirmed", tone="good")
        yield _answer("call_off_refused", "Call-off refused", tone="danger")
        yield _answer("call_off_unknown", "Call-off: no word")
    yield _answer("closed", "They closed the call", "With the disposition below")


def _answer(token: str, label: str, detail: str = "", tone: v.Tone = "plain") -> v.Answer:
    return v.Answer(key="", token=token, label=label, detail=detail, tone=tone)
