"""What a role does to the false-alarm file of a system: one table of acts, each a small form.

The permission of an act is asked twice: of the station's table, by the route, and of the pack of
the system, where the person's role must carry it too (another city's clerk may do less).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Final, Literal

import msgspec

from decision.ledger import facts as lf
from decision.ledger.actions import Task
from decision.ledger.facts import LedgerFact
from decision.ledger.state import SystemState
from decision.ledger.words import AppealStatus, Counter, NoticeStatus, ReviewDecision, TaskKind
from decision.notices import approval
from decision.notices.approval import ApprovalError
from decision.notices.missing import MissingDatum
from decision.packs.model import Pack
from decision.packs.words import AppealKind, NoticeKind
from decision.packs.words import Permission as PackPermission
from decision.roles import Permission
from decision.web.context import Asked, Who
from decision.web.routes import Problem

Form = Mapping[str, str]


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One system, the person, the day on the jurisdiction's calendar."""

    state: SystemState
    pack: Pack
    who: Who
    today: date
    now: datetime

    @property
    def roles(self) -> tuple[str, ...]:
        """The person's roles, as the pack names them."""
        return self.who.user.roles


def case_of(asked: Asked, state: SystemState, pack: Pack) -> Case:
    """The system, the person and the day."""
    return Case(
        state=state,
        pack=pack,
        who=asked.person,
        today=pack.calendar.day(asked.now),
        now=asked.now,
    )


class Blank(msgspec.Struct, frozen=True, kw_only=True):
    """One field of an act's form."""

    name: str
    label: str
    kind: Literal["text", "long", "day", "choice"] = "text"
    choices: tuple[tuple[str, str], ...] = ()
    is_required: bool = True


class LedgerAct(msgspec.Struct, frozen=True, kw_only=True):
    """One act: when it is offered, with which blanks, and the fact it becomes."""

    name: str
    label: str
    help: str = ""
    permission: Permission
    pack_permission: PackPermission | None = None
    blanks: Callable[[Case], tuple[Blank, ...] | None]
    """None: not offered now."""
    make: Callable[[Case, Form], LedgerFact]


_DAY: Final = Blank(name="on", label="Day (YYYY-MM-DD)", kind="day")
_WHY: Final = Blank(name="why", label="Why", kind="long")


def _choice(name: str, label: str, choices: Sequence[tuple[str, str]]) -> Blank:
    return Blank(name=name, label=label, kind="choice", choices=tuple(choices))


def _some(
    name: str, label: str, choices: Sequence[tuple[str, str]], *more: Blank
) -> tuple[Blank, ...] | None:
    return (_choice(name, label, choices), *more) if choices else None


def _on(case: Case, form: Form) -> date:
    text = form.get("on", "").strip()
    if not text:
        return case.today
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Problem(422, f"{text[:20]!r} is no day; write it as YYYY-MM-DD.") from None


def _notices(case: Case, status: NoticeStatus) -> list[tuple[str, str]]:
    return [
        (one.notice, f"{one.notice} ({str(one.kind).lower()})")
        for one in case.state.notices
        if one.status is status
    ]


def _drafts(case: Case) -> tuple[Blank, ...] | None:
    # A draft's task names its period, too ("CAUTION/2026-01-01"): the oldest is drafted first.
    kinds = dict.fromkeys(
        _kind_of(task) for task in case.state.open_tasks if task.kind is TaskKind.DRAFT_NOTICE
    )
    return _some("kind", "Notice", [(kind, kind.lower()) for kind in kinds])


def _kind_of(task: Task) -> str:
    return task.about.partition("/")[0]


def _draft(case: Case, form: Form) -> LedgerFact:
    kind = _enum(NoticeKind, form.get("kind", ""), "kind of notice")
    # A task is about the kind and the first day of its count: ``CAUTION/2026-01-01``.
    tasks = (one for one in case.state.open_tasks if one.kind is TaskKind.DRAFT_NOTICE)
    task = next((one for one in tasks if one.about.partition("/")[0] == kind), None)
    number = 1 + sum(one.kind is kind for one in case.state.notices)
    return approval.draft(
        case.pack,
        case.state,
        kind,
        notice=f"{kind}-{case.today.year}-{number}",
        calls=task.calls if task else (),
        on=case.today,
        roles=case.roles,
    )


def _enum(kind: type[NoticeKind], value: str, what: str) -> NoticeKind:
    try:
        return kind(value)
    except ValueError:
        raise Problem(422, f"There is no {what} {value[:40]!r}.") from None


