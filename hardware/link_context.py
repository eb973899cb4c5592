"""What the sessions of one input share, and whom they tell: the pump's surroundings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from hardware.frame_log import is_debug
from hardware.link_tools import LinkTools
from hardware.strangers import Strangers
from protocols._core import Incoming

if TYPE_CHECKING:  # an owner is told of sessions, which hold its context
    from hardware.session import Session


class Owner(Protocol):
    """The listener or link that a session belongs to."""

    def session_opened(self, session: Session) -> None:
        """The stream is there."""
        ...

    def session_closed(self, session: Session, error: Exception | None) -> None:
        """The stream is gone, or never came."""
        ...

    def session_spoke(self, session: Session) -> None:
        """Its first complete frame came."""
        ...

    def session_proved(self, session: Session) -> None:
        """Its first ACK was given: the peer is one of ours."""
        ...

    def session_heard(self, incoming: Sequence[Incoming]) -> None:
        """What one read held; only called when ``LinkContext.is_watched``."""
        ...


class LinkContext:
    """What all sessions of one input share, so that a session holds one reference to it.

    Attributes:
        transport: ``tcp``, ``tls`` or ``serial``, for the origin.
        pending_limit: With more unanswered frames than this, the session stops reading.
        is_traced: Whether frames go to the log (debug); refreshed once a second.
        is_watched: Whether the owner wants to see what each read held.
        strangers: Bounds what strangers cost.

    The others are those of the ``LinkTools`` it is made of, within one step of the pump.
    """

    __slots__ = (
        "answer_within_s",
        "clock",
        "connect",
        "count",
        "finds_out",
        "intake",
        "is_traced",
        "is_watched",
        "name",
        "owner",
        "patience",
        "pending_limit",
        "protocol",
        "sink",
        "speaks_first",
        "strangers",
        "tap",
        "timers",
        "transport",
    )

    def __init__(
        self,
        tools: LinkTools,
        *,
        transport: str,
        owner: Owner,
        pending_limit: int = 64,
        is_watched: bool = False,
    ) -> None:
        self.name = tools.name
        self.protocol = tools.protocol
        self.transport = transport
        self.connect = tools.connect
        self.sink = tools.sink
        self.clock = tools.clock
        self.timers = tools.timers
        self.count = tools.count
        self.owner = owner
        self.intake = tools.intake
        self.pending_limit = pending_limit
        self.answer_within_s = tools.answer_within_s
        self.patience = tools.patience
        self.finds_out = tools.finds_out
        self.speaks_first = tools.speaks_first
        self.tap = tools.tap
        self.is_watched = is_watched
        self.strangers = Strangers(tools.timers, tools.count)
        self.is_traced = is_debug()
