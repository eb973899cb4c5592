"""How a simulated panel is set up, in an installer's words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from simulators.faults import Faults
from simulators.payload import Format

ANSWER_TIMEOUT_S: Final = 5.0  # for the answer to a frame; then it is sent again; as dc09_spt
TRIES_PER_PATH: Final = 3  # then the next path; the standard's figure as far as we know it
NAK_LIMIT: Final = 10  # of one message; then it counts as refused (a guess: no panel documents it)
RECONNECT_S: Final = 1.0  # after a connection broke under a message; then it is sent again
INSIST_S: Final = 10.5  # Ajax hubs repeat a message answered with DUH every 10 to 11 s


@dataclass(frozen=True, kw_only=True)
class PanelPath:
    """One way to the station."""

    host: str
    port: int
    transport: Literal["tcp", "udp"] = "tcp"
    keeps_open: bool = True
    """TCP only: one connection for days, or a new one for each message."""

    def __str__(self) -> str:
        """As a technician writes it."""
        return f"{self.transport}:{self.host}:{self.port}"


@dataclass(frozen=True, kw_only=True)
class PanelSettings:
    """Everything an installer would enter, and the faults of the day."""

    account: str
    paths: tuple[PanelPath, ...]
    format: Format = "cid"
    key: bytes | None = field(default=None, repr=False)
    """16, 24 or 32 bytes: everything is encrypted. None: everything is plain."""
    receiver: str | None = None
    line: str = "0"
    is_stamped: bool = False
    """Timestamps on plain messages too; encrypted ones always have one."""
    has_binary_crc: bool = False
    """Two raw bytes instead of four digits, as Trikdis and Jablotron send."""
    counts_cr: bool = False
    """CRC and length count the CR too, as Eldes does without a timestamp."""
    answer_timeout_s: float = ANSWER_TIMEOUT_S
    tries_per_path: int = TRIES_PER_PATH
    rounds: int | None = 1
    """How often to go through all paths before giving a message up; None: for ever."""
    nak_limit: int = NAK_LIMIT
    on_duh: Literal["drop", "insist"] = "drop"
    link_test_s: float | None = None
    """A NULL message after this long without an answered message; None: never."""
    first_sequence: int = 1
    coalesced_count: int = 3
    """How many messages go into one write when they are coalesced."""
    faults: Faults = field(default_factory=Faults)

    def __post_init__(self) -> None:
        """Refuse what no panel could be set to."""
        if not self.paths:
            raise ValueError("a panel needs at least one path")
        if self.key is not None and len(self.key) not in (16, 24, 32):
            raise ValueError(f"an AES key has 16, 24 or 32 bytes, not {len(self.key)}")
        if not 1 <= self.first_sequence <= 9999:  # noqa: PLR2004  four digits, DC-09 section 4
            raise ValueError("sequence numbers run from 1 to 9999")
