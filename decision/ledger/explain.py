"""Why the count is what it is: every alarm, whether it counts, where, and by which rule.

Nothing is taken away: an alarm that no longer counts stays with all its verdicts.
"""

from __future__ import annotations

from datetime import date

import msgspec

from decision.ledger.actions import Reason
from decision.ledger.counting import counted
from decision.ledger.state import Call, SystemState, Verdict
from decision.ledger.windows import Window, disposition_window, suspension_window
from decision.ledger.words import Counter, Outcome, SystemStatus
from decision.packs.model import Pack
from decision.packs.topics import Topic
from decision.packs.words import NoticeKind


class ExplainedCall(msgspec.Struct, frozen=True, kw_only=True):
    """One alarm of the count."""

    call: str
    day: date
    occurrence: str | None
    disposition: str | None
    counts: bool
    counter: Counter
    number: int | None
    """Which one of its count: 2 for the second."""
    period: date | None
    """First day of its count."""
    outcome: Outcome
    why: str
    rules: tuple[str, ...]
    fee: str
    history: tuple[Verdict, ...]
    """All verdicts, oldest first; the last holds."""
    appeal_until: date | None
    """Last day of a disposition appeal; None: no notice lists it."""


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """The count and the state of one system, explained."""

    system: str
    state: SystemStatus
    count: int
    post_suspension_count: int
    period: date | None
    calls: tuple[ExplainedCall, ...]
    reasons: tuple[Reason, ...]
    """What is so, and what comes next."""
    suspension_appeal: Window | None


def explain(state: SystemState, pack: Pack) -> Explanation:
    """Explain a state."""
    numbers: dict[str, tuple[int, date]] = {}
    for period, calls in counted(state, pack).items():
        for nth, one in enumerate(calls, start=1):
            numbers[one.call] = (nth, period)
    apart = [call.call for call in _in_time(state) if call.counter is Counter.POST_SUSPENSION]
    rows = []
    for call in _in_time(state):
        place = numbers.get(call.call)
        number = place[0] if place else None
        if call.counter is Counter.POST_SUSPENSION:
            number = apart.index(call.call) + 1
        window = disposition_window(call.call, state, pack)
        rows.append(
            ExplainedCall(
                call=call.call,
                day=call.day,
                occurrence=call.occurrence,
                disposition=call.disposition,
                counts=call.counter is not Counter.NONE,
                counter=call.counter,
                number=number,
                period=place[1] if place else None,
                outcome=call.outcome,
                why=call.verdict.why,
                rules=call.verdict.rules,
                fee=call.fee,
                history=call.verdicts,
                appeal_until=window.last if window else None,
            )
        )
    return Explanation(
        system=state.system,
        state=state.state,
        count=state.count,
        post_suspension_count=state.post_suspension_count,
        period=state.period,
        calls=tuple(rows),
        reasons=tuple(_reasons(state, pack)),
        suspension_appeal=suspension_window(state, pack),
    )


def _in_time(state: SystemState) -> list[Call]:
    return sorted(state.calls, key=lambda call: (call.at, call.call))


def _reasons(state: SystemState, pack: Pack) -> list[Reason]:
    cite = pack.cite
    said = [
        Reason(
            text=f"{state.count} false alarms count since {state.period or 'the beginning'}",
            rules=cite(Topic.YEAR),
        )
    ]
    for kind in (NoticeKind.CAUTION, NoticeKind.SUSPENSION):
        threshold = pack.threshold(kind)
        if threshold is not None and state.count < threshold:
            left = threshold - state.count
            text = f"{left} more before the end of the year: {kind} notice"
            said.append(Reason(text=text, rules=cite(Topic.DRAFT)))
    current = state.suspension
    if current is not None and state.state is SystemStatus.SUSPENSION_PENDING:
        text = f"suspension from {current.effective} on; until then response and no fee"
        said.append(Reason(text=text, rules=cite(Topic.LEAD_TIME)))
    if current is not None and state.is_suspended:
        text = f"suspended since {current.effective}"
        said.append(Reason(text=text, rules=cite(Topic.EFFECTIVE)))
        if current.resumes is not None:
            text = f"response resumes on {current.resumes}"
            said.append(Reason(text=text, rules=cite(Topic.REINSTATED)))
        else:
            text = f"review due on {current.review_due}"
            said.append(Reason(text=text, rules=cite(Topic.REVIEW)))
    if state.is_discontinued:
        text = f"response is discontinued since {state.discontinued_on}"
        said.append(Reason(text=text, rules=cite(Topic.DISCONTINUED)))
    return said
