"""What every form of corpus has in common: rows, keys that must be known, values compared."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]


class Pending(Exception):  # noqa: N818 - no error: the row waits for a protocol
    """The row's protocol is not built yet; says which."""


def rows_of(path: Path) -> list[tuple[str, Row]]:
    """The rows of a file with their ids; a line that is no JSON object is a row that fails."""
    rows: list[tuple[str, Row]] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            row = {"unreadable": str(error)}
        if not isinstance(row, dict):
            row = {"unreadable": "no JSON object"}
        rows.append((f"{path.stem}:{row.get('id', f'line-{number}')}", row))
    return rows


def frame_bytes(row: Row) -> bytes:
    """The bytes of a row: ``frame_hex`` is exact, ``frame`` is the same for reading."""
    if "frame_hex" in row:
        return bytes.fromhex(row["frame_hex"])
    return str(row["frame"]).encode("utf-8" if not _is_latin_1(row["frame"]) else "latin-1")


def _is_latin_1(text: str) -> bool:
    return all(ord(character) < 0x100 for character in text)


def unknown_keys(row: Row, used: frozenset[str], ignored: frozenset[str]) -> list[str]:
    """One complaint for each key of a row that stands in neither list."""
    return [f"{key}: the runner does not know this key" for key in row if key not in used | ignored]


def compare(expect: Row, actual: Row, known: frozenset[str], where: str = "") -> list[str]:
    """One complaint for each expected key that is not known or has another value.

    A key that is absent from ``actual`` is null: the frame has no such field.
    """
    complaints = []
    for key, wanted in expect.items():
        if key not in known:
            complaints.append(f"{where}{key}: the runner does not know this key")
        elif not same(wanted, actual.get(key)):
            complaints.append(f"{where}{key}: expected {wanted!r}, got {actual.get(key)!r}")
    return complaints


def same(wanted: Any, got: Any) -> bool:
    """Equal, and of one type: ``1`` is neither ``"1"`` nor ``true``."""
    if isinstance(wanted, dict):
        return (
            isinstance(got, dict)
            and wanted.keys() == got.keys()
            and all(same(value, got[key]) for key, value in wanted.items())
        )
    if isinstance(wanted, Sequence) and not isinstance(wanted, str):
        is_list = isinstance(got, Sequence) and not isinstance(got, str)
        return is_list and len(wanted) == len(got) and all(map(same, wanted, got))
    return type(wanted) is type(got) and wanted == got
