"""The list of suspended addresses that call-takers look into, as data (SJ-C2a, SJ-C7, AMB-S18)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

import msgspec

from decision.ledger.state import SystemState
from decision.ledger.words import SystemStatus
from decision.packs.model import Pack

COLUMNS: Final = (
    "address", "company", "alarm_business", "system", "state", "discontinued", "since",
    "review_due", "resumes",
)  # fmt: skip
"""Headings of the list, as in its CSV."""


class SuspendedRow(msgspec.Struct, frozen=True, kw_only=True):
    """One alarm system on the list."""

    system: str
    address: str
    company: str
    alarm_business: str
    state: SystemStatus
    is_discontinued: bool
    since: date | None
    """Effective date, or the day from which response is discontinued where that came first."""
    review_due: date | None
    resumes: date | None
    jurisdiction: str

    def cells(self) -> tuple[str, ...]:
        """The row in the order of ``COLUMNS``."""
        days = (self.since, self.review_due, self.resumes)
        return (
            self.address,
            self.company,
            self.alarm_business,
            self.system,
            self.state.value,
            "yes" if self.is_discontinued else "no",
            *("" if day is None else day.isoformat() for day in days),
        )


def suspended(states: Iterable[SystemState], pack: Pack) -> tuple[SuspendedRow, ...]:
    """The systems of a jurisdiction on the list, by address."""
    rows = []
    for state in states:
        if not state.is_listed:
            continue
        current = state.suspension if state.is_suspended else None
        since = [
            day
            for day in (current.effective if current else None, state.discontinued_on)
            if day is not None
        ]
        rows.append(
            SuspendedRow(
                system=state.system,
                address=state.registration.address,
                company=state.registration.company_name,
                alarm_business=state.registration.business_name,
                state=state.state,
                is_discontinued=state.is_discontinued,
                since=min(since, default=None),
                review_due=current.review_due if current and not current.resumes else None,
                resumes=current.resumes if current else None,
                jurisdiction=pack.id,
            )
        )
    return tuple(sorted(rows, key=lambda row: (spelled(row.address), row.system)))


def by_address(rows: Iterable[SuspendedRow], address: str) -> tuple[SuspendedRow, ...]:
    """All systems at an address: look-up is by address, the unit is the system (AMB-S18)."""
    wanted = spelled(address)
    return tuple(row for row in rows if spelled(row.address) == wanted)


def spelled(address: str) -> str:
    """An address without what only the typing decides: case, points, commas, double spaces."""
    return " ".join(address.replace(",", " ").replace(".", " ").casefold().split())
