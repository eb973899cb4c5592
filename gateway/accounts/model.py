"""What the station knows about an account: who, where, which key, which zones."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from gateway.contract.event import AreaClass, PremiseType

Encryption = Literal["required", "optional", "forbidden"]
TimestampCheck = Literal["off", "encrypted", "always"]
PROFILES: Final = (
    "standard", "ajax", "galaxy", "bosch", "dsc", "fire_dact", "climax", "paradox", "pima",
    "texecom", "pyronix", "sg43",
)  # fmt: skip
"""Vendors whose own meaning of some codes is in the tables; ``standard`` is the tables as such."""


WINDOW_MOST_S: Final = 1_800.0
"""How old, or how far ahead, an account may let a timestamp be. Whoever needs more switches the
check off: a replay is known only as long as its timestamp could still pass (SEC-2)."""


class AreaEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One area (partition, group) of an account."""

    id: str
    name: str | None = None
    area_class: AreaClass | None = None


class ZoneEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One zone of an account."""

    id: str
    name: str | None = None
    area: str | None = None
    area_class: AreaClass | None = None
    sensor: str | None = None
    location: str | None = None


class UserEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One user of an account."""

    id: str
    name: str | None = None


class AccountRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An account: everything that admission and normalisation need to know about it.

    Ids are strings, compared without case. A zone, area or user id is looked up with its
    leading zeros ignored; the account id is not (8312 and 008312 are two accounts unless
    one is an alias of the other).
    """

    group: str = "main"
    id: str
    aliases: tuple[str, ...] = ()
    known: bool = True
    """False only for accounts that the policy ``learn`` created."""
    name: str | None = None
    premise_type: PremiseType | None = None
    time_zone: str = "UTC"
    """IANA name; the panel's clock runs in it."""
    profile: str = "standard"
    """Vendor profile of ``event_model`` (``ajax``, ``galaxy``, ``bosch`` ...)."""
    keys: tuple[bytes, ...] = ()
    """Raw AES keys, newest first; more than one only while a rotation overlaps."""
    encryption: Encryption | None = None
    """None: required when there is a key, forbidden when there is none."""
    inner_account_any: bool = False
    sources: tuple[str, ...] = ()
    """Networks it may call from (CIDR); empty: any."""
    certificates: tuple[str, ...] = ()
    """Names of the certificates it may show over TLS (``cn:``, ``dns:``, ``uri:``, ``ip:``,
    ``sha256:``); empty: none needed."""
    supervision_s: int | None = None
    """Interval with the grace included; None: not supervised."""
    timestamp_check: TimestampCheck = "encrypted"
    past_s: float = 40.0
    future_s: float = 20.0
    address_base: Literal[10, 16] = 10
    """Number base of SIA addresses."""
    modifiers_trail: bool = False
    """SIA modifiers follow their event instead of preceding it."""
    area_class: AreaClass | None = None
    """The default class of its areas."""
    areas: tuple[AreaEntry, ...] = ()
    zones: tuple[ZoneEntry, ...] = ()
    users: tuple[UserEntry, ...] = ()

    def __repr__(self) -> str:
        """Name the account and nothing secret."""
        return f"AccountRecord({self.group}/{self.id})"
