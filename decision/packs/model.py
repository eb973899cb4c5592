"""A jurisdiction pack as a whole: one frozen model; its attributes are named as in the file."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from decision.packs.consequences import (
    Appeals,
    Fees,
    Invoices,
    Notices,
    Reinstatement,
    Review,
    SuspendedList,
    Suspension,
)
from decision.packs.dates import Calendar, DayRule, LeapDay, YearRule
from decision.packs.examples import Example
from decision.packs.fields import AsTuple, Slug, Table, Words, setting
from decision.packs.policy import (
    Applicability,
    Counting,
    Dispositions,
    Durations,
    Metadata,
    Roles,
    Thresholds,
)
from decision.packs.requirements import Requirements
from decision.packs.texts import Texts
from decision.packs.topics import Topic, TopicName
from decision.packs.words import NoticeKind, Permission

SCHEMA_VERSION = 1


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise PydanticCustomError(
            "time_zone", "allowed: an IANA time zone such as America/Moncton"
        ) from error
    return value


@cache
def _calendar(
    zone: str, year_starts: str, year: YearRule, leap_day: LeapDay, days: DayRule
) -> Calendar:
    # Kept by its values, not in the pack: a changed copy of a pack must not inherit it.
    month, day = map(int, year_starts.split("-"))
    return Calendar(zone=zone, year_starts=(month, day), year=year, leap_day=leap_day, days=days)


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the policy applies to an alarm, and why."""

    verdict: Literal["APPLIES", "EXEMPT", "UNKNOWN"]
    reason: str
    rules: tuple[str, ...]


class Pack(Table):
    """Everything that a jurisdiction says."""

    schema_version: Literal[1] = setting(..., "Form of this file.")
    id: Slug = setting(..., "Name of the pack; sites name it as their jurisdiction.")
    version: str = setting(..., "Version of the content.", pattern=r"^\d{4}-\d\d-\d\d(\.\d+)?$")
    time_zone: Annotated[str, AfterValidator(_zone)] = setting(
        ..., "IANA time zone of the jurisdiction.", "AMB-S1"
    )
    default_language: str = setting("en", "Language of texts where none is asked for.")
    metadata: Metadata = Field(..., description="Where it comes from.")
    applicability: Applicability = Field(..., description="To what the policy applies.")
    dispositions: Dispositions = Field(..., description="Literal call-ending texts.")
    counting: Counting = Field(Counting(), description="What counts, and within which year.")
    durations: Durations = Field(Durations(), description="What days and years are.")
    thresholds: Thresholds = Field(Thresholds(), description="Which count leads to which notice.")
    notices: Notices = Field(Notices(), description="How notices come about.")
    suspension: Suspension | None = Field(None, description="Left out: response never stops.")
    review: Review = Field(Review(), description="At the end of the term.")
    reinstatement: Reinstatement | None = Field(None, description="How response resumes.")
    appeals: Appeals = Field(Appeals(), description="Which appeals exist.")
    fees: Fees | None = Field(None, description="Left out: nothing is charged.")
    invoices: Invoices = Field(Invoices(), description="Terms of payment.")
    suspended_list: SuspendedList = Field(SuspendedList(), description="The list at the desk.")
    requirements: Requirements = Field(..., description="What police require (DISP-J).")
    roles: Roles = Field(..., description="Who may do what.")
    cites: dict[TopicName, Words] = Field({}, description="Rule ids behind each reason.")
    texts: dict[str, Texts] = Field(..., description="Texts by language.")
    example: Annotated[tuple[Example, ...], AsTuple] = Field((), description="Worked examples.")

    @property
    def calendar(self) -> Calendar:
        """The jurisdiction's reckoning of days and years."""
        durations = self.durations
        return _calendar(
            self.time_zone,
            self.counting.year_starts,
            durations.year,
            durations.leap_day,
            durations.days,
        )

    @property
    def zone(self) -> ZoneInfo:
        """The jurisdiction's time zone."""
        return ZoneInfo(self.time_zone)

    def cite(self, topic: Topic, *more: str) -> tuple[str, ...]:
        """The ids of the rules behind a reason."""
        return tuple(dict.fromkeys((*self.cites.get(topic, ()), *more)))

    def scope(
        self, *, alarm_type: str | None, premise_type: str | None, category: str | None = None
    ) -> Scope:
        """Whether the policy applies to an alarm (SJ-A2, SJ-B6, SJ-B8).

        Exemptions come first, so that a hold-up is exempt even where the premise is not known.
        """
        for one in self.applicability.exemptions:
            if (
                alarm_type in one.alarm_types
                or category in one.categories
                or premise_type in one.premise_types
            ):
                return Scope(verdict="EXEMPT", reason=one.reason, rules=one.rules)
        if alarm_type is None:
            reason = "type of the alarm not known: counts as soon as a type in scope is told"
            return Scope(verdict="UNKNOWN", reason=reason, rules=self.cite(Topic.TYPE_UNKNOWN))
        return self._scope_of_premise(alarm_type, premise_type)

    def _scope_of_premise(self, alarm_type: str, premise_type: str | None) -> Scope:
        if alarm_type not in self.applicability.alarm_types:
            reason = f"the policy does not apply to alarms of type {alarm_type}"
            return Scope(verdict="EXEMPT", reason=reason, rules=self.cite(Topic.OUT_OF_SCOPE))
        if premise_type is None and self.applicability.unknown_premise == "WAIT":
            reason = "premise type not known: counts as soon as a premise in scope is told"
            return Scope(verdict="UNKNOWN", reason=reason, rules=self.cite(Topic.PREMISE_UNKNOWN))
        if premise_type is not None and premise_type not in self.applicability.premise_types:
            reason = f"the policy does not apply to premises of type {premise_type}"
            return Scope(verdict="EXEMPT", reason=reason, rules=self.cite(Topic.OUT_OF_SCOPE))
        return Scope(verdict="APPLIES", reason="the policy applies", rules=self.cite(Topic.APPLIES))

    def roles_with(self, permission: Permission) -> tuple[str, ...]:
        """Names of the roles that may do something, in the order of the file."""
        return tuple(name for name, role in self.roles.who.items() if permission in role.may)

    def may(self, roles: tuple[str, ...], permission: Permission) -> bool:
        """Whether one of these roles (name or rule id) carries a permission."""
        return any(
            permission in role.may
            for name, role in self.roles.who.items()
            if name in roles or role.id in roles
        )

    def threshold(self, kind: NoticeKind) -> int | None:
        """False alarms in a year that lead to a notice; None when never."""
        counts = [step.count for step in self.thresholds.steps if step.notice is kind]
        return min(counts, default=None)

    def text(self, language: str | None = None) -> Texts:
        """The texts in a language, or in the default language where it is missing."""
        return self.texts.get(language or self.default_language, self.texts[self.default_language])

    def hints(self, today: date) -> tuple[str, ...]:
        """What people who use the pack must be told of the pack itself."""
        example = f"{self.id} is an example: no real authority stands behind it."
        said = (example if self.metadata.is_example else "", self.review_hint(today))
        return tuple(one for one in said if one)

    def review_hint(self, today: date) -> str:
        """What to show about the policy's own review (SJ-A1); empty when nothing is due."""
        due = self.metadata.review_due()
        if due is None or today < due:
            return ""
        assumed = "" if self.metadata.approved else " if it was approved on its effective date"
        return (
            f"The review of this policy fell due on {due.isoformat()}{assumed}: "
            f"ask {self.metadata.authority} whether the text still holds."
        )
