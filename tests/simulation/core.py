"""Decision cores: they confirm late, twice, in any order, not at all; and some nobody asked."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import msgspec

from gateway.contract.topics import Topics
from tests.simulation.broker import SimulatedBroker
from tests.simulation.timeline import Timeline

_ID_TAIL = 10  # digits of an event id that are its number


@dataclass
class Habits:
    """How a core confirms now; chances from 0 to 1."""

    delay_s: tuple[float, float] = (0.005, 0.2)
    loses: float = 0.0
    """Chance that it loses an event, or its confirm is lost."""
    twice: float = 0.0
    is_silent: bool = False


class Core:
    """A consumer; ``is_named``: its confirms are asked for."""

    def __init__(
        self,
        name: str,
        timeline: Timeline,
        dice: Random,
        broker: SimulatedBroker,
        topics: Topics,
        *,
        is_named: bool = True,
    ) -> None:
        self.name = name
        self.is_named = is_named
        self.habits = Habits()
        self.confirmed: set[str] = set()
        self.known: dict[str, bytes] = {}
        """Event id -> JSON, of what it got."""
        self.changed: list[str] = []
        """Ids that came with other bytes than before."""
        self._timeline = timeline
        self._dice = dice
        self._broker = broker
        self._topics = topics
        self._topic = topics.confirm(name)
        self._prefix = topics.root + "/event/"
        self._batch: list[str] = []
        self.forger_hears = 0.0
        """Chance that a forger confirms what this core just got, in an id of his own."""
        broker.subscribers.append(self.received)

    def received(self, topic: str, payload: bytes) -> None:
        """A message of the broker's."""
        if not topic.startswith(self._prefix):
            return
        habits, dice = self.habits, self._dice
        event_id = msgspec.json.decode(payload, type=_Id).id
        if self.known.setdefault(event_id, payload) != payload:
            self.changed.append(event_id)
        if dice.random() < self.forger_hears:
            self._timeline.after(0.001, self._confirm_foreign, event_id)
        if habits.is_silent or dice.random() < habits.loses:
            return
        for _ in range(2 if dice.random() < habits.twice else 1):
            self._timeline.after(dice.uniform(*habits.delay_s), self._confirm, event_id)

    def _confirm(self, event_id: str) -> None:
        if self.habits.is_silent:
            return
        self._batch.append(event_id)
        if len(self._batch) == 1:
            self._timeline.after(0.02, self._flush)

    def _flush(self) -> None:
        batch, self._batch = self._batch, []
        self._dice.shuffle(batch)
        self.confirmed.update(batch)
        self.say(self._topic, self.name, batch)

    def say(self, topic: str, consumer: str, ids: list[str]) -> None:
        """Publish a confirm, whatever it says."""
        payload = msgspec.json.encode({"consumer": consumer, "ids": ids})
        self._broker.deliver(topic, payload)

    # -- what nobody may get away with -----------------------------------------------------------

    def _confirm_foreign(self, event_id: str) -> None:
        """The number of an event of ours, in the id of another journal."""
        other = event_id[:14] + f"7{self._dice.randrange(4096):03x}" + event_id[18:]
        if other != event_id:
            self.say(self._topic, self.name, [other])

    def forge(self) -> str:
        """Confirm in one of the ways that must change nothing; says which."""
        if not self.known:
            return "nothing"
        ids = list(self.known)[-40:]
        event_id = self._dice.choice(ids)
        way = self._dice.choice(("foreign id", "id of none", "other name", "other topic", "junk"))
        if way == "foreign id":
            self._confirm_foreign(event_id)
        elif way == "id of none":
            self.say(self._topic, self.name, [event_id[:-_ID_TAIL] + "fffffffff0"])
        elif way == "other name":
            self.say(self._topic, self.name + "x", [event_id])
        elif way == "other topic":
            self.say(self._topics.confirm("somebody"), self.name, [event_id])
        else:
            self._broker.deliver(self._topic, b'{"consumer": "core-1", "ids": "all"}')
        return way


class _Id(msgspec.Struct):
    id: str
