"""Reports as the codecs hand them up, and an ingest with an ordered record of what it does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import msgspec

from gateway.accounts import Account, AccountRecord, Accounts
from gateway.admission import Admission, InputPolicy
from gateway.contract.event import AlarmEvent
from gateway.contract.status import Unrecognised
from gateway.ingest import Ingest
from gateway.journal import Entry, EventIds
from gateway.journal.quarantine import Kept
from gateway.normalise import meanings
from hardware.sink import Origin, PortFact
from protocols._core import (
    Incoming,
    LinkTest,
    Part,
    ProtocolError,
    Rejected,
    Repeat,
    Report,
    Verdict,
)
from protocols.contact_id.message import ContactId

NOW = datetime(2026, 11, 20, 9, 15, 2, 417_000, tzinfo=UTC)
BURGLARY = ContactId(raw=b"1131 01 015", qualifier="1", event="131", group="01", zone="015")
PANEL = Origin(
    input="ip-1", protocol="dc09", transport="tcp", peer="192.0.2.7:51823", host="192.0.2.7"
)
RECEIVER = Origin(input="rx-1", protocol="surgard", transport="serial", peer="/dev/ttyUSB0")


class ManualClock:
    """Both clocks, moved by hand."""

    def __init__(self) -> None:
        self.now = NOW
        self.seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds

    def utc(self) -> datetime:
        return self.now

    def utc_ms(self) -> int:
        return int(self.now.timestamp() * 1000)

    def go(self, seconds: float) -> None:
        """Let both go on."""
        self.seconds += seconds
        self.now += timedelta(seconds=seconds)


def report(
    sequence: str = "0007",
    *parts: Part,
    account: str | None = "1234",
    stamp_s: float | None = None,
    pad: bytes = b"",
    **said: Any,
) -> Report:
    """A DC-09 report; ``stamp_s``: its timestamp in seconds from ``NOW``; ``pad`` changes bytes."""
    parts = parts or (BURGLARY,)
    data = b"".join(part.raw for part in parts)
    timestamp = None if stamp_s is None else NOW + timedelta(seconds=stamp_s)
    fields: dict[str, Any] = {
        "raw": b'\n"ADM-CID"%b#%b[%b]%b%b\r'
        % (sequence.encode(), (account or "").encode(), data, pad, str(timestamp).encode()),
        "token": "ADM-CID",
        "envelope": SimpleNamespace(token_known=True),
        "repeat": Repeat.NEVER if sequence == "0000" else Repeat.ACCOUNT,
        "identity": b"ADM-CID\0" + sequence.encode() + b"\0" + data,
        "receiver": "1",
        "line": "0",
    }
    return Report(
        protocol="dc09", account=account, parts=parts, sequence=sequence, timestamp=timestamp,
        **(fields | said),
    )  # fmt: skip


def frame(raw: bytes, *parts: Part, account: str | None = "1234", **said: Any) -> Report:
    """A frame of a receiver."""
    return Report(
        protocol="surgard", raw=raw, token="5", account=account, parts=parts or (BURGLARY,),
        envelope=None, identity=raw, **({"repeat": Repeat.LINK} | said),
    )  # fmt: skip


def link_test(account: str | None = "1234", **said: Any) -> LinkTest:
    """A NULL message of a panel, or a heartbeat."""
    return LinkTest(protocol="dc09", raw=b"NULL", envelope=None, account=account, **said)


def rejected(raw: bytes, reason: str = "body_unreadable", *, sound: bool = True) -> Rejected:
    """Bytes that became no report."""
    error = ProtocolError("X seen; expected Y", raw=raw, offset=0, clause="test")
    return Rejected(
        protocol="surgard", raw=raw, reason=reason, error=error, envelope_sound=sound, account=None
    )


class Bench:
    """An ingest whose journal is opened by hand, with everything it does written down in order."""

    def __init__(self, *records: AccountRecord, **inputs: InputPolicy) -> None:
        self.clock = ManualClock()
        self.accounts = Accounts.of(records or [AccountRecord(id="1234")])
        self.record: list[Any] = []
        """("append", seqs), ("committed", seqs), ("answer", item, verdict) as they happened."""
        self.entries: list[Entry] = []
        self.waiting: list[tuple[Sequence[Entry], Callable[[bool], None]]] = []
        self.commits_succeed = True
        self.is_instant = True
        self.is_clock_untrusted = False
        self.counts: dict[str, int] = {}
        self.kept: list[Kept] = []
        self.shown: list[Unrecognised] = []
        self.alive: list[tuple[Any, str]] = []
        self.facts: list[PortFact] = []
        self.again: list[tuple[str, bytes, int]] = []
        self._seq = 0
        self.inputs = {
            "ip-1": InputPolicy(is_receiver=False),
            "rx-1": InputPolicy(is_receiver=True),
        } | {name.replace("_", "-"): policy for name, policy in inputs.items()}
        self.admission = Admission(
            learn=self.accounts.learn, is_clock_untrusted=lambda: self.is_clock_untrusted
        )
        self.ingest = self.restarted()

    def restarted(self, **said: Any) -> Ingest:
        """A new ingest over the same surroundings, without memory."""
        fields: dict[str, Any] = {
            "site": "site-a", "clock": self.clock, "journal": self, "inputs": self.inputs,
            "accounts": lambda: self.accounts, "admission": self.admission,
            "normalise": meanings, "ids": EventIds(lambda n: bytes(range(n))),
            "alive": lambda key, name: self.alive.append((key, name)),
            "count": self.count, "quarantine": self.kept.append,
            "unrecognised": self.shown.append, "fact": self.facts.append,
        }  # fmt: skip
        self.ingest = Ingest(**(fields | said))
        return self.ingest

    # What ingest talks to.

    def count(self, name: str, n: int = 1) -> None:
        self.counts[name] = self.counts.get(name, 0) + n

    def next_seq(self) -> int:
        self._seq += 1
        return self._seq

    def came_again(self, link: str, digest: bytes, received_ms: int) -> None:
        self.again.append((link, digest, received_ms))

    def append(self, entries: Sequence[Entry], done: Callable[[bool], None]) -> None:
        self.record.append(("append", [entry.seq for entry in entries]))
        self.waiting.append((entries, done))
        if self.is_instant:
            self.commit()

    # What the test does.

    def commit(self, *, ok: bool = True) -> None:
        """Let everything that waits become durable, or not."""
        waiting, self.waiting = self.waiting, []
        for entries, done in waiting:
            self.record.append(("committed" if ok else "failed", [entry.seq for entry in entries]))
            if ok:
                self.entries += entries
            done(ok)

    def receive(self, *items: Incoming, origin: Origin = PANEL) -> list[Verdict]:
        """Hand in one read; gives the answers that are there by now, in their order."""
        before = len(self.answers)
        self.ingest.received(
            list(items), origin, lambda item, verdict: self.record.append(("answer", item, verdict))
        )
        return self.answers[before:]

    @property
    def answers(self) -> list[Verdict]:
        """All answers so far."""
        return [what[2] for what in self.record if what[0] == "answer"]

    @property
    def events(self) -> list[AlarmEvent]:
        """The committed events, as a consumer reads them."""
        return [msgspec.json.decode(entry.json, type=AlarmEvent) for entry in self.entries]


def account(**record: Any) -> Account:
    """An account 1234 with these settings."""
    return Account.of_record(AccountRecord(**({"id": "1234"} | record)))
