"""Who may do what: one table, least privilege; what is not in it is not allowed.

Two kinds of roles share the table. The station's own (operator, supervisor, trainer, auditor,
administrator) work on incidents. The ledger roles SJ-R1..R10 are named by the jurisdiction pack
and work on the false-alarm file; a person may hold several roles and then has the union.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final


class Permission(StrEnum):
    """One thing that can be allowed; every route of the API and the console names exactly one."""

    SIGN_IN = "sign_in"
    """Have a session, see the help page and change the own password; nothing else."""
    INCIDENT_VIEW = "incident.view"
    AUDIO_HANDLE = "audio.handle"
    """Listen to clips and answer audio questions; competence is asked for besides (PPVAR-4.3.1)."""
    INCIDENT_HANDLE = "incident.handle"
    """Answer questions, record calls and resolutions, classify an area."""
    DISPATCH_REQUEST = "dispatch.request"
    DISPATCH_OVERRIDE = "dispatch.override"
    """Ask for police against a gate that says BLOCK (XS-5)."""
    RESPONDER_TALK = "responder.talk"
    """Record what the responders said; send them updates and call-offs."""
    POLICE_CALL_TAKE = "police.call_take"
    POST_SUSPENSION_REFUSE = "post_suspension.refuse"
    POST_SUSPENSION_ACCEPT = "post_suspension.accept"
    POLICE_DISPATCH = "police.dispatch"
    """Dispatch, updates and the final disposition, where the desk is run from here."""
    LEDGER_VIEW = "ledger.view"
    REPORT_RUN = "report.run"
    REPORT_REVIEW = "report.review"
    NOTICE_DRAFT = "notice.draft"
    NOTICE_APPROVE = "notice.approve"
    NOTICE_ISSUE = "notice.issue"
    APPEAL_FILE = "appeal.file"
    APPEAL_DECIDE = "appeal.decide"
    REVIEW_DECIDE = "review.decide"
    """Reinstate or defer at the end of a suspension (SJ-E3, SJ-F1, SJ-F2)."""
    DISCONTINUED_CLEAR = "discontinued.clear"
    """Let response go on again after invoices were paid (AMB-S6)."""
    INVOICE_REQUEST = "invoice.request"
    """Tell the accountant of a false post-suspension alarm (SJ-R4)."""
    INVOICE_KEEP = "invoice.keep"
    """Issue invoices and record payments (SJ-R6)."""
    PAST_DUE_TELL = "past_due.tell"
    LIST_TELL = "list.tell"
    SUSPENDED_LIST_KEEP = "suspended_list.keep"
    FALSE_DECLARE = "false.declare"
    """Declare an alarm false without officers at the scene (SJ-B5b)."""
    RESPONSE_REQUEST = "response.request"
    USERS_INFORM = "users.inform"
    ALTERNATE_ARRANGE = "alternate.arrange"
    STEPS_REPORT = "steps.report"
    """Tell what was done against false alarms (SJ-E3 ii)."""
    TRAINING_VIEW = "training.view"
    TRAINING_RECORD = "training.record"
    TRAINING_SUPERVISE = "training.supervise"
    """Declare that one supervises an operator directly (PPVAR-4.3.1.1)."""
    AUDIT_VIEW = "audit.view"
    USERS_KEEP = "users.keep"


class Role(StrEnum):
    """A role of the station, or the kind of a ledger role of a pack."""

    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    TRAINER = "trainer"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    CALL_TAKER = "pscc_call_taker"
    DISPATCHER = "pscc_dispatcher"
    SPECIALIST = "pscc_specialist"
    ADMINISTRATIVE_ASSISTANT = "administrative_assistant"
    INSPECTOR = "inspector"
    ACCOUNTANT = "accountant"
    PSCC_MANAGER = "pscc_manager"
    ALARM_BUSINESS = "alarm_business"
    ALARM_USER = "alarm_user"
    CHIEF = "chief"


RULE_OF_ROLE: Final[Mapping[Role, str]] = {
    Role.CALL_TAKER: "SJ-R1",
    Role.DISPATCHER: "SJ-R2",
    Role.SPECIALIST: "SJ-R3",
    Role.ADMINISTRATIVE_ASSISTANT: "SJ-R4",
    Role.INSPECTOR: "SJ-R5",
    Role.ACCOUNTANT: "SJ-R6",
    Role.PSCC_MANAGER: "SJ-R7",
    Role.ALARM_BUSINESS: "SJ-R8",
    Role.ALARM_USER: "SJ-R9",
    Role.CHIEF: "SJ-R10",
}
"""The rule that describes a ledger role; the station's own roles have none."""

_P = Permission
_OPERATOR: Final = frozenset({
    _P.SIGN_IN, _P.INCIDENT_VIEW, _P.INCIDENT_HANDLE, _P.AUDIO_HANDLE, _P.DISPATCH_REQUEST,
    _P.RESPONDER_TALK, _P.LEDGER_VIEW,
})  # fmt: skip

