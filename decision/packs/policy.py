"""Sections of a pack that say to what the policy applies and how false alarms are counted."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from decision.packs.fields import NO, YES, AsTuple, MonthDay, Slug, Table, Words, rule_ids, setting
from decision.packs.words import NoticeKind

AlarmType = Literal["BURGLAR", "HOLD_UP", "FIRE", "MEDICAL", "OTHER"]
PremiseType = Literal["COMPANY", "RESIDENTIAL", "SCHOOL", "HOSPITAL"]


class Metadata(Table):
    """Where the pack comes from and how far it can be trusted (SJ-A1)."""

    name: str = setting(..., "Name of the jurisdiction as people know it.")
    authority: str = setting(..., "Who responds and decides; the one to ask (DISP-J5).", "DISP-J5")
    policy: str = setting("", "Title or number of the policy.")
    summary: str = setting("", "What the policy is for, in a sentence or two.")
    country: str = setting(..., "ISO 3166-1 code.", pattern="^[A-Z]{2}$")
    effective: date | None = setting(None, "Day from which the policy holds.", "SJ-A1")
    created: date | None = setting(None, "Day on which the policy was made.", "SJ-A1")
    approved: date | None = setting(None, "Day of approval; left out when not known.", "SJ-A1")
    review_after_years: int | None = setting(
        None, "Years from approval to the policy's own next review.", "SJ-A1", ge=1, le=50
    )
    verified: date | None = setting(None, "Day on which somebody checked the text.", "SJ-A1")
    is_official: bool = setting(NO, "False for an unofficial consolidation.", "SJ-A1")
    official_text: str = setting("", "Where the official text is to be had.", "SJ-A1")
    other_languages: str = setting("", "Which versions exist besides, and how to get them.")
    is_example: bool = setting(NO, "True for a pack of no real city; never for real sites.")

    def review_due(self) -> date | None:
        """The day on which the policy's own review falls due.

        Reckoned from the approval; where that day is not known, as if it were the effective date
        (SJ-A1).
        """
        start = self.approved or self.effective
        if start is None or self.review_after_years is None:
            return None
        year = start.year + self.review_after_years
        try:
            return start.replace(year=year)
        except ValueError:
            return date(year, 2, 28)


class Exemption(Table):
    """One kind of alarm or premise to which the policy does not apply; first match wins."""

    id: Slug = setting(..., "Name of the exemption; shown where an alarm does not count.")
    reason: str = setting(..., "Why, in words a customer understands.")
    alarm_types: Annotated[tuple[AlarmType, ...], AsTuple] = setting((), "Alarm types it takes out")
    categories: Words = setting((), "Categories of the event it takes out, e.g. panic.", "SJ-B6")
    premise_types: Annotated[tuple[PremiseType, ...], AsTuple] = setting(
        (), "Premise types it takes out."
    )
    rules: Words = rule_ids()


class Applicability(Table):
    """To which alarms the policy applies (SJ-A2, SJ-B2 to SJ-B8)."""

    alarm_types: Annotated[tuple[AlarmType, ...], AsTuple] = setting(
        ..., "Alarm types in scope.", "SJ-A2", min_length=1
    )
    premise_types: Annotated[tuple[PremiseType, ...], AsTuple] = setting(
        ..., "Premise types in scope.", "SJ-A2", min_length=1
    )
    exemptions: Annotated[tuple[Exemption, ...], AsTuple] = setting((), "What is exempt.", "SJ-A2")
    exempt_while_suspended: Literal["RESPOND", "REFUSE"] = setting(
        "RESPOND", "Police response to exempt alarms of a suspended system.", "AMB-S19"
    )
    unknown_premise: Literal["WAIT", "COUNT"] = setting(
        "WAIT", "WAIT: an alarm of unknown premise type counts when the type is told; else at once."
    )


class Dispositions(Table):
    """The call-ending texts that the ledger matches (literal strings)."""

    false_alarm: str = setting(..., "Officers found it false.", "SJ-C2b", min_length=1)
    refused: str | None = setting(
        None, "Police did not go since the system is suspended.", "SJ-C2c-i", min_length=1
    )
    match: Literal["exact", "ignore_case"] = setting(
        "exact", "How a text is compared. Any other text never counts.", "AMB-S17"
    )
    valid: Words = setting(
        (), "Texts that say the alarm was valid; only for the report and explanations.", "SJ-B9"
    )


class Counting(Table):
    """Which alarms count, and within which year."""

    year_starts: MonthDay = setting(
        "01-01", "Day on which the counting year begins and the count is zero again.", "AMB-S1"
    )
    dated_by: Literal["police_call", "closed"] = setting(
        "police_call", "Which day of a call decides its year.", "AMB-S1"
    )
    declaration_counts: bool = setting(
        YES, "An alarm that the declared authority calls false counts.", "SJ-B5", "AMB-S17"
    )
    cancelled_counts: bool = setting(
        YES,
        "A call cancelled before arrival counts if its literal disposition says false; without "
        "that disposition it never does.",
        "AMB-S17",
        "XS-7",
    )
    lead_time_counts: bool = setting(
        YES, "False alarms between notice and effective date count.", "AMB-S8"
    )
    post_suspension_apart: bool = setting(
        YES, "False post-suspension alarms have a counter of their own.", "AMB-S9"
    )
    post_suspension_told_by: Literal["state_at_call", "disposition"] = setting(
        "state_at_call", "What makes a call a post-suspension call.", "AMB-S23"
    )
    after_reinstatement: Literal["zero", "keep"] = setting(
        "zero", "The count on the day on which response resumes.", "AMB-S16"
    )
    unit: Literal["alarm_system"] = setting(
        "alarm_system",
        "What is counted: one alarm system at a registered address. No other unit is built.",
        "AMB-S18",
    )


class Threshold(Table):
    """So many false alarms in a year lead to this notice (SJ-D1, SJ-E1)."""

    count: int = setting(..., "False alarms of one system in one year.", ge=1, le=1000)
    notice: NoticeKind = setting(..., "The notice.", strict=False)
    rules: Words = rule_ids()


class Thresholds(Table):
    """All thresholds and how they go together."""

    steps: Annotated[tuple[Threshold, ...], AsTuple] = setting((), "Lowest first.", "SJ-D1")
    in_one_batch: Literal["all", "highest"] = setting(
        "all", "Which notices are due when one report passes several thresholds.", "AMB-S7"
    )


class Durations(Table):
    """What days and years are as durations."""

    year: Literal["anniversary", "days_365"] = setting("anniversary", "One year.", "AMB-S2")
    leap_day: Literal["feb_28", "mar_1"] = setting(
        "feb_28", "Anniversary of 29 February in a common year.", "AMB-S2"
    )
    days: Literal["calendar", "weekdays"] = setting("calendar", "N days.", "AMB-S3")


class Role(Table):
    """A role of the policy and what it may or must do (domain rules 3.3)."""

    id: str = setting(..., "Rule id of the role, e.g. SJ-R5.")
    name: str = setting(..., "As the policy calls it.")
    is_station: bool = setting(NO, "True where the station itself is meant (alarm business).")
    may: Words = setting((), "Permissions; see docs/decision/packs.md.")
    duties: Words = setting((), "What the role must do, in words.")


class Roles(Table):
    """Which role decides cases; the roles themselves stand in ``[roles.who.<name>]``."""

    decides_cases: Slug = setting(
        ..., "Role that decides cases (review, appeals, discontinuation).", "AMB-S21"
    )
    owns_policy: str = setting("", "Who owns the policy's text; decides no case.", "AMB-S21")
    who: dict[Slug, Role] = Field(..., description="Roles by name.")
