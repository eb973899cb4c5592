"""The monthly report of calls with the two dispositions, as rows (SJ-C3)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

import msgspec

from decision.ledger.explain import explain
from decision.ledger.state import SystemState
from decision.ledger.words import Counter
from decision.packs.model import Pack

_MONTHS: Final = 12
COLUMNS: Final = (
    "date", "time", "occurrence", "disposition", "address", "company", "alarm_business", "system",
    "counts", "number_in_year", "year_from", "fee", "why",
)  # fmt: skip
"""Headings of the report, as in its CSV."""


class ReportRow(msgspec.Struct, frozen=True, kw_only=True):
    """One call of the month."""

    at: datetime
    day: date
    time: str
    """Local, ``HH:MM``."""
    occurrence: str
    disposition: str
    address: str
    company: str
    alarm_business: str
    system: str
    call: str
    counter: Counter
    number_in_year: int | None
    """Which one of its count it is; the report is looked through for 2 and 4 (SJ-R4)."""
    year_from: date | None
    fee: str
    why: str

    def cells(self) -> tuple[str, ...]:
        """The row in the order of ``COLUMNS``."""
        return (
            self.day.isoformat(),
            self.time,
            self.occurrence,
            self.disposition,
            self.address,
            self.company,
            self.alarm_business,
            self.system,
            {Counter.YEAR: "yes", Counter.POST_SUSPENSION: "apart", Counter.NONE: "no"}[
                self.counter
            ],
            "" if self.number_in_year is None else str(self.number_in_year),
            "" if self.year_from is None else self.year_from.isoformat(),
            self.fee,
            self.why,
        )


class MonthlyReport(msgspec.Struct, frozen=True, kw_only=True):
    """A month of a jurisdiction."""

    jurisdiction: str
    first: date
    last: date
    rows: tuple[ReportRow, ...]
    false_alarms: int
    refused: int


def monthly(states: Iterable[SystemState], year: int, month: int, pack: Pack) -> MonthlyReport:
    """The calls of a month whose literal disposition is one of the two, in order of time.

    Exempt ones stand in it too: the report lists dispositions, the ledger counts.
    """
    first = date(year, month, 1)
    after = date(year + month // _MONTHS, month % _MONTHS + 1, 1)
    texts = [pack.dispositions.false_alarm]
    if pack.dispositions.refused is not None:
        texts.append(pack.dispositions.refused)
    rows = []
    for state in states:
        for explained in explain(state, pack).calls:
            call = state.call(explained.call)
            if call is None or explained.disposition not in texts:
                continue
            if not first <= call.day < after:
                continue
            local = call.at.astimezone(pack.zone)
            rows.append(
                ReportRow(
                    at=call.at,
                    day=call.day,
                    time=f"{local:%H:%M}",
                    occurrence=call.occurrence or "",
                    disposition=call.disposition or "",
                    address=state.registration.address,
                    company=state.registration.company_name,
                    alarm_business=state.registration.business_name,
                    system=state.system,
                    call=call.call,
                    counter=explained.counter,
                    number_in_year=explained.number,
                    year_from=explained.period,
                    fee=explained.fee,
                    why=explained.why,
                )
            )
    rows.sort(key=lambda row: (row.at, row.system, row.call))
    false = sum(1 for row in rows if row.disposition == pack.dispositions.false_alarm)
    return MonthlyReport(
        jurisdiction=pack.id,
        first=first,
        last=date.fromordinal(after.toordinal() - 1),
        rows=tuple(rows),
        false_alarms=false,
        refused=len(rows) - false,
    )
