"""Draft, approve, issue: who may, in which order, and the ledger facts that come of it (SJ-C4e).

Nothing is issued that the case office has not approved, and nothing is sent for approval or issued
that lacks a mandatory datum. The fold of the ledger holds the same order again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from decision.ledger.facts import NoticeApproved, NoticeDrafted, NoticeIssued, NoticeRejected
from decision.ledger.state import Notice, SystemState
from decision.ledger.words import NoticeStatus
from decision.notices.letter import letter
from decision.packs.model import Pack
from decision.packs.words import NoticeKind, Permission


class ApprovalError(ValueError):
    """Not now, or not by this person; ``rule`` says by which rule."""

    def __init__(self, message: str, rule: str) -> None:
        super().__init__(f"{message} ({rule})")
        self.rule = rule


def draft(  # noqa: PLR0913  who drafts what, each by name
    pack: Pack,
    state: SystemState,
    kind: NoticeKind,
    *,
    notice: str,
    calls: Sequence[str],
    on: date,
    roles: Sequence[str],
) -> NoticeDrafted:
    """Give the fact of a draft that goes for approval.

    Raises:
        ApprovalError: for somebody who may not draft.
        MissingDatum: for a paper that could not be printed.
    """
    _require(pack, roles, Permission.NOTICE_DRAFT, "SJ-R4")
    tried = Notice(
        notice=notice,
        kind=kind,
        status=NoticeStatus.DRAFTED,
        calls=tuple(calls),
        period=state.period or pack.calendar.year_start(on),
    )
    letter(pack, state, tried, on=on)
    return NoticeDrafted(notice=notice, kind=kind, calls=tuple(calls))


def approve(  # noqa: PLR0913  who approves what, each by name
    pack: Pack, state: SystemState, notice: str, *, on: date, by: str, roles: Sequence[str]
) -> NoticeApproved:
    """Give the fact of an approval by the case office (SJ-C5a)."""
    _require(pack, roles, Permission.NOTICE_APPROVE, "SJ-C5a")
    found = _in(state, notice, NoticeStatus.DRAFTED, "approved")
    letter(pack, state, found, on=on)
    return NoticeApproved(notice=notice, on=on, by=by)


def reject(  # noqa: PLR0913  who rejects what and why, each by name
    pack: Pack, state: SystemState, notice: str, *, on: date, why: str, roles: Sequence[str]
) -> NoticeRejected:
    """Give the fact of a refusal; the notice is drafted again while its reason stands."""
    _require(pack, roles, Permission.NOTICE_APPROVE, "SJ-C5a")
    _in(state, notice, NoticeStatus.DRAFTED, "rejected")
    if not why.strip():
        raise ApprovalError("say why, so that it can be drafted again", "SJ-C4e")
    return NoticeRejected(notice=notice, on=on, why=why.strip())


def issue(
    pack: Pack, state: SystemState, notice: str, *, on: date, roles: Sequence[str]
) -> NoticeIssued:
    """Give the fact of issue; its day starts every delay and window.

    Raises:
        ApprovalError: for somebody who may not, or a notice that is not approved.
        MissingDatum: for a paper that could not be printed.
    """
    _require(pack, roles, Permission.NOTICE_ISSUE, "SJ-R4")
    wanted = NoticeStatus.APPROVED if pack.notices.approval_required else NoticeStatus.DRAFTED
    found = _in(state, notice, wanted, "issued")
    if found.approved_on is not None and on < found.approved_on:
        raise ApprovalError(f"approved only on {found.approved_on}", "SJ-C4e")
    letter(pack, state, found, on=on)
    return NoticeIssued(notice=notice, on=on)


def _require(pack: Pack, roles: Sequence[str], permission: Permission, rule: str) -> None:
    if not pack.may(tuple(roles), permission):
        who = " or ".join(pack.roles.who[name].name for name in pack.roles_with(permission))
        raise ApprovalError(f"only {who or 'nobody in this pack'} may do this", rule)


def _in(state: SystemState, name: str, wanted: NoticeStatus, done: str) -> Notice:
    """Give the notice when it stands where it must."""
    found = next((one for one in state.notices if one.notice == name), None)
    if found is None:
        raise ApprovalError(f"the ledger of {state.system} has no notice {name}", "SJ-C4e")
    if found.status is not wanted:
        stands = found.status.lower()
        raise ApprovalError(f"{name} is {stands}, so it cannot be {done}", "SJ-C4e")
    return found
