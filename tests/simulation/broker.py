"""The broker: it takes, hands on, hangs, dies, forgets what it acknowledged, refuses poison."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from gateway.contract.client import BrokerUnavailableError, Refusal, SilentBrokerError, Will
from gateway.contract.topics import Topics
from gateway.forward.ports import Receiver
from tests.simulation.process import Process
from tests.simulation.timeline import Timeline
from tests.simulation.trace import Trace

WAY_S = (0.001, 0.02)
HANG_NOTICED_S = 30.0  # the client's keepalive finds a hung broker by then; REL-42


@dataclass
class Mood:
    """How the broker is now."""

    is_down: bool = False
    is_hung: bool = False
    forgets: float = 0.0
    """Chance that a publication is acknowledged and not handed on."""
    poison: bytes | None = None
    """What is refused for good when it contains this."""
    kills_itself: float = 0.0
    """Chance that a publication ends the connection."""


class SimulatedBroker:
    """One broker; ``transport`` makes what a life of the gateway connects with."""

    def __init__(self, timeline: Timeline, dice: Random, trace: Trace, topics: Topics) -> None:
        self.timeline = timeline
        self.dice = dice
        self.trace = trace
        self.mood = Mood()
        self.link: Link | None = None
        self.subscribers: list[Callable[[str, bytes], None]] = []
        self.sent: Callable[[str, bytes], None] = lambda _topic, _payload: None
        """Is told of every event that the gateway publishes, when it does."""
        self.refused_ids: set[bytes] = set()
        self.status = b""
        self.up_since: float | None = None
        """Since when the gateway's link stands and is served at once."""
        self._topics = topics
        self._waiting: deque[tuple[Link, int, str, bytes]] = deque()

    # -- what happens to it ----------------------------------------------------------------------

    def kill(self) -> None:
        """It ends, and everything that it held."""
        self.mood.is_down = True
        self._waiting.clear()
        self.cut("the broker closed the connection")

    def cut(self, reason: str, *, is_by_peer: bool = True) -> None:
        """The connection to the gateway breaks."""
        link, self.link = self.link, None
        self.up_since = None
        if link is not None:
            link.break_off(reason, is_by_peer=is_by_peer)

    def hang(self) -> None:
        """It answers nothing any more."""
        self.mood.is_hung = True
        self.up_since = None
        link = self.link
        if link is not None:
            self.timeline.after(HANG_NOTICED_S, self._noticed, link)

    def wake(self) -> None:
        """It answers again; what waited comes first."""
        self.mood.is_hung = False
        waiting, self._waiting = self._waiting, deque()
        for one in waiting:
            self._take(*one)
        if self.link is not None:
            self.up_since = self.timeline.now

    def _noticed(self, link: Link) -> None:
        if self.mood.is_hung and self.link is link:
            self.cut("no answer to the ping", is_by_peer=False)

    # -- the gateway's side ----------------------------------------------------------------------

    def opened(self, link: Link) -> None:
        self.link = link
        self.up_since = self.timeline.now

    def closed(self, link: Link) -> None:
        if self.link is link:
            self.link = None
            self.up_since = None

    def publish(self, link: Link, mid: int, topic: str, payload: bytes) -> None:
        if topic.startswith(self._topics.root + "/event/"):
            self.sent(topic, payload)
        self.timeline.after(self.dice.uniform(*WAY_S), self._take, link, mid, topic, payload)

    def _take(self, link: Link, mid: int, topic: str, payload: bytes) -> None:
        mood = self.mood
        if not link.is_open or mood.is_down:
            return
        if mood.is_hung:
            self._waiting.append((link, mid, topic, payload))
            return
        is_event = topic.startswith(self._topics.root + "/event/")
        if is_event and self.dice.random() < mood.kills_itself:
            self.cut("the broker closed the connection")
            return
        refusal = None
        if is_event and mood.poison is not None and mood.poison in payload:
            refusal = Refusal(reason="payload format invalid", is_final=True)
            self.refused_ids.add(payload)
        link.hear(link.receiver.puback, mid, refusal)
        if topic == self._topics.status:
            self.status = payload
        if refusal is None and self.dice.random() >= mood.forgets:
            for subscriber in self.subscribers:
                self.timeline.after(self.dice.uniform(*WAY_S), subscriber, topic, payload)

    def deliver(self, topic: str, payload: bytes) -> None:
        """A consumer publishes; the gateway hears what it subscribed to."""
        link = self.link
        if link is not None and not self.mood.is_down and not self.mood.is_hung:
            link.hear(link.receiver.message, topic, payload)


class Link:
    """See ``gateway.forward.ports.Link``."""

    window = 65_535
    maximum_packet_bytes: int | None = None

    def __init__(self, broker: SimulatedBroker, process: Process, receiver: Receiver) -> None:
        self._broker = broker
        self._process = process
        self.receiver = receiver
        self.is_open = True
        self._mid = 0
        self._heard_at = 0.0

    def publish(self, topic: str, payload: bytes, *, retain: bool) -> int:
        del retain
        if not self.is_open:
            raise ConnectionError("the connection is closed")
        self._process.point("publish")
        self._mid += 1
        self._broker.publish(self, self._mid, topic, payload)
        return self._mid

    def hear(self, what: Any, *args: object) -> None:
        """Tell the gateway something, in order."""
        timeline = self._broker.timeline
        way_s = self._broker.dice.uniform(*WAY_S)
        self._heard_at = max(self._heard_at, timeline.now + way_s)

        def tell() -> None:
            if self.is_open:
                what(*args)

        timeline.after(self._heard_at - timeline.now, tell, owner=self._process.loop)

    def break_off(self, reason: str, *, is_by_peer: bool) -> None:
        if not self.is_open:
            return
        self.is_open = False
        timeline = self._broker.timeline
        timeline.after(0.001, self.receiver.lost, reason, is_by_peer, owner=self._process.loop)

    async def shut(self) -> None:
        self.abort()

    def abort(self) -> None:
        if self._process.is_alive and self.is_open:
            self.is_open = False
            self._broker.closed(self)


class SimulatedTransport:
    """``gateway.forward.ports.Transport`` for one life."""

    def __init__(self, broker: SimulatedBroker, process: Process) -> None:
        self._broker = broker
        self._process = process

    async def connect(self, receiver: Receiver, *, will: Will, topics: Sequence[str]) -> Link:
        del will, topics
        broker = self._broker
        await self._pause(0.01)
        if broker.mood.is_down:
            raise BrokerUnavailableError("broker: connection refused")
        if broker.mood.is_hung:
            await self._pause(10.0)
            raise SilentBrokerError("broker: no answer within 10 s")
        link = Link(broker, self._process, receiver)
        broker.opened(link)
        return link

    async def _pause(self, seconds: float) -> None:
        over = self._process.loop.create_future()
        self._process.loop.call_later(seconds, _end, over)
        await over


def _end(over: Any) -> None:
    if not over.done():
        over.set_result(None)
