"""Who may handle audio alarms: training records and the 90-day gate (PPVAR-4, AMB-P7).

Days are dates on the station's own calendar; the caller turns instants into them. A training
record is a fact; what an operator may do on a day is computed from the records each time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

import msgspec

GRACE_DAYS: Final = 90
"""Training ends by this day after hire or job change; day 90 itself still counts (AMB-P7)."""


class Content(StrEnum):
    """What the training has to hold (PPVAR-4.2)."""

    THREAT_LEVELS = "threat_levels"
    EQUIPMENT = "equipment"
    ESCALATION = "escalation"
    EXERCISE = "exercise"


CONTENT_RULES: Final = {
    Content.THREAT_LEVELS: "PPVAR-4.2.1",
    Content.EQUIPMENT: "PPVAR-4.2.2",
    Content.ESCALATION: "PPVAR-4.2.3",
    Content.EXERCISE: "PPVAR-4.2.4",
}


class _Data(msgspec.Struct, frozen=True, kw_only=True):
    """Common settings."""


class TrainingRecord(_Data, frozen=True, kw_only=True):
    """What is kept of one training (PPVAR-4.5)."""

    operator: str
    employee_name: str | None
    """PPVAR-4.5.1."""
    ended_on: date | None
    """Date on which the latest training ended (PPVAR-4.5.2)."""
    materials: str | None
    """Copy, description or location of the materials (PPVAR-4.5.3)."""
    trainer_name: str | None
    """PPVAR-4.5.4."""
    credentials: tuple[str, ...] = ()
    """What shows that the employee was trained and tested (PPVAR-4.5.5)."""
    content: tuple[Content, ...] = ()
    """What it held (PPVAR-4.2)."""
    equipment: tuple[str, ...] = ()
    """Kinds of audio equipment it was about (PPVAR-4.2.2)."""
    is_tested: bool = False
    """The operator was tested, not only told (PPVAR-4.1.1)."""
    provider: str | None = None
    """Who trained, when that was not this station (PPVAR-4.4.4)."""
    is_record_kept: bool = False
    """The provider's own record was obtained and is kept (PPVAR-4.4.4)."""


class OperatorProfile(_Data, frozen=True, kw_only=True):
    """What the gate needs to know of an operator."""

    id: str
    name: str
    hired_on: date
    job_changed_on: date | None = None
    """The latest change into audio work; it starts the 90 days again (PPVAR-4.3.1)."""

    @property
    def starts_on(self) -> date:
        """Day D of AMB-P7."""
        return max(self.hired_on, self.job_changed_on or self.hired_on)


class Change(_Data, frozen=True, kw_only=True):
    """New technology or a revised procedure, which asks for retraining (PPVAR-4.4.2)."""

    on: date
    what: str
    equipment: str | None = None
    """The kind of equipment it is about; None: a procedure, for everybody."""


class Programme(_Data, frozen=True, kw_only=True):
    """What the station trains for, and what changed since."""

    equipment: tuple[str, ...] = ()
    """Audio equipment in use (PPVAR-4.2.2)."""
    changes: tuple[Change, ...] = ()
    reviewed_on: date | None = None
    """Last review of the programme itself (PPVAR-4.4.3)."""
    materials_at: str | None = None
    """Where operators find the material at any time (PPVAR-4.4.1)."""
    grace_days: int = GRACE_DAYS
    """``ppvar.training_grace_days``; never more than the source's 90."""


class Finding(_Data, frozen=True, kw_only=True):
    """One thing that is missing or due, with its rule."""

    what: str
    rule: str


class GateResult(StrEnum):
    """What an operator may do with audio alarms on a day."""

    ALLOWED = "ALLOWED"
    SUPERVISED = "SUPERVISED"
    """Only with the named, trained supervisor beside (PPVAR-4.3.1)."""
    REFUSED = "REFUSED"


class Competence(_Data, frozen=True, kw_only=True):
    """The gate's answer for one operator on one day."""

    operator: str
    on: date
    result: GateResult
    why: str
    rules: tuple[str, ...]
    last_day: date | None = None
    """Last day of supervised work without training; None when trained."""
    findings: tuple[Finding, ...] = ()
    """What is incomplete, and which retraining is due."""

    @property
    def may_handle(self) -> bool:
        """Whether the operator may take an audio alarm now."""
        return self.result is not GateResult.REFUSED


_FIELDS: Final = (
    ("employee_name", "employee name", "PPVAR-4.5.1"),
    ("ended_on", "date on which the training ended", "PPVAR-4.5.2"),
    ("materials", "description of the materials", "PPVAR-4.5.3"),
    ("trainer_name", "trainer name", "PPVAR-4.5.4"),
    ("credentials", "credentials", "PPVAR-4.5.5"),
)


def incomplete(record: TrainingRecord) -> tuple[Finding, ...]:
    """List which mandatory fields a record lacks, and what else keeps it from counting."""
    return tuple(_incomplete(record))


