"""How a simulated Sur-Gard receiver is set up, in the words of its manuals."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from simulators.faults import Faults

ProtocolId: TypeAlias = Literal["5", "Q", "S", "3", "1"]

ACK_TIMEOUT_S: Final = 4.0  # for the host's ACK, then again; System manuals
TRIES: Final = 4  # transmissions in all, then the port has failed; MLR2, System manuals
NAK_LIMIT: Final = 20  # CPM2 shows 20 attempts, then the message is lost
HEARTBEAT_S: Final = 30.0  # default of every model; any traffic restarts it
BUFFER_EVENTS: Final = 256  # per line card; when full, the card stops answering panels


@dataclass(frozen=True, kw_only=True)
class ReceiverSettings:
    """What is programmed into the receiver, and the faults of the day."""

    receiver: str = "01"
    """Two digits."""
    lines: tuple[str, ...] = ("1", "2")
    """Taken in turn, as calls come in; with two or more no two messages in a row are equal."""
    header: Literal["RRL", "RRLLL"] = "RRL"
    b32: bool = False
    """The four-byte length prefix; TCP only."""
    ids: tuple[ProtocolId, ...] = ("5",)
    """Protocol ids, drawn for each message: 5 and Q Contact ID, S and 3 SIA, 1 pulse."""
    ack_timeout_s: float = ACK_TIMEOUT_S
    tries: int = TRIES
    nak_limit: int = NAK_LIMIT
    heartbeat_s: float | None = HEARTBEAT_S
    """None: no heartbeats while the link is in order."""
    buffer_events: int = BUFFER_EVENTS
    faults: Faults = field(default_factory=Faults)
    coalesced_count: int = 3

    def __post_init__(self) -> None:
        """Refuse what no receiver could be set to."""
        width = len(self.header) - 2
        wrong = [line for line in self.lines if len(line.zfill(width)) != width]
        if not self.lines or wrong:
            raise ValueError(f"a line has {width} digit(s) with the header {self.header}: {wrong}")
        if not self.ids:
            raise ValueError("a receiver needs at least one protocol id")
