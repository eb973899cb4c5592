"""How a simulated receiver is set up, in the words of its manuals."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from protocols.surgard import ACK_TIMEOUT_S
from simulators.faults import Faults
from simulators.receivers.dialect import Dialect
from simulators.receivers.dialects import DIALECTS

HEARTBEAT_S: Final = 30.0  # default of every model; any traffic restarts it
BUFFER_EVENTS: Final = 256  # per line card; when full, the card takes no more calls
RETRY_S: Final = 1.0  # until the host is looked for again after a connection could not be made


HEADED: Final = frozenset({"surgard", "mcdi"})
"""Dialects with the header RRL or RRLLL."""


@dataclass(frozen=True, kw_only=True)
class ReceiverSettings:
    """What is programmed into the receiver, and the faults of the day."""

    protocol: str = "surgard"
    """A name of ``DIALECTS``."""
    receiver: str = ""
    """Its number; empty: as the dialect has it (Sur-Gard: two digits)."""
    lines: tuple[str, ...] = ()
    """Taken in turn, as calls come in; with two or more no two messages in a row are equal,
    so that none is taken for a repeat of the one before (most have no sequence number). Empty:
    two of the dialect's own."""
    header: Literal["RRL", "RRLLL"] = "RRL"
    """Sur-Gard only."""
    b32: bool = False
    """The four-byte length prefix; TCP only."""
    ids: tuple[str, ...] = ()
    """What it says, drawn for each message; empty: the first of the dialect."""
    named_heartbeat: bytes = b""
    """For an SK9000, whose manual shows none: the bytes of the heartbeat."""
    ack_timeout_s: float = ACK_TIMEOUT_S
    heartbeat_s: float | None = HEARTBEAT_S
    """None: no heartbeats while the link is in order."""
    buffer_events: int = BUFFER_EVENTS
    faults: Faults = field(default_factory=Faults)

    def __post_init__(self) -> None:
        """Refuse what no receiver could be set to."""
        dialect = DIALECTS.get(self.protocol)
        if dialect is None:
            raise ValueError(f"no receiver is called {self.protocol!r}; {', '.join(DIALECTS)}")
        if wrong_ids := [each for each in self.ids if each not in dialect.ids]:
            raise ValueError(f"{', '.join(wrong_ids)} seen; it sends {', '.join(dialect.ids)}")
        has_header = self.protocol in HEADED
        is_long = has_header and self.header == "RRLLL"
        defaults: dict[str, object] = {
            "ids": (next(iter(dialect.ids)),),
            "receiver": dialect.receiver,
            "lines": ("001", "002") if is_long else dialect.lines,
        }
        for name, value in defaults.items():  # filled in once, here
            if not getattr(self, name):
                object.__setattr__(self, name, value)
        if not has_header:
            return
        width = len(self.header) - 2
        wrong = [line for line in self.lines if len(line) != width]
        if wrong:
            raise ValueError(
                f"with the header {self.header} a line has {width} character(s), not {wrong}"
            )

    @property
    def dialect(self) -> Dialect:
        """How it speaks."""
        return DIALECTS[self.protocol]
