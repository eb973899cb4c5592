"""A real codec before a real ingest: bytes in, answers and journal entries out, no sockets."""

from __future__ import annotations

from datetime import UTC, datetime

from protocols import dc09, surgard
from protocols._core import Connection, Incoming
from tests.support.receiving import PANEL, RECEIVER, Bench

NOON = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)


def dc09_codec(keys: tuple[bytes, ...] = (), *, datagram: bool = False) -> Connection:
    """A receiver of DC-09; every account has these keys."""
    return dc09.Connection(
        dc09.Role.CSR, keys=lambda _account: keys, pad=lambda count: b"x" * count, datagram=datagram
    )


def surgard_codec(**options: object) -> Connection:
    """The computer's side of a Sur-Gard line."""
    return surgard.Connection(surgard.Role.COMPUTER, **options)


class Wired:
    """One link: its codec and the bench that takes what it reads."""

    def __init__(
        self, codec: Connection, bench: Bench | None = None, *, is_receiver: bool | None = None
    ) -> None:
        self.codec = codec
        self.bench = bench or Bench()
        if is_receiver is None:
            is_receiver = isinstance(codec, surgard.Connection)
        self.origin = RECEIVER if is_receiver else PANEL
        self.items: list[Incoming] = []

    def hear(self, data: bytes) -> bytes:
        """Give the codec one read; return what it answers."""
        return self._taken(self.codec.receive(data, now=self.bench.clock.monotonic()))

    def wait(self) -> bytes:
        """Let every deadline of the codec pass."""
        out = b""
        while (due := self.codec.deadline()) is not None:
            self.bench.clock.go(max(0.0, due - self.bench.clock.monotonic()))
            out += self._taken(self.codec.on_deadline(now=self.bench.clock.monotonic()))
        return out

    def _taken(self, incoming: list[Incoming]) -> bytes:
        self.items += incoming
        if incoming:
            self.bench.ingest.received(incoming, self.origin, self._respond)
        return self.codec.data_to_send()

    def _respond(self, item: Incoming, verdict: object) -> None:
        self.bench.record.append(("answer", item, verdict))
        self.codec.answer(item, verdict, utc=NOON)

    @property
    def raws(self) -> list[bytes]:
        """The raw bytes of every stored event."""
        return [entry.raw for entry in self.bench.entries]
