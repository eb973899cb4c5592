"""Forwarding without sockets: a clock that is told, a journal and a broker in memory."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Self

import msgspec

from gateway.contract.client import BrokerUnavailableError, Refusal, Will
from gateway.contract.topics import Topics
from gateway.forward.forwarder import Forwarder, ForwardSettings
from gateway.forward.ports import Receiver
from gateway.health import Counters, Health
from gateway.journal.entry import Outstanding, Stored

AT_S = 1_800_000_000.0
SITE = "site-a"
TOPICS = Topics(SITE)


async def turns(n: int = 60) -> None:
    """Let the loop run whatever is ready."""
    for _ in range(n):
        await asyncio.sleep(0)


class ManualTime:
    """Clock and timers that stand still until ``advance``; a delay of 0 happens at once."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.wall_step = 0.0
        self._due: list[tuple[float, int, ManualTimer]] = []
        self._order = itertools.count()

    def monotonic(self) -> float:
        return self.now

    def utc_ms(self) -> int:
        return int((AT_S + self.now - 1000.0 + self.wall_step) * 1000)

    def utc(self) -> datetime:
        return datetime.fromtimestamp(self.utc_ms() / 1000, UTC)

    def call_later(self, delay_s: float, callback: Callable[..., None], *args: Any) -> ManualTimer:
        timer = ManualTimer(callback, args)
        if delay_s == 0:
            asyncio.get_running_loop().call_soon(timer.fire)
        else:
            heapq.heappush(self._due, (self.now + delay_s, next(self._order), timer))
        return timer

    async def advance(self, seconds: float) -> None:
        """Let time pass, everything happening in its order."""
        await turns()
        until = self.now + seconds
        while self._due and self._due[0][0] <= until:
            self.now, _, timer = heapq.heappop(self._due)
            timer.fire()
            await turns()
        self.now = until
        await turns()


class ManualTimer:
    def __init__(self, callback: Callable[..., None], args: tuple[Any, ...]) -> None:
        self._callback: Callable[..., None] | None = callback
        self._args = args

    def cancel(self) -> None:
        self._callback = None

    def fire(self) -> None:
        callback, self._callback = self._callback, None
        if callback is not None:
            callback(*self._args)


def event(seq: int, account: str = "1234", *, urgent: bool = False, at_ms: int = 0) -> Outstanding:
    return Stored(
        seq=seq,
        event_id=f"id-{seq}",
        account=account,
        class_="alarm" if urgent else "info",
        is_priority=urgent,
        received_ms=at_ms or int(AT_S * 1000),
        json=b'{"id":"id-%d","seq":%d}' % (seq, seq),
    )


