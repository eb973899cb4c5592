"""What forwarding needs from others: a broker connection and the journal, as narrow interfaces.

A simulated broker or a replicated journal can stand behind them; nothing in here is MQTT library.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

from gateway.contract.client import Refusal, Will
from gateway.journal.entry import Outstanding

Key: TypeAlias = tuple[int, str, bool]
"""Sequence, account level and priority of an outstanding event, without its payload."""


class Receiver(Protocol):
    """Whoever holds a link: told what comes back over it, on the event loop."""

    def puback(self, mid: int, refusal: Refusal | None) -> None:
        """The broker answered publication ``mid``."""
        ...

    def message(self, topic: str, payload: bytes) -> None:
        """A message of a subscribed topic."""
        ...

    def lost(self, reason: str, is_by_peer: bool) -> None:  # noqa: FBT001  always given by place
        """The link ended without ``shut`` or ``abort``; said once."""
        ...


class Link(Protocol):
    """One live connection to a broker. It queues nothing and remembers nothing."""

    @property
    def window(self) -> int:
        """How many publications the broker lets wait for their PUBACK."""
        ...

    @property
    def maximum_packet_bytes(self) -> int | None:
        """The longest packet that the broker takes; None when it did not say."""
        ...

    def publish(self, topic: str, payload: bytes, *, retain: bool) -> int:
        """Send with QoS 1; gives the id that ``Receiver.puback`` will name.

        Raises ValueError for what MQTT cannot carry, ConnectionError when the link is gone.
        """
        ...

    async def shut(self) -> None:
        """End in good order: the last will is not published."""
        ...

    def abort(self) -> None:
        """Cut, as a hung broker wants it; the broker will publish the will when it notices."""
        ...


class Transport(Protocol):
    """Makes links."""

    async def connect(self, receiver: Receiver, *, will: Will, topics: Sequence[str]) -> Link:
        """Connect, with these topics subscribed; raises ``BrokerUnavailableError``."""
        ...


class Journal(Protocol):
    """What the outbox needs of the journal. Reads never wait on the event loop."""

    async def outstanding(self, after_seq: int, limit: int) -> list[Outstanding]:
        """Outstanding events with a higher sequence, lowest first."""
        ...

    async def outstanding_keys(self, after_seq: int, limit: int) -> list[Key]:
        """Only the keys of outstanding events with a higher sequence, lowest first."""
        ...

    async def read(self, seqs: Sequence[int]) -> list[Outstanding]:
        """These events, done or not, in any order; what is not there is left out."""
        ...

    def confirm(
        self, consumer: str, event_ids: Sequence[str], told: Callable[[object | None], None]
    ) -> object:
        """A consumer has handled these; unknown ids do no harm. Durable some time later.

        ``told`` hears what came of it, or None when it could not be stored: they stay outstanding.
        """
        ...

    def subscribe(
        self,
        fresh: Callable[[Sequence[Outstanding]], None],
        reopened: Callable[[int, int], None] | None = None,
    ) -> None:
        """Tell every commit from now on, in commit order, on the event loop.

        ``reopened(from_seq, to_seq)`` tells of events that are outstanding again.
        """
        ...
