"""The TCP listener: takes connections of panels, within limits, and pumps each.

Limits are those of reliability.md SEC-12. Connections have no timer of their own: one sweep
a second looks at those that have not spoken yet, and at a tenth of all for idle ones.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from itertools import islice

import msgspec
import structlog

from hardware.address import Address, SockAddr, plain_host, spell
from hardware.clock import Timer
from hardware.crowd import Crowd, CrowdLimits
from hardware.frame_log import is_debug
from hardware.link_context import LinkContext
from hardware.link_tools import LinkTools
from hardware.network import Listening, Network
from hardware.session import Session
from hardware.sink import PortState, tell
from hardware.spent_memory import SpentMemory
from hardware.tls import HANDSHAKE_S, TlsServer
from hardware.tls_wire import TlsWire
from protocols._core import Incoming

SWEEP_S = 1.0  # resolution of the first-frame limit and of the pace measurement
IDLE_SWEEP_COUNT = 10  # in so many sweeps each connection is asked once whether it is idle
ABORT_COUNT = 128  # connections closed per loop turn; about 5 ms of work
ABORT_PAUSE_S = 0.02  # between two such turns, for everybody else
HALF_CLOSED_S = 60.0  # the peer said its last and still waits for answers; longer is no use
DEGRADED_S = 60.0  # the same trouble is told again no sooner

_log = structlog.get_logger()


class TcpLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How long and how much one listener waits for its panels (SEC-12)."""

    first_frame_s: float = 300.0
    """A connection without a complete frame by then is closed ..."""
    crowded_first_frame_s: float = 10.0
    """... and by then while more than half of all connections are used."""
    idle_s: float = 90_000.0
    """25 h without a complete frame; where there is ``idle_limit_s``, it says for the accounts."""
    backlog: int = 4_096
    pending: int = 64
    """Unanswered frames beyond which one connection is not read."""


