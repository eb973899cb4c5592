"""Which codes there are: reads the code tables and the vendor profiles, and checks their words.

The tables are data (``tables/*.csv``, ``tables/*.toml``, ``profiles/*.toml``); every word in
them is checked against the event contract when they are read, so that a slip in a table stops
the program at its start instead of mislabelling an alarm.
"""

from __future__ import annotations

import csv
import functools
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final, Literal, TypeVar

import msgspec

from gateway.contract.event import AlarmType, Category, Kind, Mode

STANDARD: Final = "standard"
"""The profile of the tables as they stand, without an overlay."""

AddressType = Literal[
    "zone", "user", "area", "door", "device", "line", "line_card", "relay", "output", "printer",
    "receiver", "condition", "network", "message", "function", "dealer", "vendor", "none",
    "unspecified",
]  # fmt: skip
"""What an address counts. ``unspecified``: the code is unknown, so nobody can say."""


class TableError(Exception):
    """A table holds a word that the event model does not know; says which and where."""


class Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a code says beside its kind; an absent attribute is not known or not so."""

    category: Category
    name: str
    address_type: AddressType = "none"
    verified: bool | None = None
    silent: bool | None = None
    exit_error: bool | None = None
    recent_close: bool | None = None
    after_alarm: bool | None = None
    forced: bool | None = None
    auto: bool | None = None
    mode: Mode | None = None
    off_normal: bool | None = None
    follow_on: Literal["audio", "video"] | None = None
    restores: tuple[Literal["alarm", "trouble", "supervisory"], ...] = ()
    review: bool = False
    """An operator has to look: the installer chose the meaning."""
    notes: str = ""


class ContactIdRow(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A Contact ID code (SIA DC-05): the kind depends on the qualifier."""

    new_kind: Kind | None
    """Qualifiers 1 and 6; None: not defined for this code."""
    restore_kind: Kind | None
    """Qualifier 3; None: not defined for this code."""


