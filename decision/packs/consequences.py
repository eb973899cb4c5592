"""Sections of a pack that say what follows: suspension, review, appeals, fees, invoices."""

from __future__ import annotations

from typing import Annotated, Literal

from decision.packs.fields import NO, YES, AsTuple, Money, Slug, Table, Words, rule_ids, setting

AppealFiler = Literal["alarm_business", "alarm_user"]
ClearBreaker = Literal["FALSE", "VALID", "REFUSED", "OTHER"]


class Suspension(Table):
    """When response is suspended, and what may be asked meanwhile (SJ-E1, SJ-C1b)."""

    starts_after_days: int = setting(
        ..., "Days from the notice to 00:00 local of the effective date.", "SJ-E1", "AMB-S3",
        ge=0, le=365,
    )  # fmt: skip
    term_years: int = setting(
        ..., "Years from the effective date to the review.", "SJ-E3", "AMB-S2", ge=1, le=20
    )
    post_suspension_default: Literal["REFUSE", "ACCEPT"] = setting(
        "REFUSE", "Answer to a request while suspended; the other is an explicit decision.",
        "SJ-C1b", "SJ-C2c-i", "AMB-S4",
    )  # fmt: skip
    repeats: bool = setting(
        YES, "A further suspension in the same or next year is the whole cycle again.", "AMB-S22"
    )


class Review(Table):
    """What happens at the end of the term (SJ-E3, SJ-F2)."""

    every_years: int = setting(1, "Years from one review to the next.", "SJ-F2", ge=1, le=20)
    next_from: Literal["decision", "due_date"] = setting(
        "decision", "From where the next review is reckoned after an explicit deferral.", "SJ-F2"
    )
    without_notice: Literal["DEFER", "REINSTATE"] = setting(
        "DEFER", "At the end of the term without a reinstatement notice.", "SJ-F2", "AMB-S24"
    )
    considers: Words = setting((), "What the review looks at.", "SJ-E3")


class Reinstatement(Table):
    """How response resumes (SJ-F1)."""

    resumes_after_days: int = setting(
        ..., "Days from the notice to 00:00 local of the day on which response resumes.",
        "SJ-F1", "AMB-S3", ge=0, le=365,
    )  # fmt: skip


class Notices(Table):
    """How notices come about (SJ-C4e)."""

    approval_required: bool = setting(YES, "A second role approves before issue.", "SJ-C4e")
    sent_to: Words = setting(("alarm_business", "alarm_user"), "Addressees.", "SJ-D1", "SJ-E1")
    mark: str = setting("", "Security designation printed on each.", "SJ-G4")


class DispositionAppeal(Table):
    """Appeal against one disposition (SJ-G2)."""

    window_days: int = setting(..., "Days after the notice; the last included.", "SJ-G2", ge=0)
    window_from: Literal["latest_notice", "first_notice"] = setting(
        "latest_notice", "Which notice counts when several list the alarm.", "AMB-S11"
    )
    without_notice: Literal["ADMISSIBLE", "NOT_YET"] = setting(
        "ADMISSIBLE", "An alarm that no notice lists yet.", "AMB-S11"
    )
    pending_suspension: Literal["WITHDRAW", "TASK"] = setting(
        "WITHDRAW", "A pending suspension when the count falls below its threshold.", "AMB-S10"
    )
    active_suspension: Literal["TASK"] = setting(
        "TASK", "An active suspension then: the case office decides. Nothing else is built.",
        "AMB-S10",
    )  # fmt: skip


