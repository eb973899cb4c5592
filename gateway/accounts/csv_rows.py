"""Rows of CSV files into the tables that TOML files have, so that both are checked by one model.

A file is told by its heading: ``id`` makes it a list of accounts; ``account`` with ``zone``,
``area`` or ``user`` a list of those, for accounts that are known already.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Final, Literal

import msgspec

from gateway.accounts.tables import AccountTable, AreaTable, UserTable, ZoneTable
from gateway.config import ConfigError, Mistake
from gateway.config.fields import Settings
from gateway.config.mistakes import did_you_mean

Kind = Literal["account", "zone", "area", "user"]

_INNER: Final[Mapping[Kind, type[Settings]]] = {
    "zone": ZoneTable,
    "area": AreaTable,
    "user": UserTable,
}
_SKIPPED: Final = frozenset({"areas", "zones", "users"})  # they come in files of their own


class CsvRow(msgspec.Struct, frozen=True):
    """One row, its cells read as the model wants them."""

    line: int
    table: dict[str, Any]


class CsvFile:
    """A CSV file that is read row by row.

    Attributes:
        kind: What its rows are.
        file: The open file, so that progress can be told by its position.
    """

    def __init__(self, path: Path, file: IO[str]) -> None:
        """Read the heading.

        Raises:
            ConfigError: when the heading names no or unknown columns.
        """
        self.path: Final = path
        self._lines: Final = _Counted(file)
        sample = file.readline()
        file.seek(0)
        separator = max(",;\t", key=sample.count)
        self._rows: Final = csv.reader(self._lines, delimiter=separator)
        heading = [cell.strip().lower() for cell in next(self._rows, [])]
        self.kind: Final = self._kind(heading)
        self._columns: Final = self._converters(heading)

    def __iter__(self) -> Iterator[CsvRow]:
        """The rows; empty ones are left out."""
        columns = self._columns
        for cells in self._rows:
            table: dict[str, Any] = {}
            for (name, convert), cell in zip(columns, cells, strict=False):
                if cell and not cell.isspace():
                    table[name] = convert(cell.strip())
            if len(cells) > len(columns) and any(cells[len(columns) :]):
                table["(cells beyond the heading)"] = ""
            if table:
                yield CsvRow(self._lines.number, table)

    def _kind(self, heading: list[str]) -> Kind:
        if "account" in heading:
            for kind in _INNER:
                if kind in heading:
                    return kind
        if "id" in heading:
            return "account"
        raise ConfigError([
            Mistake(
                file=str(self.path), line=1, found=f"heading {', '.join(heading) or 'missing'}",
                allowed="id (accounts), or account with zone, area or user",
                hint="for example: id,name,area_class  or: account,zone,name,area,sensor,location",
            )
        ])  # fmt: skip

    def _converters(self, heading: list[str]) -> list[tuple[str, Callable[[str], Any]]]:
        known = _converters_of(AccountTable if self.kind == "account" else _INNER[self.kind])
        if self.kind != "account":
            known |= {"account": str, "group": str, self.kind: str}
        mistakes = [
            Mistake(
                file=str(self.path), key=name, line=1, found="unknown column",
                allowed=", ".join(sorted(known)), hint=did_you_mean(name, known),
            )
            for name in heading
            if name not in known
        ]  # fmt: skip
        mistakes += [
            Mistake(file=str(self.path), key=name, line=1, found="this column stands twice",
                    allowed="each once")
            for number, name in enumerate(heading) if name in heading[:number]
        ]  # fmt: skip
        if mistakes:
            raise ConfigError(mistakes)
        return [(name, known[name]) for name in heading]


def inner_model(kind: Kind) -> type[Settings]:
    """The model of a zone, area or user."""
    return _INNER[kind]


class _Counted:
    """Lines with their number; the standard reader counts rows, which may span lines."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._file)
        self.number += 1
        return line


def _converters_of(model: type[Settings]) -> dict[str, Callable[[str], Any]]:
    converters: dict[str, Callable[[str], Any]] = {}
    for name, field in model.model_fields.items():
        if name not in _SKIPPED:
            converters[field.alias or name] = _converter(str(field.annotation))
    return converters


def _converter(annotation: str) -> Callable[[str], Any]:
    """How a cell is read for a field of this type; what it cannot read the model refuses."""
    for word, convert in (
        ("tuple", _list), ("bool", _bool), ("float", _float), ("int", _int),
        ("Literal[10, 16]", _int),
    ):  # fmt: skip
        if word in annotation:
            return convert
    return str


def _list(cell: str) -> list[str]:
    return cell.replace(";", " ").replace(",", " ").split()


def _bool(cell: str) -> object:
    return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(
        cell.lower(), cell
    )


def _int(cell: str) -> object:
    return int(cell) if cell.isascii() and cell.isdigit() else cell


def _float(cell: str) -> object:
    try:
        return float(cell)
    except ValueError:
        return cell
