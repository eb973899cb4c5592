"""Accounts out of TOML files: reads them, checks each account in itself, tells all mistakes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
from pydantic import ValidationError

from gateway.accounts.ids import bare
from gateway.accounts.keys import KeyRef
from gateway.accounts.model import AccountRecord
from gateway.accounts.tables import AccountFile, AccountTable
from gateway.config import ConfigError, Mistake, read_toml
from gateway.config.mistakes import Source, did_you_mean, of_validation

Broken: TypeAlias = tuple[tuple[object, ...], str, str, str]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """An account that was read, and where it stood."""

    record: AccountRecord
    """Without its keys."""
    key_ref: KeyRef | None
    source: Source

    def mistake(self, key: str, found: str, allowed: str, hint: str = "") -> Mistake:
        """A mistake about it."""
        return self.source.mistake((key,) if key else (), found, allowed, hint)


def read_accounts(path: Path) -> tuple[list[Found], list[Mistake]]:
    """Read a TOML file of accounts; what is wrong comes as mistakes, what is right as accounts."""
    try:
        data, lines = read_toml(path)
    except ConfigError as error:
        return [], list(error.mistakes)
    whole = Source(file=str(path), lines=lines, data=data)
    tables = data.get("account", [])
    mistakes: list[Mistake] = []
    rest = {key: value for key, value in data.items() if key != "account"}
    if rest or not isinstance(tables, list):
        mistakes += _mistakes_of(
            AccountFile, {**rest, "account": [] if isinstance(tables, list) else tables}, whole
        )
    found: list[Found] = []
    for number, table in enumerate(tables if isinstance(tables, list) else []):
        source = Source(file=str(path), lines=lines, root=("account", number), data=table)
        account, wrong = check_account(table, source)
        mistakes += wrong
        if account is not None:
            ref = account.key_ref(lambda name: str(path.absolute().parent / name))
            found.append(Found(record=account.record(), key_ref=ref, source=source))
    return found, mistakes


def check_account(table: object, source: Source) -> tuple[AccountTable | None, list[Mistake]]:
    """Check one account in itself."""
    mistakes: list[Mistake] = []
    account: AccountTable | None = None
    try:
        account = AccountTable.model_validate(table)
    except ValidationError as error:
        mistakes = of_validation(error, AccountTable, source)
    if isinstance(table, dict):
        mistakes += [source.mistake(*broken) for rule in _RULES for broken in rule(table)]
    return (None if mistakes else account), mistakes


def _mistakes_of(model: type[AccountFile], data: object, source: Source) -> list[Mistake]:
    try:
        model.model_validate(data)
    except ValidationError as error:
        return of_validation(error, model, source)
    return []


def _ids(table: Mapping[str, Any], name: str) -> list[str]:
    inner = table.get(name)
    return [str(key) for key in inner] if isinstance(inner, dict) else []


def _inner_ids_differ(table: Mapping[str, Any]) -> Iterator[Broken]:
    for name in ("areas", "zones", "users"):
        seen: dict[str, str] = {}
        for one in _ids(table, name):
            other = seen.setdefault(bare(one), one)
            if other != one:
                yield (name, one), f"the same as {other!r}, leading zeros ignored", "each once", ""


def _areas_of_zones_exist(table: Mapping[str, Any]) -> Iterator[Broken]:
    known = _ids(table, "areas")
    names = {bare(one) for one in known}
    zones = table.get("zones")
    for zone_id, zone in zones.items() if isinstance(zones, dict) else ():
        area = zone.get("area") if isinstance(zone, dict) else None
        if isinstance(area, str) and bare(area) not in names:
            yield (
                ("zones", zone_id, "area"), f"found {area!r}, which is no area of this account",
                ", ".join(known) or "none has been given", did_you_mean(area, known),
            )  # fmt: skip


def _key_settings_fit(table: Mapping[str, Any]) -> Iterator[Broken]:
    has_key = "key_file" in table or "key_credential" in table
    if "key_file" in table and "key_credential" in table:
        yield ("key_credential",), "there is a key_file as well", "one of the two", ""
    for name in ("key_format", "allow_weak_key"):
        if name in table and not has_key:
            yield (name,), "there is no key", "beside key_file or key_credential", ""
    if table.get("encryption") in ("required", "optional") and not has_key:
        yield (
            ("encryption",), f"found {table['encryption']!r}, but there is no key", "forbidden",
            "key_file = 'keys/<id>.key' gives it one",
        )  # fmt: skip


_RULES = (_inner_ids_differ, _areas_of_zones_exist, _key_settings_fit)


def clashes(found: Iterable[Found]) -> Iterator[Mistake]:
    """Accounts or aliases that stand more than once in a group."""
    seen: dict[tuple[str, str], Found] = {}
    for one in found:
        record = one.record
        for key, account_id in [
            ("id", record.id),
            *(("aliases", alias) for alias in record.aliases),
        ]:
            place = (record.group, account_id.upper())
            other = seen.setdefault(place, one)
            if other is not one or (key == "aliases" and account_id.upper() == record.id.upper()):
                at = other.mistake("id", "", "")
                yield one.mistake(
                    key,
                    f"{record.group}/{account_id} stands already in {at.file}"
                    + (f":{at.line}" if at.line else ""),
                    "each id and alias once in a group",
                )
