"""A DC-09 panel as a value: told the time and what it heard, it says what to write where.

It is stop-and-wait: a message goes out, and the next one only when it was answered, refused
or given up. Unanswered messages are repeated with the same sequence number and a fresh
timestamp, then go the next path. It owns no socket, no task and no clock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import datetime
from random import Random
from typing import Final

import msgspec

from protocols._core import Answer, Pad, Verdict
from simulators.device import Doing, Hangup, Piece, Write
from simulators.faults import Fault, noise
from simulators.ledger import Ledger, Outcome, SentKind, Transmission
from simulators.panels.clock import PanelClock
from simulators.panels.settings import INSIST_S, RECONNECT_S, PanelSettings
from simulators.panels.states import TRANSITIONS, PanelInput, PanelState
from simulators.panels.wire import PanelWire
from simulators.payload import Content, content
from simulators.scenarios import Happening

SEQUENCE_MAX: Final = 9999  # then 0001 again (DC-09 section 4)
LINK_TEST_SEQUENCE: Final = "0000"


class _Pending(msgspec.Struct, kw_only=True):
    """A message on its way."""

    transmission: Transmission
    content: Content | None
    """None: a link test."""
    sequence: str
    faults: frozenset[Fault]
    deadline: float = 0.0
    path: int = 0
    tries_on_path: int = 0
    rounds: int = 0
    has_lost_ack: bool = False


class Panel:
    """A simulated panel; see the module's first lines."""

    def __init__(  # noqa: PLR0913  what a panel is made of
        self,
        settings: PanelSettings,
        *,
        ledger: Ledger,
        random: Random,
        pad: Pad | None = None,
        clock: PanelClock | None = None,
        now: float,
    ) -> None:
        self.settings = settings
        self.ledger = ledger
        self.clock = clock or PanelClock()
        self.state = PanelState.IDLE
        self._random = random
        self._wires: list[PanelWire] = [
            PanelWire(path, settings, pad=pad or random.randbytes) for path in settings.paths
        ]
        self._queue: deque[tuple[Transmission, Content | None]] = deque()
        self._pending: list[_Pending] = []
        self._doings: list[Doing] = []
        self._next_sequence = settings.first_sequence
        self._path = 0
        self._restored_at: float | None = None
        self._link_test_at: float | None = None
        if settings.link_test_s is not None:
            self._link_test_at = now + settings.link_test_s

    # ------------------------------------------------------------------ what happens to it

    def tell(self, happening: Happening, /, *, now: float) -> Transmission:
        """Something happened at the premises: queue a message about it."""
        return self.tell_content(
            content(happening, self.settings.format, account=self.settings.account), now=now
        )

    def tell_content(self, what: Content, *, now: float) -> Transmission:
        """Queue a message with this content."""
        transmission = Transmission(
            id=self.ledger.next_id(self.settings.account),
            account=self.settings.account,
            code=what.code,
            qualifier=what.qualifier,
            format=what.format,
            address=what.address,
            area=what.area,
            meaning=what.meaning,
            queued_at=now,
        )
        self._queue.append((self.ledger.open(transmission), what))
        return transmission

    def link_test(self, *, now: float) -> None:
        """Queue a NULL message."""
        transmission = Transmission(
            id=self.ledger.next_id(self.settings.account),
            account=self.settings.account,
            code="NULL",
            format="link-test",
            meaning="link_test",
            is_link_test=True,
            queued_at=now,
        )
        self._queue.append((self.ledger.open(transmission), None))

    def restart(self, *, now: float) -> None:
        """Lose power and come back: what was under way is forgotten, numbers start again."""
        self._drop_all(Outcome.FORGOTTEN, now)
        self._next_sequence = 1
        self._path = 0
        self._hang_up_all()
        self._enter(PanelInput.ALL_ENDED)

    def cut(self, *, until: float) -> None:
        """Cut every path; messages gather until then."""
        self._restored_at = until
        self._hang_up_all()
        self._enter(PanelInput.CUT)

    def abandon(self, *, now: float) -> None:
        """Stop, as at the end of a run."""
        self._drop_all(Outcome.ABANDONED, now)

    def _drop_all(self, outcome: Outcome, now: float) -> None:
        for pending in self._pending:
            self.ledger.ended(pending.transmission, outcome, at=now)
        for transmission, _ in self._queue:
            self.ledger.ended(transmission, outcome, at=now)
        self._pending.clear()
        self._queue.clear()

    # --------------------------------------------------------------------- what it does

    @property
    def is_done(self) -> bool:
        """Nothing waits to be sent or answered."""
        return not self._queue and not self._pending

    def doings(self, *, now: float, utc: datetime) -> list[Doing]:
        """Say what to do now, in order; ``utc`` is the true time, which the panel may not know."""
        if self.state is PanelState.AWAITING:
            self._send_due(now, utc)
        # Not else: when the last of them was given up just now, the next one's turn has come.
        if self.state is PanelState.IDLE:
            self._start_next(now, utc)
        doings, self._doings = self._doings, []
        return doings

    def _start_next(self, now: float, utc: datetime) -> None:
        if not self._queue:
            return
        self._pending = self._take_window(now)
        self._enter(PanelInput.SENT)
        self._send(list(self._pending), now, utc)

    def _take_window(self, now: float) -> list[_Pending]:
        window: list[_Pending] = []
        size = 1
        while self._queue and len(window) < size:
            transmission, what = self._queue.popleft()
            faults = self.settings.faults.draw(self._random)
            if Fault.COALESCED in faults and not window:
                size = self.settings.coalesced_count
            transmission.sequence = self._take_sequence() if what else LINK_TEST_SEQUENCE
            window.append(
                _Pending(
                    transmission=transmission,
                    content=what,
                    sequence=transmission.sequence,
                    faults=faults,
                    path=self._path,
                    deadline=now,
                )
            )
        return window

    def _take_sequence(self) -> str:
        number = self._next_sequence
        self._next_sequence = number + 1 if number < SEQUENCE_MAX else 1
        return f"{number:04d}"

    def _send_due(self, now: float, utc: datetime) -> None:
        due = [pending for pending in self._pending if pending.deadline <= now]
        again = [pending for pending in due if self._has_another_try(pending, now)]
        for path in sorted({pending.path for pending in again}):
            self._send([p for p in again if p.path == path], now, utc)
        self._settle()

    def _has_another_try(self, pending: _Pending, now: float) -> bool:
        if pending.tries_on_path < self.settings.tries_per_path:
            return True
        pending.path += 1
        pending.tries_on_path = 0
        if pending.path >= len(self.settings.paths):
            pending.path = 0
            pending.rounds += 1
            if self.settings.rounds is not None and pending.rounds >= self.settings.rounds:
                self._end(pending, Outcome.GIVEN_UP, now)
                self._path = 0
                return False
        return True

    def _send(self, window: Sequence[_Pending], now: float, utc: datetime) -> None:
        pieces: list[Piece] = []
        is_split = False
        for pending in window:
            is_first = pending.transmission.tries == 0
            strikes = pending.faults if is_first else frozenset[Fault]()
            pieces += self._pieces(pending, strikes, utc)
            is_split = is_split or Fault.SPLIT in strikes
            pending.tries_on_path += 1
            pending.deadline = now + self.settings.answer_timeout_s
        self._doings.append(Write(path=window[0].path, pieces=tuple(pieces), is_split=is_split))

    def _pieces(self, pending: _Pending, strikes: frozenset[Fault], utc: datetime) -> list[Piece]:
        frame, note = self._frame(pending, strikes, utc)
        if not note and pending.transmission.tries:
            note = f"try {pending.transmission.tries + 1}"
        pieces = [Piece(data=frame, transmission=pending.transmission, note=note)]
        if Fault.GARBAGE in strikes:
            pieces.insert(0, self._garbage())
        if Fault.DUPLICATE in strikes:
            pieces.append(
                Piece(
                    data=frame,
                    transmission=pending.transmission,
                    note="duplicate",
                    kind=SentKind.DUPLICATE,
                )
            )
        return pieces

    def _garbage(self) -> Piece:
        data = noise(self._random)
        return Piece(data=data, transmission=None, note="garbage", kind=SentKind.NOISE)

    def _frame(
        self, pending: _Pending, strikes: frozenset[Fault], utc: datetime
    ) -> tuple[bytes, str]:
        wire = self._wires[pending.path]
        is_wrong_key = Fault.WRONG_KEY in strikes and self.settings.key is not None
        frame = wire.frame(
            pending.content,
            sequence=pending.sequence,
            shown=self.clock.read(utc),
            has_wrong_key=is_wrong_key,
        )
        if Fault.BAD_CRC in strikes:
            return frame[:1] + _other_digit(frame[1:2]) + frame[2:], "bad CRC"
        return frame, "wrong key" if is_wrong_key else ""

    # --------------------------------------------------------------- what comes of it

    def written(self, write: Write, *, now: float) -> None:
        """The bytes of a write left."""
        path = str(self.settings.paths[write.path])
        for piece in write.pieces:
            self.ledger.sent(
                piece.data,
                at=now,
                transmission=piece.transmission,
                path=path,
                note=piece.note,
                kind=piece.kind,
            )

    def unreachable(self, write: Write, *, now: float) -> None:
        """Nobody listens on that path: every try on it would be in vain."""
        touched = {id(piece.transmission) for piece in write.pieces}
        for pending in self._pending:
            if id(pending.transmission) in touched:
                pending.tries_on_path = self.settings.tries_per_path
                is_last = pending.path + 1 >= len(self.settings.paths)
                # The next path at once; from the last one back to the first only after a rest.
                pending.deadline = now + (self.settings.answer_timeout_s if is_last else 0.0)

    def receive(self, path: int, data: bytes, *, now: float, utc: datetime) -> None:
        """Bytes came back on a path."""
        answers = self._wires[path].answers(data, now=now)
        name = str(self.settings.paths[path])
        if not answers:
            self.ledger.heard(data, at=now, path=name, note="no answer in it")
        for answer in answers:
            note, transmission = self._take(answer, now, utc)
            self.ledger.heard(answer.raw, at=now, transmission=transmission, path=name, note=note)
        self._settle()

    def opened(self, path: int, *, now: float) -> None:
        """A connection stands on that path: no half-read answer of an older one may join it."""
        del now
        self._wires[path].eof()

    def closed(self, path: int, *, now: float) -> None:
        """The far end hung up, or the connection broke: no answer can come on it any more."""
        self._wires[path].eof()
        for pending in self._pending:
            if pending.path == path and self.settings.paths[path].transport == "tcp":
                pending.deadline = min(pending.deadline, now + RECONNECT_S)

    def _take(self, answer: Answer, now: float, utc: datetime) -> tuple[str, Transmission | None]:
        pending = self._whose(answer)
        if pending is None:
            self.ledger.answers_ignored += 1
            return "nobody waits for it", None
        transmission = pending.transmission
        if Fault.LOST_ACK in pending.faults and not pending.has_lost_ack:
            pending.has_lost_ack = True
            self.ledger.answers_ignored += 1
            return "lost on purpose", transmission
        match answer.verdict:
            case Verdict.ACK:
                self._end(pending, Outcome.ACKNOWLEDGED, now)
                return "", transmission
            case Verdict.NAK_TIME:
                return self._take_nak(pending, answer, now, utc), transmission
            case Verdict.DUH if self.settings.on_duh == "insist":
                pending.deadline = now + INSIST_S
                pending.tries_on_path = 0
                return "insisting", transmission
            case _:
                self._end(pending, Outcome.REFUSED, now)
                return "refused", transmission

    def _whose(self, answer: Answer) -> _Pending | None:
        if answer.verdict is Verdict.NAK_TIME:
            # The NAK form is constant and names nobody: the oldest message asked for it.
            return self._pending[0] if self._pending else None
        for pending in self._pending:
            account = self.settings.account if answer.account is None else answer.account
            is_ours = account.upper() == self.settings.account.upper()
            if is_ours and answer.sequence == pending.sequence:
                return pending
        return None

    def _take_nak(self, pending: _Pending, answer: Answer, now: float, utc: datetime) -> str:
        pending.transmission.naks += 1
        if pending.transmission.naks > self.settings.nak_limit:
            self._end(pending, Outcome.REFUSED, now)
            return "refused"
        if answer.utc is not None:
            self.clock.correct(answer.utc, utc=utc)
        pending.deadline = now
        pending.tries_on_path = 0
        return "setting the clock"

    def _end(self, pending: _Pending, outcome: Outcome, now: float) -> None:
        self.ledger.ended(pending.transmission, outcome, at=now)
        self._pending.remove(pending)
        if outcome is not Outcome.GIVEN_UP:
            # A panel stays on the path that worked last until that one fails too.
            self._path = pending.path
            if self.settings.link_test_s is not None:
                self._link_test_at = now + self.settings.link_test_s

    def _settle(self) -> None:
        """Nothing pending any more: hang up if that is the habit, and be free for the next."""
        if self._pending or self.state is not PanelState.AWAITING:
            return
        path = self.settings.paths[self._path]
        if path.transport == "tcp" and not path.keeps_open:
            self._doings.append(Hangup(path=self._path))
        self._enter(PanelInput.ALL_ENDED)

    def _hang_up_all(self) -> None:
        self._doings += [Hangup(path=index) for index in range(len(self.settings.paths))]

    def _enter(self, moved: PanelInput) -> None:
        self.state = TRANSITIONS[self.state][moved]

    # ------------------------------------------------------------------------- its time

    def deadline(self) -> float | None:
        """When ``on_deadline`` wants calling, in monotonic seconds; None while nothing waits."""
        if self.state is PanelState.CUT_OFF:
            return self._restored_at
        waits = [pending.deadline for pending in self._pending]
        if self._link_test_at is not None and not self._pending:
            waits.append(self._link_test_at)
        return min(waits, default=None)

    def on_deadline(self, *, now: float) -> None:
        """Do what is due by time alone; then ask for ``doings``."""
        if self.state is PanelState.CUT_OFF:
            if self._restored_at is not None and now >= self._restored_at:
                self._restore(now)
            return
        is_test_due = self._link_test_at is not None and now >= self._link_test_at
        if is_test_due and self.is_done and self.settings.link_test_s is not None:
            self._link_test_at = now + self.settings.link_test_s
            self.link_test(now=now)

    def _restore(self, now: float) -> None:
        self._restored_at = None
        self._enter(PanelInput.RESTORED)
        for pending in self._pending:
            pending.deadline = now
            pending.tries_on_path = 0
        if self._pending:
            self._enter(PanelInput.SENT)


def _other_digit(digit: bytes) -> bytes:
    """Another first check digit (byte 1 of the frame), or another raw byte in binary mode."""
    return b"0" if digit != b"0" else b"1"