class MemoryJournal:
    """Journal port over a dict. Reads take a turn of the loop, as those of the disk do."""

    def __init__(self, events: Iterable[Outstanding] = (), confirm_by: Sequence[str] = ()) -> None:
        self.events = {e.seq: e for e in events}
        self.confirm_by = set(confirm_by) or {""}
        self.confirmed: dict[str, set[str]] = {}
        self.calls: list[tuple[str, tuple[str, ...]]] = []
        self.reads = 0
        self.latency_turns = 1
        self.failures = 0
        self.forgets_confirms = False
        self.tells_late = False
        """Tell commits only when ``tell`` is called: a read may see them before."""
        self._untold: list[tuple[Outstanding, ...]] = []
        self._fresh: list[Callable[[Sequence[Outstanding]], None]] = []
        self._reopened: list[Callable[[int, int], None]] = []

    def commit(self, *events: Outstanding) -> None:
        self.events.update({e.seq: e for e in events})
        self._untold.append(events)
        if not self.tells_late:
            self.tell()

    def tell(self, most: int | None = None) -> None:
        """Tell so many commits, all by default."""
        told, self._untold = self._untold[:most], self._untold[len(self._untold[:most]) :]
        for events in told:
            for tell in self._fresh:
                tell(events)

    def done(self) -> set[str]:
        return {i for i, by in self.confirmed.items() if by >= self.confirm_by}

    def open_events(self) -> list[Outstanding]:
        done = self.done()
        return [e for _, e in sorted(self.events.items()) if e.event_id not in done]

    async def _read(self) -> None:
        self.reads += 1
        await turns(self.latency_turns)
        if self.failures:
            self.failures -= 1
            raise OSError("disk")

    async def outstanding(self, after_seq: int, limit: int) -> list[Outstanding]:
        await turns(self.latency_turns if self.tells_late else 0)
        found = [e for e in self.open_events() if e.seq > after_seq][:limit]
        await self._read()
        return found

    async def outstanding_keys(self, after_seq: int, limit: int) -> list[tuple[int, str, bool]]:
        await turns(self.latency_turns if self.tells_late else 0)
        found = [e for e in self.open_events() if e.seq > after_seq][:limit]
        await self._read()
        return [(e.seq, e.account, e.is_priority) for e in found]

    async def read(self, seqs: Sequence[int]) -> list[Outstanding]:
        found = [self.events[seq] for seq in seqs if seq in self.events]
        await self._read()
        return found

    def confirm(
        self,
        consumer: str,
        event_ids: Sequence[str],
        told: Callable[[object | None], None] = lambda _what: None,
    ) -> None:
        self.calls.append((consumer, tuple(event_ids)))
        if self.forgets_confirms:
            told(None)
            return
        for event_id in event_ids:
            self.confirmed.setdefault(event_id, set()).add(consumer)
        told(event_ids)

    def subscribe(
        self,
        fresh: Callable[[Sequence[Outstanding]], None],
        reopened: Callable[[int, int], None] | None = None,
    ) -> None:
        self._fresh.append(fresh)
        if reopened is not None:
            self._reopened.append(reopened)

    def republish(self, from_seq: int, to_seq: int) -> None:
        for e in self.events.values():
            if from_seq <= e.seq <= to_seq:
                self.confirmed.pop(e.event_id, None)
        for tell in self._reopened:
            tell(from_seq, to_seq)


class MemoryLink:
    def __init__(self, broker: MemoryBroker, receiver: Receiver) -> None:
        self.window = broker.window
        self.maximum_packet_bytes = broker.maximum_packet_bytes
        self._broker = broker
        self._receiver = receiver
        self._mids = itertools.count(1)
        self.is_open = True

    def publish(self, topic: str, payload: bytes, *, retain: bool) -> int:
        if not self.is_open:
            raise ConnectionError("closed")
        mid = next(self._mids)
        self._broker.took(self, mid, topic, payload, retain=retain)
        return mid

    async def shut(self) -> None:
        self.is_open = False
        self._broker.goodbyes += 1

    def abort(self) -> None:
        self.is_open = False
        self._broker.aborts += 1

    def puback(self, mid: int, refusal: Refusal | None = None) -> None:
        if self.is_open:
            self._receiver.puback(mid, refusal)

    def confirm(self, topic: str, payload: bytes) -> None:
        if self.is_open:
            self._receiver.message(topic, payload)

    def lose(self, reason: str = "cut", *, is_by_peer: bool = True) -> None:
        if self.is_open:
            self.is_open = False
            self._receiver.lost(reason, is_by_peer)


