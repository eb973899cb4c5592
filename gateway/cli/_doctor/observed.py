"""What does a capture show? Its frames as the gateway reads them, each with the answer it got."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from gateway.accounts import Account, Accounts
from protocols._core import Connection, Incoming, LinkTest, Rejected, Report, Verdict
from protocols._core.transcript import Came, Clock, Ended, Transcript, Went
from protocols.registry import ProtocolInfo


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """One read of the capture."""

    line: int
    at_s: float
    peer: str
    data: bytes


class Heard(msgspec.Struct, kw_only=True):
    """Something that the reads of a peer held."""

    line: int
    at_s: float
    peer: str
    item: Incoming
    answer: bytes = b""
    """What went back before the peer's next read."""


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What the station knows; without a configuration nothing."""

    accounts: Accounts | None = None
    group: str = "main"
    keys: Callable[[str], Sequence[bytes]] = lambda _account: ()
    options: dict[str, object] = {}
    heartbeat_s: float = 30.0

    def account(self, name: str | None) -> Account | None:
        """The account of this name."""
        if name is None or self.accounts is None:
            return None
        return self.accounts.lookup(self.group, name)

    def names(self) -> list[str]:
        """All accounts of the group, for a search by likeness."""
        if self.accounts is None:
            return []
        return [one.record.id for one in self.accounts.all(self.group)]


class Observed(msgspec.Struct, kw_only=True):
    """All that a judgement may look at."""

    info: ProtocolInfo
    known: Known
    reads: list[Read]
    heard: list[Heard]
    has_answers: bool
    """The capture holds what went back; one written by hand may not."""
    span_s: float
    """How long it is."""
    began: datetime | None
    """What our clock said when it began; None when the capture does not say."""

    def reports(self) -> list[tuple[Heard, Report]]:
        """The reports, in order."""
        return [(one, one.item) for one in self.heard if isinstance(one.item, Report)]

    def rejected(self, *reasons: str) -> list[tuple[Heard, Rejected]]:
        """What was no frame for one of these reasons; for any, without reasons."""
        return [
            (one, one.item)
            for one in self.heard
            if isinstance(one.item, Rejected) and (not reasons or one.item.reason in reasons)
        ]

    def sound(self) -> list[tuple[Heard, Report | LinkTest]]:
        """The frames that could be read."""
        return [(one, one.item) for one in self.heard if not isinstance(one.item, Rejected)]

    def clock_at(self, at_s: float) -> datetime | None:
        """What our clock said then."""
        return None if self.began is None else self.began + timedelta(seconds=at_s)


def observe(transcript: Transcript, info: ProtocolInfo, known: Known) -> Observed:
    """Play the peers' side through the codec."""
    watching = _Watching(transcript, info, known)
    for step in transcript.steps:
        if isinstance(step, Came):
            watching.came(step)
        elif isinstance(step, Went):
            watching.went(step)
        elif isinstance(step, Ended):
            watching.ended(step.peer, step.line, step.at_s)
        elif isinstance(step, Clock) and watching.began is None:
            watching.began = step.utc.astimezone(UTC) - timedelta(seconds=step.at_s)
    for peer in list(watching.connections):
        watching.ended(peer, 0, transcript.steps[-1].at_s)
    return Observed(
        info=info,
        known=known,
        reads=watching.reads,
        heard=watching.heard,
        has_answers=any(isinstance(step, Went) for step in transcript.steps),
        span_s=transcript.steps[-1].at_s if transcript.steps else 0.0,
        began=watching.began,
    )


class _Watching:
    def __init__(self, transcript: Transcript, info: ProtocolInfo, known: Known) -> None:
        self._transcript = transcript
        self._info = info
        self._known = known
        self.connections: dict[str, Connection] = {}
        self._open: dict[str, list[Heard]] = {}
        self.reads: list[Read] = []
        self.heard: list[Heard] = []
        self.began: datetime | None = None

    def came(self, step: Came) -> None:
        self.reads.append(Read(line=step.line, at_s=step.at_s, peer=step.peer, data=step.data))
        self._open[step.peer] = []
        connection = self.connections.get(step.peer)
        if connection is None:
            connection = self.connections[step.peer] = self._info.connect(
                keys=self._keys,
                pad=bytes,
                datagram=self._transcript.is_datagram or step.peer.endswith("/udp"),
                options=self._transcript.options or self._known.options,
            )
        self._note(
            connection,
            connection.receive(step.data, now=step.at_s),
            step.peer,
            step.line,
            step.at_s,
        )

    def _keys(self, account: str) -> Sequence[bytes]:
        own = self._transcript.keys.get(account)
        return (own,) if own is not None else self._known.keys(account)

    def _note(
        self, connection: Connection, items: Sequence[Incoming], peer: str, line: int, at_s: float
    ) -> None:
        for item in items:
            one = Heard(line=line, at_s=at_s, peer=peer, item=item)
            self.heard.append(one)
            self._open.setdefault(peer, []).append(one)
            connection.answer(item, Verdict.ACK, utc=datetime.now(UTC))
        connection.data_to_send()

    def went(self, step: Went) -> None:
        for one in self._open.get(step.peer, ()):
            one.answer += step.data

    def ended(self, peer: str, line: int, at_s: float) -> None:
        connection = self.connections.pop(peer, None)
        if connection is not None:
            self._note(connection, connection.eof(), peer, line, at_s)
