"""The accounts database of a station: one packed record per account in an SQLite file.

Written by ``accounts import`` and by the policy ``learn``, read as a whole at start and on
SIGHUP. Keys stand in it by reference only. Who reads it here blocks; nobody does on the loop.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final, TypeAlias

import msgspec

from gateway.accounts.ids import packed_id
from gateway.accounts.keys import KeyRef
from gateway.accounts.model import AccountRecord
from gateway.accounts.packed import pack, record_of, unpack, with_keys
from gateway.accounts.registry import Group
from gateway.config import ConfigError, Mistake

APPLICATION: Final = 0x414C4757  # "ALGW": what SQLite calls application_id
VERSION: Final = 1
_BUSY_S: Final = 10.0  # how long to wait for another process that writes
_MODE: Final = 0o640  # it holds who lives where, though no keys

# No table has a rowid: an account is read by its group and id, and all of them in that order.
_SCHEMA: Final = f"""
CREATE TABLE account (
    grp TEXT NOT NULL, id BLOB NOT NULL, supervision_s INTEGER NOT NULL, record BLOB NOT NULL,
    PRIMARY KEY (grp, id)) WITHOUT ROWID;
CREATE TABLE alias (
    grp TEXT NOT NULL, id BLOB NOT NULL, account BLOB NOT NULL,
    PRIMARY KEY (grp, id)) WITHOUT ROWID;
CREATE TABLE key_ref (
    grp TEXT NOT NULL, id BLOB NOT NULL, ref BLOB NOT NULL, PRIMARY KEY (grp, id)) WITHOUT ROWID;