class SiaRow(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A two-letter code of SIA DC-03, or any other code whose kind is in the code itself."""

    kind: Kind
    contact_id: str = ""
    """The usual Contact ID code for the same, E or R and the code; many to one and lossy."""


class Profile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One vendor's reading of the codes: each row stands in the place of the standard one."""

    title: str
    """The makers or panels it is for."""
    notes: str = ""
    contact_id: dict[str, ContactIdRow] = {}
    sia: dict[str, SiaRow] = {}
    pulse: dict[str, SiaRow] = {}
    """Event codes of pulse formats; empty unless the profile says what they mean."""


class Rank(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of the severity table."""

    severity: int
    category: tuple[Category, ...] | None = None
    kind: tuple[Kind, ...] | None = None
    verified: bool | None = None
    exit_error: bool | None = None
    recent_close: bool | None = None
    after_alarm: bool | None = None


class Severity(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which event is handled first; the first rank that matches counts."""

    rank: tuple[Rank, ...]

    def of(self, row: Row, kind: Kind) -> int:
        """Return 1 (first) to 19 for an event of this row and kind."""
        for rank in self.rank:
            if _matches(rank, row, kind):
                return rank.severity
        return LAST_SEVERITY


LAST_SEVERITY: Final = 19


class AlarmTypes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The alarm type of a category, and where residential premises differ."""

    default: AlarmType
    category: dict[Category, AlarmType]
    residential: dict[Category, AlarmType] = {}


def _matches(rank: Rank, row: Row, kind: Kind) -> bool:
    return (
        (rank.category is None or row.category in rank.category)
        and (rank.kind is None or kind in rank.kind)
        and all(
            getattr(rank, name) is None or getattr(rank, name) == getattr(row, name)
            for name in ("verified", "exit_error", "recent_close", "after_alarm")
        )
    )


@functools.cache
def contact_id() -> Mapping[str, ContactIdRow]:
    """Return the Contact ID table by code."""
    return _csv("contact_id.csv", ContactIdRow, optional=("new_kind", "restore_kind"))


@functools.cache
def sia() -> Mapping[str, SiaRow]:
    """Return the SIA table by code."""
    return _csv("sia.csv", SiaRow)


@functools.cache
def internal() -> Mapping[str, SiaRow]:
    """Return what receivers say about themselves: letter and number of id 1, pairs of id 0."""
    return _csv("receiver_internal.csv", SiaRow)


@functools.cache
def formats() -> Mapping[str, SiaRow]:
    """Return the codes that dialled formats define themselves, by ``format:code``."""
    return _csv("receiver_formats.csv", SiaRow)


def with_address(row: SiaRow, address_type: AddressType) -> SiaRow:
    """Return a row whose address counts something."""
    return msgspec.structs.replace(row, address_type=address_type)


@functools.cache
def contact_id_classes() -> Mapping[str, ContactIdRow]:
    """Return what the first digit of an unknown Contact ID code says; ``other`` for the rest."""
    content = tomllib.loads(_text("tables/contact_id_classes.toml"))["class"]
    rows = {digit: {"name": "", **fields} for digit, fields in content.items()}
    return _convert(rows, dict[str, ContactIdRow], "contact_id_classes.toml")


@functools.cache
def severity() -> Severity:
    """Return the shipped severity table."""
    return parse_severity(_text("tables/severity.toml"), "severity.toml")


def parse_severity(content: str, where: str) -> Severity:
    """Read a severity table of a station's own.

    Raises:
        TableError: It is no TOML, or a word in it is not in the event model.
    """
    table = _convert(_toml(content, where), Severity, where)
    wrong = [rank.severity for rank in table.rank if not 1 <= rank.severity <= LAST_SEVERITY]
    if wrong:
        raise TableError(f"{where}: severity {wrong[0]}; expected 1 to {LAST_SEVERITY}")
    return table


@functools.cache
def alarm_types() -> AlarmTypes:
    """Return the alarm types by category."""
    where = "alarm_types.toml"
    return _convert(_toml(_text(f"tables/{where}"), where), AlarmTypes, where)


@functools.cache
def profile_names() -> tuple[str, ...]:
    """Name the vendor profiles that an account may have."""
    found = (entry.name for entry in files(__package__).joinpath("profiles").iterdir())
    return (STANDARD, *sorted(name[:-5] for name in found if name.endswith(".toml")))


@functools.cache
def profile(name: str) -> Profile:
    """Return a vendor profile; a name that is none gives the standard tables."""
    if name == STANDARD or name not in profile_names():
        return Profile(title="The tables as they stand")
    return parse_profile(_text(f"profiles/{name}.toml"), f"{name}.toml")


def parse_profile(content: str, where: str) -> Profile:
    """Read a vendor profile.

    Raises:
        TableError: It is no TOML, or a word in it is not in the event model.
    """
    return _convert(_toml(content, where), Profile, where)


_T = TypeVar("_T")


def _text(path: str) -> str:
    return files(__package__).joinpath(path).read_text(encoding="utf-8")


def _toml(content: str, where: str) -> dict[str, Any]:
    try:
        return tomllib.loads(content)
    except tomllib.TOMLDecodeError as mistake:
        raise TableError(f"{where}: {mistake}") from mistake


def _convert(content: object, into: type[_T], where: str) -> _T:
    try:
        return msgspec.convert(content, into, strict=False)
    except msgspec.ValidationError as mistake:
        raise TableError(f"{where}: {mistake}") from mistake


def _csv(name: str, into: type[_T], *, optional: tuple[str, ...] = ()) -> dict[str, _T]:
    rows: dict[str, _T] = {}
    for number, line in enumerate(csv.DictReader(_text(f"tables/{name}").splitlines()), 2):
        fields: dict[str, object] = {key: value for key, value in line.items() if value}
        code = str(fields.pop("code"))
        if "restores" in fields:
            fields["restores"] = str(fields["restores"]).split("|")
        for key in optional:
            if fields.get(key) == "none":
                fields[key] = None
        if code in rows:
            raise TableError(f"{name} line {number}: code {code} a second time")
        rows[code] = _convert(fields, into, f"{name} line {number}")
    return rows
