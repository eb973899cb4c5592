"""What an input speaks that is set to ``auto``: as one entry of the registry, for each link."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from protocols._core import Connection, Keys, Pad
from protocols.recognition.connection import NAME, Recognition
from protocols.registry import PROTOCOLS, ProtocolInfo

AUTO: Final = NAME
_DEFAULTS: Final = {"receiver": "surgard", "panel": "dc09"}
_NO_OPTIONS: Final[Mapping[str, object]] = MappingProxyType({})


def _info(link: Literal["panel", "receiver"]) -> ProtocolInfo:
    families = [one for one in PROTOCOLS.values() if one.link == link]

    def connect(
        *,
        keys: Keys,
        pad: Pad,
        datagram: bool = False,
        options: Mapping[str, object] = _NO_OPTIONS,
    ) -> Connection:
        """Make one that finds out. Option: ``default``, the family to keep where several fit."""
        if datagram:
            raise ValueError("udp seen; auto listens on serial lines and TCP")
        default = options.get("default", _DEFAULTS[link])
        names = [one.name for one in families]
        if default not in names:
            raise ValueError(f"default {default!r} seen; expected one of {', '.join(names)}")
        if unknown := sorted(set(options) - {"default"}):
            raise ValueError(f"options {unknown} seen; auto has ['default']")
        return Recognition(link=link, default=str(default), keys=keys, pad=pad)

    return ProtocolInfo(
        name=AUTO,
        connect=connect,
        link=link,
        transports=frozenset({"tcp", "serial"}),
        ack_timeout_s=min(one.ack_timeout_s for one in families if not one.names_answers),
    )


AUTO_LINKS: Final[Mapping[str, ProtocolInfo]] = MappingProxyType(
    {"receiver": _info("receiver"), "panel": _info("panel")}
)
"""``auto`` by who is at the other end."""


def spoken(protocol: str, link: str) -> ProtocolInfo:
    """What an input speaks; ``link`` counts for ``auto`` alone.

    Raises:
        KeyError: There is no such protocol.
    """
    return AUTO_LINKS[link] if protocol == AUTO else PROTOCOLS[protocol]
