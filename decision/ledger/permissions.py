"""Who may record which fact: the roles of the pack as a permission matrix (domain rules 3.3).

What police said on the telephone is recorded by whoever heard it, so a ``PoliceCall`` needs no
role of the ledger; papers, decisions and money do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from decision.ledger import facts
from decision.ledger.actions import Reason
from decision.ledger.facts import LedgerFact
from decision.ledger.state import SystemState
from decision.ledger.work import WHO
from decision.packs.model import Pack
from decision.packs.words import Permission

NEEDED: Final[Mapping[type, Permission | None]] = {
    facts.SystemRegistered: None,
    facts.PoliceCall: None,
    facts.DeclaredFalse: Permission.FALSE_DECLARE,
    facts.NoticeDrafted: Permission.NOTICE_DRAFT,
    facts.NoticeApproved: Permission.NOTICE_APPROVE,
    facts.NoticeRejected: Permission.NOTICE_APPROVE,
    facts.NoticeIssued: Permission.NOTICE_ISSUE,
    facts.AppealFiled: Permission.APPEAL_FILE,
    facts.AppealProcessed: Permission.APPEAL_DECIDE,
    facts.InvoiceIssued: Permission.INVOICE_KEEP,
    facts.InvoicePaid: Permission.INVOICE_KEEP,
    facts.InvoiceCancelled: Permission.INVOICE_KEEP,
    facts.ReviewDecided: Permission.REVIEW_DECIDE,
    facts.DiscontinuedCleared: Permission.DISCONTINUED_CLEAR,
    facts.StepsReported: Permission.STEPS_REPORT,
    facts.TaskDone: None,
    facts.DayCame: None,
}
"""The permission that each fact needs; None: no role of the ledger (``TaskDone``: see below)."""


def needed(fact: LedgerFact, state: SystemState) -> Permission | None:
    """The permission that recording a fact needs.

    A task may be ticked off by who may do it. A notice that the authority issued on its own side
    is only noted down by the alarm business that received it.
    """
    if isinstance(fact, facts.TaskDone):
        task = next((one for one in state.tasks if one.id == fact.task), None)
        return WHO[task.kind] if task is not None else None
    if isinstance(fact, facts.NoticeIssued) and fact.is_received:
        return Permission.USERS_INFORM
    return NEEDED[type(fact)]


def refusal(
    fact: LedgerFact, roles: Iterable[str], state: SystemState, pack: Pack
) -> Reason | None:
    """Why somebody with these roles (names or ids of the pack) may not record a fact; None: may."""
    permission = needed(fact, state)
    if permission is None or pack.may(tuple(roles), permission):
        return None
    able = pack.roles_with(permission)
    names = ", ".join(pack.roles.who[name].name for name in able) or "nobody in this jurisdiction"
    return Reason(
        text=f"{type(fact).__name__} needs {permission.value!r}; that may: {names}",
        rules=tuple(pack.roles.who[name].id for name in able),
    )
