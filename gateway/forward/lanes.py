"""In which order events leave, so that urgent ones overtake and no account is turned around.

An event that was taken from the journal and not published yet stands in exactly one lane. The
one rule that keeps the order within an account (REL-9): a new event joins the lane in which the
account's youngest event stands, unless it is urgent; then the older ones all move to the urgent
lane, before it (REL-44).
"""

from __future__ import annotations

from bisect import insort
from collections import deque
from collections.abc import Iterable, Sequence
from enum import IntEnum
from itertools import islice

from gateway.journal.entry import Outstanding


class Lane(IntEnum):
    """Lanes, the first one first."""

    PROBE = 0
    """Suspected of ending connections: one at a time, with nothing else under way (REL-46)."""
    URGENT = 1
    """Priority events with the older events of their accounts."""
    AGAIN = 2
    """Everything that was published before the link was lost, lowest sequence first."""
    RESEND = 3
    """Published and not confirmed in time: repeats, which may interleave with anything."""
    FRESH = 4
    """Committed while a backlog drains, with the older events of their accounts (REL-43)."""
    READY = 5
    """In the order of the journal."""


class Lanes:
    """Events waiting for their publication."""

    def __init__(self) -> None:
        self._loaded: tuple[deque[Outstanding], ...] = tuple(deque() for _ in Lane)
        self._wanted: tuple[deque[int], ...] = tuple(deque() for _ in Lane)
        # An entry of a lane counts only while this says that the event stands there: moving an
        # event to another lane, or out, is one assignment.
        self._place: dict[int, tuple[Lane, str]] = {}
        self._of_account: dict[str, list[int]] = {}

    def __len__(self) -> int:
        return len(self._place)

    def __contains__(self, seq: int) -> bool:
        return seq in self._place

    def loaded(self, lane: Lane) -> int:
        """How many entries a lane holds in memory."""
        return len(self._loaded[lane])

    def wanted(self, lane: Lane) -> int:
        """How many entries of a lane must be read from the journal first."""
        return len(self._wanted[lane])

    def is_empty(self, lane: Lane) -> bool:
        """Whether nothing stands in a lane."""
        return not self._loaded[lane] and not self._wanted[lane]

    def first(self, lane: Lane) -> Outstanding | None:
        """The next event of a lane that is in memory; it stays."""
        loaded = self._loaded[lane]
        return loaded[0] if loaded else None

    def lane_of_account(self, account: str) -> Lane | None:
        """The lane in which the youngest waiting event of this account stands."""
        held = self._of_account.get(account)
        return self._place[held[-1]][0] if held else None

    def held(self, account: str) -> Sequence[int]:
        """Sequences of this account that stand in any lane but RESEND, oldest first."""
        return self._of_account.get(account, ())

    def lane_of(self, seq: int) -> Lane | None:
        """The lane in which an event stands."""
        place = self._place.get(seq)
        return None if place is None else place[0]

    def seqs_after(self, seq: int) -> list[int]:
        """Sequences above ``seq`` that stand anywhere."""
        return [standing for standing in self._place if standing > seq]

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

        Those that stand in another lane leave it. ``seqs`` ascend.
        """
        for seq in seqs:
            self._wanted[lane].append(seq)
            self._note(lane, seq, account)

    def _note(self, lane: Lane, seq: int, account: str) -> None:
        is_held = seq in self._place
        self._place[seq] = (lane, account)
        if is_held or lane is Lane.RESEND:
            return
        held = self._of_account.get(account)
        if held is None:
            self._of_account[account] = [seq]
        else:
            insort(held, seq)

    def drop(self, seq: int) -> None:
        """Forget an event, wherever it stands; harmless when it stands nowhere."""
        place = self._place.pop(seq, None)
        if place is None:
            return
        held = self._of_account.get(place[1])
        if held is None:
            return
        if len(held) == 1 and held[0] == seq:
            del self._of_account[place[1]]
        elif seq in held:
            held.remove(seq)

    def clear(self, lane: Lane) -> list[tuple[int, str]]:
        """Empty a lane; gives sequence and account of what stood there."""
        seqs = [*(event.seq for event in self._loaded[lane]), *self._wanted[lane]]
        self._loaded[lane].clear()
        self._wanted[lane].clear()
        stood = []
        for seq in seqs:
            place = self._place.get(seq)
            if place is not None and place[0] is lane:
                stood.append((seq, place[1]))
                self.drop(seq)
        return stood

    def to_read(self, lane: Lane, limit: int) -> list[int]:
        """The next sequences that a lane needs from the journal; they stay wanted."""
        wanted = self._wanted[lane]
        while wanted and self.lane_of(wanted[0]) is not lane:
            wanted.popleft()
        return list(islice(wanted, limit))

    def was_read(
        self, lane: Lane, asked: Sequence[int], events: Iterable[Outstanding]
    ) -> list[Outstanding]:
        """Hand in what ``to_read`` asked for; what the journal does not have is dropped.

        Gives back events that are of another account than was thought: they stand nowhere now.
        """
        found = {event.seq: event for event in events}
        wanted = self._wanted[lane]
        foreign = []
        for seq in asked:
            if not wanted or wanted[0] != seq:
                break  # the lane was cleared in the meantime
            wanted.popleft()
            place = self._place.get(seq)
            if place is None or place[0] is not lane:
                continue
            event = found.get(seq)
            if event is None:
                self.drop(seq)
            elif event.account != place[1]:
                self.drop(seq)
                foreign.append(event)
            else:
                self._loaded[lane].append(event)
        return foreign

    def take(self, lane: Lane) -> Outstanding | None:
        """Take the next event of a lane that is in memory."""
        loaded = self._loaded[lane]
        while loaded:
            event = loaded.popleft()
            place = self._place.get(event.seq)
            if place is not None and place[0] is lane:
                self.drop(event.seq)
                return event
        return None
