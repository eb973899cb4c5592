"""What the hardware hands up, and to whom: the only face that the floor above shows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Protocol, TypeAlias

import msgspec
import structlog

from protocols._core import Incoming, Verdict

_log = structlog.get_logger()


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where bytes came from; made once per connection, or per UDP peer."""

    input: str
    """The input's name in the configuration."""
    protocol: str
    transport: str
    """``tcp``, ``tls``, ``udp`` or ``serial``."""
    peer: str
    """``host:port``, ``[host6]:port`` or the device path."""
    host: str = ""
    """The peer's address alone, for source pins; empty on a serial line."""
    certificate: tuple[str, ...] = ()
    """Names of the verified certificate that the peer showed: ``cn:``, ``dns:``, ``sha256:`` ..."""


class PortState(Enum):
    """A fact of a port or link."""

    UP = "up"
    DOWN = "down"
    DEGRADED = "degraded"
    """It works, but refuses some: out of descriptors or of connections (REL-53)."""
    UNREADABLE = "unreadable"
    HEARS = "hears"
    """It was found out which protocol is spoken there; the reason says which."""


class PortFact(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to a port or a link, as opposed to what came over it."""

    input: str
    state: PortState
    reason: str
    """In words, for the operator."""


Respond: TypeAlias = Callable[[Incoming, Verdict], None]
"""Says what to answer to one incoming; once for each, in any order, on the event loop.

The pump sends the answers in the order in which the frames came.
"""


class Sink(Protocol):
    """Whoever takes what the hardware read."""

    def received(self, incoming: Sequence[Incoming], origin: Origin, respond: Respond) -> None:
        """Take all that one read held. Returns at once; ``respond`` may be called later."""
        ...

    def fact(self, fact: PortFact) -> None:
        """Take a fact about a port."""
        ...


def tell(sink: Sink, input_name: str, state: PortState, reason: str) -> None:
    """Tell a fact; a sink that fails to take it must not take the port down (REL-29)."""
    try:
        sink.fact(PortFact(input=input_name, state=state, reason=reason))
    except Exception:  # noqa: BLE001  (logged with its traceback)
        _log.exception("fact.dropped", link=input_name, state=state.value, reason=reason)
