"""The monthly report of the two dispositions (SJ-C3, SJ-R3): rows, totals, CSV, page."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from decision.ledger.counting import period_of
from decision.ledger.state import Call, SystemState
from decision.ledger.words import Counter
from decision.notices.cells import table
from decision.notices.letter import labels, language_of
from decision.packs.model import Pack

RULE: Final = "SJ-C3"


class ReportRow(msgspec.Struct, frozen=True, kw_only=True):
    """One call of the month."""

    date: date
    time: str
    occurrence: str
    disposition: str
    system: str
    company: str
    address: str
    business: str
    counted: str
    """``YEAR``, ``POST_SUSPENSION`` or ``NONE``: how the ledger counts it now."""
    fee: str
    why: str


class SystemTotal(msgspec.Struct, frozen=True, kw_only=True):
    """How one system stands, for the review of two and four (SJ-R4)."""

    system: str
    company: str
    address: str
    in_month: int
    """Calls of the report."""
    in_year: int
    """False alarms that count, in the year until the end of the month."""
    state: str
    """Now, not then."""


class MonthlyReport(msgspec.Struct, frozen=True, kw_only=True):
    """All calls of a month that ended with one of the two dispositions."""

    language: str
    letterhead: tuple[str, ...]
    mark: str
    labels: dict[str, str]
    policy: str
    year: int
    month: int
    dispositions: tuple[tuple[str, int], ...]
    """Text and how often."""
    rows: tuple[ReportRow, ...]
    systems: tuple[SystemTotal, ...]

    @property
    def name(self) -> str:
        """Month as written in names of files."""
        return f"{self.year:04d}-{self.month:02d}"


def monthly_report(
    pack: Pack,
    systems: Iterable[SystemState],
    *,
    year: int,
    month: int,
    language: str | None = None,
) -> MonthlyReport:
    """Make the report for a month of the jurisdiction's own calendar (AMB-S1)."""
    states = sorted(systems, key=lambda state: state.system)
    wanted = tuple(d for d in (pack.dispositions.false_alarm, pack.dispositions.refused) if d)
    rows = [
        _row(pack, state, call)
        for state in states
        for call in state.calls
        if call.disposition is not None
        and _is_one_of(call.disposition, wanted, pack)
        and (call.day.year, call.day.month) == (year, month)
    ]
    rows.sort(key=lambda row: (row.date, row.time, row.system))
    texts = pack.text(language)
    return MonthlyReport(
        language=language_of(pack, language),
        letterhead=texts.letterhead,
        mark=texts.mark or pack.notices.mark,
        labels=labels(texts),
        policy=pack.metadata.policy,
        year=year,
        month=month,
        dispositions=tuple(
            (text, sum(_same(row.disposition, text, pack) for row in rows)) for text in wanted
        ),
        rows=tuple(rows),
        systems=tuple(_totals(pack, states, rows, date(year, month, _last_day(year, month)))),
    )


HEAD: Final = (
    "date", "time", "occurrence", "disposition", "system", "company", "address", "alarm_business",
    "counted", "fee", "why",
)  # fmt: skip


def report_csv(report: MonthlyReport) -> str:
    """Give the report as CSV."""
    return table(
        HEAD,
        (
            (
                row.date.isoformat(), row.time, row.occurrence, row.disposition, row.system,
                row.company, row.address, row.business, row.counted, row.fee, row.why,
            )
            for row in report.rows
        ),
    )  # fmt: skip


def _same(one: str, other: str, pack: Pack) -> bool:
    """Compare dispositions as the ledger does: literally unless the pack says otherwise."""
    if pack.dispositions.match == "ignore_case":
        return one.strip().casefold() == other.casefold()
    return one == other


def _is_one_of(disposition: str, wanted: tuple[str, ...], pack: Pack) -> bool:
    return any(_same(disposition, text, pack) for text in wanted)


def _row(pack: Pack, state: SystemState, call: Call) -> ReportRow:
    registered = state.registration
    return ReportRow(
        date=call.day,
        time=f"{call.at.astimezone(ZoneInfo(pack.time_zone)):%H:%M}",
        occurrence=call.occurrence or "",
        disposition=call.disposition or "",
        system=state.system,
        company=registered.company_name,
        address=registered.address,
        business=registered.business_name,
        counted=call.counter.value,
        fee=call.fee,
        why=call.verdict.why if call.verdicts else "",
    )


def _totals(
    pack: Pack, states: Iterable[SystemState], rows: list[ReportRow], end: date
) -> Iterator[SystemTotal]:
    """Count each system of the report until the end of its month: what SJ-R4 looks through."""
    for state in states:
        in_month = sum(row.system == state.system for row in rows)
        if not in_month:
            continue
        first = period_of(state, end, pack)
        yield SystemTotal(
            system=state.system,
            company=state.registration.company_name,
            address=state.registration.address,
            in_month=in_month,
            in_year=sum(
                call.counter is Counter.YEAR and first <= call.day <= end for call in state.calls
            ),
            state=state.state.value,
        )


def _last_day(year: int, month: int) -> int:
    return monthrange(year, month)[1]
