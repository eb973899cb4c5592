"""What an account may say of itself in a TOML file or a CSV row: settings with their checks."""

from __future__ import annotations

import re
from functools import lru_cache, partial
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Strict, WithJsonSchema
from pydantic_core import PydanticCustomError

from gateway.accounts.keys import KeyFormat, KeyRef
from gateway.accounts.model import (
    PROFILES,
    WINDOW_MOST_S,
    AccountRecord,
    AreaEntry,
    Encryption,
    TimestampCheck,
    UserEntry,
    ZoneEntry,
)
from gateway.config.fields import GroupName, Settings, setting
from gateway.config.mistakes import did_you_mean
from gateway.contract.event import AreaClass, PremiseType

_setting: Final = partial(setting, needs_restart=False)  # accounts are taken up on SIGHUP
_ACCOUNT_ID: Final = re.compile(r"[0-9A-Za-z._-]{1,32}")
_FINGERPRINT: Final = re.compile(r"[0-9a-f]{64}")
_CERTIFICATE_KINDS: Final = frozenset({"cn", "dns", "uri", "ip", "sha256"})
_INNER_ID: Final = re.compile(r"[0-9A-Za-z]{1,16}")


def _account_id(text: str) -> str:
    if not _ACCOUNT_ID.fullmatch(text):
        raise PydanticCustomError("id", "1 to 32 letters, digits, dots, - or _, in quotes: '1234'")
    return text


def _inner_id(text: str) -> str:
    if not _INNER_ID.fullmatch(text):
        raise PydanticCustomError("id", "1 to 16 letters or digits")
    return text


@lru_cache(maxsize=64)
def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        raise PydanticCustomError("zone", "an IANA time zone: 'Europe/Berlin', 'UTC'") from None
    return name


def _profile(name: str) -> str:
    if name not in PROFILES:
        hint = did_you_mean(name, PROFILES)
        raise PydanticCustomError(
            "profile",
            "{words}{hint}",
            {"words": ", ".join(PROFILES), "hint": f" ({hint})" if hint else ""},
        )
    return name


def _network(text: str) -> str:
    try:
        return str(ip_network(text, strict=False))
    except ValueError:
        raise PydanticCustomError("network", "a network or address: '192.0.2.0/24'") from None


def _certificate(text: str) -> str:
    kind, _, name = text.strip().partition(":")
    kind = kind.lower()
    if kind == "sha256":
        name = name.replace(":", "").lower()
        if not _FINGERPRINT.fullmatch(name):
            kind = ""
    elif kind == "dns":
        name = name.lower()
    if kind not in _CERTIFICATE_KINDS or not name:
        raise PydanticCustomError(
            "certificate", "'cn:', 'dns:', 'uri:' or 'ip:' with a name, or 'sha256:' with 64 digits"
        )
    return f"{kind}:{name}"


def _named(value: object) -> object:
    """Let a bare text stand for a table with that name."""
    return {"name": value} if isinstance(value, str) else value


AccountId = Annotated[str, AfterValidator(_account_id)]
InnerId = Annotated[str, AfterValidator(_inner_id)]


class AreaTable(Settings):
    """An area (partition) of an account."""

    name: str | None = _setting(None, "Name", "What people call it.", examples=["Stockroom"])
    area_class: AreaClass | None = _setting(
        None,
        "Class",
        "SECURED: enclosed, locked, no public access, protected. UNSECURED: neither enclosed nor "
        "with a sufficient perimeter. COMMON: indoors, open to the public or to some people while "
        "the rest may be secure. UNKNOWN: nobody said.",
        alias="class",
        examples=["SECURED", "UNSECURED", "COMMON"],
    )


class ZoneTable(AreaTable):
    """A zone of an account."""

    area: InnerId | None = _setting(None, "Area", "The area that it is in.", examples=["1"])
    sensor: str | None = _setting(
        None,
        "Sensor",
        "What it is; for a microphone or camera in as much detail as there is.",
        examples=["door", "microphone, ceiling"],
    )
    location: str | None = _setting(None, "Location", "Where it is.", examples=["north wall"])


class UserTable(Settings):
    """A user of an account."""

    name: str | None = _setting(None, "Name", "Who it is.", examples=["Anna"])


