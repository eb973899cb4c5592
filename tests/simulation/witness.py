"""Holds the gateway to its promise while it runs: everything that can be seen at once."""

from __future__ import annotations

import re
import traceback
from typing import Any

from simulators.ledger import Outcome
from tests.simulation.broker import SimulatedBroker
from tests.simulation.clock import WallClock
from tests.simulation.core import Core
from tests.simulation.disk import Disk, Row
from tests.simulation.ground import ANSWER, LINK_TEST, Ground, Telling
from tests.simulation.process import Process
from tests.simulation.timeline import Timeline
from tests.simulation.trace import Trace

REFUSES_WITHIN_S = 5.0  # of the first commit that failed; REL-23
PRIORITY_S = 1.0  # REL-44
STEADY_S = 60.0  # so long a link must have stood undisturbed for it
PAST_S, FUTURE_S = 40.0, 20.0  # the window of timestamps; REL-38
CACHE_S = PAST_S + FUTURE_S + 59.0  # so long what was taken is remembered at least; SEC-2
SLACK_S = 4.0  # that a frame may have been under way
BROKEN_MOST = 5  # violations told of one seed
_ID = re.compile(rb'"id":"([^"]+)"')


class Witness:
    """Is told what gateway, panels, store, broker and cores do; says what was broken."""

    def __init__(self, timeline: Timeline, trace: Trace, disk: Disk, clock: WallClock) -> None:
        self.timeline = timeline
        self.trace = trace
        self.disk = disk
        self.clock = clock
        self.ground = Ground()
        self.broken: list[str] = []
        self.broker: SimulatedBroker
        self.cores: list[Core] = []
        self.process: Process | None = None
        self.is_attacking = False
        """Set while an attacker's datagram is handed over."""
        self.attackers: set[str] = set()
        self.started_at: list[float] = []
        self.published: set[str] = set()
        self.unsettled_at = 0.0
        """When the publication was last disturbed by something that excuses lateness."""
        self._first: dict[str, int] = {}
        self._serial_last: Telling | None = None
        self._is_serial_clean = True

    def breaks(self, rule: str, words: str) -> None:
        """A promise was broken."""
        self.trace("BROKEN", f"{rule}: {words}")
        if len(self.broken) < BROKEN_MOST:
            self.broken.append(f"{rule}: {words}")

    # -- process and store -----------------------------------------------------------------------

    def broke(self, error: BaseException) -> None:
        """See ``process.Watcher``."""
        last = traceback.extract_tb(error.__traceback__)[-1:]
        where = f"{last[0].filename.rpartition('/')[2]}:{last[0].lineno}" if last else "nowhere"
        self.breaks("no exception", f"{type(error).__name__}: {error} ({where})")

    def stored(self, row: Row) -> None:
        """See ``process.Watcher``."""
        if row.is_priority:
            self._expect_priority(row)
        if row.raw in self.ground.forged:
            self.breaks("no forgery", f"event {row.seq} is a forged frame {row.raw!r}")
        for telling in self.ground.by_raw.get(row.raw, ())[-1:]:
            if telling.is_encrypted:
                self._check_replay(row, telling)

    def _check_replay(self, row: Row, telling: Telling) -> None:
        attacks = [at for at in self.ground.attacks.get(row.raw, ()) if at <= row.at + 0.001]
        if not attacks or abs(attacks[-1] - row.at) > 0.5:
            return
        shows = telling.frames.get(row.raw)
        others = [one for raw in telling.frames for one in self.disk.by_raw.get(raw, ())]
        others = [one for one in others if one.report_id != row.report_id]
        # With a clock that may be wrong only what is remembered is known again (REL-50).
        is_untrusted = b'"time_untrusted":true' in row.json
        is_remembered = not others or row.at - others[-1].at < CACHE_S or not is_untrusted
        if others and is_remembered and not self.is_excused(others[0], row):
            self.breaks("no replay", f"event {row.seq} is a replay of event {others[0].seq}")
        elif shows is not None and not is_untrusted:
            behind_s = (self.clock.utc() - shows).total_seconds()
            if not -FUTURE_S - SLACK_S <= behind_s <= PAST_S + SLACK_S:
                self.breaks("no replay", f"event {row.seq} is a recording {behind_s:.0f} s old")

    def is_excused(self, first: Row, second: Row) -> bool:
        """Whether a start between them, and a clock that was set, excuse an unknown repeat.

        How old a key is, a start can only tell from the wall clock.
        """
        is_started = any(first.at <= at <= second.at for at in self.started_at)
        return is_started and any(at <= second.at for at in self.clock.stepped_at)

    def done(self, row: Row) -> None:
        """See ``process.Watcher``."""
        for core in self.cores:
            if core.is_named and row.event_id not in core.confirmed:
                self.breaks("confirms", f"event {row.seq} is done, {core.name} never confirmed it")

    # -- priority --------------------------------------------------------------------------------

    def _expect_priority(self, row: Row) -> None:
        since, process = self.broker.up_since, self.process
        if since is None or process is None or self.timeline.now - self.unsettled_at < STEADY_S:
            return

        def look() -> None:
            if (
                row.event_id not in self.published
                and process.is_alive
                and self.broker.up_since == since
                and self.unsettled_at < self.timeline.now - PRIORITY_S
            ):
                self.breaks("priority", f"event {row.seq} of {row.account} waits for over 1 s")

        self.timeline.after(PRIORITY_S, look)

    # -- publication -----------------------------------------------------------------------------

    def sent(self, topic: str, payload: bytes) -> None:
        """The gateway publishes an event."""
        found = _ID.search(payload)
        event_id = found[1].decode() if found else ""
        seq = self.disk.seq_of.get(event_id)
        self.trace("publishes", f"{seq} {topic.split('/event/')[1]}")
        if seq is None:
            self.breaks("durability", f"{event_id} is published and not durable")
            return
        row = self.disk.rows[seq]
        if row.json != payload:
            self.breaks("immutable", f"event {seq} is published with other bytes than stored")
        if event_id in self.published:
            return
        self.published.add(event_id)
        last = self._first.get(row.account, 0)
        if seq < last and not self.broker.refused_ids:
            self.breaks("order", f"{seq} of {row.account} is first published after {last}")
        self._first[row.account] = max(last, seq)

    # -- network.Watcher -------------------------------------------------------------------------

    def reached(self, data: bytes, peer: str, *, is_datagram: bool) -> None:
        """Bytes are handed to the gateway."""
        host = peer.partition(":")[0]
        is_attack = self.is_attacking or host in self.attackers
        self.trace("reads", f"{peer} {_short(data)}")
        found = self.ground.reached(
            data, peer, self.timeline.now, is_datagram=is_datagram, is_attack=is_attack
        )
        if peer == "serial":
            for one in found:
                self._serial_last = one.telling
                self._is_serial_clean = one.telling is not None and not one.is_attack

    def answered(self, data: bytes, peer: str) -> None:
        """The gateway writes an answer."""
        self.trace("answers", f"{peer} {_short(data)}")
        if peer == "serial":
            self._answered_receiver(data)
            return
        host = peer.partition(":")[0]
        for _, word, sequence, account in ANSWER.findall(data):
            if word == b"NAK":
                self._check_nak(host)
            elif word == b"DUH":
                if host not in self.attackers:
                    self.breaks("honest refusal", f"DUH to {host}, which sent nothing unknown")
            elif sequence.decode() == LINK_TEST:
                self._check_link_test(peer)
            else:
                self._check_ack(account.decode(), sequence.decode(), peer)

    def _answered_receiver(self, data: bytes) -> None:
        last = self._serial_last
        for byte in data:
            if byte == 0x06:
                if last is not None and last.transmission.is_link_test:
                    self._check_link_test("serial")
            elif byte == 0x15 and self._is_serial_clean:
                self.breaks("honest refusal", "NAK to a receiver whose frame was good")

    def _check_ack(self, account: str, sequence: str, peer: str) -> None:
        host = peer.partition(":")[0]
        tellings = self.ground.by_key.get((account, sequence), [])
        tellings = [one for one in tellings if one.host == host] or tellings
        if not any(self.is_durable(one) for one in tellings):
            self.breaks("durability", f"ACK {account} {sequence} to {peer} before it is durable")

    def _check_link_test(self, peer: str) -> None:
        now, disk = self.timeline.now, self.disk
        for since, words in ((disk.failing_since, "fail"), (disk.flushing_since, "hang")):
            if since is not None and now - since > REFUSES_WITHIN_S:
                self.breaks(
                    "honest refusal",
                    f"a link test of {peer} is answered, commits {words} for {now - since:.1f} s",
                )

    def _check_nak(self, host: str) -> None:
        now = self.timeline.now
        for one in self.ground.recent.get(host, ()):
            if one.is_attack:
                return
            if one.shows is not None and now - one.at < REFUSES_WITHIN_S:
                behind_s = (self.clock.utc() - one.shows).total_seconds()
                if not -FUTURE_S + SLACK_S <= behind_s <= PAST_S - SLACK_S:
                    return
        self.breaks("honest refusal", f"NAK to {host}, whose clock is right")

    def astray(self, words: str) -> None:
        """See ``network.Watcher``."""
        self.breaks("UDP answer", words)

    # -- panels and receivers --------------------------------------------------------------------

    def is_durable(self, telling: Telling) -> bool:
        """Whether an event of it is on the disk."""
        return any(raw in self.disk.by_raw for raw in telling.frames)

    def heard(self, transmission: Any) -> None:
        """A panel or receiver takes an answer for one of its transmissions."""
        telling = self.ground.tellings.get(transmission.id)
        if telling is None or transmission.is_link_test:
            return
        if transmission.outcome is Outcome.ACKNOWLEDGED and not self.is_durable(telling):
            self.breaks("durability", f"{transmission.id} reads its ACK and is not durable")


def _short(data: bytes) -> str:
    return repr(data if len(data) <= 44 else data[:24] + b".." + data[-18:])[2:-1]