class TcpListener:
    """One listening TCP socket of an input and all its connections."""

    def __init__(  # noqa: PLR0913  (limits and hooks have defaults)
        self,
        address: Address,
        tools: LinkTools,
        *,
        network: Network,
        limits: TcpLimits | None = None,
        crowd: Crowd | None = None,
        idle_limit_s: Callable[[Sequence[str]], float] | None = None,
        tls: TlsServer | None = None,
    ) -> None:
        self._wanted = address
        self._network = network
        self._limits = limits or TcpLimits()
        self._crowd = crowd or Crowd(CrowdLimits(), tools.clock)
        self._idle_limit_s = idle_limit_s
        self._tls = tls
        self._transport = "tcp" if tls is None else "tls"
        self._link = LinkContext(
            tools, transport=self._transport, owner=self, pending_limit=self._limits.pending
        )
        self._sessions: dict[Session, None] = {}  # in order, so that a stop repeats exactly
        self._silent: dict[Session, None] = {}  # have not spoken yet, oldest first
        self._strange: dict[Session, None] = {}  # have, and were given no ACK
        self._shaking: dict[Session, TlsWire] = {}  # TLS handshakes under way, oldest first
        self._memory = SpentMemory()
        self._listening: Listening | None = None
        self._timer: Timer | None = None
        self._sweep_number = 0
        self._degraded_at: float | None = None
        self._is_stopping = False
        self._all_closed: asyncio.Event | None = None

    @property
    def address(self) -> Address:
        """Where it listens; tells the port that was given for port 0."""
        return self._wanted if self._listening is None else self._listening.address

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._sessions)

    async def start(self) -> None:
        """Listen and accept.

        Raises:
            ListenError: The address cannot be had.
        """
        self._listening = self._network.listen(
            self._wanted, backlog=self._limits.backlog, admit=self._admit, short=self._ran_short
        )
        self._link.intake.subscribe(self._gate)
        if not self._link.intake.is_open:
            self._listening.pause()
        self._timer = self._link.timers.call_later(SWEEP_S, self._sweep)
        self._tell(PortState.UP, f"listening on {self._transport} {spell(*self.address)}")

    async def stop(self, *, grace_s: float) -> None:
        """Accept and read no more, let what was read be answered, close.

        What is not answered within ``grace_s`` seconds is closed without an answer.
        """
        if self._is_stopping:
            return
        self._is_stopping = True
        self._link.intake.unsubscribe(self._gate)
        if self._timer is not None:
            self._timer.cancel()
        if self._listening is not None:
            self._listening.close()
        if not self._sessions:
            return
        self._all_closed = asyncio.Event()
        for wire in tuple(self._shaking.values()):
            wire.cut()
        for session in tuple(self._sessions):
            session.end()
        late = self._link.timers.call_later(grace_s, self._abort_all)
        try:
            await self._all_closed.wait()
        finally:
            late.cancel()

    # -- the network asks ---------------------------------------------------------------

    def _admit(self, peer: SockAddr) -> asyncio.Protocol | None:
        host = plain_host(peer[0])
        no_room = self._crowd.enter(host)
        if no_room is not None:
            if no_room.reason:
                self._refused(no_room.counter, no_room.reason)
            else:
                self._link.count(no_room.counter)
            return None
        self._link.count("connections_accepted")
        session = Session(self._link, peer=spell(host, peer[1]), host=host)
        session.is_stranger = not self._crowd.known.is_known(host)
        self._sessions[session] = None
        self._silent[session] = None
        if self._tls is None:
            return session
        wire = self._shaking[session] = TlsWire(session, self._tls)
        return wire

    def _ran_short(self, error: OSError, refused_count: int) -> None:
        for _ in range(refused_count):
            self._link.count("connections_refused")
        self._refused("descriptors_exhausted", f"no new connections: {error.strerror or error}")

    # -- the sessions tell --------------------------------------------------------------

    def session_opened(self, session: Session) -> None:
        """See ``Owner``."""
        self._shaking.pop(session, None)
        if self._is_stopping:
            session.end()

    def session_closed(self, session: Session, error: Exception | None) -> None:  # noqa: ARG002
        """See ``Owner``."""
        self._sessions.pop(session, None)
        self._silent.pop(session, None)
        self._strange.pop(session, None)
        self._shaking.pop(session, None)
        host = session.origin.host
        if session.is_proved:
            self._crowd.known.saw(host)
        self._crowd.leave(host)
        if self._all_closed is not None and not self._sessions:
            self._all_closed.set()

    def session_spoke(self, session: Session) -> None:
        """See ``Owner``."""
        self._silent.pop(session, None)
        if session.is_stranger:
            self._strange[session] = None

    def session_proved(self, session: Session) -> None:
        """See ``Owner``."""
        self._strange.pop(session, None)
        self._crowd.known.saw(session.origin.host)

    def session_heard(self, incoming: Sequence[Incoming]) -> None:
        """See ``Owner``; not asked for."""

    # -- once a second ------------------------------------------------------------------

    def _sweep(self) -> None:
        link = self._link
        self._timer = link.timers.call_later(SWEEP_S, self._sweep)
        link.is_traced = is_debug()
        now = link.clock.monotonic()
        link.intake.tick(now)
        self._cut_handshakes(now)
        self._close_silent(now)
        self._sweep_number += 1
        self._close_idle(now)
        if self._sweep_number % IDLE_SWEEP_COUNT == 0:
            self._memory.look(len(self._sessions))
            if self._degraded_at is not None and now - self._degraded_at > DEGRADED_S:
                self._degraded_at = None
                self._tell(
                    PortState.UP, f"accepting on {self._transport} {spell(*self.address)} again"
                )

    def _cut_handshakes(self, now: float) -> None:
        late = []
        for session, wire in self._shaking.items():  # oldest first
            if now - session.opened_at < HANDSHAKE_S - SWEEP_S:
                break
            late.append(wire)
        for wire in late:
            wire.cut("handshake_late")

    def _close_silent(self, now: float) -> None:
        limits = self._limits
        is_dense = self._crowd.is_dense
        limit_s = limits.crowded_first_frame_s if is_dense else limits.first_frame_s
        expired = []
        for session in self._silent:  # oldest first
            if now - session.opened_at < limit_s:
                break
            expired.append(session)
        for session in expired:
            del self._silent[session]
            self._link.count("connections_expired_silent")
        if is_dense:
            expired += self._strange_since(now - limits.crowded_first_frame_s)
        self._abort_some(expired)

    def _strange_since(self, opened_before: float) -> list[Session]:
        """Room for panels: a frame costs a stranger nothing, an ACK it cannot have."""
        expired = [
            one
            for one in self._strange
            if one.opened_at < opened_before and not one.pending_count  # else it may get an ACK
        ]
        for session in expired:
            del self._strange[session]
            self._link.count("connections_expired_strange")
        return expired

    def _abort_some(self, expired: list[Session]) -> None:
        """Close them, but not thousands in one turn: meanwhile no panel would be heard."""
        for session in expired[:ABORT_COUNT]:
            session.abort()
        if len(expired) > ABORT_COUNT:
            rest = expired[ABORT_COUNT:]
            self._link.timers.call_later(ABORT_PAUSE_S, self._abort_some, rest)

    def _close_idle(self, now: float) -> None:
        limit_of = self._idle_limit_s
        longest_s = self._limits.idle_s
        expired = []
        # A tenth of them each second: asking for their accounts takes microseconds, and there are
        # thousands of them.
        turn = self._sweep_number % IDLE_SWEEP_COUNT
        for session in islice(self._sessions, turn, None, IDLE_SWEEP_COUNT):
            idle_s = now - session.heard_at
            if idle_s < IDLE_SWEEP_COUNT * SWEEP_S or session.pending_count:
                if session.is_ending and idle_s > HALF_CLOSED_S:
                    expired.append(session)
                continue
            if session.has_spoken:
                limit_s = longest_s
                if limit_of is not None:
                    limit_s = limit_of(session.accounts)
                if idle_s > limit_s:
                    expired.append(session)
        for session in expired:
            self._link.count("connections_expired_idle")
            session.abort()

    # -- inside -------------------------------------------------------------------------

    def _gate(self, is_open: bool) -> None:  # noqa: FBT001  (Intake's callback)
        if self._listening is not None:
            if is_open:
                self._listening.resume()
            else:
                self._listening.pause()
        if not is_open:
            self._link.count("reading_paused")
        for session in tuple(self._sessions):
            session.gate(is_open=is_open)

    def _refused(self, counter: str, reason: str) -> None:
        self._link.count(counter)
        is_new = self._degraded_at is None
        self._degraded_at = self._link.clock.monotonic()
        if is_new:
            _log.warning("link.degraded", link=self._link.name, reason=reason)
            self._tell(PortState.DEGRADED, reason)

    def _tell(self, state: PortState, reason: str) -> None:
        tell(self._link.sink, self._link.name, state, reason)

    def _abort_all(self) -> None:
        for session in tuple(self._sessions):
            self._link.count("connections_cut")
            session.abort()