def _approve(case: Case, form: Form) -> LedgerFact:
    return approval.approve(
        case.pack, case.state, form.get("notice", ""), on=case.today, by=case.who.user.name,
        roles=case.roles,
    )  # fmt: skip


def _reject(case: Case, form: Form) -> LedgerFact:
    return approval.reject(
        case.pack, case.state, form.get("notice", ""), on=case.today, why=form.get("why", ""),
        roles=case.roles,
    )  # fmt: skip


def _issue(case: Case, form: Form) -> LedgerFact:
    return approval.issue(
        case.pack, case.state, form.get("notice", ""), on=_on(case, form), roles=case.roles
    )


def _issuable(case: Case) -> tuple[Blank, ...] | None:
    wanted = NoticeStatus.APPROVED if case.pack.notices.approval_required else NoticeStatus.DRAFTED
    return _some("notice", "Notice", _notices(case, wanted), _DAY)


def _appeal_blanks(case: Case) -> tuple[Blank, ...] | None:
    kinds = []
    if case.pack.appeals.disposition is not None:
        kinds.append((str(AppealKind.DISPOSITION), "an alarm was valid (disposition)"))
    if case.pack.appeals.suspension is not None and case.state.suspension is not None:
        kinds.append((str(AppealKind.SUSPENSION), "the suspension"))
    calls = [("", "the suspension, no single alarm")] + [
        (one.call, f"{one.day} {one.occurrence or one.call}")
        for one in case.state.calls
        if one.counter is not Counter.NONE
    ]
    return _some(
        "kind", "Against", kinds if case.state.calls else [], _choice("call", "Alarm", calls), _DAY,
        Blank(name="documents", label="Documents, separated by commas"),
        Blank(name="text", label="Supporting information", kind="long", is_required=False),
    )  # fmt: skip


def _appeal(case: Case, form: Form) -> LedgerFact:
    try:
        kind = AppealKind(form.get("kind", ""))
    except ValueError:
        raise Problem(422, "Say what the appeal is against.") from None
    documents = tuple(one.strip() for one in form.get("documents", "").split(",") if one.strip())
    return lf.AppealFiled(
        appeal=f"APPEAL-{len(case.state.appeals) + 1}",
        kind=kind,
        on=_on(case, form),
        filed_by="alarm_business",
        call=(form.get("call") or None) if kind is AppealKind.DISPOSITION else None,
        documents=documents,
        text=form.get("text", ""),
    )


def _decidable(case: Case) -> tuple[Blank, ...] | None:
    open_ones = [
        (one.appeal, f"{one.appeal} ({str(one.kind).lower()})")
        for one in case.state.appeals
        if one.status is AppealStatus.ADMITTED
    ]
    decision = _choice("decision", "Decision", (("deny", "denied"), ("grant", "granted")))
    return _some("appeal", "Appeal", open_ones, decision, _WHY)


def _decide(case: Case, form: Form) -> LedgerFact:
    return lf.AppealProcessed(
        appeal=form.get("appeal", ""),
        on=case.today,
        is_granted=form.get("decision") == "grant",
        why=form.get("why", ""),
    )


def _review_blanks(case: Case) -> tuple[Blank, ...] | None:
    one = case.state.suspension
    if one is None or not one.is_review_open:
        return None
    return (
        _choice(
            "decision",
            "Decision",
            ((ReviewDecision.DEFER, "defer"), (ReviewDecision.REINSTATE, "reinstate")),
        ),
        Blank(name="considered", label="Considered: " + "; ".join(case.pack.review.considers)),
        _WHY,
    )


def _review(case: Case, form: Form) -> LedgerFact:
    try:
        decision = ReviewDecision(form.get("decision", ""))
    except ValueError:
        raise Problem(422, "Say whether to reinstate or to defer.") from None
    considered = tuple(x.strip() for x in form.get("considered", "").split(";") if x.strip())
    return lf.ReviewDecided(
        on=case.today, decision=decision, considered=considered, why=form.get("why", "")
    )


def _tasks_of(kind: TaskKind) -> Callable[[Case], tuple[Blank, ...] | None]:
    def blanks(case: Case) -> tuple[Blank, ...] | None:
        found = [task for task in case.state.open_tasks if task.kind is kind]
        named = [(name, name) for task in found for name in (task.calls or (task.about,))]
        return _some("call", "Call", named)

    return blanks


def _open_invoices(case: Case) -> tuple[Blank, ...] | None:
    names = [
        (one.invoice, f"{one.invoice}: {one.amount}")
        for one in case.state.invoices
        if one.paid_on is None and one.cancelled_on is None
    ]
    return _some("invoice", "Invoice", names, _DAY)


