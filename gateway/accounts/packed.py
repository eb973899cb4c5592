"""The form in which an account is kept in memory and in the database: msgpack, without field names.

The order of the fields is the format of the accounts database; add at the end only.
Keys never stand in it: they are kept apart (``registry``), in the database by reference.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, Literal, TypeVar

import msgspec

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
    """An area as it is packed."""

    id: str
    name: str | None = None
    area_class: AreaClass | None = None


class PackedZone(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A zone as it is packed."""

    id: str
    name: str | None = None
    area: str | None = None
    area_class: AreaClass | None = None
    sensor: str | None = None
    location: str | None = None


class PackedUser(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A user as it is packed."""

    id: str
    name: str | None = None


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


_REST: Final = PackedRest()
_REST_FIELDS: Final = PackedRest.__struct_fields__
_encoder: Final = msgspec.msgpack.Encoder()
_account: Final = msgspec.msgpack.Decoder(PackedAccount)
_areas: Final = msgspec.msgpack.Decoder(tuple[PackedArea, ...])
_zones: Final = msgspec.msgpack.Decoder(tuple[PackedZone, ...])
_users: Final = msgspec.msgpack.Decoder(tuple[PackedUser, ...])
unpack_areas: Final = _areas.decode
unpack_zones: Final = _zones.decode
unpack_users: Final = _users.decode


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
        areas=_entries(unpack_areas(account.areas), AreaEntry),
        zones=_entries(unpack_zones(account.zones), ZoneEntry),
        users=_entries(unpack_users(account.users), UserEntry),
        **rest,
    )


def _rows(entries: Iterable[Any], row: type[msgspec.Struct]) -> msgspec.Raw:
    """Pack entries, each without the empty fields at its end."""
    rows = []
    for entry in entries:
        values = [getattr(entry, name) for name in row.__struct_fields__]
        while values[-1] is None:
            values.pop()
        rows.append(values)
    return msgspec.Raw(_encoder.encode(rows))


def _entries(rows: Iterable[Any], entry: type[_Entry]) -> tuple[_Entry, ...]:
    names = entry.__struct_fields__
    return tuple(entry(**{name: getattr(row, name) for name in names}) for row in rows)
