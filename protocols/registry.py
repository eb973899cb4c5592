"""Which protocols there are: the name in the configuration, and what speaks it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, Literal, Protocol

import msgspec

from protocols import (
    ademco685,
    bosch6500,
    dc03_link,
    dc07,
    dc09,
    dtmf,
    fsk_router,
    iti,
    mcdi,
    mx8000,
    osborne_hoffman,
    pima,
    surgard,
)
from protocols._core import Connection, Keys, Pad
from protocols.dc09.restamp import face as dc09_face

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
    names_answers: bool = False
    """Our answer names the frame that it answers. Where it does not, one that comes after the
    other end's patience would be taken for the answer to another frame: silence is better."""
    has_heartbeat: bool = True
    """The other end gives signs of life by itself; where it does not, silence says nothing."""
    refuses: bool = False
    """It has a word for "your frame was damaged, send it again", and expects it of us."""
    speaks_first: bool = False
    """We have something to send as soon as a connection opens."""
    hide: Callable[[bool, bytes], bytes] | None = None
    """``hide(is_ours, data)``: what a capture shows of bytes that may hold a secret, with the
    secret crossed out and everything else, the length included, as it was."""
    face: Callable[[bytes], bytes] | None = None
    """What of our answers is the same each time the same is said; None: all of it."""


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


def _receiver(
    name: str,
    connect: Connect,
    ack_timeout_s: float,
    *,
    names_answers: bool = False,
    has_heartbeat: bool = True,
) -> ProtocolInfo:
    """Say what is the same of all receivers: a trusted link over a serial line or TCP."""
    return ProtocolInfo(
        name=name,
        connect=connect,
        link="receiver",
        transports=frozenset({"tcp", "serial"}),
        ack_timeout_s=ack_timeout_s,
        names_answers=names_answers,
        has_heartbeat=has_heartbeat,
    )


_KNOWN: Final = (
    ProtocolInfo(
        name="dc09",
        connect=_dc09,
        link="panel",
        transports=frozenset({"tcp", "udp"}),
        ack_timeout_s=20.0,  # commonly; panels differ from 1 s (UDP) to 60 s
        names_answers=True,
        face=dc09_face,
    ),
    _receiver("surgard", surgard.connect, surgard.ACK_TIMEOUT_S),
    _receiver("ademco685", ademco685.connect, ademco685.ACK_TIMEOUT_S),
    _receiver("mx8000", mx8000.connect, mx8000.ACK_TIMEOUT_S),
    _receiver("iti", iti.connect, iti.ACK_TIMEOUT_S),
    _receiver("pima", pima.connect, pima.ACK_TIMEOUT_S),
    _receiver("bosch6500", bosch6500.connect, bosch6500.ACK_TIMEOUT_S),
    _receiver("dc07", dc07.connect, dc07.ACK_TIMEOUT_S, names_answers=True),
    _receiver("dtmf", dtmf.connect, dtmf.KISSOFF_TIMEOUT_S, has_heartbeat=False),
    _receiver("fsk-router", fsk_router.connect, fsk_router.ACK_TIMEOUT_S, has_heartbeat=False),
    _receiver("mcdi", mcdi.connect, mcdi.ACK_TIMEOUT_S),
    ProtocolInfo(
        name="osborne-hoffman",
        connect=osborne_hoffman.connect,
        link="panel",
        transports=frozenset({"tcp"}),
        ack_timeout_s=osborne_hoffman.ACK_TIMEOUT_S,
        hide=osborne_hoffman.hide,
        refuses=True,
        speaks_first=True,
    ),
    ProtocolInfo(
        name="sia-dc03",
        connect=dc03_link.connect,
        link="panel",
        transports=frozenset({"tcp", "serial"}),
        ack_timeout_s=dc03_link.ACK_TIMEOUT_S,
        has_heartbeat=False,
        refuses=True,
    ),
)

PROTOCOLS: Final[Mapping[str, ProtocolInfo]] = MappingProxyType(
    {each.name: each for each in _KNOWN}
)
"""All protocols by their name in the configuration."""
