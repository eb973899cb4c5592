"""The permission table: least privilege, and the roles of SJ 3.3."""

import pytest

from decision.packs.load import shipped
from decision.roles import (
    PERMISSIONS,
    RULE_OF_ROLE,
    Permission,
    Role,
    RoleTable,
    may,
    permissions,
    roles_with,
)


def test_every_role_has_a_row():
    assert set(PERMISSIONS) == set(Role)


@pytest.mark.parametrize("name", [str(role) for role in RULE_OF_ROLE])
def test_a_ledger_role_may_what_its_pack_says(name):
    pack = shipped()["ca-nb-saint-john"]
    role = pack.roles.who[name]
    known = {str(permission) for permission in Permission}
    ours = {str(p) for p in permissions([name])} - {"sign_in", "ledger.view"}
    assert RULE_OF_ROLE[Role(name)] == role.id
    assert ours == set(role.may) & known


def test_a_pack_brings_roles_of_its_own_but_gives_none_of_the_stations_work():
    table = RoleTable({"clerk": ("notice.draft", "dispatch.request"), "operator": ("users.keep",)})
    drafts = {Permission.SIGN_IN, Permission.LEDGER_VIEW, Permission.NOTICE_DRAFT}
    assert table.permissions(["clerk"]) == drafts
    assert not table.may(["operator"], Permission.USERS_KEEP)
    assert "clerk" in table.names


def test_every_permission_but_none_more_is_held_by_somebody():
    held = frozenset().union(*PERMISSIONS.values())
    assert held == set(Permission)


def test_the_ten_ledger_roles_of_the_policy_are_there():
    assert sorted(RULE_OF_ROLE.values()) == sorted(f"SJ-R{n}" for n in range(1, 11))


@pytest.mark.parametrize(
    ("role", "permission"),
    [
        (Role.OPERATOR, Permission.INCIDENT_HANDLE),
        (Role.OPERATOR, Permission.DISPATCH_REQUEST),
        (Role.SUPERVISOR, Permission.DISPATCH_OVERRIDE),
        (Role.TRAINER, Permission.TRAINING_RECORD),
        (Role.AUDITOR, Permission.AUDIT_VIEW),
        (Role.CALL_TAKER, Permission.POLICE_CALL_TAKE),
        (Role.DISPATCHER, Permission.POLICE_DISPATCH),
        (Role.SPECIALIST, Permission.REPORT_RUN),
        (Role.ADMINISTRATIVE_ASSISTANT, Permission.NOTICE_DRAFT),
        (Role.ADMINISTRATIVE_ASSISTANT, Permission.NOTICE_ISSUE),
        (Role.INSPECTOR, Permission.NOTICE_APPROVE),
        (Role.INSPECTOR, Permission.APPEAL_DECIDE),
        (Role.INSPECTOR, Permission.REVIEW_DECIDE),
        (Role.ACCOUNTANT, Permission.INVOICE_KEEP),
        (Role.PSCC_MANAGER, Permission.SUSPENDED_LIST_KEEP),
        (Role.ALARM_BUSINESS, Permission.APPEAL_FILE),
        (Role.CHIEF, Permission.FALSE_DECLARE),
    ],
)
def test_a_role_may_do_its_work(role, permission):
    assert may([role], permission)


@pytest.mark.parametrize(
    ("permission", "only"),
    [
        # Who drafts a notice does not approve it (SJ-C4e, SJ-C5a).
        (Permission.NOTICE_APPROVE, {Role.INSPECTOR}),
        (Permission.NOTICE_DRAFT, {Role.ADMINISTRATIVE_ASSISTANT}),
        # Only the alarm business files appeals (SJ-G1).
        (Permission.APPEAL_FILE, {Role.ALARM_BUSINESS}),
        (Permission.APPEAL_DECIDE, {Role.INSPECTOR}),
        (Permission.DISPATCH_OVERRIDE, {Role.SUPERVISOR}),
        (Permission.AUDIO_HANDLE, {Role.OPERATOR, Role.SUPERVISOR}),
        (Permission.USERS_KEEP, {Role.ADMINISTRATOR}),
        (Permission.FALSE_DECLARE, {Role.CHIEF}),
    ],
)
def test_what_is_reserved(permission, only):
    assert set(roles_with(permission)) == only


def test_an_auditor_changes_nothing():
    views = {p for p in Permission if p.value.endswith(".view")} | {Permission.SIGN_IN}
    assert PERMISSIONS[Role.AUDITOR] <= views


def test_an_alarm_user_acts_through_the_alarm_business():
    assert permissions([Role.ALARM_USER]) == frozenset()


def test_several_roles_give_the_union_and_an_unknown_one_nothing():
    both = permissions([Role.TRAINER, Role.AUDITOR, "emperor"])
    assert both == PERMISSIONS[Role.TRAINER] | PERMISSIONS[Role.AUDITOR]
    assert permissions(["emperor"]) == frozenset()
