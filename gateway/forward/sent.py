"""What was published and is not done: who still has to confirm it, and when it is sent again.

The resend timer of an event starts at its PUBACK. While a consumer that has not confirmed it
confirms others, that consumer is working through a backlog and the timer is held up, but never
longer than ``HOLD_UP_S``, so that one lost event is not forgotten in busy traffic (REL-45).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

RESEND_S: Final = 30.0  # unconfirmed so long after its PUBACK: published again; REL-45
RESEND_MOST_S: Final = 300.0  # the backoff doubles up to this; REL-45
HOLD_UP_S: Final = 300.0  # confirms of other events hold a resend up for so long; REL-45


class Sent:
    """One event from its first publication until it is done. Holds no payload."""

    __slots__ = (
        "account",
        "acked_at",
        "event_id",
        "level",
        "lost_count",
        "missing",
        "received_at",
        "refused_count",
        "seq",
    )

    def __init__(
        self, *, seq: int, event_id: str, account: str, missing: int, received_at: float
    ) -> None:
        self.seq = seq
        self.event_id = event_id
        self.account = account
        self.missing = missing
        """Bits of the consumers that have not confirmed it; 0 when it is done."""
        self.received_at = received_at
        """Monotonic seconds, as near as known."""
        self.acked_at = 0.0
        self.level = 0
        """How often it was published again for want of a confirm."""
        self.refused_count = 0
        self.lost_count = 0
        """Links in a row that broke while it waited for its PUBACK."""


class Resends:
    """Events that wait for a confirm, in the order in which they fall due."""

    def __init__(
        self,
        consumers: Sequence[str],
        *,
        resend_s: float = RESEND_S,
        most_s: float = RESEND_MOST_S,
        hold_up_s: float = HOLD_UP_S,
    ) -> None:
        self.intervals: Final = tuple(_doubling(resend_s, most_s))
        # One table for each interval: within it, first come is first due, so nothing is sorted
        # and no timer object exists.
        self._tables: tuple[dict[str, Sent], ...] = tuple({} for _ in self.intervals)
        self._quiet_s = resend_s
        self._hold_up_s = hold_up_s
        self.bits: Final[Mapping[str, int]] = {c: 1 << n for n, c in enumerate(consumers)}
        self.everybody: Final = (1 << len(consumers)) - 1
        self._last_confirm: dict[int, float] = {}

    def __len__(self) -> int:
        return sum(len(table) for table in self._tables)

    def wait(self, sent: Sent, now: float) -> None:
        """Start the timer of an event; called at its PUBACK."""
        sent.acked_at = now
        self._tables[min(sent.level, len(self._tables) - 1)][sent.event_id] = sent

    def stop(self, sent: Sent) -> None:
        """Stop its timer; harmless when none runs."""
        self._tables[min(sent.level, len(self._tables) - 1)].pop(sent.event_id, None)

    def clear(self) -> None:
        """Stop all timers: everything will be sent again anyhow."""
        for table in self._tables:
            table.clear()

    def heard(self, consumer: str, now: float) -> None:
        """A consumer confirmed something."""
        self._last_confirm[self.bits[consumer]] = now

    def due(self, now: float) -> list[Sent]:
        """Take out what is to be sent again, with its next interval set."""
        busy = 0
        for bit, last in self._last_confirm.items():
            if now - last < self._quiet_s:
                busy |= bit
        found: list[Sent] = []
        for interval, table in zip(self.intervals, self._tables, strict=True):
            taken: list[Sent] = []
            for sent in table.values():
                waited = now - sent.acked_at
                if waited < interval:
                    break
                # Held up only when every consumer that is missing is at work: a silent one
                # gets its resend in time however busy the others are.
                if sent.missing & ~busy or waited >= interval + self._hold_up_s:
                    taken.append(sent)
            for sent in taken:
                del table[sent.event_id]
                sent.level += 1
            found += taken
        return found


def _doubling(first_s: float, most_s: float) -> Iterator[float]:
    interval = first_s
    while interval < most_s:
        yield interval
        interval *= 2
    yield max(first_s, most_s)
