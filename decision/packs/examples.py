"""The worked examples inside a pack: facts with dates and what must be so afterwards."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from decision.packs.fields import AsTuple, Slug, Table, setting


class Expect(Table):
    """What is asked after a step; what is left out is not asked."""

    state: str | None = setting(None, "ACTIVE, SUSPENSION_PENDING, SUSPENDED, ...")
    count: int | None = setting(None, "False alarms in the counting year of the step's day.")
    post_suspension: int | None = setting(None, "False post-suspension alarms of the suspension.")
    cautioned: bool | None = setting(None, "Flag CAUTIONED.")
    discontinued: bool | None = setting(None, "Flag DISCONTINUED.")
    listed: bool | None = setting(None, "Whether the system stands on the suspended list.")
    is_refused: bool | None = setting(None, "Whether the fact of the step is refused.")
    tasks: Annotated[tuple[str, ...], AsTuple] | None = setting(
        None,
        "Kinds of the open tasks that matter to the case, in any order; a subset is not enough.",
    )
    has_tasks: Annotated[tuple[str, ...], AsTuple] | None = setting(
        None, "Kinds of task that are open, others may be too."
    )
    effective: date | None = setting(None, "Effective date of the last suspension.")
    review_due: date | None = setting(None, "Day of the next review.")
    resumes: date | None = setting(None, "Day on which response resumes.")
    fee: str | None = setting(None, "Fee of the step's call, 0.00 for none.")
    fees: str | None = setting(None, "All fees and fines that arose so far.")
    past_due: int | None = setting(None, "Invoices unpaid and past due.")
    appeal: str | None = setting(None, "What became of the appeal of the step.")
    disposition_until: dict[str, date] | None = setting(
        None, "Last day of a disposition appeal, by call."
    )
    suspension_appeal: Annotated[tuple[date, ...], AsTuple] | None = setting(
        None, "First and last day of a suspension appeal."
    )


class ExampleStep(Table):
    """One day of an example; without a fact it only lets time pass."""

    on: date | None = setting(None, "Local day; noon of it.")
    at: datetime | None = setting(None, "Instant, instead of a day.")
    says: str = setting("", "What happens, in words.")
    fact: dict[str, Any] | None = setting(None, "A fact of the ledger; docs/decision/packs.md.")
    expect: Expect = setting(Expect(), "What must be so.")


class Example(Table):
    """A story with its outcome; all are run by ``ledger.examples.check`` and the tests."""

    id: str = setting(..., "Name, unique in the pack.")
    says: str = setting("", "What it proves.")
    rules: Annotated[tuple[str, ...], AsTuple] = setting((), "Ids of the rules it works through.")
    system: Slug = setting("main-1", "Name of the alarm system in it.")
    defaults: dict[str, Any] = setting({}, "Keys that every police call of it has.")
    steps: Annotated[tuple[ExampleStep, ...], AsTuple] = setting(..., "In the order of time.")
