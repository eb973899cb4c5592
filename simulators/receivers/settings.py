"""How a simulated Sur-Gard receiver is set up, in the words of its manuals."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from protocols.surgard import ACK_TIMEOUT_S
from simulators.faults import Faults
from simulators.receivers.message import ProtocolId

HEARTBEAT_S: Final = 30.0  # default of every model; any traffic restarts it
BUFFER_EVENTS: Final = 256  # per line card; when full, the card takes no more calls
RETRY_S: Final = 1.0  # until the host is looked for again after a connection could not be made


@dataclass(frozen=True, kw_only=True)
class ReceiverSettings:
    """What is programmed into the receiver, and the faults of the day."""

    receiver: str = "01"
    """Two digits."""
    lines: tuple[str, ...] = ("1", "2")
    """Taken in turn, as calls come in; with two or more no two messages in a row are equal,
    so that none is taken for a repeat of the one before (there is no sequence number)."""
    header: Literal["RRL", "RRLLL"] = "RRL"
    b32: bool = False
    """The four-byte length prefix; TCP only."""
    ids: tuple[ProtocolId, ...] = ("5",)
    """Drawn for each message."""
    ack_timeout_s: float = ACK_TIMEOUT_S
    heartbeat_s: float | None = HEARTBEAT_S
    """None: no heartbeats while the link is in order."""
    buffer_events: int = BUFFER_EVENTS
    faults: Faults = field(default_factory=Faults)

    def __post_init__(self) -> None:
        """Refuse what no receiver could be set to."""
        width = len(self.header) - 2
        wrong = [line for line in self.lines if len(line) != width]
        if not self.lines or wrong:
            raise ValueError(
                f"with the header {self.header} a line has {width} character(s), not {wrong}"
            )
        if not self.ids:
            raise ValueError("a receiver needs at least one protocol id")
