"""Files into the accounts database: all of them or nothing, all bad lines told at once."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import msgspec
from pydantic import ValidationError

from gateway.accounts.csv_rows import CsvFile, CsvRow, Kind, inner_model
from gateway.accounts.database import AccountsDatabase
from gateway.accounts.ids import bare, canonical, packed_id
from gateway.accounts.keys import KeyRef
from gateway.accounts.model import AccountRecord, AreaEntry, UserEntry, ZoneEntry
from gateway.accounts.tables import ZoneTable, zone_entry
from gateway.accounts.toml_file import check_account, clashes, read_accounts
from gateway.config import ConfigError, Mistake
from gateway.config.mistakes import Source, of_validation

MISTAKES_MAX: Final = 1_000  # told at most; beyond it the file is of another kind altogether
_LINES_MAX: Final = 1 << 40
_PROGRESS_EVERY: Final = 500  # rows


class Imported(msgspec.Struct):
    """What an import did."""

    added: int = 0
    replaced: int = 0
    zones: int = 0
    areas: int = 0
    users: int = 0
    skipped: list[Mistake] = []
    """With ``skip_bad``: what was left out."""


class _TooMany(Exception):  # noqa: N818  it ends the reading, it is no error of ours
    """There are more mistakes than anybody wants to read."""


class Importer:
    """Imports files into an open database, inside one transaction.

    Attributes:
        done: What it did so far.
    """

    def __init__(
        self,
        database: AccountsDatabase,
        *,
        skip_bad: bool = False,
        progress: Callable[[int], None] = lambda _read: None,
    ) -> None:
        """Prepare.

        Args:
            database: Where to.
            skip_bad: Leave out bad lines instead of refusing the whole.
            progress: Told how many bytes of the present file are read.
        """
        self.done: Final = Imported()
        self._database = database
        self._skip_bad = skip_bad
        self._progress = progress
        self._mistakes: list[Mistake] = []
        self._seen: dict[str, int] = {}  # id or alias -> index of the file and line, in one number
        self._files: list[Path] = []

    def run(self, paths: Sequence[Path]) -> Imported:
        """Import the files in their order.

        Raises:
            ConfigError: with all bad lines; nothing was imported then.
        """
        with self._database.writing():
            for path in paths:
                try:
                    self._file(path)
                except _TooMany:
                    break
            if self._mistakes and not self._skip_bad:
                raise ConfigError(self._mistakes)
            self.done.skipped = self._mistakes
        return self.done

    def _file(self, path: Path) -> None:
        self._files.append(path)
        if path.suffix.lower() == ".toml":
            self._toml(path)
            return
        try:
            with path.open("rb") as binary:
                file = io.TextIOWrapper(binary, encoding="utf-8-sig", newline="")
                rows = CsvFile(path, file)
                watched = self._watched(rows, binary.tell)
                if rows.kind == "account":
                    self._accounts(path, watched)
                else:
                    self._inner(path, rows.kind, watched)
        except ConfigError as error:
            self._tell(error.mistakes)
        except FileNotFoundError:
            self._tell([Mistake(file=str(path), found="there is no such file")])
        except (OSError, UnicodeDecodeError) as error:
            self._tell([Mistake(file=str(path), found=f"cannot be read: {error}",
                                hint="CSV in UTF-8 is wanted")])  # fmt: skip

    def _watched(self, rows: CsvFile, position: Callable[[], int]) -> Iterator[CsvRow]:
        for number, row in enumerate(rows):
            if number % _PROGRESS_EVERY == 0:
                self._progress(position())
            yield row

    def _tell(self, mistakes: Sequence[Mistake]) -> None:
        self._mistakes += mistakes
        if len(self._mistakes) >= MISTAKES_MAX:
            raise _TooMany

    def _toml(self, path: Path) -> None:
        found, mistakes = read_accounts(path)
        self._tell([*mistakes, *clashes(found)])
        for one in found:
            if one.record is not None:
                self._put(one.record, one.key_ref, one.source)

    def _accounts(self, path: Path, rows: Iterator[CsvRow]) -> None:
        for row in rows:
            source = _source(path, row)
            account, mistakes = check_account(row.table, source)
            self._tell(mistakes)
            if account is not None:
                self._put(account.record(), account.key_ref(path.absolute().parent), source)

    def _from_database(self, ref: KeyRef) -> KeyRef:
        """Spell a key file's path from where the database stands, when it is below that folder."""
        folder = self._database.path.absolute().parent
        if ref.file is None or not Path(ref.file).is_relative_to(folder):
            return ref
        return msgspec.structs.replace(ref, file=os.path.relpath(ref.file, folder))

    def _put(self, record: AccountRecord, ref: KeyRef | None, source: Source) -> None:
        place = (len(self._files) - 1) * _LINES_MAX + source.line
        key = packed_id(record.id)
        mistakes = []
        for name, account_id in [("id", record.id), *(("aliases", one) for one in record.aliases)]:
            other = self._seen.setdefault(f"{record.group}/{canonical(account_id)}", place)
            holder = self._database.taken(record.group, account_id)
            taken = ""
            if other != place:
                file, line = divmod(other, _LINES_MAX)
                taken = f"stands already in {self._files[file]}:{line}"
            elif holder is not None and holder != key:
                taken = f"is an id or alias of {holder.decode()} in the database"
            if taken:
                found = f"{record.group}/{account_id} {taken}"
                mistakes.append(source.mistake((name,), found, "each id and alias once in a group"))
        if mistakes:
            self._tell(mistakes)
            return
        old = self._database.find(record.group, record.id)
        if old is not None and packed_id(old[0].id) == key:
            record = _with_old_places(record, old[0])
        if self._database.put(record, self._from_database(ref) if ref is not None else None):
            self.done.added += 1
        else:
            self.done.replaced += 1

    def _inner(self, path: Path, kind: Kind, rows: Iterator[CsvRow]) -> None:
        """Zones, areas or users; rows of one account that stand together are written together."""
        for (group, account_id), some in groupby(rows, _account_of):
            entries = [entry for row in some for entry in self._entry(path, kind, row)]
            if not entries:
                continue
            found = self._database.find(group, account_id)
            if found is None:
                self._tell([
                    source.mistake(
                        ("account",), f"there is no account {group}/{account_id}",
                        "an account in the database, or earlier in this import",
                        "accounts come first: accounts import accounts.csv zones.csv",
                    )
                    for source, _ in entries
                ])  # fmt: skip
                continue
            self._merge(kind, found[0], found[1], [entry for _, entry in entries])

    def _entry(self, path: Path, kind: Kind, row: CsvRow) -> Iterator[tuple[Source, Any]]:
        """Check a row in itself."""
        source = _source(path, row)
        table = {
            key: value for key, value in row.table.items() if key not in {"account", "group", kind}
        }
        if kind == "zone" and "area" in row.table:
            table["area"] = row.table["area"]
        inner_id = row.table.get(kind, "")
        mistakes = []
        for name, value in (("account", row.table.get("account", "")), (kind, inner_id)):
            is_good = value.isascii() and value.isalnum() if name == kind else bool(value)
            if not is_good:
                mistakes.append(
                    source.mistake((name,), f"found {value!r}", "1 to 16 letters or digits")
                )
        try:
            entry = inner_model(kind).model_validate(table)
        except ValidationError as error:
            mistakes += of_validation(error, inner_model(kind), source)
        if mistakes:
            self._tell(mistakes)
        else:
            yield source, _as_entry(kind, inner_id, entry)

    def _merge(
        self, kind: Kind, record: AccountRecord, ref: KeyRef | None, entries: list[Any]
    ) -> None:
        merged: dict[str, Any] = {bare(one.id): one for one in getattr(record, f"{kind}s")}
        merged |= {bare(entry.id): entry for entry in entries}
        changed: dict[str, Any] = {f"{kind}s": tuple(merged.values())}
        if kind == "zone":
            # A list of zones may be all that a station has: an area that only it names is one.
            areas = {bare(one.id): one for one in record.areas}
            for entry in entries:
                if entry.area is not None:
                    areas.setdefault(bare(entry.area), AreaEntry(id=entry.area))
            changed["areas"] = tuple(areas.values())
        setattr(self.done, f"{kind}s", getattr(self.done, f"{kind}s") + len(entries))
        self._database.put(msgspec.structs.replace(record, **changed), ref)


def _with_old_places(record: AccountRecord, old: AccountRecord) -> AccountRecord:
    """Keep areas, zones and users that an earlier import brought, where this one brings none."""
    return msgspec.structs.replace(
        record,
        areas=record.areas or old.areas,
        zones=record.zones or old.zones,
        users=record.users or old.users,
    )


def _as_entry(kind: Kind, inner_id: str, entry: Any) -> AreaEntry | ZoneEntry | UserEntry:
    if isinstance(entry, ZoneTable):
        return zone_entry(inner_id, entry)
    if kind == "area":
        return AreaEntry(id=inner_id, name=entry.name, area_class=entry.area_class)
    return UserEntry(id=inner_id, name=entry.name)


def _account_of(row: CsvRow) -> tuple[str, str]:
    return str(row.table.get("group", "main")).lower(), str(row.table.get("account", ""))


def _source(path: Path, row: CsvRow) -> Source:
    """Where a row stands; every key of it is on its line."""
    return Source(file=str(path), lines={(): row.line}, data=row.table)