CREATE TABLE learnt (grp TEXT NOT NULL, id BLOB NOT NULL, PRIMARY KEY (grp, id)) WITHOUT ROWID;
CREATE TABLE time_zone (name TEXT PRIMARY KEY) WITHOUT ROWID;
PRAGMA application_id = {APPLICATION};
PRAGMA user_version = {VERSION};
"""
KeysOf: TypeAlias = Callable[[str, str, KeyRef], tuple[bytes, ...]]
_key_refs: Final = msgspec.msgpack.Decoder(KeyRef)
_encode: Final = msgspec.msgpack.Encoder().encode


class Contents(msgspec.Struct, frozen=True):
    """All that a database holds, as the registry takes it."""

    groups: dict[str, Group] = {}
    learnt: set[tuple[str, bytes]] = set()
    time_zones: list[str] = []


class AccountsDatabase:
    """An open database; everything inside ``writing`` happens or nothing does."""

    def __init__(self, path: Path, *, make: bool = False) -> None:
        """Open it.

        Args:
            path: The file.
            make: Make an empty one when there is none.

        Raises:
            ConfigError: when there is none, or it is none of ours, or newer than this program.
        """
        self.path: Final = path
        if not make and not path.exists():
            raise _mistake(
                path, "there is no such file", "a database made by 'alarm-gateway accounts import'"
            )
        try:
            if not path.exists():
                os.close(os.open(path, os.O_CREAT | os.O_WRONLY, _MODE))
            self._db: Final = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None)
            try:
                self._check()
            except BaseException:
                self._db.close()
                raise
        except (sqlite3.Error, OSError) as error:
            raise _mistake(path, f"cannot be opened: {error}", "an accounts database") from error

    def _check(self) -> None:
        application = self._db.execute("PRAGMA application_id").fetchone()[0]
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if (
            application == 0
            and version == 0
            and not self._db.execute("SELECT 1 FROM sqlite_schema").fetchone()
        ):
            self._db.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} COMMIT;")
        elif application != APPLICATION:
            raise _mistake(self.path, "another program's database", "an accounts database")
        elif version > VERSION:
            raise _mistake(
                self.path, f"version {version}, made by a newer alarm-gateway",
                f"version {VERSION} or older", "install the newer version, or import again",
            )  # fmt: skip

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Write in one transaction: an exception leaves the file as it was."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise _mistake(
                self.path,
                f"cannot be written: {error}",
                "nobody else writing, and room on the disk",
            ) from error
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def find(self, group: str, account_id: str) -> tuple[AccountRecord, KeyRef | None] | None:
        """The account with this id or alias, without its keys."""
        key = packed_id(account_id)
        row = self._db.execute(
            "SELECT id, record FROM account WHERE grp = ? AND id = coalesce("
            "(SELECT account FROM alias WHERE grp = ? AND id = ?), ?)",
            (group, group, key, key),
        ).fetchone()
        if row is None:
            return None
        ref = self._db.execute(
            "SELECT ref FROM key_ref WHERE grp = ? AND id = ?", (group, row[0])
        ).fetchone()
        record = record_of(group, unpack(row[1]))
        return record, _key_refs.decode(ref[0]) if ref is not None else None

    def taken(self, group: str, account_id: str) -> bytes | None:
        """The canonical id of the known account that has this id or alias."""
        key = packed_id(account_id)
        row = self._db.execute(
            "SELECT id FROM account WHERE grp = ?1 AND id = ?2 "
            "AND NOT EXISTS (SELECT 1 FROM learnt WHERE grp = ?1 AND id = ?2) "
            "UNION ALL SELECT account FROM alias WHERE grp = ?1 AND id = ?2",
            (group, key),
        ).fetchone()
        return row[0] if row is not None else None

    def put(self, record: AccountRecord, ref: KeyRef | None) -> bool:
        """Add or replace an account; says whether it is new. Inside ``writing``."""
        key, group = packed_id(record.id), record.group
        is_new = (
            self._db.execute(
                "SELECT 1 FROM account WHERE grp = ? AND id = ?", (group, key)
            ).fetchone()
            is None
        )
        if not is_new:
            self._forget(group, key)
        self._db.execute(
            "INSERT INTO account VALUES (?, ?, ?, ?)",
            (group, key, record.supervision_s or 0, pack(record)),
        )
        for alias in record.aliases:
            self._db.execute(
                "INSERT OR REPLACE INTO alias VALUES (?, ?, ?)", (group, packed_id(alias), key)
            )
        if ref is not None:
            self._db.execute("INSERT INTO key_ref VALUES (?, ?, ?)", (group, key, _encode(ref)))
        if not record.known:
            self._db.execute("INSERT INTO learnt VALUES (?, ?)", (group, key))
        self._db.execute("INSERT OR IGNORE INTO time_zone VALUES (?)", (record.time_zone,))
        return is_new

    def remove(self, group: str, account_id: str) -> bool:
        """Take an account out; says whether there was one. Inside ``writing``."""
        return self._forget(group, packed_id(account_id))

    def _forget(self, group: str, key: bytes) -> bool:
        for table, column in (("alias", "account"), ("key_ref", "id"), ("learnt", "id")):
            self._db.execute(f"DELETE FROM {table} WHERE grp = ? AND {column} = ?", (group, key))  # noqa: S608  names from the line above
        gone = self._db.execute("DELETE FROM account WHERE grp = ? AND id = ?", (group, key))
        return gone.rowcount > 0

    def accounts(self, group: str | None = None) -> Iterator[tuple[AccountRecord, KeyRef | None]]:
        """All accounts by group and id, without their keys."""
        for name, record, ref in self._db.execute(
            "SELECT account.grp, record, ref FROM account LEFT JOIN key_ref USING (grp, id) "
            "WHERE ?1 IS NULL OR account.grp = ?1 ORDER BY account.grp, account.id",
            (group,),
        ):
            yield record_of(name, unpack(record)), _key_refs.decode(ref) if ref else None

    def _ref(self, packed: bytes) -> KeyRef:
        """A reference, its path counted from the folder of the database."""
        ref = _key_refs.decode(packed)
        if ref.file is None:
            return ref
        return msgspec.structs.replace(ref, file=str(self.path.absolute().parent / ref.file))

    def named(
        self, account_id: str, group: str | None = None
    ) -> Iterator[tuple[AccountRecord, KeyRef | None]]:
        """The accounts with this id or alias, in one group or in all."""
        groups = [name for (name,) in self._db.execute("SELECT DISTINCT grp FROM account")]
        for name in groups if group is None else [group]:
            found = self.find(name, account_id)
            if found is not None:
                yield found

    def contents(self, keys_of: KeysOf) -> Contents:
        """Read all of it.

        Args:
            keys_of: Gives the raw keys by group, id and reference; tells its mistakes itself.

        Raises:
            ConfigError: when the file is damaged.
        """
        try:
            return self._contents(keys_of)
        except (sqlite3.Error, msgspec.DecodeError) as error:
            raise _mistake(self.path, f"cannot be read: {error}", "an accounts database") from error

    def _contents(self, keys_of: KeysOf) -> Contents:
        groups: dict[str, Group] = {}
        refs: dict[bytes, KeyRef] = {}  # a keyring serves many accounts
        for (name,) in self._db.execute("SELECT DISTINCT grp FROM account").fetchall():
            group = groups[name] = Group()
            records, add_interval = group.records, group.supervision.append
            for key, interval_s, record, packed in self._db.execute(
                "SELECT account.id, supervision_s, record, ref FROM account "
                "LEFT JOIN key_ref USING (grp, id) WHERE account.grp = ?",
                (name,),
            ):
                records[key] = record
                add_interval(interval_s)
                if packed is not None:
                    ref = refs.get(packed) or refs.setdefault(packed, self._ref(packed))
                    records[key] = with_keys(record, keys_of(name, key.decode(), ref))
                    group.keyed += 1
            group.aliases = dict(
                self._db.execute("SELECT id, account FROM alias WHERE grp = ?", (name,))
            )
        return Contents(
            groups,
            set(self._db.execute("SELECT grp, id FROM learnt")),
            [name for (name,) in self._db.execute("SELECT name FROM time_zone")],
        )


def save_learnt(path: Path, records: Iterable[AccountRecord]) -> int:
    """Write accounts that were learnt, unless they are known by now; blocking.

    Returns:
        How many were written.

    Raises:
        ConfigError: when the database cannot be written.
    """
    written = 0
    with closing(AccountsDatabase(path, make=True)) as database, database.writing():
        for record in records:
            if database.find(record.group, record.id) is None:
                database.put(record, None)
                written += 1
    return written


def _mistake(path: Path, found: str, allowed: str, hint: str = "") -> ConfigError:
    return ConfigError([Mistake(file=str(path), found=found, allowed=allowed, hint=hint)])