def _calls(case: Case) -> list[tuple[str, str]]:
    return [(one.call, f"{one.day} {one.occurrence or one.call}") for one in case.state.calls]


def _own_tasks(case: Case) -> tuple[Blank, ...] | None:
    told = {TaskKind.INFORM_USER, TaskKind.ARRANGE_ALTERNATE, TaskKind.TELL_ACCOUNTANT,
            TaskKind.TELL_INSPECTOR, TaskKind.TELL_MANAGER, TaskKind.UPDATE_LIST,
            TaskKind.RECONSIDER}  # fmt: skip
    mine = [
        (task.id, f"{str(task.kind).replace('_', ' ').lower()} {task.about}".strip())
        for task in case.state.open_tasks
        if task.kind in told and set(task.roles) & set(case.roles)
    ]
    return _some("task", "Task", mine, Blank(name="note", label="How", is_required=False))


def _done(case: Case, form: Form) -> LedgerFact:
    task = form.get("task", "")
    blanks = _own_tasks(case)
    if blanks is None or task not in {value for value, _ in blanks[0].choices}:
        raise Problem(403, "That task is none of your roles'.")
    return lf.TaskDone(task=task, note=form.get("note", ""))


def _police_blanks(case: Case) -> tuple[Blank, ...] | None:
    texts = (case.pack.dispositions.false_alarm, case.pack.dispositions.refused)
    waiting = [
        (one.call, f"{one.day} {one.call}") for one in case.state.calls if not one.disposition
    ]
    choices = [("", "other, below"), *((text, text) for text in texts if text)]
    return _some(
        "call", "Call", waiting, _choice("disposition", "Disposition", choices),
        Blank(name="other", label="Other disposition", is_required=False),
        Blank(name="occurrence", label="Occurrence number", is_required=False),
    )  # fmt: skip


def _police(case: Case, form: Form) -> LedgerFact:
    return lf.PoliceCall(
        call=form.get("call", ""),
        disposition=form.get("disposition") or form.get("other") or None,
        closed_at=case.now,
        occurrence=form.get("occurrence") or None,
    )


def _accept_blanks(case: Case) -> tuple[Blank, ...] | None:
    if not case.state.is_suspended or case.state.is_discontinued:
        return None
    waiting = [
        (one.call, f"{one.day} {one.call}") for one in case.state.calls if one.accepted is None
    ]
    answers = (("refuse", "refuse: suspended"), ("accept", "accept all the same"))
    return _some("call", "Request", waiting, _choice("answer", "Answer", answers))


def _accept(case: Case, form: Form) -> LedgerFact:
    is_accepted = form.get("answer") == "accept"
    return lf.PoliceCall(
        call=form.get("call", ""),
        accepted=is_accepted,
        accepted_by=case.who.user.id if is_accepted else None,
        disposition=None if is_accepted else case.pack.dispositions.refused,
    )


