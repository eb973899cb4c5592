"""A receiver as a value: told the time and what the host said, it says what to write.

The receiver's end of the codec does what the manuals say: stop and wait, some transmissions,
then heartbeats only until one is acknowledged, then the backlog. This class adds what happens
around it: calls from panels, the heartbeat's timer, hosts that come and go, faults of the
line, and the ledger.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime
from random import Random

import msgspec

from protocols._core import Answer, Verdict
from protocols.receiver_link.stop_and_wait import ReceiverState
from protocols.registry import PROTOCOLS
from simulators.device import Doing, Hangup, Piece, Write
from simulators.faults import Fault, noise
from simulators.ledger import Ledger, Outcome, SentKind, Transmission
from simulators.payload import Content
from simulators.receivers.dialect import units
from simulators.receivers.settings import HEARTBEAT_S, RETRY_S, ReceiverSettings
from simulators.scenarios import Happening


class _Call(msgspec.Struct, kw_only=True):
    """A call that was taken and is not told to the host yet."""

    transmission: Transmission
    content: Content
    token: str
    line: str
    faults: frozenset[Fault]
    number: str | None = None
    """As the codec counts it; None while it was not handed to the codec."""
    has_lost_ack: bool = False
    frames: list[bytes] = msgspec.field(default_factory=list)
    """Frames of it that went out in this try; some families take several for one message."""


class Receiver:
    """A simulated receiver; see the module's first lines. It has one link, path 0."""

    def __init__(
        self,
        settings: ReceiverSettings,
        *,
        ledger: Ledger,
        random: Random,
        account: str = "1234",
        now: float,
    ) -> None:
        self.settings = settings
        self.ledger = ledger
        self.account = account
        self.refused_calls = 0
        """Calls that were not taken, since the buffer was full."""
        self._random = random
        self._codec = settings.dialect.connect(settings)
        self._calls: deque[_Call] = deque()
        self._doings: list[Doing] = []
        self._taken = 0
        self._heartbeat: Transmission | None = None
        self._heartbeat_at: float | None = None
        self._away_until: float | None = None
        self._is_cut = False
        """Away on purpose: a host that connects meanwhile does not end it."""
        self._swallow = 0
        self._owed = 0
        """Frames written whose answer has not come: more than one after a timeout."""
        self._quiet_until: float | None = None
        self._unit = b""
        self._rest(now)

    # ------------------------------------------------------------------ what happens to it

    def tell(self, happening: Happening, /, *, now: float) -> Transmission:
        """Take the call of a panel with the receiver's default account."""
        return self.take_call(self.account, happening, now=now)

    def take_call(self, account: str, happening: Happening, *, now: float) -> Transmission:
        """Take a panel's call; with a full buffer the line card does not answer it.

        Raises:
            ValueError: The account or the event does not fit the frame of the protocol id.
        """
        token = self._random.choice(self.settings.ids)
        line = self.settings.lines[self._taken % len(self.settings.lines)]
        self._taken += 1
        what = self.settings.dialect.ids[token](happening, account)
        transmission = Transmission(
            id=self.ledger.next_id(f"rx{self.settings.receiver}"),
            account=account,
            code=what.code,
            qualifier=what.qualifier,
            format=what.format,
            address=what.address,
            area=what.area,
            meaning=happening.name,
            queued_at=now,
        )
        self.ledger.open(transmission)
        if len(self._calls) >= self.settings.buffer_events:
            self.refused_calls += 1
            self.ledger.ended(transmission, Outcome.FORGOTTEN, at=now)
            return transmission
        call = _Call(
            transmission=transmission,
            content=what,
            token=token,
            line=line,
            faults=self.settings.faults.draw(self._random),
        )
        self._calls.append(call)
        if self._away_until is None:
            self._hand_over(call, now)
        return transmission

    def _hand_over(self, call: _Call, now: float) -> None:
        call.number = self._codec.report(
            *call.content.parts,
            account=call.transmission.account,
            now=now,
            line=call.line,
            token=call.token,
        )
        self._collect()

    def link_test(self, *, now: float) -> None:
        """Send a heartbeat as soon as the port is free."""
        self._heartbeat_at = now

    def restart(self, *, now: float) -> None:
        """Power fails and comes back; the buffer is in battery-backed memory."""
        self.cut(until=now)

    def cut(self, *, until: float) -> None:
        """Cut the line to the host; calls gather in the buffer until then."""
        self._doings.append(Hangup(path=0))
        self._lose_host(until)
        self._is_cut = True

    def abandon(self, *, now: float) -> None:
        """Forget whatever is not answered yet, as at the end of a run."""
        for call in self._calls:
            self.ledger.ended(call.transmission, Outcome.ABANDONED, at=now)
        self._calls.clear()
        self._heartbeat = None
        self._heartbeat_at = None
        self._away_until = None

    # --------------------------------------------------------------------- what it does

    @property
    def is_done(self) -> bool:
        """No call waits to be told, no heartbeat to be answered."""
        return not self._calls and self._heartbeat is None

    @property
    def backlog_count(self) -> int:
        """Calls that the host has not acknowledged yet."""
        return len(self._calls)

    def doings(self, *, now: float, utc: datetime) -> list[Doing]:
        """Say what to do now, in order."""
        del utc  # a receiver's frames carry no time
        if self._is_quiet(now):
            return []
        doings, self._doings = self._doings, []
        return doings

    def _collect(self) -> None:
        """Take what the codec wants to send; stop-and-wait makes that one frame at most."""
        frame = self._codec.data_to_send()
        if not frame:
            if self._calls and not self._is_ready:
                self._doings.append(Write(path=0, pieces=()))  # opens the link: a key will come
            return
        self._swallow = 0
        if self._heartbeat is not None:
            piece = Piece(data=frame, transmission=self._heartbeat, note="heartbeat")
            self._doings.append(Write(path=0, pieces=(piece,)))
            return
        call = self._calls[0]
        strikes = call.faults if call.transmission.tries == 0 else frozenset[Fault]()
        pieces = self._pieces(call, frame, strikes)
        self._swallow = sum(piece.kind is SentKind.DUPLICATE for piece in pieces)
        self._doings.append(Write(path=0, pieces=tuple(pieces), is_split=Fault.SPLIT in strikes))

    def _pieces(self, call: _Call, frame: bytes, strikes: frozenset[Fault]) -> list[Piece]:
        transmission = call.transmission
        is_next = bool(call.frames) and frame not in call.frames
        if not is_next:
            call.frames.clear()
        call.frames.append(frame)
        note = f"try {transmission.tries + 1}" if transmission.tries and not is_next else ""
        kind = SentKind.PART if is_next else SentKind.TRY
        gist = self._gist(frame)
        if Fault.BROKEN_BODY in strikes:
            # A byte of the body where no layout has a "?"; the envelope stays sound.
            at = len(frame) + self.settings.dialect.broken_at
            frame, note = frame[:at] + b"?" + frame[at + 1 :], "broken body"
        pieces = [Piece(data=frame, transmission=transmission, note=note, gist=gist, kind=kind)]
        if Fault.GARBAGE in strikes:
            data = noise(self._random)
            pieces.insert(
                0, Piece(data=data, transmission=None, note="garbage", kind=SentKind.NOISE)
            )
        if Fault.DUPLICATE in strikes:
            pieces.append(
                Piece(
                    data=frame,
                    transmission=transmission,
                    note="glued copy",
                    gist=gist,
                    kind=SentKind.DUPLICATE,
                )
            )
        return pieces

    # --------------------------------------------------------------- what comes of it

    def written(self, write: Write, *, now: float) -> None:
        """The bytes of a write left."""
        for piece in write.pieces:
            self._owed += piece.kind is not SentKind.NOISE
            self.ledger.sent(
                piece.data,
                at=now,
                transmission=piece.transmission,
                note=piece.note,
                gist=piece.gist,
                kind=piece.kind,
            )
        self._rest(now)

    def unreachable(self, write: Write, *, now: float) -> None:
        """No host is there: look again after a while, or when one connects."""
        del write
        if not self._is_cut:
            self._lose_host(now + RETRY_S)

    def opened(self, path: int, *, now: float) -> None:
        """A host is there."""
        del path
        if self._away_until is not None and not self._is_cut:
            self._find_host(now)

    def closed(self, path: int, *, now: float) -> None:
        """The host hung up: its ACK cannot come any more."""
        del path
        if self._away_until is None:
            self._lose_host(now + RETRY_S)

    def _lose_host(self, until: float) -> None:
        self._codec.eof()
        self._away_until = until
        self._heartbeat = None
        self._swallow = 0
        self._owed = 0
        self._quiet_until = None
        self._unit = b""

    def _find_host(self, now: float) -> None:
        """Heartbeat first, then the backlog, as a receiver does after an outage (2.4)."""
        self._away_until = None
        self._is_cut = False
        self._send_heartbeat(now)
        for call in self._calls:
            if call.number is None:
                self._hand_over(call, now)

    def _send_heartbeat(self, now: float) -> None:
        if not self._codec.heartbeat(now=now):
            self._codec.resume(now=now)  # a family without heartbeat goes on with its message
            self._collect()
            self._rest(now)
            return
        self._heartbeat = Transmission(
            id=self.ledger.next_id(f"rx{self.settings.receiver}-heartbeat"),
            account="",
            code="@",
            format="link-test",
            meaning="heartbeat",
            is_link_test=True,
            queued_at=now,
        )
        self.ledger.open(self._heartbeat)
        self._collect()
        self._rest(now)

    def _rest(self, now: float) -> None:
        """Any traffic restarts the heartbeat's timer."""
        interval_s = self.settings.heartbeat_s
        self._heartbeat_at = None if interval_s is None else now + interval_s

    def receive(self, path: int, data: bytes, *, now: float, utc: datetime) -> None:
        """Bytes came back from the host: one answer after the other."""
        del path, utc
        found, self._unit = units(self._codec.side, self._unit + data)
        for unit in found:
            was_ready, ignored = self._is_ready, self.ledger.answers_ignored
            note, transmission = self._take(unit, now)
            gist, shown = self._gist(unit), unit
            if self._is_ready and not was_ready:
                note, gist, shown = "", "the key of this connection", self._crossed_out(unit)
                self.ledger.answers_ignored = ignored
            self.ledger.heard(shown, at=now, transmission=transmission, note=note, gist=gist)
            self._collect()

    def _crossed_out(self, unit: bytes) -> bytes:
        """What of a secret may be shown."""
        hide = PROTOCOLS[self.settings.dialect.protocol].hide
        return unit if hide is None else hide(True, unit)  # noqa: FBT003  ours: the gateway's

    def _gist(self, unit: bytes) -> str:
        """What a unit of either side is, where the family's messages take several."""
        tells = self.settings.dialect.piece
        return "" if tells is None else tells(unit)

    @property
    def _is_ready(self) -> bool:
        """Whether it may send: some wait for a key first."""
        is_ready: bool = getattr(self._codec.side, "is_ready", True)
        return is_ready

    @property
    def _is_answer_due(self) -> bool:
        """Whether what comes next answers the event: no key, no block before it."""
        is_due: bool = getattr(self._codec.side, "is_at_event", True)
        return is_due and self._is_ready

    def _take(self, unit: bytes, now: float) -> tuple[str, Transmission | None]:
        self._owed = max(0, self._owed - 1)
        if self._is_quiet(now):
            if not self._owed:
                self._quiet_until = None
            self.ledger.answers_ignored += 1
            return "late answer to a repeated frame", None
        call = self._calls[0] if self._heartbeat is None and self._calls else None
        if call is not None:
            if self._swallow:
                # Two glued copies get two answers: the last one counts for the message.
                self._swallow -= 1
                return "answer to a copy", call.transmission
            if Fault.LOST_ACK in call.faults and not call.has_lost_ack and self._is_answer_due:
                call.has_lost_ack = True
                self.ledger.answers_ignored += 1
                return "lost on purpose", call.transmission
        for answer in self._codec.receive(unit, now=now):
            return self._answered(answer, now)
        waiting = len(self._doings)
        self._collect()
        if len(self._doings) > waiting and call is not None:
            return "", call.transmission  # an answer within the message: its next frame goes out
        self.ledger.answers_ignored += 1
        return "nobody waits for it", None

    def _answered(self, answer: Answer, now: float) -> tuple[str, Transmission | None]:
        if answer.sequence is None:
            return self._heartbeat_answered(answer.verdict, now), None
        call = self._calls[0]
        if answer.verdict is Verdict.ACK:
            self._end(call, Outcome.ACKNOWLEDGED, now)
            return "", call.transmission
        call.transmission.naks += 1
        if self._codec.side.state is ReceiverState.FAILED:
            self._fail(now)
            return "refused, the port has failed", call.transmission
        if call.transmission.naks >= self._codec.side.rules.naks:
            self._end(call, Outcome.REFUSED, now)
            return "refused too often, lost", call.transmission
        return "refused, again", call.transmission

    def _heartbeat_answered(self, verdict: Verdict, now: float) -> str:
        if verdict is not Verdict.ACK or self._heartbeat is None:
            return "heartbeat refused"
        self.ledger.ended(self._heartbeat, Outcome.ACKNOWLEDGED, at=now)
        self._heartbeat = None
        self._hush(now)
        return "heartbeat"

    def _end(self, call: _Call, outcome: Outcome, now: float) -> None:
        self._calls.popleft()
        self.ledger.ended(call.transmission, outcome, at=now)
        self._hush(now)

    def _hush(self, now: float) -> None:
        """Send nothing for a while when answers to repeated frames may still come.

        The answer is a bare byte. One that comes late would be taken for the ACK of the next
        message, and the ledger would hold as acknowledged what nobody stored. A host that keeps
        to the receiver's timeout is silent when so much of it is over.
        """
        if self._owed:
            self._quiet_until = now + self.settings.ack_timeout_s

    def _is_quiet(self, now: float) -> bool:
        return self._quiet_until is not None and now < self._quiet_until

    # ------------------------------------------------------------------------- its time

    def deadline(self) -> float | None:
        """When ``on_deadline`` wants calling, in monotonic seconds; None while nothing waits."""
        if self._away_until is not None:
            return self._away_until
        if self._quiet_until is not None:
            return self._quiet_until
        waits = [at for at in (self._codec.deadline(), self._heartbeat_at) if at is not None]
        return min(waits, default=None)

    def on_deadline(self, *, now: float) -> None:
        """Repeat, declare the port failed, or send the heartbeat that is due."""
        if self._away_until is not None:
            if now >= self._away_until:
                self._find_host(now)
            return
        if self._quiet_until is not None:
            if not self._is_quiet(now):
                self._quiet_until = None
                self._owed = 0
            return
        for _ in self._codec.on_deadline(now=now):  # the port has failed
            self._fail(now)
        self._collect()
        if self._heartbeat_at is not None and now >= self._heartbeat_at:
            self._send_heartbeat(now)

    def _fail(self, now: float) -> None:
        was_heartbeat = self._heartbeat is not None
        if self._heartbeat is not None:
            self.ledger.ended(self._heartbeat, Outcome.GIVEN_UP, at=now)
            self._heartbeat = None
        # At once after a message; after a heartbeat only when the next one is due.
        interval_s = self.settings.heartbeat_s or HEARTBEAT_S
        self._heartbeat_at = now + interval_s if was_heartbeat else now
