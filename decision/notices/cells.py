"""CSV that a spreadsheet reads as text: no cell may begin like a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def safe(cell: str) -> str:
    """Give a cell; one that a spreadsheet would compute gets an apostrophe in front."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Give a CSV with CR LF line ends (RFC 4180)."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return out.getvalue()
