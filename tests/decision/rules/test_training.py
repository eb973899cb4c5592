"""Training (PPVAR-4, AMB-P7); WE-8 reads as its table."""

from datetime import date, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision.rules.training import (
    Change,
    Content,
    GateResult,
    OperatorProfile,
    Programme,
    TrainingRecord,
    competence,
    incomplete,
    programme_findings,
    retraining,
)

HIRED = date(2026, 1, 12)
NEW = OperatorProfile(id="op-7", name="Noor Haddad", hired_on=HIRED)
OLD = OperatorProfile(id="op-1", name="Eve Marsh", hired_on=date(2020, 1, 1))
OLD_RECORD = TrainingRecord(
    operator="op-1",
    employee_name="Eve Marsh",
    ended_on=date(2020, 3, 1),
    materials="Audio handbook 3, shelf 2",
    trainer_name="Ana Ruiz",
    credentials=("certificate 1182",),
    content=tuple(Content),
    equipment=("AX-4",),
    is_tested=True,
)
RECORD = msgspec.structs.replace(
    OLD_RECORD, operator="op-7", employee_name="Noor Haddad", ended_on=date(2026, 3, 1)
)
PROGRAMME = Programme(equipment=("AX-4",), materials_at="room 2")


def gate(on, *, records=(OLD_RECORD,), supervisor=OLD, operator=NEW, programme=PROGRAMME):
    return competence(operator, records, on=on, programme=programme, supervisor=supervisor)


@pytest.mark.parametrize(
    ("day", "supervisor", "result", "rule"),
    [
        (date(2026, 1, 12), OLD, "SUPERVISED", "PPVAR-4.3.1.1"),
        (date(2026, 4, 12), OLD, "SUPERVISED", "PPVAR-4.3.1.1"),  # day 90
        (date(2026, 4, 13), OLD, "REFUSED", "PPVAR-4.3.1.2"),
        (date(2026, 1, 12), None, "REFUSED", "PPVAR-4.3.1.1"),  # never without supervision
        (date(2026, 4, 12), None, "REFUSED", "PPVAR-4.3.1.1"),
        (date(2026, 1, 11), OLD, "REFUSED", "PPVAR-4.3.1"),
    ],
)
def test_we_8_training(day, supervisor, result, rule):
    told = gate(day, supervisor=supervisor)
    assert (told.result, told.may_handle) == (result, result != "REFUSED")
    assert rule in told.rules
    assert told.last_day == date(2026, 4, 12)


def test_we_8_a_record_without_the_trainers_name_is_incomplete():
    record = msgspec.structs.replace(RECORD, trainer_name=None)
    assert [(f.what, f.rule) for f in incomplete(record)] == [("trainer name", "PPVAR-4.5.4")]
    told = gate(date(2026, 4, 13), records=(OLD_RECORD, record))
    assert told.result is GateResult.REFUSED
    assert told.findings[0].rule == "PPVAR-4.5.4"


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("employee_name", " ", "PPVAR-4.5.1"),
        ("ended_on", None, "PPVAR-4.5.2"),
        ("materials", "", "PPVAR-4.5.3"),
        ("trainer_name", None, "PPVAR-4.5.4"),
        ("credentials", (), "PPVAR-4.5.5"),
        ("is_tested", False, "PPVAR-4.1.1"),
        ("content", (Content.EQUIPMENT, Content.ESCALATION, Content.EXERCISE), "PPVAR-4.2.1"),
        ("content", (Content.THREAT_LEVELS, Content.ESCALATION, Content.EXERCISE), "PPVAR-4.2.2"),
        ("content", (Content.THREAT_LEVELS, Content.EQUIPMENT, Content.EXERCISE), "PPVAR-4.2.3"),
        ("content", (Content.THREAT_LEVELS, Content.EQUIPMENT, Content.ESCALATION), "PPVAR-4.2.4"),
    ],
)
def test_ppvar_4_5_every_missing_field_is_named(field, value, rule):
    record = msgspec.structs.replace(RECORD, **{field: value})
    assert [finding.rule for finding in incomplete(record)] == [rule]


def test_ppvar_4_4_4_foreign_training_counts_only_with_its_record():
    foreign = msgspec.structs.replace(RECORD, provider="Maritime Alarms", is_record_kept=False)
    assert [finding.rule for finding in incomplete(foreign)] == ["PPVAR-4.4.4"]
    assert not incomplete(msgspec.structs.replace(foreign, is_record_kept=True))


def test_trained_operators_need_no_supervision():
    told = gate(date(2026, 3, 1), records=(RECORD,), supervisor=None)
    assert told.result is GateResult.ALLOWED
    assert told.last_day is None
    assert gate(date(2026, 2, 28), records=(RECORD,), supervisor=None).result == "REFUSED"


def test_ppvar_4_3_1_a_job_change_starts_the_90_days_again():
    moved = OperatorProfile(id="op-7", name="N", hired_on=date(2024, 1, 1), job_changed_on=HIRED)
    assert gate(date(2026, 4, 12), operator=moved).result is GateResult.SUPERVISED
    assert gate(date(2026, 4, 13), operator=moved).result is GateResult.REFUSED


def test_ppvar_4_3_1_1_the_supervisor_is_trained_and_somebody_else():
    assert "PPVAR-4.3.1.1" in gate(HIRED, records=()).rules
    assert gate(HIRED, records=()).result is GateResult.REFUSED
    assert gate(HIRED, supervisor=NEW).result is GateResult.REFUSED


def test_ppvar_4_2_2_training_for_each_equipment_in_use():
    programme = Programme(equipment=("AX-4", "Echo 9"), materials_at="room 2")
    due = retraining((RECORD,), NEW, programme, date(2026, 5, 1))
    assert [(f.what, f.rule) for f in due] == [("training for Echo 9", "PPVAR-4.2.2")]
    told = gate(date(2026, 5, 1), records=(RECORD,), programme=programme)
    assert (told.result, told.findings) == (GateResult.ALLOWED, due)


@pytest.mark.parametrize(
    ("change", "due"),
    [
        (Change(on=date(2026, 3, 2), what="procedure 5"), True),
        (Change(on=date(2026, 3, 1), what="procedure 5"), False),  # trained that very day
        (Change(on=date(2026, 6, 1), what="procedure 6"), False),  # not in force yet
        (Change(on=date(2026, 3, 2), what="new firmware", equipment="AX-4"), True),
    ],
)
def test_ppvar_4_4_2_retraining_after_a_change(change, due):
    programme = Programme(equipment=("AX-4",), changes=(change,))
    found = retraining((RECORD,), NEW, programme, date(2026, 5, 1))
    assert [finding.rule for finding in found] == (["PPVAR-4.4.2"] if due else [])


def test_ppvar_4_4_1_and_4_4_3_what_the_station_owes():
    changed = Programme(changes=(Change(on=HIRED, what="x"),), reviewed_on=date(2026, 1, 11))
    assert [f.rule for f in programme_findings(changed)] == ["PPVAR-4.4.1", "PPVAR-4.4.3"]
    reviewed = msgspec.structs.replace(changed, reviewed_on=HIRED, materials_at="room 2")
    assert programme_findings(reviewed) == ()


@given(st.integers(-400, 400), st.integers(0, 200))
def test_amb_p7_no_day_after_90_is_allowed_untrained(day, grace):
    programme = Programme(grace_days=grace)
    told = gate(HIRED + timedelta(days=day), programme=programme)
    assert told.may_handle == (0 <= day <= min(grace, 90))
