"""From the configuration to the accounts in memory: TOML files, database, keys; blocking."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from gateway.accounts.database import AccountsDatabase, Contents, KeysOf
from gateway.accounts.keys import KeyReader, KeyRef
from gateway.accounts.registry import Accounts, Group
from gateway.accounts.toml_file import Found, clashes, read_accounts
from gateway.config import Config, ConfigError, Mistake, SecretError

_TOLD_MAX: Final = 200  # mistakes about keys out of a database of a million accounts


def load_accounts(config: Config) -> Accounts:
    """Read all accounts and keys. Blocks: the daemon calls it in a thread.

    The weak keys that were allowed stand in ``Accounts.weak_keys`` afterwards.

    Raises:
        ConfigError: with all mistakes of all files.
    """
    reader = KeyReader()
    contents, mistakes = _from_database(config, reader)
    found: list[Found] = []
    for path in config.accounts.files:
        read, wrong = read_accounts(path)
        found += read
        mistakes += wrong
    mistakes += clashes(found)
    mistakes += [wrong for one in found for wrong in _also_in_database(one, contents)]
    for one in found:
        mistakes += _add(one, contents.groups, reader)
    if mistakes:
        raise ConfigError(sorted(mistakes, key=lambda one: (one.file, one.line)))
    return Accounts(
        contents.groups,
        learn_limit=max(0, config.accounts.learn_limit - len(contents.learnt)),
        weak_keys=tuple(reader.weak),
    )


def _from_database(config: Config, reader: KeyReader) -> tuple[Contents, list[Mistake]]:
    path = config.accounts.database
    learns = any(one.unknown_account == "learn" for one in config.inputs.values())
    if path is None or (learns and not path.exists()):  # made when the first account is learnt
        return Contents(), []
    try:
        with closing(AccountsDatabase(path)) as database:
            mistakes: list[Mistake] = []
            contents = database.contents(_key_source(reader, str(path), mistakes))
    except ConfigError as error:
        return Contents(), list(error.mistakes)
    for name in contents.time_zones:
        ZoneInfo(name)  # read from disk now, kept by zoneinfo, so that no lookup waits for it
    return contents, mistakes


def _also_in_database(one: Found, contents: Contents) -> Iterator[Mistake]:
    """Mistakes about an account that stands in the database as well; a learnt one may."""
    name, names = one.names()
    group = contents.groups.get(name)
    for key, account_id in names:
        at = group.find(account_id) if group is not None else None
        if at is not None and (name, at) not in contents.learnt:
            yield one.mistake(
                key,
                f"{name}/{account_id} stands in the accounts database as well",
                "each account in one place",
                f"alarm-gateway accounts remove {at.decode()} takes it out of the database",
            )


def _add(one: Found, groups: dict[str, Group], reader: KeyReader) -> list[Mistake]:
    """Add an account from TOML to those of the database."""
    record = one.record
    if record is None:
        return []
    keys: tuple[bytes, ...] = ()
    if one.key_ref is not None:
        try:
            keys = reader.keys(one.key_ref, record.group, record.id)
        except SecretError as error:
            key = "key_file" if one.key_ref.file else "key_credential"
            return [one.mistake(key, error.found, error.allowed, error.hint)]
    groups.setdefault(record.group, Group()).add(msgspec.structs.replace(record, keys=keys))
    return []


def _key_source(reader: KeyReader, database: str, mistakes: list[Mistake]) -> KeysOf:
    """Read the keys of accounts in the database; what is wrong with them goes to ``mistakes``."""

    def keys_of(group: str, account_id: str, ref: KeyRef) -> tuple[bytes, ...]:
        try:
            return reader.keys(ref, group, account_id)
        except SecretError as error:
            if len(mistakes) < _TOLD_MAX:
                mistakes.append(
                    Mistake(
                        file=database,
                        key=f"{group}/{account_id}",
                        found=error.found,
                        allowed=error.allowed,
                        hint=error.hint,
                    )
                )
            return ()

    return keys_of