PERMISSIONS: Final[Mapping[Role, frozenset[Permission]]] = {
    Role.OPERATOR: _OPERATOR,
    Role.SUPERVISOR: _OPERATOR
    | {_P.DISPATCH_OVERRIDE, _P.TRAINING_VIEW, _P.TRAINING_SUPERVISE, _P.AUDIT_VIEW},
    # A trainer sees no incident and no site: records of people only (PPVAR-4.5).
    Role.TRAINER: frozenset({_P.SIGN_IN, _P.TRAINING_VIEW, _P.TRAINING_RECORD}),
    # Reads everything, changes nothing, hears nothing (PPVAR-2.2: privacy).
    Role.AUDITOR: frozenset({
        _P.SIGN_IN, _P.INCIDENT_VIEW, _P.LEDGER_VIEW, _P.TRAINING_VIEW, _P.AUDIT_VIEW,
    }),
    # Keeps accounts; gives roles, and so may not hold the work of one by that alone.
    Role.ADMINISTRATOR: frozenset({_P.SIGN_IN, _P.USERS_KEEP}),
    Role.CALL_TAKER: frozenset({
        _P.SIGN_IN, _P.LEDGER_VIEW, _P.POLICE_CALL_TAKE, _P.POST_SUSPENSION_REFUSE,
        _P.POST_SUSPENSION_ACCEPT,
    }),
    Role.DISPATCHER: frozenset({_P.SIGN_IN, _P.LEDGER_VIEW, _P.POLICE_DISPATCH}),
    Role.SPECIALIST: frozenset({_P.SIGN_IN, _P.LEDGER_VIEW, _P.REPORT_RUN}),
    Role.ADMINISTRATIVE_ASSISTANT: frozenset({
        _P.SIGN_IN, _P.LEDGER_VIEW, _P.REPORT_REVIEW, _P.NOTICE_DRAFT, _P.NOTICE_ISSUE,
        _P.INVOICE_REQUEST,
    }),
    Role.INSPECTOR: frozenset({
        _P.SIGN_IN, _P.LEDGER_VIEW, _P.NOTICE_APPROVE, _P.APPEAL_DECIDE, _P.REVIEW_DECIDE,
        _P.DISCONTINUED_CLEAR, _P.LIST_TELL,
    }),
    Role.ACCOUNTANT: frozenset({
        _P.SIGN_IN, _P.LEDGER_VIEW, _P.INVOICE_KEEP, _P.PAST_DUE_TELL,
    }),
    Role.PSCC_MANAGER: frozenset({_P.SIGN_IN, _P.LEDGER_VIEW, _P.SUSPENDED_LIST_KEEP}),
    Role.ALARM_BUSINESS: frozenset({
        _P.SIGN_IN, _P.LEDGER_VIEW, _P.APPEAL_FILE, _P.RESPONSE_REQUEST, _P.USERS_INFORM,
        _P.ALTERNATE_ARRANGE, _P.STEPS_REPORT,
    }),
    # Raises everything through the alarm business (SJ-R9, SJ-G1), so has nothing to do in here.
    Role.ALARM_USER: frozenset(),
    Role.CHIEF: frozenset({_P.SIGN_IN, _P.LEDGER_VIEW, _P.FALSE_DECLARE}),
}  # fmt: skip


class RoleTable:
    """The station's roles and those of the packs it uses: who may do what."""

    def __init__(self, of_packs: Mapping[str, Iterable[str]] | None = None) -> None:
        """``of_packs``: role name of a pack -> its permissions as the pack spells them.

        A pack may name roles that we do not know (another city has other offices); it cannot give
        more to one of the station's own. Permissions that only mean something outside of this
        station (to attend the premises ...) fall away.
        """
        self._table: dict[str, frozenset[Permission]] = {
            str(role): allowed for role, allowed in PERMISSIONS.items()
        }
        known = {str(permission): permission for permission in Permission}
        for name, words in (of_packs or {}).items():
            if name in self._table:
                continue
            allowed = {known[word] for word in words if word in known and word not in _STATIONS_OWN}
            if allowed:
                self._table[name] = frozenset(allowed | {_P.SIGN_IN, _P.LEDGER_VIEW})

    @property
    def names(self) -> tuple[str, ...]:
        """Every role that a user may be given."""
        return tuple(self._table)

    def permissions(self, roles: Iterable[str]) -> frozenset[Permission]:
        """All that a person with these roles may do; a role nobody knows allows nothing."""
        nothing: frozenset[Permission] = frozenset()
        return nothing.union(*(self._table.get(name, nothing) for name in roles))

    def may(self, roles: Iterable[str], permission: Permission) -> bool:
        """Whether one of the roles carries the permission."""
        return permission in self.permissions(roles)

    def roles_with(self, permission: Permission) -> tuple[str, ...]:
        """Who could do it: what a refusal tells the person who was refused."""
        return tuple(name for name, allowed in self._table.items() if permission in allowed)


_STATIONS_OWN: Final = _OPERATOR | {
    _P.DISPATCH_OVERRIDE, _P.TRAINING_VIEW, _P.TRAINING_RECORD, _P.TRAINING_SUPERVISE,
    _P.AUDIT_VIEW, _P.USERS_KEEP,
}  # fmt: skip
"""No pack gives these."""

STATION: Final = RoleTable()
"""Without packs."""
permissions = STATION.permissions
may = STATION.may
roles_with = STATION.roles_with
