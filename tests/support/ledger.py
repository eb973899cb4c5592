"""Tells the story of one alarm system's ledger: what happened on which day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from decision.ledger import SystemState, apply
from decision.ledger.facts import (
    AppealFiled,
    AppealProcessed,
    DayCame,
    InvoiceIssued,
    InvoicePaid,
    LedgerFact,
    NoticeApproved,
    NoticeDrafted,
    NoticeIssued,
    PoliceCall,
    ReviewDecided,
    SystemRegistered,
)
from decision.ledger.state import Appeal, Step
from decision.ledger.words import ReviewDecision
from decision.packs import AppealKind, NoticeKind, Pack, shipped

PACKS = shipped()
SAINT_JOHN = PACKS["ca-nb-saint-john"]
FALSE = "No Report - False Alarm"
REFUSED = "No Response - Post Suspension Alarm"
VALID = "Report - Break and Enter"


def day(text: str) -> date:
    return date.fromisoformat(text)


class Story:
    """One alarm system; every method folds one fact, at noon of its day."""

    def __init__(self, pack: Pack = SAINT_JOHN, premise: str | None = "COMPANY") -> None:
        self.pack = pack
        self.state = SystemState(system="main-1")
        self.log: list[tuple[datetime, LedgerFact]] = []
        self.steps: list[Step] = []
        self.premise = premise

    def at(self, when: datetime, fact: LedgerFact) -> Step:
        step = apply(self.state, fact, when, self.pack)
        self.log.append((when, fact))
        self.steps.append(step)
        self.state = step.state
        return step

    def on(self, on: str, fact: LedgerFact) -> Step:
        noon = self.pack.calendar.midnight(day(on)) + timedelta(hours=12)
        return self.at(noon, fact)

    def today_is(self, on: str) -> SystemState:
        return self.on(on, DayCame()).state

    def call(
        self, on: str, name: str, disposition: str | None = FALSE, *,
        alarm_type: str = "BURGLAR", accepted: bool | None = None, category: str | None = None,
        recorded: str | None = None,
    ) -> Step:  # fmt: skip
        at = self.pack.calendar.midnight(day(on)) + timedelta(hours=12)
        return self.on(
            recorded or on,
            PoliceCall(
                call=name, at=at, alarm_type=alarm_type, disposition=disposition,
                accepted=accepted, category=category, occurrence=f"25-{name}",
                premise_type=self.premise,
            ),
        )  # fmt: skip

    def issue(self, on: str, kind: NoticeKind, name: str | None = None) -> Step:
        """Draft, approve and issue on one day."""
        name = name or f"{kind}-{on}"
        for fact in (
            NoticeDrafted(notice=name, kind=kind),
            NoticeApproved(notice=name, on=day(on), by="inspector"),
        ):
            step = self.on(on, fact)
            assert not step.is_refused, step.reasons
        step = self.on(on, NoticeIssued(notice=name, on=day(on)))
        assert not step.is_refused, step.reasons
        return step

    def suspend(self, on: str = "2025-06-10") -> None:
        """Four false alarms and the suspension notice, as in WE-5."""
        for number, when in enumerate(
            ("2025-01-15", "2025-03-30", "2025-05-02", "2025-05-28"), start=1
        ):
            self.call(when, f"c{number}")
        self.issue(on, NoticeKind.SUSPENSION)

    def appeal(
        self, on: str, name: str = "a1", *, by: str = "alarm_business", call: str | None = None
    ) -> Appeal:
        kind = AppealKind.DISPOSITION if call else AppealKind.SUSPENSION
        fact = AppealFiled(
            appeal=name, kind=kind, on=day(on), filed_by=by, call=call, documents=("work order",)
        )
        self.on(on, fact)
        return self.state.appeals[-1]

    def processed(self, on: str, name: str = "a1", *, granted: bool) -> Step:
        return self.on(on, AppealProcessed(appeal=name, on=day(on), is_granted=granted))

    def review(self, on: str, decision: ReviewDecision) -> Step:
        return self.on(on, ReviewDecided(on=day(on), decision=decision))

    def invoice(self, on: str, call: str) -> Step:
        return self.on(on, InvoiceIssued(invoice=f"i-{call}", call=call, on=day(on)))

    def paid(self, on: str, call: str) -> Step:
        return self.on(on, InvoicePaid(invoice=f"i-{call}", on=day(on)))

    def premises(self, on: str, **told: str) -> Step:
        return self.on(on, SystemRegistered(**told))

    def tasks(self) -> list[str]:
        return [task.kind.value for task in self.state.open_tasks]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
