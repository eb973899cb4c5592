"""The kinds of value that the core's settings have: names, addresses, paths."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Final, NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    Strict,
    ValidationInfo,
)
from pydantic_core import PydanticCustomError

from decision.packs.fields import Table

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_ADDRESS: Final = re.compile(
    r"(?:\[(?P<six>[0-9A-Fa-f:.%a-z]+)\]|(?P<host>[^:\s\[\]/]+)):(?P<port>\d+)"
)
_PORT_MOST: Final = 65_535


class Section(Table):
    """A table of the configuration file."""

    # A section left out is read as an empty table, so that its paths too are counted from the
    # folder of the file.
    model_config = ConfigDict(revalidate_instances="always")


class Address(NamedTuple):
    """A host and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        """Spell it as the file does."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return self.host in {"localhost", "::1"} or self.host.startswith("127.")


def _address(text: object) -> Address:
    if isinstance(text, Address):
        return text
    match = _ADDRESS.fullmatch(text) if isinstance(text, str) else None
    if match is None or int(match["port"]) > _PORT_MOST:
        raise PydanticCustomError(
            "address", "allowed: host:port with a port of 0 to 65535, IPv6 in brackets: [::1]:8080"
        )
    return Address(match["six"] or match["host"], int(match["port"]))


def _relative_to_file(path: Path, info: ValidationInfo) -> Path:
    base = (info.context or {}).get("directory")
    return path if base is None else Path(base) / path


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise PydanticCustomError(
            "name",
            "allowed: 1 to 64 letters, digits, - or _, since it becomes a level of an MQTT topic",
        )
    return text


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise PydanticCustomError(
            "zone", "allowed: an IANA time zone such as America/Moncton"
        ) from error
    return name


def _broker(text: str) -> str:
    try:
        parts = urlsplit(text)
        fits = parts.scheme in {"mqtt", "mqtts"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits or parts.path.strip("/") or parts.query or parts.username:
        raise PydanticCustomError(
            "broker", "allowed: mqtt://host:port or mqtts://host:port (no user, no path)"
        )
    return text


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        fits = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        fits = False
    if not fits or parts.username or parts.query or parts.fragment:
        raise PydanticCustomError("url", "allowed: https://host[:port]/path or http://...")
    return text.rstrip("/")


AddressSetting = Annotated[Address, BeforeValidator(_address), PlainSerializer(str)]
"""``host:port`` in the file, an ``Address`` in the program."""
PathSetting = Annotated[Path, Strict(strict=False), AfterValidator(_relative_to_file)]
"""A path; a relative one is counted from the folder of the configuration file."""
Name = Annotated[str, AfterValidator(_name)]
"""A name that is safe as a level of an MQTT topic."""
Zone = Annotated[str, AfterValidator(_zone)]
"""An IANA time zone."""
Broker = Annotated[str, AfterValidator(_broker)]
Url = Annotated[str, AfterValidator(_url)]
