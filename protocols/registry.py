"""Which protocols there are: the name in the configuration, and what speaks it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, Protocol

import msgspec

from protocols import ademco685, dc09, surgard
from protocols._core import Connection, Keys, Pad

_NO_OPTIONS: Final[Mapping[str, object]] = MappingProxyType({})


class Connect(Protocol):
    """Makes a connection in the receiving role."""

    def __call__(
        self,
        *,
        keys: Keys,
        pad: Pad,
        datagram: bool = False,
        options: Mapping[str, object] = _NO_OPTIONS,
    ) -> Connection:
        """Make one for a stream, or with ``datagram`` for everything a UDP socket hears.

        ``options`` are the protocol's own settings of an input.

        Raises:
            ValueError: An option that the protocol does not have, or a wrong value of one.
        """
        ...


class ProtocolInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What the gateway needs to know of a protocol before it speaks it."""

    name: str
    connect: Connect
    link: Literal["panel", "receiver"]
    """Who is at the other end: panels that must prove themselves, or a trusted receiver."""
    transports: frozenset[str]
    """Of ``tcp``, ``udp``, ``serial``."""
    ack_timeout_s: float
    """How long the other end waits for its answer before it sends again."""


def _dc09(
    *,
    keys: Keys,
    pad: Pad,
    datagram: bool = False,
    options: Mapping[str, object] = _NO_OPTIONS,
) -> Connection:
    if options:
        raise ValueError(f"options {sorted(options)} seen; dc09 has none")
    return dc09.Connection(dc09.Role.CSR, keys=keys, pad=pad, datagram=datagram)


def _receiver(name: str, connect: Connect, ack_timeout_s: float) -> ProtocolInfo:
    """Say what is the same of all receivers: a trusted link over a serial line or TCP."""
    return ProtocolInfo(
        name=name,
        connect=connect,
        link="receiver",
        transports=frozenset({"tcp", "serial"}),
        ack_timeout_s=ack_timeout_s,
    )


_KNOWN: Final = (
    ProtocolInfo(
        name="dc09",
        connect=_dc09,
        link="panel",
        transports=frozenset({"tcp", "udp"}),
        ack_timeout_s=20.0,  # commonly; panels differ from 1 s (UDP) to 60 s
    ),
    ProtocolInfo(
        name="surgard",
        connect=surgard.connect,
        link="receiver",
        transports=frozenset({"tcp", "serial"}),
        ack_timeout_s=surgard.ACK_TIMEOUT_S,
    ),
    _receiver("ademco685", ademco685.connect, ademco685.ACK_TIMEOUT_S),
)

PROTOCOLS: Final[Mapping[str, ProtocolInfo]] = MappingProxyType(
    {each.name: each for each in _KNOWN}
)
"""All protocols by their name in the configuration."""