def _incomplete(record: TrainingRecord) -> Iterator[Finding]:
    for field, what, rule in _FIELDS:
        value = getattr(record, field)
        if isinstance(value, str):
            value = value.strip()
        if not value:
            yield Finding(what=what, rule=rule)
    if not record.is_tested:
        yield Finding(what="test of the operator", rule="PPVAR-4.1.1")
    for content in Content:
        if content not in record.content:
            yield Finding(what=f"content: {content.replace('_', ' ')}", rule=CONTENT_RULES[content])
    if record.provider is not None and not record.is_record_kept:
        yield Finding(what=f"record of {record.provider}, obtained and kept", rule="PPVAR-4.4.4")


def counting(
    records: Sequence[TrainingRecord], operator: OperatorProfile, on: date
) -> tuple[TrainingRecord, ...]:
    """Give the complete records of an operator that ended by ``on``, oldest first.

    A training from before a job change still counts: the source asks for training that has
    ended, not for one that began after the change.
    """
    own = (record for record in records if record.operator == operator.id)
    whole = [r for r in own if r.ended_on and r.ended_on <= on and not incomplete(r)]
    return tuple(sorted(whole, key=_ended))


def _ended(record: TrainingRecord) -> date:
    return record.ended_on or date.min


def retraining(
    records: Sequence[TrainingRecord], operator: OperatorProfile, programme: Programme, on: date
) -> tuple[Finding, ...]:
    """List which retraining is due: untrained equipment, and changes since the last training."""
    counted = counting(records, operator, on)
    if not counted:
        return ()
    known = {equipment for record in counted for equipment in record.equipment}
    latest = _ended(counted[-1])
    due = [
        Finding(what=f"training for {equipment}", rule="PPVAR-4.2.2")
        for equipment in programme.equipment
        if equipment not in known
    ]
    for change in programme.changes:
        learned = max(
            (_ended(r) for r in counted if change.equipment in r.equipment), default=date.min
        )
        if change.on <= on and (learned if change.equipment else latest) < change.on:
            due.append(Finding(what=f"{change.what} ({change.on})", rule="PPVAR-4.4.2"))
    return tuple(due)


def programme_findings(programme: Programme) -> tuple[Finding, ...]:
    """List what the station itself owes: material at hand, and a review after each change."""
    found = []
    if not programme.materials_at:
        found.append(Finding(what="training material within reach", rule="PPVAR-4.4.1"))
    latest = max((change.on for change in programme.changes), default=None)
    if latest and (programme.reviewed_on is None or programme.reviewed_on < latest):
        found.append(Finding(what=f"review of the programme since {latest}", rule="PPVAR-4.4.3"))
    return tuple(found)


def competence(
    operator: OperatorProfile,
    records: Sequence[TrainingRecord],
    *,
    on: date,
    programme: Programme,
    supervisor: OperatorProfile | None = None,
) -> Competence:
    """Say whether ``operator`` may handle audio alarms on day ``on``.

    ``supervisor`` is who directly supervises now; he counts only when trained himself
    (PPVAR-4.3.1.1). ``records`` may hold those of everybody.
    """
    last_day = operator.starts_on + timedelta(days=min(programme.grace_days, GRACE_DAYS))
    due = retraining(records, operator, programme, on)
    if counting(records, operator, on):
        return Competence(
            operator=operator.id,
            on=on,
            result=GateResult.ALLOWED,
            why="trained and tested" + (", retraining is due" if due else ""),
            rules=("PPVAR-4.1.1", *sorted({finding.rule for finding in due})),
            findings=due,
        )
    result, why, rule = _untrained(operator, records, on, last_day, supervisor)
    return Competence(
        operator=operator.id,
        on=on,
        result=result,
        why=why,
        rules=("PPVAR-4.3.1", rule, "AMB-P7"),
        last_day=last_day,
        findings=tuple(
            finding
            for record in records
            if record.operator == operator.id
            for finding in incomplete(record)
        ),
    )


def _untrained(
    operator: OperatorProfile,
    records: Sequence[TrainingRecord],
    on: date,
    last_day: date,
    supervisor: OperatorProfile | None,
) -> tuple[GateResult, str, str]:
    """Decide for an operator without a complete training: result, reason, rule."""
    refused = GateResult.REFUSED
    if on < operator.starts_on:
        return refused, f"starts only on {operator.starts_on}", "PPVAR-4.3.1"
    if on > last_day:
        return refused, f"training had to end by {last_day}", "PPVAR-4.3.1.2"
    if supervisor is None:
        return refused, "not trained yet, and nobody supervises", "PPVAR-4.3.1.1"
    if supervisor.id == operator.id:
        return refused, "nobody supervises himself", "PPVAR-4.3.1.1"
    if not counting(records, supervisor, on):
        return refused, f"the supervisor {supervisor.name} is not trained", "PPVAR-4.3.1.1"
    why = f"in training, supervised by {supervisor.name}; training must end by {last_day}"
    return GateResult.SUPERVISED, why, "PPVAR-4.3.1.1"
