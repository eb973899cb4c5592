"""The list of suspended addresses (SJ-C2a, SJ-C7): rows, CSV, and the JSON published retained.

Rows are systems; a look-up by address gives all of them (AMB-S18). Deferred systems stand on it,
and so do those whose reinstatement is not yet effective.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Final

import msgspec

from decision.ledger.state import SystemState
from decision.notices.cells import table

VERSION: Final = 1
HEAD: Final = (
    "system", "address", "company", "alarm_business", "state", "effective", "review_due",
    "resumes", "discontinued",
)  # fmt: skip


class SuspendedRow(msgspec.Struct, frozen=True, kw_only=True):
    """One system to which police do not respond."""

    system: str
    address: str
    company: str
    business: str
    state: str
    jurisdiction: str = ""
    effective: date | None = None
    review_due: date | None = None
    resumes: date | None = None
    is_discontinued: bool = False
    """No acceptance at all (SJ-E1c)."""


class SuspendedList(msgspec.Struct, frozen=True, kw_only=True):
    """What is published under the core's own root, retained."""

    version: int
    site: str
    as_of: datetime
    systems: tuple[SuspendedRow, ...]


def suspended_rows(
    systems: Iterable[SystemState], *, jurisdiction: str = ""
) -> tuple[SuspendedRow, ...]:
    """Give the rows of all systems that stand on the list, by address."""
    rows = (
        SuspendedRow(
            system=state.system,
            address=state.registration.address,
            company=state.registration.company_name,
            business=state.registration.business_name,
            state=state.state.value,
            jurisdiction=jurisdiction,
            effective=state.effective,
            review_due=state.review_due,
            resumes=state.resumes,
            is_discontinued=state.is_discontinued,
        )
        for state in systems
        if state.is_listed or state.is_discontinued
    )
    return tuple(sorted(rows, key=lambda row: (row.address.casefold(), row.system)))


def suspended_csv(rows: Iterable[SuspendedRow]) -> str:
    """Give the list as CSV."""
    return table(
        HEAD,
        (
            (
                row.system, row.address, row.company, row.business, row.state, _day(row.effective),
                _day(row.review_due), _day(row.resumes), "yes" if row.is_discontinued else "no",
            )
            for row in rows
        ),
    )  # fmt: skip


def suspended_json(rows: Iterable[SuspendedRow], *, site: str, as_of: datetime) -> bytes:
    """Give the list as it is published (``alarm-core/v1/<site>/suspended``)."""
    told = SuspendedList(
        version=VERSION, site=site, as_of=as_of.astimezone(UTC), systems=tuple(rows)
    )
    return msgspec.json.encode(told)


def read_suspended(payload: bytes) -> SuspendedList:
    """Read what was published; raises ``msgspec.MsgspecError`` for anything else."""
    return msgspec.json.decode(payload, type=SuspendedList)


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
