"""A link to one receiver, held open for ever: opened, pumped, lost, told, opened again.

What opening means is the subclass's: a TCP connection we make, or a serial port.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

import structlog

from hardware.address import Address
from hardware.backoff import Backoff
from hardware.clock import Timer
from hardware.frame_log import is_debug
from hardware.line import Line
from hardware.link_context import LinkContext
from hardware.link_tools import LinkTools
from hardware.session import Session
from protocols._core import Incoming

SWEEP_S: Final = 1.0
"""Resolution of the "unreadable" fact."""

STEADY_S: Final = 10.0
"""A link that lived so long has worked: the next loss is tried again at once (ours)."""

FIRST_RETRY_S: Final = 0.5  # delay before the first try to open again (ours)

_log = structlog.get_logger()


class PointLink:
    """See the module's first lines."""

    def __init__(
        self, peer: str, transport: str, tools: LinkTools, *, longest_retry_s: float
    ) -> None:
        self._name = tools.name
        self._peer = peer
        self._line = Line(tools.name, tools.sink)
        self._backoff = Backoff(first_s=FIRST_RETRY_S, longest_s=longest_retry_s, dice=tools.random)
        self._link = LinkContext(tools, transport=transport, owner=self, is_watched=True)
        self._session: Session | None = None
        self._is_open = False
        self._opened_at = 0.0
        self._sweep_timer: Timer | None = None
        self._retry_timer: Timer | None = None
        self._is_stopping = False
        self._closed: asyncio.Event | None = None

    @property
    def address(self) -> Address:
        """The far end; a serial link has its device path here and port 0."""
        return self._peer, 0

    @property
    def connections(self) -> int:
        """1 while it is open, else 0."""
        return int(self._is_open)

    async def start(self) -> None:
        """Begin to open it; whether that works is told as a fact, also later."""
        self._link.intake.subscribe(self._gate)
        self._sweep_timer = self._link.timers.call_later(SWEEP_S, self._sweep)
        self._try()

    async def stop(self, *, grace_s: float) -> None:
        """Read no more, let what was read be answered for at most ``grace_s`` seconds, close."""
        if self._is_stopping:
            return
        self._is_stopping = True
        self._link.intake.unsubscribe(self._gate)
        for timer in (self._sweep_timer, self._retry_timer):
            if timer is not None:
                timer.cancel()
        if self._session is None:
            return
        self._closed = asyncio.Event()
        late = self._link.timers.call_later(grace_s, self._cut)
        if self._is_open:
            self._session.end()
        else:
            self._give_up()
        try:
            await self._closed.wait()
        finally:
            late.cancel()

    def _open(self, session: Session) -> None:
        """Open; must end in ``connection_made`` or ``connection_lost`` of the session."""
        raise NotImplementedError

    def _give_up(self) -> None:
        """Break off the opening that is under way."""
        raise NotImplementedError

    def _opened_words(self) -> str:
        raise NotImplementedError

    # -- the session tells --------------------------------------------------------------

    def session_opened(self, session: Session) -> None:
        """See ``Owner``."""
        self._is_open = True
        self._opened_at = self._link.clock.monotonic()
        self._link.count("links_opened")
        _log.info("link.opened", link=self._name, peer=self._peer, protocol=self._link.protocol)
        self._line.up(self._opened_words())
        if self._is_stopping:
            session.end()

    def session_closed(self, session: Session, error: Exception | None) -> None:  # noqa: ARG002
        """See ``Owner``."""
        was_open, self._is_open = self._is_open, False
        self._session = None
        if self._is_stopping:
            if self._closed is not None:
                self._closed.set()
            return
        reason = "the far end closed the connection" if error is None else str(error)
        if was_open:
            self._link.count("links_lost")
            names = {"link": self._name, "peer": self._peer, "protocol": self._link.protocol}
            _log.warning("link.lost", reason=reason, **names)
            if self._link.clock.monotonic() - self._opened_at >= STEADY_S:
                self._backoff.reset()
        self._line.down(reason)
        self._retry_timer = self._link.timers.call_later(self._backoff.next_s(), self._try)

    def session_spoke(self, session: Session) -> None:  # noqa: ARG002
        """See ``Owner``: a complete frame proves that the link works."""
        self._backoff.reset()

    def session_proved(self, session: Session) -> None:
        """See ``Owner``; a receiver link is trusted anyway."""

    def session_heard(self, incoming: Sequence[Incoming]) -> None:
        """See ``Owner``."""
        self._line.heard(incoming, self._link.clock.monotonic())

    # -- inside -------------------------------------------------------------------------

    def _try(self) -> None:
        self._retry_timer = None
        self._session = Session(self._link, peer=self._peer)
        self._open(self._session)

    def _sweep(self) -> None:
        self._sweep_timer = self._link.timers.call_later(SWEEP_S, self._sweep)
        self._link.is_traced = is_debug()
        now = self._link.clock.monotonic()
        self._link.intake.tick(now)
        self._line.tick(now)

    def _gate(self, is_open: bool) -> None:  # noqa: FBT001  (Intake's callback)
        if self._session is not None:
            self._session.gate(is_open=is_open)

    def _cut(self) -> None:
        if self._session is None:
            return
        self._link.count("connections_cut")
        self._session.abort()
        self._give_up()
        if self._closed is not None:
            # A thread that still waits for a terminal server holds up nobody's stop.
            self._closed.set()
