"""Accounts out of TOML files: reads them, checks each account in itself, tells all mistakes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
from pydantic import ValidationError

from gateway.accounts.ids import bare, canonical
from gateway.accounts.keys import KeyRef
from gateway.accounts.model import AccountRecord
from gateway.accounts.tables import AccountFile, AccountTable
from gateway.config import ConfigError, Mistake, read_toml
from gateway.config.mistakes import Source, did_you_mean, of_validation
from gateway.contract.topics import MAIN_GROUP

Broken: TypeAlias = tuple[tuple[object, ...], str, str, str]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """An account that stands in a file, sound or not."""

    record: AccountRecord | None
    """Without its keys; None when the account is not sound in itself."""
    key_ref: KeyRef | None
    source: Source

    def mistake(self, key: str, found: str, allowed: str, hint: str = "") -> Mistake:
        """A mistake about it."""
        return self.source.mistake((key,), found, allowed, hint)

    def names(self) -> tuple[str, list[tuple[str, str]]]:
        """Its group, and its id and aliases with the key under which they stand."""
        table = self.source.data if isinstance(self.source.data, dict) else {}
        group, aliases = table.get("group", MAIN_GROUP), table.get("aliases")
        named = [("id", table.get("id"))]
        named += [("aliases", alias) for alias in (aliases if isinstance(aliases, list) else [])]
        return str(group).lower(), [(key, one) for key, one in named if isinstance(one, str)]


def read_accounts(path: Path) -> tuple[list[Found], list[Mistake]]:
    """Read a TOML file of accounts; what is wrong with them comes as mistakes."""
    try:
        data, lines = read_toml(path)
    except ConfigError as error:
        return [], list(error.mistakes)
    tables = data.get("account", [])
    is_list = isinstance(tables, list)
    mistakes = _mistakes_of_file(
        {**data, "account": [] if is_list else tables},
        Source(file=str(path), lines=lines, data=data),
    )
    found: list[Found] = []
    for number, table in enumerate(tables if is_list else []):
        source = Source(file=str(path), lines=lines, root=("account", number), data=table)
        account, wrong = check_account(table, source)
        mistakes += wrong
        record = account.record() if account is not None else None
        ref = account.key_ref(path.absolute().parent) if account is not None else None
        found.append(Found(record=record, key_ref=ref, source=source))
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


def _mistakes_of_file(data: object, source: Source) -> list[Mistake]:
    try:
        AccountFile.model_validate(data)
    except ValidationError as error:
        return of_validation(error, AccountFile, source)
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
    seen: dict[tuple[str, str], Source] = {}
    for one in found:
        group, names = one.names()
        for number, (key, account_id) in enumerate(names):
            other = seen.setdefault((group, canonical(account_id)), one.source)
            is_own = canonical(account_id) in {canonical(name) for _, name in names[:number]}
            if other is not one.source or is_own:
                yield one.mistake(
                    key,
                    f"{group}/{account_id} stands already in {other.file}:{other.line}",
                    "each id and alias once in a group",
                )