_PP = PackPermission
ACTS: Final[tuple[LedgerAct, ...]] = (
    LedgerAct(
        name="draft", label="Draft a notice", help="It goes for approval; nothing is sent yet.",
        permission=Permission.NOTICE_DRAFT, pack_permission=_PP.NOTICE_DRAFT, blanks=_drafts,
        make=_draft,
    ),
    LedgerAct(
        name="approve", label="Approve a notice", help="Print it first and read it.",
        permission=Permission.NOTICE_APPROVE, pack_permission=_PP.NOTICE_APPROVE, make=_approve,
        blanks=lambda case: _some("notice", "Notice", _notices(case, NoticeStatus.DRAFTED)),
    ),
    LedgerAct(
        name="reject", label="Send a draft back", permission=Permission.NOTICE_APPROVE,
        pack_permission=_PP.NOTICE_APPROVE, make=_reject,
        blanks=lambda case: _some("notice", "Notice", _notices(case, NoticeStatus.DRAFTED), _WHY),
    ),
    LedgerAct(
        name="issue", label="Issue an approved notice", blanks=_issuable, make=_issue,
        help="Its day starts every delay and window.",
        permission=Permission.NOTICE_ISSUE, pack_permission=_PP.NOTICE_ISSUE,
    ),
    LedgerAct(
        name="appeal", label="File an appeal", help="Only the alarm business files (SJ-G1).",
        permission=Permission.APPEAL_FILE, pack_permission=_PP.APPEAL_FILE,
        blanks=_appeal_blanks, make=_appeal,
    ),
    LedgerAct(
        name="decide", label="Decide an appeal", permission=Permission.APPEAL_DECIDE,
        pack_permission=_PP.APPEAL_DECIDE, blanks=_decidable, make=_decide,
    ),
    LedgerAct(
        name="review", label="Review: reinstate or defer", permission=Permission.REVIEW_DECIDE,
        pack_permission=_PP.REVIEW_DECIDE, blanks=_review_blanks, make=_review,
    ),
    LedgerAct(
        name="invoice", label="Issue an invoice", permission=Permission.INVOICE_KEEP,
        pack_permission=_PP.INVOICE_KEEP,
        blanks=_tasks_of(TaskKind.ISSUE_INVOICE),
        make=lambda case, form: lf.InvoiceIssued(
            invoice=f"INV-{case.today.year}-{len(case.state.invoices) + 1}",
            call=form.get("call", ""), on=case.today,
        ),
    ),
    LedgerAct(
        name="paid", label="Record a payment", permission=Permission.INVOICE_KEEP,
        pack_permission=_PP.INVOICE_KEEP, blanks=_open_invoices,
        make=lambda case, form: lf.InvoicePaid(
            invoice=form.get("invoice", ""), on=_on(case, form)
        ),
    ),
    LedgerAct(
        name="clear", label="Let response go on again",
        permission=Permission.DISCONTINUED_CLEAR, pack_permission=_PP.DISCONTINUED_CLEAR,
        blanks=lambda case: (_WHY,) if case.state.is_discontinued else None,
        make=lambda case, form: lf.DiscontinuedCleared(on=case.today, why=form.get("why", "")),
    ),
    LedgerAct(
        name="declare", label="Declare an alarm false", permission=Permission.FALSE_DECLARE,
        pack_permission=_PP.FALSE_DECLARE,
        blanks=lambda case: _some("call", "Call", _calls(case)),
        make=lambda case, form: lf.DeclaredFalse(
            call=form.get("call", ""), on=case.today, by=case.who.user.name
        ),
    ),
    LedgerAct(
        name="police", label="Record a call's disposition", blanks=_police_blanks, make=_police,
        permission=Permission.POLICE_DISPATCH, pack_permission=_PP.POLICE_DISPATCH,
    ),
    LedgerAct(
        name="take", label="Answer a request of a suspended system", blanks=_accept_blanks,
        permission=Permission.POLICE_CALL_TAKE, pack_permission=_PP.POLICE_CALL_TAKE, make=_accept,
    ),
    LedgerAct(
        name="steps", label="Tell what was done against false alarms",
        permission=Permission.STEPS_REPORT, pack_permission=_PP.STEPS_REPORT,
        blanks=lambda _: (Blank(name="text", label="Steps taken", kind="long"),),
        make=lambda case, form: lf.StepsReported(on=case.today, text=form.get("text", "")),
    ),
    LedgerAct(
        name="done", label="Tick off a task of yours", permission=Permission.LEDGER_VIEW,
        blanks=_own_tasks, make=_done,
    ),
)  # fmt: skip


def offered(case: Case) -> list[tuple[LedgerAct, tuple[Blank, ...]]]:
    """The acts that this person can do on this system now."""
    found = []
    for act in ACTS:
        if not case.who.may(act.permission) or not _pack_allows(case, act):
            continue
        blanks = act.blanks(case)
        if blanks is not None:
            found.append((act, blanks))
    return found


def _pack_allows(case: Case, act: LedgerAct) -> bool:
    return act.pack_permission is None or case.pack.may(case.roles, act.pack_permission)


def fact_of(act: LedgerAct, case: Case, form: Form) -> LedgerFact:
    """The fact of an act. Raises ``Problem`` in words for what is missing or not allowed."""
    if not _pack_allows(case, act):
        needed = ", ".join(case.pack.roles_with(act.pack_permission or _PP.REPORT_RUN))
        raise Problem(403, f"In this jurisdiction only these may do that: {needed or 'nobody'}.")
    blanks = act.blanks(case)
    if blanks is None:
        raise Problem(409, "There is nothing to do that with now.")
    for blank in blanks:
        value = form.get(blank.name, "").strip()
        if blank.is_required and not value and blank.kind in ("text", "long"):
            raise Problem(422, f"Missing: {blank.label}.")
        if blank.kind == "choice" and value not in {one for one, _ in blank.choices}:
            raise Problem(422, f"{blank.label}: {value[:60]!r} is none of the choices.")
    try:
        return act.make(case, form)
    except (ApprovalError, MissingDatum) as error:
        raise Problem(422, f"{error}") from None
