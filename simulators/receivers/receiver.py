"""A Sur-Gard receiver as a value: told the time and what the host said, it says what to write.

Stop-and-wait per port: a message goes out and the next one only after the host's ACK. After
four transmissions without an answer the port has failed: only heartbeats go out until one is
acknowledged, then the messages that gathered are replayed, the pending one from its first try.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime
from random import Random

import msgspec

from protocols._core import Answer, Verdict
from simulators.device import Doing, Hangup, Piece, Write
from simulators.faults import Fault, noise
from simulators.ledger import Ledger, Outcome, SentKind, Transmission
from simulators.receivers.settings import HEARTBEAT_S, ReceiverSettings
from simulators.receivers.states import TRANSITIONS, ReceiverInput, ReceiverState
from simulators.receivers.wire import Message, ReceiverWire, message
from simulators.scenarios import Happening


class _Pending(msgspec.Struct, kw_only=True):
    """A frame that the host has not answered yet; a duplicate is one more of them."""

    transmission: Transmission
    frame: bytes
    broken: bytes | None = None
    """What goes out at the first try instead."""
    faults: frozenset[Fault] = frozenset()
    tries: int = 0
    is_copy: bool = False
    has_lost_ack: bool = False
    is_due: bool = True
    """To be written now, for the first time or again."""


class Receiver:
    """A simulated receiver; see the module's first lines. It has one link, path 0."""

    def __init__(
        self,
        settings: ReceiverSettings,
        *,
        ledger: Ledger,
        random: Random,
        account: str = "1234",
        now: float = 0.0,
    ) -> None:
        self.settings = settings
        self.ledger = ledger
        self.account = account
        self.state = ReceiverState.UP
        self.refused_calls = 0
        """Panels whose calls were not taken, since the buffer was full."""
        self._random = random
        self._wire = ReceiverWire(settings)
        self._queue: deque[tuple[Transmission, Message]] = deque()
        self._pending: list[_Pending] = []
        self._doings: list[Doing] = []
        self._line = 0
        self._answer_by: float | None = None
        self._restored_at: float | None = None
        self._heartbeat_at: float | None = None
        self._rest(now)
        self._wants_heartbeat = False
        self._heartbeat: _Pending | None = None
        self._is_due = False

    # ------------------------------------------------------------------ what happens to it

    def tell(self, happening: Happening, /, *, now: float) -> Transmission:
        """A panel called and told this; the account is the receiver's default one."""
        return self.take_call(self.account, happening, now=now)

    def take_call(self, account: str, happening: Happening, *, now: float) -> Transmission:
        """Take a panel's call; with a full buffer the line card does not answer it."""
        protocol_id = self._random.choice(self.settings.ids)
        line = self.settings.lines[self._line % len(self.settings.lines)]
        self._line += 1
        what = message(happening, protocol_id, account=account, line=line)
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
        if len(self._queue) >= self.settings.buffer_events:
            self.refused_calls += 1
            self.ledger.ended(transmission, Outcome.ABANDONED, at=now)
            return transmission
        self._queue.append((transmission, what))
        return transmission

    def link_test(self, *, now: float) -> Transmission:
        """Send a heartbeat as soon as the port is free."""
        del now
        self._wants_heartbeat = True
        return Transmission(id="heartbeat", account="", code="@", is_link_test=True)

    def restart(self, *, now: float) -> None:
        """Power fails: what was buffered is in battery-backed memory, the port starts anew."""
        self.cut(until=now)

    def cut(self, *, until: float) -> None:
        """Cut the line to the host; calls gather in the buffer until then."""
        self._restored_at = until
        self._start_pending_anew()
        self._doings.append(Hangup(path=0))
        self._enter(ReceiverInput.CUT)

    def abandon(self, *, now: float) -> None:
        """Forget whatever is not answered yet, as at the end of a run."""
        for pending in self._pending:
            if not pending.is_copy:
                self.ledger.ended(pending.transmission, Outcome.ABANDONED, at=now)
        for transmission, _ in self._queue:
            self.ledger.ended(transmission, Outcome.ABANDONED, at=now)
        self._pending.clear()
        self._queue.clear()
        self._heartbeat = None
        self._wants_heartbeat = False

    # --------------------------------------------------------------------- what it does

    @property
    def is_done(self) -> bool:
        """Nothing waits to be sent or answered, and the port is in order."""
        is_quiet = not self._queue and not self._pending and not self._wants_heartbeat
        return is_quiet and self.state is ReceiverState.UP

    def doings(self, *, now: float, utc: datetime) -> list[Doing]:
        """Say what to do now, in order."""
        del utc  # a receiver's frames carry no time
        match self.state:
            case ReceiverState.UP:
                self._start_next(now)
            case ReceiverState.AWAITING:
                self._go_on(now)
            case ReceiverState.FAILED:
                if self._is_heartbeat_due(now):
                    self._send_heartbeat(now)
            case ReceiverState.CUT_OFF:
                pass
        doings, self._doings = self._doings, []
        return doings

    def _start_next(self, now: float) -> None:
        if not self._pending:
            self._pending = self._take_window()
        if self._pending:
            self._enter(ReceiverInput.SENT)
            self._send(now)
        elif self._wants_heartbeat:
            self._wants_heartbeat = False
            self._enter(ReceiverInput.SENT)
            self._send_heartbeat(now)

    def _take_window(self) -> list[_Pending]:
        window: list[_Pending] = []
        size = 1
        while self._queue and len(window) < size:
            transmission, what = self._queue.popleft()
            faults = self.settings.faults.draw(self._random)
            if Fault.COALESCED in faults and not window:
                size = self.settings.coalesced_count
            frame = self._wire.frame(what)
            broken = self._wire.broken(frame) if Fault.BROKEN_BODY in faults else None
            window.append(
                _Pending(transmission=transmission, frame=frame, broken=broken, faults=faults)
            )
        return window

    def _go_on(self, now: float) -> None:
        """Repeat what was refused or ran out of time; fail when that was tried often enough."""
        is_late = self._answer_by is not None and now >= self._answer_by
        if not (is_late or self._is_due):
            return
        if is_late:
            # Whoever was answered once needs no answer to his copy.
            self._pending = [pending for pending in self._pending if not pending.is_copy]
            for pending in self._pending:
                pending.is_due = True
        waiting = [self._heartbeat] if self._heartbeat is not None else self._pending
        if not waiting:
            self._enter(ReceiverInput.ALL_ENDED)
            self._start_next(now)
        elif is_late and any(pending.tries >= self.settings.tries for pending in waiting):
            self._fail(now)
        elif self._heartbeat is not None:
            self._send_heartbeat(now)
        else:
            self._send(now)

    def _fail(self, now: float) -> None:
        self._enter(ReceiverInput.TRIED_OUT)
        self._start_pending_anew()
        self._send_heartbeat(now)

    def _send(self, now: float) -> None:
        pieces: list[Piece] = []
        copies: list[_Pending] = []
        is_split = False
        for pending in self._pending:
            if not pending.is_due:
                copies.append(pending)
                continue
            pending.is_due = False
            is_first = pending.transmission.tries == 0
            strikes = pending.faults if is_first else frozenset[Fault]()
            is_split = is_split or Fault.SPLIT in strikes
            pending.tries += 1
            pieces += self._pieces(pending, strikes)
            copies.append(pending)
            if Fault.DUPLICATE in strikes:
                copies.append(
                    _Pending(
                        transmission=pending.transmission,
                        frame=pending.frame,
                        is_copy=True,
                        is_due=False,
                    )
                )
        self._pending = copies
        self._is_due = False
        self._answer_by = now + self.settings.ack_timeout_s
        self._doings.append(Write(path=0, pieces=tuple(pieces), is_split=is_split))

    def _pieces(self, pending: _Pending, strikes: frozenset[Fault]) -> list[Piece]:
        transmission = pending.transmission
        is_broken = Fault.BROKEN_BODY in strikes and pending.broken is not None
        frame = pending.broken if is_broken and pending.broken else pending.frame
        note = "broken body" if is_broken else ""
        if not note and transmission.tries:
            note = f"try {transmission.tries + 1}"
        pieces = [Piece(data=frame, transmission=transmission, note=note)]
        if Fault.GARBAGE in strikes:
            data = noise(self._random)
            pieces.insert(
                0, Piece(data=data, transmission=None, note="garbage", kind=SentKind.NOISE)
            )
        if Fault.DUPLICATE in strikes:
            pieces.append(
                Piece(
                    data=pending.frame,
                    transmission=transmission,
                    note="glued copy",
                    kind=SentKind.DUPLICATE,
                )
            )
        return pieces

    def _send_heartbeat(self, now: float) -> None:
        if self._heartbeat is None:
            transmission = Transmission(
                id=self.ledger.next_id(f"rx{self.settings.receiver}-heartbeat"),
                account="",
                code="@",
                format="link-test",
                meaning="heartbeat",
                is_link_test=True,
                queued_at=now,
            )
            self.ledger.open(transmission)
            self._heartbeat = _Pending(transmission=transmission, frame=self._wire.heartbeat())
        self._heartbeat.tries += 1
        piece = Piece(data=self._heartbeat.frame, transmission=self._heartbeat.transmission)
        self._doings.append(Write(path=0, pieces=(piece,)))
        self._is_due = False
        self._rest(now)
        if self.state is ReceiverState.AWAITING:
            self._answer_by = now + self.settings.ack_timeout_s

    def _rest(self, now: float) -> None:
        """Any traffic restarts the heartbeat's timer; a failed port always has one."""
        interval_s = self.settings.heartbeat_s
        if interval_s is None and self.state is ReceiverState.FAILED:
            interval_s = HEARTBEAT_S
        self._heartbeat_at = None if interval_s is None else now + interval_s

    # --------------------------------------------------------------- what comes of it

    def written(self, write: Write, *, now: float) -> None:
        """The bytes of a write left."""
        for piece in write.pieces:
            self.ledger.sent(
                piece.data,
                at=now,
                transmission=piece.transmission,
                note=piece.note,
                kind=piece.kind,
            )
        self._rest(now)

    def unreachable(self, write: Write, *, now: float) -> None:
        """No host is there: the port has failed at once."""
        del write
        self._lose_host(now)

    def opened(self, path: int, *, now: float) -> None:
        """A host is there (again): a failed port says so at once."""
        del path
        self._wire.eof()
        if self.state is ReceiverState.FAILED:
            self._heartbeat_at = now

    def closed(self, path: int, *, now: float) -> None:
        """The host hung up: its ACK cannot come any more."""
        del path
        self._wire.eof()
        self._lose_host(now)

    def _lose_host(self, now: float) -> None:
        if self.state is ReceiverState.AWAITING:
            self._enter(ReceiverInput.TRIED_OUT)
        self._start_pending_anew()
        self._rest(now)

    def _start_pending_anew(self) -> None:
        """The pending message starts again from its first try, when the link is back."""
        self._heartbeat = None
        self._answer_by = None
        self._pending = [pending for pending in self._pending if not pending.is_copy]
        for pending in self._pending:
            pending.tries = 0
            pending.is_due = True

    def receive(self, path: int, data: bytes, *, now: float, utc: datetime) -> None:
        """Bytes came back from the host."""
        del path, utc
        answers = self._wire.answers(data, now=now)
        if not answers:
            self.ledger.heard(data, at=now, note="no answer in it")
        for answer in answers:
            note, transmission = self._take(answer, now)
            self.ledger.heard(answer.raw, at=now, transmission=transmission, note=note)
        self._rest(now)

    def _take(self, answer: Answer, now: float) -> tuple[str, Transmission | None]:
        if self._heartbeat is not None:
            return self._take_for_heartbeat(answer, now)
        if not self._pending or self.state is not ReceiverState.AWAITING:
            self.ledger.answers_ignored += 1
            return "nobody waits for it", None
        pending = self._pending[0]
        transmission = pending.transmission
        if Fault.LOST_ACK in pending.faults and not pending.has_lost_ack:
            pending.has_lost_ack = True
            self.ledger.answers_ignored += 1
            return "lost on purpose", transmission
        if answer.verdict is Verdict.ACK:
            self._end(pending, Outcome.ACKNOWLEDGED, now)
            return "", transmission
        return self._take_nak(pending, now), transmission

    def _take_for_heartbeat(self, answer: Answer, now: float) -> tuple[str, Transmission | None]:
        assert self._heartbeat is not None  # noqa: S101  the caller looked
        transmission = self._heartbeat.transmission
        if answer.verdict is not Verdict.ACK:
            return "refused", transmission
        self.ledger.ended(transmission, Outcome.ACKNOWLEDGED, at=now)
        self._heartbeat = None
        self._answer_by = None
        is_back = self.state is ReceiverState.FAILED
        self._enter(ReceiverInput.HEARTBEAT_ACKED if is_back else ReceiverInput.ALL_ENDED)
        return "link in order", transmission

    def _take_nak(self, pending: _Pending, now: float) -> str:
        transmission = pending.transmission
        if pending.is_copy:
            self._end(pending, Outcome.ACKNOWLEDGED, now)
            return "copy refused"
        transmission.naks += 1
        if transmission.naks >= self.settings.nak_limit:
            self._end(pending, Outcome.REFUSED, now)
            return "lost after too many NAKs"
        pending.tries = 0
        pending.is_due = True
        # Behind the others of its write, whose answers are still on their way.
        self._pending.remove(pending)
        self._pending.append(pending)
        self._is_due = True
        return "refused, again"

    def _end(self, pending: _Pending, outcome: Outcome, now: float) -> None:
        self._pending.remove(pending)
        if not pending.is_copy:
            self.ledger.ended(pending.transmission, outcome, at=now)
        if not self._pending:
            self._answer_by = None
            self._enter(ReceiverInput.ALL_ENDED)

    def _enter(self, moved: ReceiverInput) -> None:
        self.state = TRANSITIONS[self.state][moved]

    # ------------------------------------------------------------------------- its time

    def deadline(self) -> float | None:
        """When ``on_deadline`` wants calling, in monotonic seconds; None while nothing waits."""
        match self.state:
            case ReceiverState.CUT_OFF:
                return self._restored_at
            case ReceiverState.AWAITING:
                return self._answer_by
            case _:
                return self._heartbeat_at

    def on_deadline(self, *, now: float) -> None:
        """Do what is due by time alone; then ask for ``doings``."""
        if self.state is ReceiverState.CUT_OFF:
            if self._restored_at is not None and now >= self._restored_at:
                self._restored_at = None
                self._enter(ReceiverInput.RESTORED)
                self._heartbeat_at = now
        elif self.state is ReceiverState.UP and self._is_heartbeat_due(now):
            self._wants_heartbeat = True

    def _is_heartbeat_due(self, now: float) -> bool:
        return self._heartbeat_at is not None and now >= self._heartbeat_at
