"""What filing and processing an appeal does (SJ-G1 to SJ-G3, AMB-S10, S11, S14, S15)."""

from __future__ import annotations

import msgspec

from decision.ledger.actions import Reason
from decision.ledger.facts import AppealFiled, AppealProcessed
from decision.ledger.notices import ask_for_reinstatement
from decision.ledger.state import Appeal, Call
from decision.ledger.windows import check_disposition, check_suspension
from decision.ledger.words import (
    AppealStatus,
    SuspensionStatus,
    TaskKind,
)
from decision.ledger.work import Work
from decision.packs.topics import Topic
from decision.packs.words import AppealKind


def filed(work: Work, fact: AppealFiled) -> None:
    """An appeal came in: admitted, returned, or not accepted, with all reasons."""
    if any(one.appeal == fact.appeal for one in work.state.appeals):
        work.refuse(f"there is an appeal {fact.appeal!r} already", Topic.APPEAL_FILER)
        return
    if fact.on > work.today:
        work.refuse(f"filing on {fact.on} lies in the future", Topic.APPEAL_FILER)
        return
    if fact.filed_by not in work.pack.appeals.filed_by:
        allowed = ", ".join(work.pack.appeals.filed_by)
        text = f"filed by {fact.filed_by}; only {allowed} may file"
        status = AppealStatus.NOT_ACCEPTED
        grounds: tuple[Reason, ...] = (Reason(text=text, rules=work.cite(Topic.APPEAL_FILER)),)
    elif fact.kind is AppealKind.DISPOSITION:
        status, grounds = check_disposition(fact.call, fact.on, work.state, work.pack)
    else:
        status, grounds = check_suspension(fact.on, work.state, work.pack)
    current = work.state.suspension
    appeal = Appeal(
        appeal=fact.appeal,
        kind=fact.kind,
        status=status,
        filed_on=fact.on,
        filed_by=fact.filed_by,
        call=fact.call,
        notice=current.notice if current and fact.kind is AppealKind.SUSPENSION else None,
        documents=fact.documents,
        grounds=grounds,
    )
    work.put(appeals=(*work.state.appeals, appeal))
    work.reasons.extend(grounds)
    if status is not AppealStatus.ADMITTED:
        return
    if work.pack.appeals.documents_required and not fact.documents:
        topic = (
            Topic.APPEAL_DISPOSITION
            if fact.kind is AppealKind.DISPOSITION
            else Topic.APPEAL_SUSPENSION
        )
        work.say("no supporting document is attached; ask for them", topic)
    work.open_task(
        TaskKind.PROCESS_APPEAL,
        about=fact.appeal,
        calls=(fact.call,) if fact.call else (),
        why=f"{fact.kind} appeal {fact.appeal} was filed on {fact.on}",
        rules=work.cite(Topic.APPEAL_FILER),
    )


def processed(work: Work, fact: AppealProcessed) -> None:
    """The case office decided an appeal."""
    appeal = next((one for one in work.state.appeals if one.appeal == fact.appeal), None)
    if appeal is None or appeal.status is not AppealStatus.ADMITTED:
        work.refuse(f"appeal {fact.appeal!r} does not wait for a decision", Topic.APPEAL_FILER)
        return
    if not appeal.filed_on <= fact.on <= work.today:
        work.refuse(
            f"a decision on {fact.on} lies before the filing or in the future",
            Topic.APPEAL_FILER,
        )
        return
    status = AppealStatus.GRANTED if fact.is_granted else AppealStatus.DENIED
    decided = msgspec.structs.replace(appeal, status=status, processed_on=fact.on, why=fact.why)
    rest = tuple(decided if one.appeal == fact.appeal else one for one in work.state.appeals)
    work.put(appeals=rest)
    work.close_tasks(TaskKind.PROCESS_APPEAL, f"{status} on {fact.on}", fact.appeal)
    if not fact.is_granted:
        work.say(f"appeal {fact.appeal} was denied", Topic.APPEAL_FILER)
    elif appeal.kind is AppealKind.DISPOSITION:
        _make_valid(work, decided)
    else:
        _end_suspension(work, decided)


def _make_valid(work: Work, appeal: Appeal) -> None:
    """The alarm becomes valid and leaves the count; what follows is settled after it."""
    calls: list[Call] = []
    for call in work.state.calls:
        is_it = call.call == appeal.call
        calls.append(msgspec.structs.replace(call, made_valid_by=appeal.appeal) if is_it else call)
    work.put(calls=tuple(calls))
    work.say(f"alarm {appeal.call} is valid by appeal {appeal.appeal}", Topic.APPEALED)


def _end_suspension(work: Work, appeal: Appeal) -> None:
    rules = work.pack.appeals.suspension
    current = work.state.suspension
    if (
        rules is None
        or current is None
        or current.notice != appeal.notice
        or current.status is not SuspensionStatus.RUNNING
        or current.reinstated_on is not None
    ):
        work.say("the suspension has ended meanwhile", Topic.APPEAL_SUCCESS)
        return
    why = f"suspension appeal {appeal.appeal} was granted on {appeal.processed_on}"
    if rules.success_ends_by == "decision":
        work.put_suspension(resumes=appeal.processed_on)
        work.say(f"{why}: response resumes at once", Topic.APPEAL_SUCCESS)
        return
    work.put_suspension(is_directed=True, directed_why=why)
    work.say(f"{why}: response resumes by the reinstatement notice", Topic.APPEAL_SUCCESS)
    ask_for_reinstatement(work, why)