class AccountTable(Settings):
    """An account, as ``[[account]]`` in a TOML file or as a row of a CSV file."""

    id: AccountId = _setting(
        ..., "Id", "Account number as the panel sends it, in quotes; case does not matter.",
        examples=["1234", "00A1F7"],
    )  # fmt: skip
    group: GroupName = _setting(
        "main", "Group", "Group of accounts; the input, or its line range, names it.",
        examples=["main", "north"],
    )  # fmt: skip
    aliases: Annotated[tuple[AccountId, ...], Strict(strict=False)] = _setting(
        (), "Aliases", "Other numbers under which the same panel calls.", examples=[["008312"]]
    )
    name: str | None = _setting(None, "Name", "The premises.", examples=["Harbour Street 5"])
    premise_type: PremiseType | None = _setting(
        None, "Premises", "Kind of premises.", examples=["COMPANY", "RESIDENTIAL"]
    )
    time_zone: Annotated[str, AfterValidator(_time_zone)] = _setting(
        "UTC", "Time zone", "IANA time zone in which the panel's clock runs.",
        examples=["UTC", "Europe/Berlin"],
    )  # fmt: skip
    profile: Annotated[
        str, AfterValidator(_profile), WithJsonSchema({"type": "string", "enum": list(PROFILES)})
    ] = _setting(
        "standard", "Profile", "Vendor whose own meaning of some codes applies.",
        examples=list(PROFILES),
    )  # fmt: skip
    key_file: str | None = _setting(
        None,
        "Key file",
        "File (mode 0600 or 0400) with the key, one a line, the newest first; or a keyring "
        "(.toml) with the keys of many accounts.",
        examples=["keys/1234.key", "keyring.toml"],
        min_length=1,
    )
    key_credential: str | None = _setting(
        None, "Key credential", "The same as a systemd credential.", examples=["panel-1234"],
        pattern=r"^[A-Za-z0-9._-]+$",
    )  # fmt: skip
    key_format: KeyFormat = _setting(
        "hex", "Key format", "How the key is spelled: hexadecimal digits, or the characters that "
        "were typed into the panel.", examples=["hex", "ascii"],
    )  # fmt: skip
    allow_weak_key: bool = _setting(
        default=False, title="Allow a weak key", description="Take a key that anybody could guess.",
        examples=[True],
    )  # fmt: skip
    encryption: Encryption | None = _setting(
        None, "Encryption", "Required when there is a key and forbidden when there is none, if not "
        "given; optional takes both.", examples=["required", "optional", "forbidden"],
    )  # fmt: skip
    inner_account: Literal["same", "any"] = _setting(
        "same", "Inner account", "Whether the account inside an encrypted frame must be this one.",
        examples=["same", "any"],
    )  # fmt: skip
    sources: Annotated[
        tuple[Annotated[str, AfterValidator(_network)], ...], Strict(strict=False)
    ] = _setting(
        (), "Sources", "Networks it may call from; empty: any.", examples=[["192.0.2.0/24"]]
    )
    certificates: Annotated[
        tuple[Annotated[str, AfterValidator(_certificate)], ...], Strict(strict=False)
    ] = _setting(
        (), "Certificates", "Certificates it may show over TLS, by name or fingerprint. With any, "
        "what it sends is taken only over TLS with one of these, or encrypted with its key.",
        examples=[["cn:panel-1234"], ["dns:p1.example", "sha256:9f86d081...0a08"]],
    )  # fmt: skip
    supervision_s: int | None = _setting(
        None, "Supervision", "Silence that counts as lost, the grace included.", unit="s",
        ge=5, le=2_678_400, examples=[90, 86_400],
    )  # fmt: skip
    timestamp_check: TimestampCheck = _setting(
        "encrypted", "Timestamp check", "Which frames must carry the right time.",
        examples=["off", "encrypted", "always"],
    )  # fmt: skip
    past_s: float = _setting(
        40.0, "Past", "How old a timestamp may be.", unit="s", ge=1, le=WINDOW_MOST_S
    )
    future_s: float = _setting(
        20.0, "Future", "How far ahead a timestamp may be.", unit="s", ge=1, le=WINDOW_MOST_S
    )
    address_base: Literal[10, 16] = _setting(
        10, "Address base", "Number base of SIA addresses.", examples=[10, 16]
    )
    modifiers_trail: bool = _setting(
        default=False, title="Trailing modifiers",
        description="SIA modifiers follow their event instead of preceding it.", examples=[True],
    )  # fmt: skip
    area_class: AreaClass | None = _setting(
        None, "Area class", "Class of its areas that have none of their own.", examples=["SECURED"]
    )
    areas: dict[
        InnerId,
        Annotated[AreaTable, BeforeValidator(_named, json_schema_input_type=AreaTable | str)],
    ] = _setting({}, "Areas", "Its areas by number; a bare text is the name.", examples=[])
    zones: dict[
        InnerId,
        Annotated[ZoneTable, BeforeValidator(_named, json_schema_input_type=ZoneTable | str)],
    ] = _setting({}, "Zones", "Its zones by number; a bare text is the name.", examples=[])
    users: dict[
        InnerId,
        Annotated[UserTable, BeforeValidator(_named, json_schema_input_type=UserTable | str)],
    ] = _setting({}, "Users", "Its users by number; a bare text is the name.", examples=[])

    def key_ref(self, folder: Path) -> KeyRef | None:
        """By what name its key goes; ``folder`` is where a relative key file is counted from."""
        if self.key_file is None and self.key_credential is None:
            return None
        file = str(folder / self.key_file) if self.key_file is not None else None
        return KeyRef(file, self.key_credential, self.key_format, self.allow_weak_key)

    def record(self, keys: tuple[bytes, ...] = ()) -> AccountRecord:
        """The contract's record of it."""
        return AccountRecord(
            group=self.group, id=self.id, aliases=self.aliases, name=self.name,
            premise_type=self.premise_type, time_zone=self.time_zone, profile=self.profile,
            keys=keys, encryption=self.encryption, inner_account_any=self.inner_account == "any",
            sources=self.sources, certificates=self.certificates, supervision_s=self.supervision_s,
            timestamp_check=self.timestamp_check, past_s=self.past_s, future_s=self.future_s,
            address_base=self.address_base, modifiers_trail=self.modifiers_trail,
            area_class=self.area_class,
            areas=tuple(
                AreaEntry(id=id_, name=one.name, area_class=one.area_class)
                for id_, one in self.areas.items()
            ),
            zones=tuple(zone_entry(id_, one) for id_, one in self.zones.items()),
            users=tuple(UserEntry(id=id_, name=one.name) for id_, one in self.users.items()),
        )  # fmt: skip


class AccountFile(Settings):
    """A TOML file of accounts."""

    account: Annotated[tuple[AccountTable, ...], Strict(strict=False)] = _setting(
        (), "Accounts", "One table [[account]] each.", examples=[]
    )


def zone_entry(zone_id: str, zone: ZoneTable) -> ZoneEntry:
    """The contract's record of a zone."""
    return ZoneEntry(
        id=zone_id, name=zone.name, area=zone.area, area_class=zone.area_class,
        sensor=zone.sensor, location=zone.location,
    )  # fmt: skip
