"""The form in which an account is kept in memory and in the database: msgpack, without field names.

The order of the fields is the format of the accounts database; add at the end only.
Keys never stand in it. In memory they stand before it (``with_keys``), which costs an account
17 bytes where a table of keys would cost it 200; in the database there is their name only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Literal, TypeVar

import msgspec

from gateway.accounts.ids import bare
from gateway.accounts.model import (
    AccountRecord,
    AreaEntry,
    Encryption,
    TimestampCheck,
    UserEntry,
    ZoneEntry,
)
from gateway.contract.event import AreaClass, PremiseType

_Entry = TypeVar("_Entry", AreaEntry, ZoneEntry, UserEntry)


class PackedArea(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An area as it is packed, under its bare id."""

    name: str | None = None
    area_class: AreaClass | None = None
    spelled: str | None = None
    """The id as configured, when that is not the bare one."""


class PackedZone(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A zone as it is packed, under its bare id."""

    name: str | None = None
    area: str | None = None
    area_class: AreaClass | None = None
    sensor: str | None = None
    location: str | None = None
    spelled: str | None = None
    """The id as configured, when that is not the bare one."""


class PackedUser(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A user as it is packed, under its bare id."""

    name: str | None = None
    spelled: str | None = None
    """The id as configured, when that is not the bare one."""


class PackedRest(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What most accounts leave at its default; left out altogether when all of it is."""

    aliases: tuple[str, ...] = ()
    known: bool = True
    time_zone: str = "UTC"
    profile: str = "standard"
    encryption: Encryption | None = None
    inner_account_any: bool = False
    sources: tuple[str, ...] = ()
    supervision_s: int | None = None
    timestamp_check: TimestampCheck = "encrypted"
    past_s: float = 40.0
    future_s: float = 20.0
    address_base: Literal[10, 16] = 10
    modifiers_trail: bool = False
    certificates: tuple[str, ...] = ()


class PackedAccount(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An account as it is packed; areas, zones and users stay packed until somebody asks."""

    id: str
    name: str | None
    premise_type: PremiseType | None
    area_class: AreaClass | None
    rest: PackedRest | None
    areas: msgspec.Raw
    zones: msgspec.Raw
    users: msgspec.Raw


_FIRST_BYTE: Final = 0x90  # msgpack's mark of an array; a number of keys is smaller
_REST: Final = PackedRest()
_REST_FIELDS: Final = PackedRest.__struct_fields__
_encoder: Final = msgspec.msgpack.Encoder()
_account: Final = msgspec.msgpack.Decoder(PackedAccount)
_inner: Final = msgspec.msgpack.Decoder(dict[str, msgspec.Raw])
unpack_inner: Final = _inner.decode
"""Areas, zones or users by bare id, each still packed."""
unpack_area: Final = msgspec.msgpack.Decoder(PackedArea).decode
unpack_zone: Final = msgspec.msgpack.Decoder(PackedZone).decode
unpack_user: Final = msgspec.msgpack.Decoder(PackedUser).decode


def pack(record: AccountRecord) -> bytes:
    """Pack a record; its group and its keys are not in it."""
    rest = PackedRest(**{name: getattr(record, name) for name in _REST_FIELDS})
    return _encoder.encode(
        PackedAccount(
            record.id,
            record.name,
            record.premise_type,
            record.area_class,
            None if rest == _REST else rest,
            _rows(record.areas, PackedArea),
            _rows(record.zones, PackedZone),
            _rows(record.users, PackedUser),
        )
    )


def unpack(packed: bytes) -> PackedAccount:
    """Read the account; what it holds inside stays packed."""
    return _account.decode(packed)


def with_keys(packed: bytes, keys: Sequence[bytes]) -> bytes:
    """Put raw keys before a packed account: their number, then each with its length before it."""
    if not keys:
        return packed
    if len(keys) == 1:
        return b"\x01%c%b%b" % (len(keys[0]), keys[0], packed)
    return b"".join((bytes((len(keys),)), *(bytes((len(key),)) + key for key in keys), packed))


def keys_in(stored: bytes) -> tuple[bytes, ...]:
    """The raw keys before a packed account."""
    return _split(stored)[0]


def packed_in(stored: bytes) -> bytes:
    """The packed account behind its keys."""
    return stored if stored[0] >= _FIRST_BYTE else stored[_split(stored)[1] :]


def _split(stored: bytes) -> tuple[tuple[bytes, ...], int]:
    """The keys, and where the account begins."""
    if stored[0] >= _FIRST_BYTE:
        return (), 0
    keys, at = [], 1
    for _ in range(stored[0]):
        end = at + 1 + stored[at]
        keys.append(stored[at + 1 : end])
        at = end
    return tuple(keys), at


def rest_of(account: PackedAccount) -> PackedRest:
    """What most accounts leave at its default."""
    return account.rest or _REST


def record_of(group: str, account: PackedAccount, keys: tuple[bytes, ...] = ()) -> AccountRecord:
    """Read all of it back into the contract's record."""
    rest: dict[str, Any] = {name: getattr(rest_of(account), name) for name in _REST_FIELDS}
    return AccountRecord(
        group=group,
        id=account.id,
        name=account.name,
        premise_type=account.premise_type,
        area_class=account.area_class,
        keys=keys,
        areas=_entries(account.areas, unpack_area, AreaEntry),
        zones=_entries(account.zones, unpack_zone, ZoneEntry),
        users=_entries(account.users, unpack_user, UserEntry),
        **rest,
    )


def _rows(entries: Iterable[Any], row: type[msgspec.Struct]) -> msgspec.Raw:
    """Pack entries by their bare ids, each without the empty fields at its end."""
    rows = {}
    names = row.__struct_fields__[:-1]
    for entry in entries:
        key = bare(entry.id)
        values = [getattr(entry, name) for name in names]
        values.append(entry.id if entry.id != key else None)
        while values and values[-1] is None:
            values.pop()
        rows[key] = values
    return msgspec.Raw(_encoder.encode(rows))


def _entries(
    packed: msgspec.Raw, unpack_row: Callable[[msgspec.Raw], Any], entry: type[_Entry]
) -> tuple[_Entry, ...]:
    names = [name for name in entry.__struct_fields__ if name != "id"]
    entries = []
    for key, raw in unpack_inner(packed).items():
        row = unpack_row(raw)
        values = {name: getattr(row, name) for name in names}
        entries.append(entry(id=row.spelled or key, **values))
    return tuple(entries)