class MemoryBroker:
    """Transport port; what it does with a publication is set from outside."""

    def __init__(self) -> None:
        self.window = 65535
        self.maximum_packet_bytes: int | None = None
        self.is_away = False
        self.pubacks = True
        self.refuses: Callable[[str, bytes], Refusal | None] = lambda _t, _p: None
        self.kills: Callable[[bytes], bool] = lambda _p: False
        self.core: Callable[[str], bool] | None = None
        """Confirms in the name of ``core-1`` whatever event id this says yes to."""
        self.published: list[tuple[str, bytes, bool]] = []
        self.links: list[MemoryLink] = []
        self.connect_times: list[float] = []
        self.goodbyes = self.aborts = 0
        self.will: Will | None = None
        self.topics: Sequence[str] = ()
        self.clock: ManualTime | None = None
        self.delivered: list[int] = []
        """Sequences of the events that a consumer got to see, in order."""
        self._unanswered: list[tuple[MemoryLink, int, str, bytes]] = []

    async def connect(self, receiver: Receiver, *, will: Will, topics: Sequence[str]) -> MemoryLink:
        if self.clock is not None:
            self.connect_times.append(self.clock.now)
        await asyncio.sleep(0)
        if self.is_away:
            raise BrokerUnavailableError("broker memory: refused")
        self.will, self.topics = will, topics
        link = MemoryLink(self, receiver)
        self.links.append(link)
        return link

    @property
    def link(self) -> MemoryLink:
        return self.links[-1]

    def took(self, link: MemoryLink, mid: int, topic: str, payload: bytes, *, retain: bool) -> None:
        self.published.append((topic, payload, retain))
        if self.kills(payload):
            asyncio.get_running_loop().call_soon(link.lose)
        elif self.pubacks:
            asyncio.get_running_loop().call_soon(self._answer, link, mid, topic, payload)
        else:
            self._unanswered.append((link, mid, topic, payload))

    def _answer(self, link: MemoryLink, mid: int, topic: str, payload: bytes) -> None:
        refusal = self.refuses(topic, payload)
        link.puback(mid, refusal)
        if refusal is None and link.is_open and "/event/" in topic:
            self.delivered.append(seq_of(payload))
            event_id = f"id-{seq_of(payload)}"
            if self.core is not None and self.core(event_id):
                asyncio.get_running_loop().call_soon(
                    link.confirm, TOPICS.confirm("core-1"), confirm("core-1", event_id)
                )

    def answer_all(self) -> None:
        unanswered, self._unanswered = self._unanswered, []
        for answer in unanswered:
            self._answer(*answer)

    def seqs(self, since: int = 0) -> list[int]:
        """Sequences of the events published, in order."""
        return [seq_of(p) for t, p, _ in self.published[since:] if "/event/" in t]


def seq_of(payload: bytes) -> int:
    return int(msgspec.json.decode(payload)["seq"])


def confirm(consumer: str, *ids: str) -> bytes:
    return msgspec.json.encode({"consumer": consumer, "ids": ids})


class Station:
    """A forwarder on simulated surroundings."""

    def __init__(
        self,
        events: Iterable[Outstanding] = (),
        *,
        confirm_by: tuple[str, ...] = ("core-1",),
        broker: MemoryBroker | None = None,
        **settings: Any,
    ) -> None:
        self.time = ManualTime()
        self.journal = MemoryJournal(events, confirm_by)
        self.broker = broker or MemoryBroker()
        self.broker.clock = self.time
        self.health = Health()
        self.counters = Counters()
        self.told: list[tuple[str, str]] = []
        self.flooding: set[str] = set()
        self.forwarder = Forwarder(
            ForwardSettings(site=SITE, confirm_by=confirm_by, **settings),
            journal=self.journal,
            transport=self.broker,
            clock=self.time,
            timers=self.time,
            random=lambda: 1.0,
            health=self.health,
            count=self.counters.count,
            tell=lambda code, text: self.told.append((code, text)),
            version="0.0.0",
            flooding=self.flooding,
        )

    async def __aenter__(self) -> Self:
        self.forwarder.start()
        await turns()
        return self

    async def __aexit__(self, *_: object) -> None:
        stopping = asyncio.ensure_future(self.forwarder.stop("test is over"))
        while not stopping.done():
            await self.time.advance(0.5)
        stopping.result()

    async def confirm(self, *ids: str, consumer: str = "core-1", topic: str = "") -> None:
        self.broker.link.confirm(topic or TOPICS.confirm(consumer), confirm(consumer, *ids))
        await turns()

    @property
    def state(self) -> Any:
        return self.forwarder.outbox.state()
