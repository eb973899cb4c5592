"""All accounts in memory: one packed record each, found by (group, id), read on use.

A million accounts take about 0.4 KiB each: per group one dictionary from the id's bytes to the
packed record, and a number per account for supervision. No lookup reads the disk.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import repeat
from typing import Final, TypeAlias

from gateway.accounts.account import Account
from gateway.accounts.ids import packed_id
from gateway.accounts.model import AccountRecord
from gateway.accounts.packed import keys_in, pack, packed_in, unpack, with_keys

AccountKey: TypeAlias = tuple[str, str]

_RECENT_MAX: Final = 8_192  # accounts kept readable, in each of two generations (about 2 KiB each)


class Group:
    """The accounts of one group.

    Attributes:
        records: Packed records behind their keys, by canonical id; only grows, so that its order
            is stable.
        supervision: Intervals in seconds in the order of ``records``; 0 for none.
        aliases: Canonical id of the account by canonical alias.
        keyed: How many of them have a key.
    """

    __slots__ = ("aliases", "keyed", "records", "supervision")

    def __init__(self) -> None:
        self.records: dict[bytes, bytes] = {}
        self.supervision: array[int] = array("I")
        self.aliases: dict[bytes, bytes] = {}
        self.keyed = 0

    def find(self, account_id: str) -> bytes | None:
        """The canonical id of the account with this id or alias."""
        key = packed_id(account_id)
        if key in self.records:
            return key
        return self.aliases.get(key)

    def add(self, record: AccountRecord) -> None:
        """Add or replace an account."""
        key = packed_id(record.id)
        if key in self.records:
            self.supervision[list(self.records).index(key)] = record.supervision_s or 0
            self.keyed -= bool(keys_in(self.records[key]))
        else:
            self.supervision.append(record.supervision_s or 0)
        self.records[key] = with_keys(pack(record), record.keys)
        self.keyed += bool(record.keys)
        for alias in record.aliases:
            self.aliases[packed_id(alias)] = key


class Accounts:
    """Looks accounts up. One instance is one state of the files; a reload makes a new one."""

    def __init__(
        self,
        groups: dict[str, Group] | None = None,
        *,
        learn_limit: int = 10_000,
        weak_keys: tuple[tuple[str, str, str], ...] = (),
    ) -> None:
        self.weak_keys: Final = weak_keys
        """(group, id, reason) of the weak keys that were allowed."""
        self._groups: dict[str, Group] = {} if groups is None else groups
        self._recent: dict[AccountKey, Account] = {}
        self._older: dict[AccountKey, Account] = {}
        self._learn_left = learn_limit
        self._learnt: list[AccountRecord] = []

    @classmethod
    def of(cls, records: Iterable[AccountRecord]) -> Accounts:
        """Make a registry of these records."""
        accounts = cls()
        for record in records:
            accounts._groups.setdefault(record.group, Group()).add(record)
        return accounts

    def __len__(self) -> int:
        """How many accounts there are, learnt ones included."""
        return sum(len(group.records) for group in self._groups.values())

    def lookup(self, group: str, account_id: str) -> Account | None:
        """The account with this id or alias, case ignored; None when there is none."""
        account = self._recent.get((group, account_id))
        if account is not None:
            return account
        return self._read(group, account_id)

    def keys(self, group: str) -> Callable[[str], Sequence[bytes]]:
        """What a codec asks for the keys of an account of this group."""
        held = self._groups.get(group)
        if held is None or not held.keyed:
            return lambda _account_id: ()

        def keys_of(account_id: str) -> Sequence[bytes]:
            key = held.find(account_id)
            return keys_in(held.records[key]) if key is not None else ()

        return keys_of

    def keyrings(self) -> dict[AccountKey, bytes]:
        """The keys of all accounts that have any, each as one text, without reading records."""
        return {
            (name, key.decode()): with_keys(b"", keys)
            for name, group in self._groups.items()
            if group.keyed
            for key, stored in list(group.records.items())
            if (keys := keys_in(stored))
        }

    def supervised(self) -> Iterator[tuple[AccountKey, int]]:
        """All supervised accounts with their interval in seconds, without reading the records."""
        for name, group in self._groups.items():
            keys = zip(repeat(name), map(bytes.decode, group.records))
            for key, interval_s in zip(keys, group.supervision, strict=True):
                if interval_s:
                    yield key, interval_s

    def all(self, group: str | None = None) -> Iterator[Account]:
        """All accounts, for listings; nothing is remembered of them."""
        for name, held in self._groups.items():
            if group is None or name == group:
                for stored in held.records.values():
                    yield _account(name, stored)

    def groups(self) -> dict[str, int]:
        """The groups, with the number of their accounts."""
        return {name: len(group.records) for name, group in self._groups.items()}

    def keyed(self) -> int:
        """How many accounts have a key."""
        return sum(group.keyed for group in self._groups.values())

    def learn(self, group: str, account_id: str) -> Account:
        """Take an account up that nobody configured, as not known (REL-27, policy ``learn``).

        In memory only and at once; ``learnt`` hands out what is to be written to the database.
        Beyond the limit the stranger is served but not taken up.
        """
        found = self.lookup(group, account_id)
        if found is not None:
            return found
        if self._learn_left <= 0:
            return Account.unknown(group, account_id)
        self._learn_left -= 1
        record = AccountRecord(group=group, id=account_id, known=False)
        self._groups.setdefault(group, Group()).add(record)
        self._learnt.append(record)
        return self.lookup(group, account_id) or Account.unknown(group, account_id)

    def learnt(self) -> list[AccountRecord]:
        """What was learnt since the last call; to be written by ``database.save_learnt``."""
        learnt, self._learnt = self._learnt, []
        return learnt

    def _read(self, group: str, account_id: str) -> Account | None:
        account = self._older.get((group, account_id))
        if account is None:
            held = self._groups.get(group)
            key = held.find(account_id) if held is not None else None
            if held is None or key is None:
                return None
            account = _account(group, held.records[key])
        if len(self._recent) >= _RECENT_MAX:
            # What was not asked for during a whole generation is forgotten.
            self._older, self._recent = self._recent, {}
        self._recent[group, account_id] = account
        return account


def _account(group: str, stored: bytes) -> Account:
    return Account(group, unpack(packed_in(stored)), keys_in(stored))
