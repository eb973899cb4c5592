"""The UDP listener: one codec for all peers, each answer back to where its question came from.

Datagrams share nothing, so their answers wait for nobody: they leave as soon as the verdict
is known, by the same socket, from the address that was asked.
"""

from __future__ import annotations

import asyncio

import msgspec

from hardware.address import Address, SockAddr, plain_host, spell
from hardware.clock import Timer
from hardware.frame_log import is_debug, tell_failure, trace_read, trace_sent
from hardware.known_hosts import KnownHosts
from hardware.link_tools import LinkTools
from hardware.network import Datagrams, Network
from hardware.sink import Origin, PortState, tell
from protocols._core import Incoming, Verdict

_ACK = Verdict.ACK  # an Enum's member costs as much as a line of code
SWEEP_S = 1.0  # the window in which refusals to one source are counted
ORIGIN_COUNT = 50_000  # peers whose origin is kept ready; more are made anew
REFUSED_SOURCE_COUNT = 10_000  # sources refused in one second; further ones get silence


class UdpLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How much one listener takes on."""

    pending: int = 8_192
    """Unanswered frames beyond which the socket is not read; the kernel holds, then drops."""
    refusals_per_s: int = 5
    """Answers other than ACK to one address in a second (SEC-11). An ACK goes to an account
    that was admitted, and is never held back: somebody else's bad datagrams with a panel's
    address must not cost the panel its answer (SEC-13)."""


class UdpListener:
    """One bound UDP socket of an input."""

    def __init__(
        self,
        address: Address,
        tools: LinkTools,
        *,
        network: Network,
        limits: UdpLimits | None = None,
        known: KnownHosts | None = None,
    ) -> None:
        self._name = tools.name
        self._protocol = tools.protocol
        self._wanted = address
        self._connect = tools.connect
        self._sink = tools.sink
        self._clock = tools.clock
        self._timers = tools.timers
        self._network = network
        self._count = tools.count
        self._limits = limits or UdpLimits()
        self._intake = tools.intake
        self._tap = tools.tap
        self._known = known
        self._connection = tools.connect()
        self._origins: dict[SockAddr, Origin] = {}
        self._refusals: dict[str, int] = {}
        self._proved: set[str] = set()  # addresses that were given an ACK since the last sweep
        self._socket: Datagrams | None = None
        self._timer: Timer | None = None
        self._waiting = 0
        self._is_full = False
        self._is_traced = is_debug()
        self._is_stopping = False
        self._all_answered: asyncio.Event | None = None

    @property
    def address(self) -> Address:
        """Where it is bound; tells the port that was given for port 0."""
        return self._wanted if self._socket is None else self._socket.address

    @property
    def connections(self) -> int:
        """0: datagrams make none."""
        return 0

    async def start(self) -> None:
        """Bind and receive.

        Raises:
            ListenError: The address cannot be had.
        """
        self._socket = self._network.datagrams(self._wanted, self._received)
        self._intake.subscribe(self._gate)
        self._update()
        self._timer = self._timers.call_later(SWEEP_S, self._sweep)
        tell(self._sink, self._name, PortState.UP, f"listening on udp {spell(*self.address)}")

    async def stop(self, *, grace_s: float) -> None:
        """Read no more, let what was read be answered for at most ``grace_s`` seconds, close."""
        if self._socket is None or self._is_stopping:
            return
        self._is_stopping = True
        self._intake.unsubscribe(self._gate)
        self._socket.pause()
        if self._timer is not None:
            self._timer.cancel()
        if self._waiting:
            self._all_answered = asyncio.Event()
            late = self._timers.call_later(grace_s, self._all_answered.set)
            try:
                await self._all_answered.wait()
            finally:
                late.cancel()
        self._socket.close()
        self._intake.waiting -= self._waiting
        self._waiting = 0

    # -- the way in ---------------------------------------------------------------------

    def _received(self, data: bytes, peer: SockAddr, local: bytes | None) -> None:
        answer: _Answer | None = None
        listen = self._tap.listen
        if listen is not None:
            listen(_tapped(peer), False, data)  # noqa: FBT003  see Listen
        try:
            incoming = self._connection.receive(data, now=self._clock.monotonic())
            if not incoming:
                return
            count = len(incoming)
            origin = self._origins.get(peer) or self._origin(peer)
            if self._is_traced:
                for item in incoming:
                    trace_read(item, self._names(peer))
            self._waiting += count
            intake = self._intake
            intake.waiting += count
            if intake.waiting > intake.limit and intake.is_open:
                intake.overrun()
            answer = _Answer(self, peer, local, len(data), count)
            self._sink.received(incoming, origin, answer)
            if self._waiting > self._limits.pending:
                self._is_full = True
                self._count("reading_paused")
                self._update()
        except Exception as error:  # noqa: BLE001  (REL-29: this datagram alone fails)
            if answer is not None:
                self._waiting -= answer.left
                self._intake.waiting -= answer.left
                answer.left = 0
            self._fail(error, data, peer)

    def _origin(self, peer: SockAddr) -> Origin:
        host = plain_host(peer[0])
        origin = Origin(
            input=self._name,
            protocol=self._protocol,
            transport="udp",
            peer=spell(host, peer[1]),
            host=host,
        )
        if len(self._origins) >= ORIGIN_COUNT:
            self._origins.clear()
        self._origins[peer] = origin
        return origin

    # -- the way out --------------------------------------------------------------------

    def answered(self, answer: _Answer, item: Incoming, verdict: Verdict) -> None:
        """Send the answer to one item of a datagram; ``_Answer`` calls it."""
        if not answer.left:
            self._count("answers_unexpected")
            return
        answer.left -= 1
        if not self._waiting:
            self._count("answers_undeliverable")  # it came after stop gave up waiting
            return
        self._waiting -= 1
        self._intake.waiting -= 1
        self._intake.answered += 1
        try:
            self._connection.answer(item, verdict, utc=self._clock.utc())
            data = self._connection.data_to_send()
            if data:
                self._send(data, answer, verdict)
        except Exception as error:  # noqa: BLE001  (must not reach whoever commits)
            self._fail(error, item.raw, answer.peer)
        if self._is_full and self._waiting <= self._limits.pending // 2:
            self._is_full = False
            self._update()
        if self._all_answered is not None and not self._waiting:
            self._all_answered.set()

    def _send(self, data: bytes, answer: _Answer, verdict: Verdict) -> None:
        if self._socket is None:
            return
        if verdict is _ACK:
            self._proved.add(answer.peer[0])
        elif not self._may_refuse(data, answer):
            return
        if self._is_traced:
            trace_sent(data, self._names(answer.peer))
        listen = self._tap.listen
        if listen is not None:
            listen(_tapped(answer.peer), True, data)  # noqa: FBT003
        if not self._socket.send(data, answer.peer, answer.local):
            self._count("answers_undeliverable")

    def _may_refuse(self, data: bytes, answer: _Answer) -> bool:
        """Whether an answer other than ACK may go: not more than was sent, not too often."""
        answer.size -= len(data)
        if answer.size < 0:
            self._count("replies_oversized")
            return False
        host = answer.peer[0]
        refused = self._refusals.get(host, 0)
        is_new_in_full = not refused and len(self._refusals) >= REFUSED_SOURCE_COUNT
        if refused >= self._limits.refusals_per_s or is_new_in_full:
            self._count("replies_limited")
            return False
        self._refusals[host] = refused + 1
        return True

    # -- inside -------------------------------------------------------------------------

    def _sweep(self) -> None:
        self._timer = self._timers.call_later(SWEEP_S, self._sweep)
        self._is_traced = is_debug()
        self._refusals.clear()
        if self._known is not None:
            for host in self._proved:
                self._known.saw(plain_host(host))
        self._proved.clear()
        self._intake.tick(self._clock.monotonic())

    def _gate(self, is_open: bool) -> None:  # noqa: FBT001  (Intake's callback)
        if not is_open:
            self._count("reading_paused")
        self._update()

    def _update(self) -> None:
        if self._socket is None or self._is_stopping:
            return
        if self._is_full or not self._intake.is_open:
            self._socket.pause()
        else:
            self._socket.resume()

    def _fail(self, error: Exception, raw: bytes, peer: SockAddr) -> None:
        self._count("links_failed")
        tell_failure(error, [raw], self._names(peer))
        # Nothing of the failed datagram may reach the next peer.
        self._connection = self._connect()

    def _names(self, peer: SockAddr) -> dict[str, str]:
        spelled = spell(plain_host(peer[0]), peer[1])
        return {"link": self._name, "peer": spelled, "protocol": self._protocol}


class _Answer:
    """The way back of one datagram; called with each item of it and its verdict."""

    __slots__ = ("_listener", "left", "local", "peer", "size")

    def __init__(
        self, listener: UdpListener, peer: SockAddr, local: bytes | None, size: int, left: int
    ) -> None:
        self._listener = listener
        self.peer = peer
        self.local = local
        self.size = size
        self.left = left

    def __call__(self, item: Incoming, verdict: Verdict) -> None:
        self._listener.answered(self, item, verdict)


def _tapped(peer: SockAddr) -> str:
    """Name a peer to whoever listens in: its transport too, for it may come over both."""
    return f"{spell(plain_host(peer[0]), peer[1])}/udp"
