"""What the station knows of its people, folded from facts: start, training, supervision.

Subject of the facts: ``operator/<user id>``; the programme itself stands under ``_programme``,
which no user id can be. Whether somebody may handle audio alarms is computed each time it is
asked (``rules.training``); here is only what the question is asked of.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final, TypeAlias

import msgspec

from decision.audit import AuditFact
from decision.rules.training import (
    Competence,
    GateResult,
    OperatorProfile,
    Programme,
    TrainingRecord,
    competence,
)

PROGRAMME: Final = "_programme"
"""Stands in the place of a user id for facts about the programme."""
SUPERVISION: Final = timedelta(hours=12)
"""Direct supervision is declared for one shift and ends by itself."""


class _PersonFact(msgspec.Struct, frozen=True, kw_only=True, tag_field="fact"):
    """Common settings."""


class OperatorStarted(_PersonFact, frozen=True, kw_only=True, tag="OperatorStarted"):
    """Somebody was hired, or changed into audio work; day D of AMB-P7."""

    name: str
    hired_on: date
    job_changed_on: date | None = None


class TrainingRecorded(_PersonFact, frozen=True, kw_only=True, tag="TrainingRecorded"):
    """A training record was entered (PPVAR-4.5); incomplete ones are kept and told."""

    record: TrainingRecord


class SupervisionStarted(_PersonFact, frozen=True, kw_only=True, tag="SupervisionStarted"):
    """A supervisor declares: I supervise this operator directly (PPVAR-4.3.1.1)."""

    supervisor: str


class SupervisionEnded(_PersonFact, frozen=True, kw_only=True, tag="SupervisionEnded"):
    """And no longer."""


class ProgrammeSet(_PersonFact, frozen=True, kw_only=True, tag="ProgrammeSet"):
    """What the station trains for, as it is now (PPVAR-4.2.2, 4.4)."""

    programme: Programme


PersonFact: TypeAlias = (
    OperatorStarted | TrainingRecorded | SupervisionStarted | SupervisionEnded | ProgrammeSet
)
OperatorFact: TypeAlias = PersonFact | AuditFact
"""Everything that may stand under ``operator/...``, for the store's decoder."""


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """One operator."""

    profile: OperatorProfile | None = None
    """None: nobody said when they started, so they may not handle audio."""
    records: tuple[TrainingRecord, ...] = ()
    supervisor: str | None = None
    supervised_since: datetime | None = None


_UNKNOWN: Final = Person()


class People(msgspec.Struct, frozen=True, kw_only=True):
    """Everybody."""

    persons: Mapping[str, Person] = {}
    programme: Programme = Programme()

    def get(self, user_id: str) -> Person:
        """What is known of somebody; perhaps nothing."""
        return self.persons.get(user_id, _UNKNOWN)

    def may_handle_audio(self, user_id: str, *, on: date, now: datetime) -> Competence:
        """Ask the gate (PPVAR-4.3.1) for somebody today."""
        person = self.get(user_id)
        if person.profile is None:
            return Competence(
                operator=user_id,
                on=on,
                result=GateResult.REFUSED,
                why="there is no record of hire and training",
                rules=("PPVAR-4.3.1", "PPVAR-4.5"),
            )
        supervisor = None
        since = person.supervised_since
        if person.supervisor is not None and since is not None and now - since < SUPERVISION:
            supervisor = self.get(person.supervisor).profile or OperatorProfile(
                id=person.supervisor, name=person.supervisor, hired_on=on
            )
        records = tuple(record for one in self.persons.values() for record in one.records)
        return competence(
            person.profile, records, on=on, programme=self.programme, supervisor=supervisor
        )


def fold(people: People, user_id: str, fact: OperatorFact, *, now: datetime) -> People:
    """What is known after one more fact; facts of the audit change nothing."""
    if isinstance(fact, ProgrammeSet):
        return msgspec.structs.replace(people, programme=fact.programme)
    before = people.get(user_id)
    after = _after(before, user_id, fact, now)
    if after is before:
        return people
    return msgspec.structs.replace(people, persons={**people.persons, user_id: after})


def _after(person: Person, user_id: str, fact: OperatorFact, now: datetime) -> Person:
    replace = msgspec.structs.replace
    match fact:
        case OperatorStarted():
            profile = OperatorProfile(
                id=user_id,
                name=fact.name,
                hired_on=fact.hired_on,
                job_changed_on=fact.job_changed_on,
            )
            return replace(person, profile=profile)
        case TrainingRecorded():
            record = replace(fact.record, operator=user_id)
            return replace(person, records=(*person.records, record))
        case SupervisionStarted():
            return replace(person, supervisor=fact.supervisor, supervised_since=now)
        case SupervisionEnded():
            return replace(person, supervisor=None, supervised_since=None)
        case _:
            return person
