"""What a simulator sent and what it heard: the one witness that shares nothing with the gateway.

A *transmission* is one thing that a panel or receiver wants to tell, however often its frame
goes over the wire. Every transmission of a run is distinguishable at the far end by its
``EventKey``, so that a checker can hold acknowledged transmissions against the journal and
against the events that a consumer got (REL-5, REL-59).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum
from pathlib import Path
from typing import NamedTuple, TypeAlias

import msgspec

from simulators.statistics import Latencies, Latency


class EventKey(NamedTuple):
    """What a transmission and its event have in common.

    The address is the zone, user or other address without its leading zeros, "" for none;
    the sequence is "" where the protocol has none.
    """

    account: str
    sequence: str
    code: str
    address: str


class Outcome(Enum):
    """How a transmission ended."""

    WAITING = "waiting"
    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    """The far end said that it cannot process it (DUH, or NAK after NAK on a receiver link)."""
    GIVEN_UP = "given_up"
    """Every try on every path stayed without an answer."""
    ABANDONED = "abandoned"
    """The run ended before its end."""
    FORGOTTEN = "forgotten"
    """The sender lost it, as the story wanted: a restart, a full buffer."""


class Direction(Enum):
    """Who spoke, as seen by the gateway: ``>`` comes in, ``<`` goes back."""

    SENT = ">"
    HEARD = "<"


class SentKind(Enum):
    """What some written bytes are."""

    TRY = "try"
    """A frame: the first try of its transmission, or a later one."""
    PART = "part"
    """The next frame of the same try, where a message takes several."""
    DUPLICATE = "duplicate"
    """The same frame once more, without waiting."""
    NOISE = "noise"
    """No frame at all."""


class Transmission(msgspec.Struct, kw_only=True):
    """One thing to tell."""

    id: str
    """Unique within the run: sender, then a running number."""
    account: str
    code: str
    """The code as the event will show it: ``"131"``, ``"BA"``."""
    qualifier: str = ""
    """``"1"``, ``"3"``, ``"6"`` of Contact ID; empty for SIA."""
    format: str = ""
    """``"contact-id"``, ``"sia-dc03"``, a pulse format, or ``"link-test"``."""
    address: str = ""
    """Zone, user or other address as sent."""
    area: str = ""
    sequence: str = ""
    meaning: str = ""
    """The word of the story, e.g. ``"entry_alarm"``."""
    is_link_test: bool = False
    outcome: Outcome = Outcome.WAITING
    queued_at: float = 0.0
    first_sent_at: float | None = None
    ended_at: float | None = None
    tries: int = 0
    naks: int = 0

    @property
    def key(self) -> EventKey:
        """What the event of this transmission will have in common with it."""
        return event_key(self.account, self.sequence, self.code, self.address)

    @property
    def latency_s(self) -> float | None:
        """From the first byte out to the acknowledgement; None unless acknowledged."""
        if self.outcome is not Outcome.ACKNOWLEDGED or self.first_sent_at is None:
            return None
        return (self.ended_at or 0.0) - self.first_sent_at


class Line(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Some bytes that went over a wire, in the order in which they did."""

    at: float
    """Monotonic seconds of the simulator's clock."""
    direction: Direction
    data: bytes
    transmission: str = ""
    """Its id, where the bytes belong to one."""
    path: str = ""
    note: str = ""
    """What is special: ``"retry 2"``, ``"bad crc"``, ``"ignored"``."""
    gist: str = ""
    """What the bytes are, where they are not the whole message or its answer."""


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """The sums of a ledger; link tests are counted apart from reports."""

    told: int
    """Things that were to be told."""
    sent: int
    """Those of which at least one frame left."""
    acknowledged: int
    refused: int
    given_up: int
    abandoned: int
    forgotten: int
    waiting: int
    frames: int
    """Frames written, repeats and duplicates included."""
    retries: int
    naks: int
    link_tests: int
    link_tests_answered: int
    answers_ignored: int
    latency: Latency

    @property
    def is_clean(self) -> bool:
        """Everything that was to be told was acknowledged, but for what a story forgot."""
        return self.acknowledged + self.forgotten == self.told


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict of a checker over acknowledged transmissions and events."""

    missing: tuple[EventKey, ...]
    """Acknowledged, but no event came."""
    doubled: tuple[EventKey, ...]
    """More events (by event id) than transmissions."""
    foreign: tuple[EventKey, ...]
    """Events of accounts in this ledger that nobody transmitted."""

    @property
    def is_clean(self) -> bool:
        """Exactly one event for each acknowledged transmission and nothing else."""
        return not (self.missing or self.doubled or self.foreign)


def event_key(account: str, sequence: str | None, code: str, address: str | None) -> EventKey:
    """Bring the four to the form in which both sides can be compared."""
    return EventKey(account.upper(), sequence or "", code, (address or "").strip().lstrip("0"))


OnLine: TypeAlias = Callable[[Line, Transmission | None], None]
"""Told of every line as it happens, with the transmission it belongs to."""


class Ledger:
    """Everything that one simulator, or a fleet of them, sent and heard.

    Args:
        keeps_bytes: Keep every frame and reply byte; off for long load runs, where the
            transmissions alone are the evidence.
        on_line: Called with every line as it happens (the technician's screen).
    """

    def __init__(self, *, keeps_bytes: bool = True, on_line: OnLine | None = None) -> None:
        self.transmissions: list[Transmission] = []
        self.lines: list[Line] = []
        self.answers_ignored = 0
        self.frames = 0
        self._keeps_bytes = keeps_bytes
        self._on_line = on_line
        self._numbers: dict[str, int] = {}

    def open(self, transmission: Transmission) -> Transmission:
        """Enter something to tell; its id must be new."""
        self.transmissions.append(transmission)
        return transmission

    def next_id(self, sender: str) -> str:
        """Name the next transmission of a sender, unique within this ledger."""
        number = self._numbers.get(sender, 0) + 1
        self._numbers[sender] = number
        return f"{sender}-{number}"

    def sent(  # noqa: PLR0913  a line of the ledger has that many columns
        self,
        data: bytes,
        *,
        at: float,
        transmission: Transmission | None = None,
        path: str = "",
        note: str = "",
        gist: str = "",
        kind: SentKind = SentKind.TRY,
    ) -> None:
        """Enter bytes that were written."""
        if kind is not SentKind.NOISE:
            self.frames += 1
        if transmission is not None and kind is SentKind.TRY:
            if transmission.first_sent_at is None:
                transmission.first_sent_at = at
            transmission.tries += 1
        self._line(
            Direction.SENT, data, at=at, transmission=transmission, path=path, note=note, gist=gist
        )

    def heard(  # noqa: PLR0913  as above
        self,
        data: bytes,
        *,
        at: float,
        transmission: Transmission | None = None,
        path: str = "",
        note: str = "",
        gist: str = "",
    ) -> None:
        """Enter bytes that came back."""
        self._line(
            Direction.HEARD, data, at=at, transmission=transmission, path=path, note=note, gist=gist
        )

    def ended(self, transmission: Transmission, outcome: Outcome, *, at: float) -> None:
        """Enter how a transmission ended."""
        transmission.outcome = outcome
        transmission.ended_at = at

    def _line(  # noqa: PLR0913  as above
        self,
        direction: Direction,
        data: bytes,
        *,
        at: float,
        transmission: Transmission | None,
        path: str,
        note: str,
        gist: str,
    ) -> None:
        if not self._keeps_bytes and self._on_line is None:
            return
        line = Line(
            at=at,
            direction=direction,
            data=data,
            transmission="" if transmission is None else transmission.id,
            path=path,
            note=note,
            gist=gist,
        )
        if self._keeps_bytes:
            self.lines.append(line)
        if self._on_line is not None:
            self._on_line(line, transmission)

    def acknowledged(self) -> list[Transmission]:
        """The reports for which the far end took responsibility."""
        return [
            t
            for t in self.transmissions
            if t.outcome is Outcome.ACKNOWLEDGED and not t.is_link_test
        ]

    def summary(self) -> Summary:
        """Add it all up."""
        latencies = Latencies()
        by_outcome = dict.fromkeys(Outcome, 0)
        told = sent = retries = naks = link_tests = answered = 0
        for transmission in self.transmissions:
            is_sent = transmission.first_sent_at is not None
            if transmission.is_link_test:
                link_tests += is_sent
                answered += transmission.outcome is Outcome.ACKNOWLEDGED
                continue
            told += 1
            sent += is_sent
            retries += max(0, transmission.tries - 1)
            naks += transmission.naks
            by_outcome[transmission.outcome] += 1
            if (latency_s := transmission.latency_s) is not None:
                latencies.add(latency_s)
        return Summary(
            told=told,
            sent=sent,
            acknowledged=by_outcome[Outcome.ACKNOWLEDGED],
            refused=by_outcome[Outcome.REFUSED],
            given_up=by_outcome[Outcome.GIVEN_UP],
            abandoned=by_outcome[Outcome.ABANDONED],
            forgotten=by_outcome[Outcome.FORGOTTEN],
            waiting=by_outcome[Outcome.WAITING],
            frames=self.frames,
            retries=retries,
            naks=naks,
            link_tests=link_tests,
            link_tests_answered=answered,
            answers_ignored=self.answers_ignored,
            latency=latencies.summary(),
        )

    def compare(self, events: Iterable[tuple[str, EventKey]]) -> Comparison:
        """Hold the acknowledged transmissions against (event id, key) pairs.

        Events may come any number of times; only different ids count. Transmissions without
        an acknowledgement may or may not have become an event. Which key an event has,
        ``simulators.evidence.key_of`` says.
        """
        acknowledged: dict[EventKey, int] = {}
        sent: dict[EventKey, int] = {}
        for transmission in self.transmissions:
            if transmission.is_link_test or transmission.first_sent_at is None:
                continue
            sent[transmission.key] = sent.get(transmission.key, 0) + 1
            if transmission.outcome is Outcome.ACKNOWLEDGED:
                acknowledged[transmission.key] = acknowledged.get(transmission.key, 0) + 1
        accounts = {key.account for key in sent}
        ids: dict[EventKey, set[str]] = {}
        for event_id, key in events:
            ids.setdefault(key, set()).add(event_id)
        return Comparison(
            missing=tuple(k for k, n in acknowledged.items() if len(ids.get(k, ())) < n),
            doubled=tuple(k for k, found in ids.items() if k in sent and len(found) > sent[k]),
            foreign=tuple(k for k in ids if k not in sent and k.account in accounts),
        )

    def write(self, path: Path) -> None:
        """Write the ledger as JSON lines: every transmission, then every line of the wire."""
        encoder = msgspec.json.Encoder()
        with path.open("wb") as file:
            for transmission in self.transmissions:
                file.write(encoder.encode({"transmission": transmission}) + b"\n")
            for line in self.lines:
                as_text = {
                    "at": line.at,
                    "direction": line.direction.value,
                    "data": line.data.decode("latin-1"),
                    "transmission": line.transmission,
                    "path": line.path,
                    "note": line.note,
                    "gist": line.gist,
                }
                file.write(encoder.encode({"line": as_text}) + b"\n")


def read(path: Path) -> list[Transmission]:
    """Read the transmissions of a ledger that ``Ledger.write`` wrote."""
    found = []
    with path.open("rb") as file:
        for text in file:
            item = msgspec.json.decode(text)
            if "transmission" in item:
                found.append(msgspec.convert(item["transmission"], Transmission))
    return found
