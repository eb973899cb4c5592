"""The false-alarm file of one alarm system, from the ledger's state to what the pages show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Final

from decision.console import views as v
from decision.console.story import told, who
from decision.facts import Recorded
from decision.ledger.state import Suspension, SystemState
from decision.ledger.words import Counter, NoticeStatus, SuspensionStatus, SystemStatus
from decision.packs.model import Pack
from decision.site import Site

_TONE: Final[Mapping[SystemStatus, v.Tone]] = {
    SystemStatus.ACTIVE: "good",
    SystemStatus.SUSPENSION_PENDING: "caution",
    SystemStatus.SUSPENDED: "danger",
    SystemStatus.DEFERRED: "danger",
    SystemStatus.REINSTATEMENT_PENDING: "danger",
}
_MEANING: Final = {
    SystemStatus.ACTIVE: "Police respond to its burglar alarms.",
    SystemStatus.SUSPENSION_PENDING: "A suspension notice was issued and is not yet effective: "
    "police still respond, and there is no fee.",
    SystemStatus.SUSPENDED: "Police do not respond to its burglar alarms.",
    SystemStatus.DEFERRED: "The term is over and it was not reinstated: police do not respond.",
    SystemStatus.REINSTATEMENT_PENDING: "A reinstatement notice was issued and is not yet "
    "effective: police still do not respond.",
}
_COUNTS: Final = {
    Counter.YEAR: "yes",
    Counter.POST_SUSPENSION: "apart (while suspended)",
    Counter.NONE: "no",
}


def ledger_row(state: SystemState, site: Site | None, pack: Pack | None) -> v.LedgerRow:
    """One line of the list."""
    soonest = next((day for day in calendar(state, pack) if day.state != "past"), None)
    return v.LedgerRow(
        id=state.system,
        site=name_of(state, site),
        address=state.registration.address or (site.address if site else ""),
        jurisdiction=pack.metadata.name if pack else "unknown jurisdiction",
        state=_state(state),
        tone="danger" if state.is_discontinued else _TONE[state.state],
        count=state.count,
        next_date=f"{soonest.date} {soonest.title}" if soonest else "",
        tasks=len(state.open_tasks),
    )


def name_of(state: SystemState, site: Site | None) -> str:
    """The company, the site, or the id."""
    return state.registration.company_name or (site.name if site else "") or state.system


def _state(state: SystemState) -> str:
    return "DISCONTINUED" if state.is_discontinued else str(state.state)


def ledger_view(  # noqa: PLR0913  each is one source of the page, all by name
    state: SystemState,
    *,
    site: Site | None,
    pack: Pack | None,
    roles: Sequence[str],
    history: Sequence[Recorded],
    names: Mapping[str, str],
    actions: tuple[v.Action, ...],
    now: datetime,
) -> v.Ledger:
    """The whole page."""
    steps = [(one.count, str(one.notice).lower()) for one in pack.thresholds.steps] if pack else []
    today = _day(state, pack, now)
    return v.Ledger(
        id=state.system,
        site=name_of(state, site),
        address=state.registration.address or (site.address if site else ""),
        jurisdiction=pack.metadata.name if pack else "unknown jurisdiction: nothing is counted",
        state=_state(state),
        state_words=_words(state, pack),
        tone="danger" if state.is_discontinued else _TONE[state.state],
        flags=tuple(_flags(state)),
        year=str((state.period or today).year),
        count=state.count,
        meter=max([state.count, *(count for count, _ in steps)], default=0),
        marks=tuple(count for count, _ in steps),
        thresholds=tuple(steps),
        post_suspension=state.post_suspension_count,
        alarms=tuple(_alarms(state)),
        notices=tuple(_notices(state)),
        calendar=tuple(calendar(state, pack)),
        tasks=tuple(_tasks(state, pack, roles)),
        invoices=tuple(_invoices(state, today)),
        appeals=tuple(_appeals(state)),
        papers=tuple(_forms(state, pack)),
        history=tuple(_history(history, names)),
        actions=actions,
        hint=pack.review_hint(today) if pack else "",
    )


def _day(state: SystemState, pack: Pack | None, now: datetime) -> date:
    moment = max(now, state.as_of) if state.as_of else now
    return pack.calendar.day(moment) if pack else moment.date()


def _words(state: SystemState, pack: Pack | None) -> str:
    if pack is None:
        return "Nobody told us the rules of this jurisdiction: every dispatch warns."
    words = _MEANING[state.state]
    if state.is_discontinued:
        words += " Response is discontinued: too many invoices are past due. Nobody can override."
    elif state.is_suspended and pack.fees is not None and pack.fees.post_suspension:
        words += (
            f" A request all the same may be accepted; {pack.fees.currency} "
            f"{pack.fees.post_suspension} is invoiced if it is found false."
        )
    return words


def _flags(state: SystemState) -> Iterator[str]:
    if state.is_discontinued and state.state is not SystemStatus.ACTIVE:
        yield str(state.state)
    if state.is_cautioned:
        yield "CAUTIONED"
    if state.is_listed:
        yield "ON THE LIST"


def _alarms(state: SystemState) -> Iterator[v.Alarm]:
    for call in reversed(state.calls):
        verdict = call.verdicts[-1] if call.verdicts else None
        yield v.Alarm(
            day=call.day.isoformat(),
            call=call.occurrence or call.call,
            incident=call.incident or "",
            outcome=call.disposition or str(call.outcome).lower(),
            counts=_COUNTS[call.counter],
            why=verdict.why if verdict else "",
            rules=verdict.rules if verdict else (),
        )


def calendar(state: SystemState, pack: Pack | None) -> list[v.Day]:
    """Every date that matters, soonest first (SJ-E1, E3, F1, G2, G3, AMB-S6)."""
    if pack is None or state.as_of is None:
        return []
    today = pack.calendar.day(state.as_of)
    days = [*_suspension_days(state, pack, today), *_appeal_days(state, pack, today)]
    days += [
        v.Day(
            date=one.past_due_on.isoformat(),
            title=f"Invoice {one.invoice} past due",
            state=_when(one.past_due_on, today),
            rules=("AMB-S6",),
        )
        for one in state.invoices
        if one.paid_on is None and one.cancelled_on is None
    ]
    return sorted(days, key=_by_date)


def _by_date(day: v.Day) -> str:
    return day.date


def _when(day: date, today: date) -> v.DayState:
    return "past" if day < today else "to_come" if day > today else "open"


def _within(first: date, last: date, today: date) -> v.DayState:
    return "to_come" if today < first else "past" if today > last else "open"


def _suspension_days(state: SystemState, pack: Pack, today: date) -> Iterator[v.Day]:
    one = state.suspension
    if one is None:
        return
    yield _one(one.effective, today, "Suspension effective", "SJ-E1", "AMB-S3")
    if one.status is not SuspensionStatus.ENDED:
        yield _one(one.review_due, today, "Review: reinstate or defer", "SJ-E3", "SJ-F2")
    if one.resumes is not None:
        yield _one(one.resumes, today, "Response resumes", "SJ-F1")
    window = _appeal_window(one, pack)
    if window is not None:
        first, last = window
        yield v.Day(
            date=first.isoformat(),
            title=f"Suspension appeal admissible until {last}",
            detail="form and documents, by the alarm business; the days before must be clear",
            state=_within(first, last, today),
            rules=("SJ-G3", "SJ-G3w"),
        )


def _appeal_window(one: Suspension, pack: Pack) -> tuple[date, date] | None:
    terms = pack.appeals.suspension
    if terms is None:
        return None
    return (
        pack.calendar.after_days(one.effective, terms.served_days),
        pack.calendar.after_days(one.issued_on, terms.window_days),
    )


def _one(day: date, today: date, title: str, *rules: str) -> v.Day:
    return v.Day(date=day.isoformat(), title=title, state=_when(day, today), rules=rules)


def _appeal_days(state: SystemState, pack: Pack, today: date) -> Iterator[v.Day]:
    terms = pack.appeals.disposition
    if terms is None:
        return
    for notice in state.notices:
        if notice.status is NoticeStatus.ISSUED and notice.issued_on and notice.calls:
            last = pack.calendar.after_days(notice.issued_on, terms.window_days)
            yield v.Day(
                date=last.isoformat(),
                title="Last day of disposition appeals",
                detail=f"for the alarms that {notice.notice} lists last",
                state=_within(notice.issued_on, last, today),
                rules=("SJ-G2", "AMB-S11"),
            )


def _notices(state: SystemState) -> Iterator[v.Paper]:
    for one in reversed(state.notices):
        dated = one.issued_on or one.approved_on
        yield v.Paper(
            kind=str(one.kind).replace("_", " ").capitalize(),
            state=str(one.status),
            dated=dated.isoformat() if dated else "",
            detail=f"{one.notice}: {', '.join(one.calls)}" if one.calls else one.notice,
            url=f"/ledger/{state.system}/papers/notice/{one.notice}",
        )


def _invoices(state: SystemState, today: date) -> Iterator[v.Paper]:
    for one in reversed(state.invoices):
        if one.paid_on:
            stands = "PAID"
        elif one.cancelled_on:
            stands = "CANCELLED"
        else:
            stands = "PAST DUE" if one.is_past_due(today) else "OPEN"
        yield v.Paper(
            kind=f"{one.invoice}: {one.amount}",
            state=stands,
            dated=one.issued_on.isoformat(),
            detail=f"call {one.call}; past due from {one.past_due_on}",
            url=f"/ledger/{state.system}/papers/invoice/{one.invoice}",
        )


def _appeals(state: SystemState) -> Iterator[v.Paper]:
    for one in reversed(state.appeals):
        grounds = "; ".join(reason.text for reason in one.grounds)
        yield v.Paper(
            kind=f"{str(one.kind).replace('_', ' ').capitalize()} appeal",
            state=str(one.status).replace("_", " "),
            dated=one.filed_on.isoformat(),
            detail=" · ".join(x for x in (one.appeal, one.call or "", grounds, one.why) if x),
        )


def _forms(state: SystemState, pack: Pack | None) -> Iterator[tuple[str, str]]:
    if pack is None:
        return
    for kind in ("disposition", "suspension"):
        yield f"Print the {kind} appeal form", f"/ledger/{state.system}/papers/form/{kind}"


def _tasks(state: SystemState, pack: Pack | None, roles: Sequence[str]) -> Iterator[v.Todo]:
    for task in state.open_tasks:
        offices = [
            pack.roles.who[name].name if pack and name in pack.roles.who else name
            for name in task.roles
        ]
        words = str(task.kind).replace("_", " ").capitalize()
        yield v.Todo(
            title=f"{words}: {task.about}" if task.about else words,
            role=" or ".join(offices),
            why=task.why,
            is_mine=bool(set(task.roles) & set(roles)),
            rules=task.rules,
        )


def _history(history: Sequence[Recorded], names: Mapping[str, str]) -> Iterator[v.Event]:
    for one in history:
        words = told(one.fact)
        if words.text:
            yield v.Event(
                seq=one.seq,
                at=one.at,
                who=who(one, names),
                text=words.text,
                detail=words.detail,
                kind="operator" if one.actor.kind in ("operator", "supervisor") else "decision",
            )