class SuspensionAppeal(Table):
    """Appeal against a suspension (SJ-G3)."""

    window_days: int = setting(..., "Days after the notice; the last included.", "SJ-G3", ge=0)
    served_days: int = setting(..., "Days of suspension served before filing.", "SJ-G3", ge=0)
    clear_required: bool = setting(YES, "Those days must be clear.", "SJ-G3")
    clear_period_restart: bool = setting(
        NO, "Any clear stretch of that length will do, not only the first.", "AMB-S12"
    )
    clear_broken_by: Annotated[tuple[ClearBreaker, ...], AsTuple] = setting(
        ("FALSE", "VALID", "REFUSED", "OTHER"),
        "Outcomes of a post-suspension request that break the clear days.",
        "AMB-S13",
    )
    blocked_years_after_success: int = setting(
        1, "Years after a successful appeal.", "SJ-G3", "AMB-S2", "AMB-S22", ge=0
    )
    blocked_years_after_processed: int = setting(
        1, "Years after any processed appeal.", "SJ-G3", "AMB-S2", "AMB-S22", ge=0
    )
    premature_is_processed: bool = setting(
        NO, "Whether an appeal returned as premature counts as processed.", "AMB-S14"
    )
    success_ends_by: Literal["notice", "decision"] = setting(
        "notice", "What ends the suspension after success.", "AMB-S15"
    )


class Appeals(Table):
    """Both kinds of appeal (SJ-G1)."""

    filed_by: Annotated[tuple[AppealFiler, ...], AsTuple] = setting(
        ("alarm_business",), "Who may file; documents from anyone else are not accepted.", "SJ-G1"
    )
    documents_required: bool = setting(
        YES, "Supporting documents belong to the form; told when missing.", "SJ-G2", "SJ-G3"
    )
    disposition: DispositionAppeal | None = setting(None, "Left out: no such appeal.", "SJ-G2")
    suspension: SuspensionAppeal | None = setting(None, "Left out: no such appeal.", "SJ-G3")


class Fine(Table):
    """From the n-th false alarm of a year on, each costs this (until the next step)."""

    from_count: int = setting(..., "First false alarm of the year with this fine.", ge=1, le=1000)
    amount: Money = setting(..., "Amount in the currency of the pack.")
    rules: Words = rule_ids()


class Fees(Table):
    """What false alarms cost (SJ-$1, SJ-$2)."""

    currency: str = setting(..., "ISO 4217 code.", pattern="^[A-Z]{3}$")
    post_suspension: Money | None = setting(
        None, "Per call accepted and found false while suspended.", "SJ-$1", "SJ-C1b"
    )
    schedule: Annotated[tuple[Fine, ...], AsTuple] = setting(
        (), "Fines per false alarm while not suspended; none when empty.", "SJ-$2"
    )


class Invoices(Table):
    """Terms of payment and what three past-due invoices do (SJ-E1c)."""

    net_days: int = setting(30, "Past due from the day after these.", "AMB-S6", ge=0, le=365)
    discontinue_at: int | None = setting(
        None, "Invoices unpaid and past due at the same time; left out: never.", "SJ-E1c", "AMB-S6",
        ge=1, le=100,
    )  # fmt: skip
    counted_per: Literal["alarm_system"] = setting(
        "alarm_system", "Never the other clients of an alarm business; nothing else is built.",
        "AMB-S5",
    )  # fmt: skip
    addressed_via: Literal["alarm_business", "alarm_user"] = setting(
        "alarm_business", "Through whom an invoice goes.", "AMB-S5"
    )
    cleared_by: Literal["decision", "payment"] = setting(
        "decision", "What lifts the flag once fewer are past due.", "AMB-S6"
    )
    discontinued_is_term: Literal[False] = setting(
        NO, "A flag on top of the running state: no term, no appeal of its own.", "AMB-S25"
    )


class SuspendedList(Table):
    """The list that call-takers look into (SJ-C2a, SJ-C7)."""

    keyed_by: Literal["alarm_system"] = setting(
        "alarm_system", "Rows are systems; a look-up by address gives all of them.", "AMB-S18"
    )
    lists_deferred: bool = setting(YES, "Deferred systems stand on it.", "AMB-S24")
    lists_discontinued: bool = setting(YES, "So do discontinued ones.", "SJ-E1c")


class Further(Table):
    """A requirement of a jurisdiction that no other key has (DISP-J1)."""

    id: Slug = setting(..., "Name.")
    text: str = setting(..., "What is required, in words.")
    unmet: Literal["WARN", "BLOCK"] = setting("WARN", "Gate result when not met.", "AMB-D9")
    rules: Words = rule_ids()
