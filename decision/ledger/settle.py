"""What follows from what is known now: verdicts, counts, notices due, fees, the list."""

from __future__ import annotations

from datetime import date

from decision.ledger.actions import Reason, SuspendedListChanged
from decision.ledger.counting import counted, period_of, post_suspension, rejudged
from decision.ledger.money import charge, note_past_due, settle_discontinued
from decision.ledger.thresholds import ask_for_notices, drop_notices
from decision.ledger.words import LedgerInput, SystemStatus
from decision.ledger.work import Work
from decision.packs.topics import Topic
from decision.packs.words import NoticeKind


def totals(work: Work) -> dict[date, int]:
    """How many alarms count, by the first day of the count."""
    return {period: len(calls) for period, calls in counted(work.state, work.pack).items()}


def settle(work: Work, totals_before: dict[date, int], *, may_drop: bool) -> None:
    """Draw all conclusions after a fact.

    ``may_drop`` where the fact can make an alarm leave the count (AMB-S10).
    """
    verdicts_before = {call.call: len(call.verdicts) for call in work.state.calls}
    work.put(calls=rejudged(work.state, work.pack, work.now))
    for call in work.state.calls:
        if len(call.verdicts) > verdicts_before[call.call]:
            text = f"alarm {call.call} of {call.day}: {call.verdict.why}"
            work.reasons.append(Reason(text=text, rules=call.verdict.rules))
    after = totals(work)
    if any(count > totals_before.get(period, 0) for period, count in after.items()):
        _note_counted(work)
    if may_drop:
        drop_notices(work, totals_before)
    ask_for_notices(work)
    charge(work)
    note_past_due(work, work.today)
    settle_discontinued(work, work.today)
    count_again(work, work.today)


def _note_counted(work: Work) -> None:
    if work.state.state in (SystemStatus.ACTIVE, SystemStatus.SUSPENSION_PENDING):
        topic = (
            Topic.LEAD_TIME
            if work.state.state is SystemStatus.SUSPENSION_PENDING
            else Topic.COUNTED
        )
        count = sum(totals(work).values())
        work.move(
            LedgerInput.FALSE_COUNTED, work.today, topic, f"{count} false alarms on record count"
        )


def count_again(work: Work, day: date) -> None:
    """Bring the figures of the state up to a day."""
    state = work.state
    period = period_of(state, day, work.pack)
    count = len(counted(state, work.pack).get(period, ()))
    caution = work.pack.threshold(NoticeKind.CAUTION)
    work.put(
        period=period,
        count=count,
        post_suspension_count=len(post_suspension(state)),
        is_cautioned=caution is not None and count >= caution,
    )
    _list(work)


def _list(work: Work) -> None:
    """Whether the system stands on the suspended list (SJ-C7, AMB-S24)."""
    rules = work.pack.suspended_list
    state = work.state
    is_listed = state.is_suspended and (
        rules.lists_deferred or state.state is not SystemStatus.DEFERRED
    )
    is_listed = is_listed or (state.is_discontinued and rules.lists_discontinued)
    if is_listed != state.is_listed:
        work.put(is_listed=is_listed)
        why = "stands on" if is_listed else "leaves"
        work.actions.append(
            SuspendedListChanged(
                is_listed=is_listed,
                why=f"{state.system} {why} the list of suspended addresses",
                rules=work.cite(Topic.LISTED),
            )
        )
