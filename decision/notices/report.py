"""The monthly report of the two dispositions (SJ-C3, SJ-R3) as CSV and as a page to print.

The rows are the ledger's; the page adds how many false alarms each system has by then, which is
what the Administrative Assistant looks through for two and four (SJ-R4).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from decision.ledger.report import COLUMNS, MonthlyReport, ReportRow, monthly
from decision.ledger.state import SystemState
from decision.ledger.words import Counter
from decision.notices.cells import table
from decision.notices.letter import Paper, labels, language_of
from decision.packs.model import Pack


class SystemTotal(msgspec.Struct, frozen=True, kw_only=True):
    """How one system of the report stands at its end."""

    system: str
    company: str
    address: str
    in_month: int
    """Calls of the report."""
    in_year: int | None
    """Which false alarm of its count the last one of the month was; None: none counted."""
    state: str
    """Now, not then."""


class ReportPage(Paper, frozen=True, kw_only=True):
    """The report as it is printed."""

    month: str
    """``2025-05``."""
    policy: str
    dispositions: tuple[tuple[str, int], ...]
    """Text and how often."""
    rows: tuple[ReportRow, ...]
    systems: tuple[SystemTotal, ...]


def report_csv(report: MonthlyReport) -> str:
    """Give the report as CSV."""
    return table(COLUMNS, (row.cells() for row in report.rows))


def report_page(
    pack: Pack,
    systems: Iterable[SystemState],
    *,
    year: int,
    month: int,
    language: str | None = None,
) -> ReportPage:
    """Make the page for a month of the jurisdiction's own calendar (AMB-S1)."""
    states = sorted(systems, key=lambda state: state.system)
    report = monthly(states, year, month, pack)
    texts = pack.text(language)
    words = labels(texts)
    counts = [(pack.dispositions.false_alarm, report.false_alarms)]
    if pack.dispositions.refused is not None:
        counts.append((pack.dispositions.refused, report.refused))
    return ReportPage(
        language=language_of(pack, language),
        letterhead=texts.letterhead,
        address_lines=(),
        mark=texts.mark or pack.notices.mark,
        labels=words,
        title=words["report"],
        date=f"{year:04d}-{month:02d}",
        month=f"{year:04d}-{month:02d}",
        policy=pack.metadata.policy,
        dispositions=tuple(counts),
        rows=report.rows,
        systems=tuple(_totals(states, report)),
    )


def _totals(states: Iterable[SystemState], report: MonthlyReport) -> Iterator[SystemTotal]:
    for state in states:
        rows = [row for row in report.rows if row.system == state.system]
        if rows:
            yield SystemTotal(
                system=state.system,
                company=state.registration.company_name,
                address=state.registration.address,
                in_month=len(rows),
                in_year=max(
                    (
                        row.number_in_year
                        for row in rows
                        if row.counter is Counter.YEAR and row.number_in_year is not None
                    ),
                    default=None,
                ),
                state=state.state.value,
            )
