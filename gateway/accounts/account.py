"""One account as admission and normalisation see it: read from its packed form on first use."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property, lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

import msgspec

from gateway.accounts.ids import bare, canonical
from gateway.accounts.model import AccountRecord, Encryption
from gateway.accounts.packed import (
    PackedAccount,
    PackedArea,
    PackedRest,
    PackedUser,
    PackedZone,
    pack,
    record_of,
    rest_of,
    unpack,
    unpack_areas,
    unpack_users,
    unpack_zones,
)
from gateway.contract import event
from gateway.contract.topics import account_level

Network: TypeAlias = IPv4Network | IPv6Network

_PLACES_MAX: Final = 512  # places remembered per account; a panel with random zones gains nothing
_UNKNOWN_MAX: Final = 4_096  # strangers remembered


class Account:
    """An account: who it is (at once), and where its zones are (on first use).

    Attributes:
        key: (group, canonical id); what counters, supervision and duplicates go by.
        contract: The account as it stands in events.
        topic: The account level of its MQTT topics.
        keys: Raw AES keys, newest first.
    """

    def __init__(self, group: str, packed: PackedAccount, keys: tuple[bytes, ...] = ()) -> None:
        rest = rest_of(packed)
        self._packed: Final = packed
        self._places: dict[tuple[str | None, str | None], tuple[event.Area, event.Zone | None]] = {}
        self._users: dict[str, event.User] = {}
        self.rest: Final[PackedRest] = rest
        self.group: Final = group
        self.keys: Final = keys
        self.key: Final = (group, canonical(packed.id))
        self.topic: Final = account_level(group, packed.id)
        self.contract: Final = event.Account(
            group=group,
            id=packed.id,
            known=rest.known,
            name=packed.name,
            premise_type=packed.premise_type,
        )

    @classmethod
    def of_record(cls, record: AccountRecord) -> Account:
        """Make the view of a record."""
        return cls(record.group, unpack(pack(record)), record.keys)

    @classmethod
    def unknown(cls, group: str, account_id: str) -> Account:
        """Stand in for an account that nobody configured: not known, no zones, class UNKNOWN."""
        return _unknown(group, account_id)

    def __repr__(self) -> str:
        """Name the account and nothing secret."""
        return f"Account({self.key[0]}/{self.key[1]})"

    @cached_property
    def record(self) -> AccountRecord:
        """Everything that is known about it."""
        return record_of(self.group, self._packed, self.keys)

    @property
    def encryption(self) -> Encryption:
        """What holds for it: as configured, else required with a key and forbidden without."""
        return self.rest.encryption or ("required" if self.keys else "forbidden")

    @cached_property
    def sources(self) -> tuple[Network, ...]:
        """Networks it may call from; empty: any."""
        return tuple(ip_network(text, strict=False) for text in self.rest.sources)

    @cached_property
    def zone_info(self) -> ZoneInfo:
        """The time zone of the panel's clock (read from disk when the accounts were loaded)."""
        return ZoneInfo(self.rest.time_zone)

    def place(
        self, zone_id: str | None, area_id: str | None
    ) -> tuple[event.Area, event.Zone | None]:
        """Where it happened, with the area's class; the class is never guessed.

        ``zone_id`` and ``area_id`` are as sent, None for "not applicable". The area is the one
        that the panel named, else the zone's own. The class is the zone's own, else that of the
        zone's area in the station's map, else that of the area the panel named, else the
        account's default, else UNKNOWN.
        """
        place = self._places.get((zone_id, area_id))
        if place is None:
            if len(self._places) >= _PLACES_MAX:
                self._places.clear()
            place = self._places[zone_id, area_id] = self._find_place(zone_id, area_id)
        return place

    def user(self, user_id: str) -> event.User:
        """Who it was; ``user_id`` as sent."""
        user = self._users.get(user_id)
        if user is None:
            if len(self._users) >= _PLACES_MAX:
                self._users.clear()
            found = self._user_rows.get(bare(user_id))
            user = event.User(id=user_id, name=found.name if found else None)
            self._users[user_id] = user
        return user

    @cached_property
    def _area_rows(self) -> dict[str, PackedArea]:
        return {bare(row.id): row for row in unpack_areas(self._packed.areas)}

    @cached_property
    def _zone_rows(self) -> dict[str, PackedZone]:
        return {bare(row.id): row for row in unpack_zones(self._packed.zones)}

    @cached_property
    def _user_rows(self) -> dict[str, PackedUser]:
        return {bare(row.id): row for row in unpack_users(self._packed.users)}

    def _find_place(
        self, zone_id: str | None, area_id: str | None
    ) -> tuple[event.Area, event.Zone | None]:
        row = self._zone_rows.get(bare(zone_id)) if zone_id is not None else None
        own = row.area if row is not None else None
        where = area_id if area_id is not None else own
        named = self._area(area_id)
        shown = named if area_id is not None else self._area(own)
        area = event.Area(
            id=shown.id if shown is not None else where,
            name=shown.name if shown is not None else None,
            class_=_first_class(row, self._area(own), named)
            or self._packed.area_class
            or "UNKNOWN",
        )
        if zone_id is None:
            return area, None
        if row is None:
            return area, event.Zone(id=zone_id)
        return area, event.Zone(id=zone_id, name=row.name, sensor=row.sensor, location=row.location)

    def _area(self, area_id: str | None) -> PackedArea | None:
        return self._area_rows.get(bare(area_id)) if area_id is not None else None


def _first_class(
    zone: PackedZone | None, own: PackedArea | None, named: PackedArea | None
) -> event.AreaClass | None:
    rows: Iterable[PackedZone | PackedArea | None] = (zone, own, named)
    return next((row.area_class for row in rows if row is not None and row.area_class), None)


_EMPTY: Final = msgspec.Raw(msgspec.msgpack.encode(()))


@lru_cache(maxsize=_UNKNOWN_MAX)
def _unknown(group: str, account_id: str) -> Account:
    rest = PackedRest(known=False)
    return Account(group, PackedAccount(account_id, None, None, None, rest, _EMPTY, _EMPTY, _EMPTY))
