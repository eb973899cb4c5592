"""What MQTT shows of the gateway's state: status, info, health, inputs, supervision; and oddments.

Retained state is the broker's copy of what stands here: after every connect it is published
again, the station's own first. Of the supervision topics only those are kept and published again
that are not ``ok`` or changed since their last PUBACK, since there may be a million of them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from gateway.contract.client import Refusal
from gateway.contract.status import (
    AccountSupervision,
    Health,
    Info,
    InputState,
    Status,
    Unrecognised,
)
from gateway.contract.topics import Topics, account_level
from gateway.forward.uplink import Uplink
from hardware.clock import Clock

HEALTH_S: Final = 10.0  # how often health is published; REL-48
UNRECOGNISED_MOST: Final = 100  # waiting oddments; beyond it they are counted and dropped
UNDER_WAY_MOST: Final = 4  # state messages without PUBACK: the window is for events

_encode: Final = msgspec.json.encode


class _State:
    __slots__ = ("is_forgettable", "payload", "version")

    def __init__(self) -> None:
        self.payload = b""
        self.version = 0
        self.is_forgettable = False


class Retained:
    """Publishes states; whoever knows a state calls the method of that name."""

    def __init__(  # noqa: PLR0913  the composition root names each
        self,
        *,
        uplink: Uplink,
        topics: Topics,
        clock: Clock,
        version: str,
        count: Callable[[str], None],
        health: Callable[[], Health | None] = lambda: None,
    ) -> None:
        """``version`` is that of the product; ``health`` is asked every ten seconds."""
        self._uplink = uplink
        self._topics = topics
        self._clock = clock
        self._version = version
        self._count = count
        self._health = health
        self._states: dict[str, _State] = {}
        self._dirty: deque[str] = deque()
        self._is_dirty: set[str] = set()
        self._oddments: deque[tuple[str, bytes]] = deque()
        self._under_way = 0
        self._next_health = 0.0
        self._is_stopping = False

    def start(self) -> None:
        """Publish from now on; before the outbox is started, so that states go first."""
        self._uplink.attach(self)

    def stop(self, reason: str) -> None:
        """Say offline, with the reason in words; the uplink's ``stop`` lets it leave."""
        self._is_stopping = True
        self._dirty.clear()
        self._is_dirty.clear()
        self._oddments.clear()
        self._set(
            self._topics.status,
            Status(state="offline", time=self._now(), version=self._version, reason=reason),
        )

    # What others tell.

    def info(self, info: Info) -> None:
        """What the gateway is."""
        self._set(self._topics.info, info)

    def input_state(self, name: str, state: InputState) -> None:
        """Whether an input works."""
        self._set(self._topics.input_status(name), state)

    def supervision(self, state: AccountSupervision) -> None:
        """Whether a supervised account is heard."""
        topic = self._topics.supervision(account_level(state.group, state.id))
        self._set(topic, state, is_forgettable=state.state == "ok")

    def unrecognised(self, oddment: Unrecognised) -> None:
        """What nobody could read; dropped and counted when there is no broker or too much of it."""
        if not self._uplink.is_up or len(self._oddments) >= UNRECOGNISED_MOST:
            self._count("unrecognised_unpublished")
            return
        self._oddments.append((self._topics.unrecognised(oddment.input), _encode(oddment)))
        self._uplink.wake()

    def _set(self, topic: str, message: msgspec.Struct, *, is_forgettable: bool = False) -> None:
        state = self._states.get(topic)
        if state is None:
            state = self._states[topic] = _State()
        state.payload = _encode(message)
        state.version += 1
        state.is_forgettable = is_forgettable
        self._publish_soon(topic)
        self._uplink.wake()

    def _publish_soon(self, topic: str) -> None:
        if topic not in self._is_dirty:
            self._is_dirty.add(topic)
            self._dirty.append(topic)

    def _now(self) -> str:
        now: datetime = self._clock.utc()
        return now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    # uplink.Sender

    def link_up(self) -> None:
        """See ``uplink.Sender``: all state again, the station's own first."""
        own = (self._topics.status, self._topics.info, self._topics.health)
        self._set(
            self._topics.status,
            Status(state="online", time=self._now(), version=self._version),
        )
        self._publish_health()
        self._dirty.clear()
        self._is_dirty.clear()
        for topic in (*own, *self._states):
            if topic in self._states:
                self._publish_soon(topic)

    def link_down(self, under_way: Sequence[Any], *, is_by_peer: bool) -> None:
        """See ``uplink.Sender``: nothing to do, since everything is published at the next."""
        del under_way, is_by_peer
        self._under_way = 0
        self._oddments.clear()

    def puback(self, token: Any, refusal: Refusal | None) -> None:
        """See ``uplink.Sender``."""
        self._under_way -= 1
        if refusal is not None:
            self._count("state_refused")
        if token is None:
            return
        topic, version = token
        state = self._states.get(topic)
        if state is not None and state.version == version and state.is_forgettable:
            del self._states[topic]

    def pump(self, most: int) -> int:
        """See ``uplink.Sender``."""
        published = 0
        while published < most and self._under_way < UNDER_WAY_MOST:
            if self._dirty:
                topic = self._dirty.popleft()
                self._is_dirty.discard(topic)
                state = self._states[topic]
                payload, token, retain = state.payload, (topic, state.version), True
            elif self._oddments:
                (topic, payload), token, retain = self._oddments.popleft(), None, False
            else:
                break
            try:
                self._uplink.publish(self, topic, payload, token=token, retain=retain)
            except ValueError:
                self._count("state_refused")
                continue
            except ConnectionError:
                break
            self._under_way += 1
            published += 1
        return published

    def tick(self) -> None:
        """See ``uplink.Sender``."""
        if self._uplink.is_up and self._clock.monotonic() >= self._next_health:
            self._publish_health()

    def _publish_health(self) -> None:
        if self._is_stopping:
            return
        self._next_health = self._clock.monotonic() + HEALTH_S
        health = self._health()
        if health is not None:
            self._set(self._topics.health, health)
