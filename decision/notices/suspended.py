"""The list of suspended addresses as CSV (SJ-C2a, SJ-C7); the rows are the ledger's.

The same rows are published retained over MQTT by the daemon (``decision.topics``).
"""

from __future__ import annotations

from collections.abc import Iterable

from decision.ledger.suspended import COLUMNS, SuspendedRow
from decision.notices.cells import table


def suspended_csv(rows: Iterable[SuspendedRow]) -> str:
    """Give the list as CSV."""
    return table(COLUMNS, (row.cells() for row in rows))
