"""The one connection to the broker: made, watched, lost and made again; shared by all who publish.

It keeps the window of publications that wait for their PUBACK and hands each answer to whoever
published. It remembers nothing across connections: what was under way is handed back, and the
journal (or the retained state) sends it again (REL-41).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

import structlog

from gateway.contract.client import BrokerUnavailableError, Refusal, Will
from gateway.contract.status import LAST_WILL
from gateway.contract.topics import Topics
from gateway.forward.ports import Link, Transport
from gateway.health import Health
from hardware.clock import Clock, Timer, Timers

PUBACK_S: Final = 10.0  # the oldest publication waits longer: the broker hangs, cut; REL-42
TICK_S: Final = 1.0  # how often waiting is looked at
BACKOFF_FIRST_S: Final = 0.5  # the second try; the first one is made at once; REL-43
BACKOFF_MOST_S: Final = 30.0  # REL-43
STABLE_S: Final = 5.0  # a link that lived so long earns a next try at once
FAREWELL_S: Final = 1.0  # for the PUBACKs of the last words at a stop
PACKET_OVERHEAD_BYTES: Final = 16  # most that MQTT adds to topic and payload of a publication
# Publications in one turn of the loop, about 0.4 ms: when panels keep the loop busy, publishing
# takes no more than about a tenth of it, and the backlog waits in the journal.
TURN: Final = 10

_log = structlog.get_logger()


class Sender(Protocol):
    """One of those who publish over the uplink. Everything is called on the event loop."""

    def link_up(self) -> None:
        """There is a broker now."""
        ...

    def link_down(self, under_way: Sequence[Any], *, is_by_peer: bool) -> None:
        """There is none any more; these tokens will never be answered, oldest first."""
        ...

    def puback(self, token: Any, refusal: Refusal | None) -> None:
        """The broker answered."""
        ...

    def pump(self, most: int) -> int:
        """Publish up to ``most`` messages that are in hand; gives how many."""
        ...

    def tick(self) -> None:
        """A second has passed."""
        ...


class Uplink:
    """Holds the connection. ``start`` and ``stop`` once."""

    def __init__(  # noqa: PLR0913  the composition root names each
        self,
        transport: Transport,
        *,
        topics: Topics,
        clock: Clock,
        timers: Timers,
        random: Callable[[], float],
        health: Health,
        count: Callable[[str], None],
        on_message: Callable[[str, bytes], None],
        in_flight: int = 100,
    ) -> None:
        self._transport = transport
        self._topics = topics
        self._clock = clock
        self._timers = timers
        self._random = random
        self._health = health
        self._count = count
        self._on_message = on_message
        self._in_flight = in_flight
        self._senders: list[Sender] = []
        self._link: Link | None = None
        self._pending: dict[int, tuple[Sender, Any, float]] = {}
        self._window = 0
        self._failures = 0
        self._is_turn_due = False
        self._is_stopping = False
        self._lost: asyncio.Future[None] | None = None
        self._task: asyncio.Task[None] | None = None
        self._ticker: Timer | None = None

    def attach(self, sender: Sender) -> None:
        """Let one more publish; who is attached first has its turn first."""
        self._senders.append(sender)

    @property
    def is_up(self) -> bool:
        """Whether there is a broker."""
        return self._link is not None

    @property
    def room(self) -> int:
        """How many more publications may wait for their PUBACK."""
        return self._window - len(self._pending)

    @property
    def pending_count(self) -> int:
        """How many publications wait for their PUBACK."""
        return len(self._pending)

    def start(self) -> None:
        """Begin to connect; the loop must run."""
        self._task = asyncio.get_running_loop().create_task(self._run(), name="mqtt-uplink")
        self._ticker = self._timers.call_later(TICK_S, self._tick)

    async def stop(self) -> None:
        """Let the last words leave and end; never waits long, whatever the broker does."""
        self._is_stopping = True
        if self._ticker is not None:
            self._ticker.cancel()
        if self._link is not None:
            await self._farewell()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _farewell(self) -> None:
        """Publish what the senders still hold of their last words and say goodbye."""
        until = self._clock.monotonic() + FAREWELL_S
        self._turn()
        while self._pending and self.is_up and self._clock.monotonic() < until:
            await self._pause(0.01)
        link, self._link = self._link, None
        if link is not None:
            await link.shut()

    def publish(
        self, sender: Sender, topic: str, payload: bytes, *, token: Any, retain: bool = False
    ) -> None:
        """Send; ``sender.puback(token, ...)`` follows, or ``link_down`` with the token.

        Raises ValueError for what this broker cannot take, whoever tries it.
        """
        link = self._link
        if link is None:
            raise ConnectionError("no broker")
        most = link.maximum_packet_bytes
        if most is not None and len(topic) + len(payload) + PACKET_OVERHEAD_BYTES > most:
            raise ValueError(
                f"{len(payload)} bytes are more than the {most} that the broker takes in a packet"
            )
        mid = link.publish(topic, payload, retain=retain)
        self._pending[mid] = (sender, token, self._clock.monotonic())

    def wake(self) -> None:
        """Somebody has something to publish."""
        if not self._is_turn_due and self._link is not None:
            self._is_turn_due = True
            self._timers.call_later(0, self._turn)

    def _turn(self) -> None:
        self._is_turn_due = False
        if self._link is None:
            return
        most = TURN
        for sender in self._senders:
            if self._link is None:
                return
            most -= sender.pump(min(most, self.room))
        if most <= 0:
            self.wake()

    # What the link tells (ports.Receiver).

    def puback(self, mid: int, refusal: Refusal | None) -> None:
        """See ``ports.Receiver``."""
        answered = self._pending.pop(mid, None)
        if answered is not None:
            answered[0].puback(answered[1], refusal)
            self.wake()

    def message(self, topic: str, payload: bytes) -> None:
        """See ``ports.Receiver``."""
        self._on_message(topic, payload)
        self.wake()

    def lost(self, reason: str, is_by_peer: bool) -> None:  # noqa: FBT001  see ports.Receiver
        """See ``ports.Receiver``."""
        if self._lost is not None and not self._lost.done():
            self._lost.set_result(None)
        if self._link is None:
            return
        self._link = None
        self._window = 0
        pending, self._pending = self._pending, {}
        self._count("broker_lost")
        if not self._is_stopping:
            _log.warning("broker.lost", reason=reason, under_way=len(pending))
            self._health.degrade("mqtt", f"no broker: {reason}")
        for sender in self._senders:
            under_way = [token for whose, token, _ in pending.values() if whose is sender]
            sender.link_down(under_way, is_by_peer=is_by_peer)

    # The life of the connection.

    async def _run(self) -> None:
        will = Will(topic=self._topics.status, payload=LAST_WILL)
        while True:
            self._lost = asyncio.get_running_loop().create_future()
            try:
                link = await self._transport.connect(
                    self, will=will, topics=(self._topics.confirms,)
                )
                is_good = await self._hold(link, self._lost)
            except BrokerUnavailableError as error:
                if not self._failures:
                    _log.warning("broker.unavailable", reason=str(error))
                self._count("broker_unavailable")
                self._health.degrade("mqtt", str(error))
                self._failures += 1
            except Exception as error:  # noqa: BLE001  this task's end would be publication's end
                _log.exception("broker.failed")
                self._count("broker_failed")
                self._health.degrade("mqtt", f"{type(error).__name__}: {error}")
                self._failures += 1
            else:
                if is_good:
                    self._failures = 0
                    continue  # REL-43: the first try at once
                self._failures += 1
            await self._pause(self._backoff_s())

    async def _hold(self, link: Link, lost: asyncio.Future[None]) -> bool:
        """Use a link until it ends; says whether it lived long enough to be called good."""
        if lost.done():  # it ended while its subscription was answered
            return False
        opened_at = self._clock.monotonic()
        try:
            self._opened(link)
            await lost
        finally:
            if self._link is not None:
                self._link.abort()
                self._link = None
        return self._clock.monotonic() - opened_at >= STABLE_S

    def _opened(self, link: Link) -> None:
        self._link = link
        self._window = max(1, min(self._in_flight, link.window))
        self._count("broker_connected")
        self._health.restore("mqtt")
        _log.info("broker.connected", window=self._window)
        for sender in self._senders:
            sender.link_up()
        self.wake()

    def _backoff_s(self) -> float:
        most = min(BACKOFF_MOST_S, BACKOFF_FIRST_S * 2.0 ** min(self._failures - 1, 10))
        return most * (0.5 + self._random() / 2)

    async def _pause(self, delay_s: float) -> None:
        over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def end() -> None:
            if not over.done():
                over.set_result(None)

        timer = self._timers.call_later(delay_s, end)
        try:
            await over
        finally:
            timer.cancel()

    def _tick(self) -> None:
        self._ticker = self._timers.call_later(TICK_S, self._tick)
        link = self._link
        if link is not None and self._pending:
            oldest = next(iter(self._pending.values()))[2]
            if self._clock.monotonic() - oldest > PUBACK_S:
                self._count("puback_missed")
                link.abort()
                self.lost(f"no PUBACK within {PUBACK_S:g} s", is_by_peer=False)
        for sender in self._senders:
            sender.tick()
        self.wake()
