"""One account as admission and normalisation see it: read from its packed form on first use."""

from __future__ import annotations

from functools import lru_cache
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
    PackedZone,
    pack,
    record_of,
    rest_of,
    unpack,
    unpack_area,
    unpack_inner,
    unpack_user,
    unpack_zone,
)
from gateway.contract import event
from gateway.contract.topics import account_level

Network: TypeAlias = IPv4Network | IPv6Network
_Place: TypeAlias = tuple[str | None, str | None]

_PLACES_MAX: Final = 512  # places remembered per account; a panel with random zones gains nothing
_UNKNOWN_MAX: Final = 4_096  # strangers remembered


class Account:
    """An account: who it is, and where its zones are; each thing is read on first use.

    Attributes:
        group: The group it belongs to.
        key: (group, canonical id); what counters, supervision and duplicates go by.
        keys: Raw AES keys, newest first.
        rest: Its settings that most accounts leave at their default.
    """

    __slots__ = (
        "_areas", "_contract", "_packed", "_places", "_record", "_sources", "_topic", "_users",
        "_zones", "group", "key", "keys", "rest",
    )  # fmt: skip

    def __init__(self, group: str, packed: PackedAccount, keys: tuple[bytes, ...] = ()) -> None:
        self._packed: Final = packed
        self.group: Final = group
        self.keys: Final = keys
        self.key: Final = (group, canonical(packed.id))
        self.rest: Final[PackedRest] = rest_of(packed)
        self._topic = ""
        self._contract: event.Account | None = None
        self._record: AccountRecord | None = None
        self._sources: tuple[Network, ...] | None = None
        self._areas: dict[str, msgspec.Raw] | None = None
        self._zones: dict[str, msgspec.Raw] | None = None
        self._places: dict[_Place, tuple[event.Area, event.Zone | None]] = {}
        self._users: dict[str, event.User] = {}

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

    @property
    def contract(self) -> event.Account:
        """The account as it stands in events."""
        if self._contract is None:
            packed = self._packed
            self._contract = event.Account(
                group=self.group,
                id=packed.id,
                known=self.rest.known,
                name=packed.name,
                premise_type=packed.premise_type,
            )
        return self._contract

    @property
    def topic(self) -> str:
        """The account level of its MQTT topics."""
        if not self._topic:
            self._topic = account_level(self.group, self._packed.id)
        return self._topic

    @property
    def record(self) -> AccountRecord:
        """Everything that is known about it."""
        if self._record is None:
            self._record = record_of(self.group, self._packed, self.keys)
        return self._record

    @property
    def encryption(self) -> Encryption:
        """What holds for it: as configured, else required with a key and forbidden without."""
        return self.rest.encryption or ("required" if self.keys else "forbidden")

    @property
    def sources(self) -> tuple[Network, ...]:
        """Networks it may call from; empty: any."""
        if self._sources is None:
            self._sources = tuple(ip_network(text, strict=False) for text in self.rest.sources)
        return self._sources

    @property
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
            raw = unpack_inner(self._packed.users).get(bare(user_id))
            user = event.User(id=user_id, name=unpack_user(raw).name if raw is not None else None)
            self._users[user_id] = user
        return user

    def _find_place(
        self, zone_id: str | None, area_id: str | None
    ) -> tuple[event.Area, event.Zone | None]:
        row = self._zone(zone_id) if zone_id is not None else None
        own_id = row.area if row is not None else None
        named = self._area(area_id) if area_id is not None else None
        own = self._area(own_id) if own_id is not None and own_id != area_id else named
        shown_id, shown = (area_id, named) if area_id is not None else (own_id, own)
        area = event.Area(
            id=shown[0] if shown is not None else shown_id,
            name=shown[1].name if shown is not None else None,
            class_=(row is not None and row.area_class)
            or (own is not None and own[1].area_class)
            or (named is not None and named[1].area_class)
            or self._packed.area_class
            or "UNKNOWN",
        )
        if zone_id is None:
            return area, None
        if row is None:
            return area, event.Zone(id=zone_id)
        return area, event.Zone(id=zone_id, name=row.name, sensor=row.sensor, location=row.location)

    def _zone(self, zone_id: str) -> PackedZone | None:
        if self._zones is None:
            self._zones = unpack_inner(self._packed.zones)
        raw = self._zones.get(bare(zone_id))
        return unpack_zone(raw) if raw is not None else None

    def _area(self, area_id: str) -> tuple[str, PackedArea] | None:
        """The id as configured, and the area."""
        if self._areas is None:
            self._areas = unpack_inner(self._packed.areas)
        key = bare(area_id)
        raw = self._areas.get(key)
        if raw is None:
            return None
        area = unpack_area(raw)
        return area.spelled or key, area


_EMPTY: Final = msgspec.Raw(msgspec.msgpack.encode({}))


@lru_cache(maxsize=_UNKNOWN_MAX)
def _unknown(group: str, account_id: str) -> Account:
    rest = PackedRest(known=False)
    return Account(group, PackedAccount(account_id, None, None, None, rest, _EMPTY, _EMPTY, _EMPTY))
