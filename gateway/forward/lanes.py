"""In which order events leave, so that urgent ones overtake and no account is turned around.

An event that was taken from the journal and not published yet stands in exactly one lane. The
one rule that keeps the order within an account (REL-9): a new event joins the lane in which the
account's events already stand, unless it is urgent; then they all move to the urgent lane, before
it (REL-44).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from enum import IntEnum

from gateway.journal.entry import Outstanding


class Lane(IntEnum):
    """Lanes, the first one first."""

    URGENT = 0
    """Priority events with the older events of their accounts."""
    AGAIN = 1
    """Everything that was published before the link was lost."""
    FRESH = 2
    """Committed while a backlog drains, with the older events of their accounts (REL-43)."""
    READY = 3
    """In the order of the journal."""


class Lanes:
    """Events waiting for their publication."""

    def __init__(self) -> None:
        self._loaded: tuple[deque[Outstanding], ...] = tuple(deque() for _ in Lane)
        self._wanted: tuple[deque[int], ...] = tuple(deque() for _ in Lane)
        # A lane entry counts only while this says that the event stands there: moving an event
        # to another lane, or out, is one assignment.
        self._lane_of: dict[int, Lane] = {}
        self._of_account: dict[str, list[int]] = {}

    def __len__(self) -> int:
        return len(self._lane_of)

    def __contains__(self, seq: int) -> bool:
        return seq in self._lane_of

    def loaded(self, lane: Lane) -> int:
        """How many entries a lane holds in memory."""
        return len(self._loaded[lane])

    def wanted(self, lane: Lane) -> int:
        """How many entries of a lane must be read from the journal first."""
        return len(self._wanted[lane])

    def is_empty(self, lane: Lane) -> bool:
        """Whether nothing stands in a lane."""
        return not self._loaded[lane] and not self._wanted[lane]

    def lane_of_account(self, account: str) -> Lane | None:
        """The lane in which events of this account stand."""
        held = self._of_account.get(account)
        return self._lane_of[held[-1]] if held else None

    def held(self, account: str) -> Sequence[int]:
        """Sequences of this account that stand in any lane, oldest first."""
        return self._of_account.get(account, ())

    def add(self, lane: Lane, event: Outstanding) -> None:
        """Put an event at the end of a lane; it must be the youngest of its account here."""
        # Behind entries that are still to be read, an event in hand would overtake them.
        if self._wanted[lane]:
            self._wanted[lane].append(event.seq)
        else:
            self._loaded[lane].append(event)
        self._note(lane, event.seq, event.account)

    def want(self, lane: Lane, account: str, seqs: Iterable[int]) -> None:
        """Put events of one account at the end of a lane, to be read when their turn is near.

        Those that stand in another lane leave it. ``seqs`` ascend and include every event of
        the account that stands anywhere.
        """
        self._of_account.pop(account, None)
        for seq in seqs:
            self._wanted[lane].append(seq)
            self._note(lane, seq, account)

    def _note(self, lane: Lane, seq: int, account: str) -> None:
        self._lane_of[seq] = lane
        held = self._of_account.get(account)
        if held is None:
            self._of_account[account] = [seq]
        else:
            held.append(seq)

    def to_read(self, lane: Lane, limit: int) -> list[int]:
        """The next sequences that a lane needs from the journal; they stay wanted."""
        wanted = self._wanted[lane]
        while wanted and self._lane_of.get(wanted[0]) is not lane:
            wanted.popleft()
        return [seq for _, seq in zip(range(limit), wanted, strict=False)]

    def was_read(self, lane: Lane, asked: Sequence[int], events: Iterable[Outstanding]) -> None:
        """Hand in what ``to_read`` asked for; what the journal does not have is dropped."""
        found = {event.seq: event for event in events}
        wanted = self._wanted[lane]
        for seq in asked:
            if not wanted or wanted[0] != seq:
                return  # the lane was cleared in the meantime
            wanted.popleft()
            event = found.get(seq)
            if event is not None:
                self._loaded[lane].append(event)
            else:
                self._lane_of.pop(seq, None)

    def take(self, lane: Lane) -> Outstanding | None:
        """Take the next event of a lane that is in memory."""
        loaded = self._loaded[lane]
        while loaded:
            event = loaded.popleft()
            if self._lane_of.get(event.seq) is lane:
                del self._lane_of[event.seq]
                held = self._of_account[event.account]
                if len(held) == 1:
                    del self._of_account[event.account]
                else:
                    held.remove(event.seq)
                return event
        return None

    def oldest(self) -> int | None:
        """The lowest sequence that stands in any lane."""
        return min(self._lane_of, default=None)
