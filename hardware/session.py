"""The pump: read -> receive -> sink -> answer -> write, for one stream; the only such loop.

A session is an ``asyncio.Protocol``, so a real transport, a serial port's thread or the
in-memory null modem drives it in the same way. It makes no task and no future: the answer
to a report comes back through ``respond``, which whoever commits the report calls later.
Answers leave in the order in which the frames came, whatever the order of the verdicts.

What does not belong here: where streams come from (``tcp``, ``tcp_client``, ``serial_link``).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, cast

import structlog
from msgspec.structs import replace

from hardware.clock import Timer
from hardware.foreign import foreign
from hardware.frame_log import (
    HISTORY_COUNT,
    HISTORY_FRAME_BYTES,
    tell_failure,
    trace_read,
    trace_sent,
)
from hardware.link_context import LinkContext
from hardware.sink import Origin, PortState, tell
from hardware.wire import Wire
from protocols._core import Connection, Incoming, LinkTest, ProtocolError, Rejected, Verdict

if TYPE_CHECKING:
    from hardware.finding import Finding

# Why reading is held; bits, since several reasons may hold at once.
_FULL: Final = 1
_BLOCKED: Final = 2
_GATE: Final = 4
_ENDING: Final = 8
_RESTING: Final = 16
_STRANGE: Final = 32

FLOOD_BYTES: Final = 65_536
"""A read of so much is no panel's; an event loop would take dozens of them in one turn."""

FLOOD_REST_S: Final = 0.25
"""How long a flood without a single frame is not read: 1 MiB/s of it at most (ours)."""

ACCOUNT_COUNT: Final = 64  # accounts of one stream that are remembered besides the first (ours)

_ACK: Final = Verdict.ACK  # an Enum's member costs as much as a line of code

_log = structlog.get_logger()


class LinkFailedError(Exception):
    """The handling of a link raised, so that link was closed; the log has the traceback."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(f"its handling failed: {type(cause).__name__}: {cause}")


class Session(asyncio.Protocol):
    """One stream and its codec. See the module's first lines.

    Attributes:
        origin: Whom the bytes come from.
        opened_at: Monotonic seconds at which the stream opened.
        heard_at: The same for the last complete frame, at first ``opened_at``.
        has_spoken: A complete frame has come.
        is_closed: The stream is gone.
        is_proved: The peer was given an ACK: it is one of ours.
        is_stranger: It was not, and nobody at its address lately: what it sends is counted.
    """

    __slots__ = (
        "_account",
        "_arrived",
        "_aside",
        "_connection",
        "_early",
        "_failure",
        "_foreign",
        "_held",
        "_is_flush_due",
        "_is_taking",
        "_link",
        "_others",
        "_pending",
        "_recent",
        "_timer",
        "_wire",
        "has_spoken",
        "heard_at",
        "is_closed",
        "is_proved",
        "is_stranger",
        "opened_at",
        "origin",
    )

    def __init__(self, link: LinkContext, *, peer: str, host: str = "") -> None:
        self._link = link
        self.origin = Origin(
            input=link.name, protocol=link.protocol, transport=link.transport, peer=peer, host=host
        )
        # A connection that says nothing costs no codec: it is made with the first byte.
        self._connection: Connection | None = None
        self._wire: Wire | None = None
        # Lists, not deques: an empty deque takes 0.6 KiB, and there are 15,000 connections.
        self._pending: list[Incoming] = []
        self._arrived: list[float] | None = None if link.answer_within_s is None else []
        self._aside: bytes | None = None
        self._early: dict[int, Verdict] | None = None
        self._recent: list[bytes] | None = None
        self._account: str | None = None
        self._others: set[str] | None = None
        self._timer: Timer | None = None
        self._failure: LinkFailedError | None = None
        self._foreign: str | None = None
        self._held = 0
        self._is_taking = False
        self._is_flush_due = False
        self.is_proved = False
        self.is_stranger = False
        self.has_spoken = False
        self.is_closed = False
        self.opened_at = self.heard_at = link.clock.monotonic()

    @property
    def pending_count(self) -> int:
        """Frames that wait for their answer."""
        return len(self._pending)

    @property
    def is_ending(self) -> bool:
        """No more is read; it closes with its last answer."""
        return bool(self._held & _ENDING)

    @property
    def connection(self) -> Connection | None:
        """The codec; None before the first byte."""
        return self._connection

    @property
    def accounts(self) -> Sequence[str]:
        """The accounts that spoke, as they are written on the wire; the first ``ACCOUNT_COUNT``."""
        if self._account is None:
            return ()
        return (self._account, *(self._others or ()))

    # -- the stream drives these --------------------------------------------------------

    def connection_made(self, transport: Wire) -> None:  # type: ignore[override]  # narrower face
        """The stream is open."""
        self._wire = transport
        link = self._link
        if link.is_traced:
            _log.debug("link.opened", **self._names())
        if not link.intake.is_open:
            self._held |= _GATE
        if self._held:
            transport.pause_reading()
        link.owner.session_opened(self)
        if link.speaks_first:
            self._greet()

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        if self._held:
            self._set_aside(data)
            return
        if len(data) < FLOOD_BYTES:
            self._read(data)
            if self.is_stranger:
                self._link.strangers.sent(self, len(data))
            return
        heard_at = self.heard_at
        self._read(data)
        self._hold(_RESTING)
        if self.is_stranger:
            self._link.strangers.sent(self, len(data))
        rest_s = 0.0 if self.heard_at > heard_at else FLOOD_REST_S
        self._link.timers.call_later(rest_s, self._rested)

    def eof_received(self) -> bool:
        """The peer will say no more; it may still wait for answers."""
        self._read_aside()
        self._hand_up_rest()
        if not self._pending:
            return False
        self._held |= _ENDING
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """The stream is gone, or could not be made."""
        if self.is_closed:
            return
        if self._failure is None:
            self._hand_up_rest()
        self.is_closed = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._forget_pending()
        link = self._link
        if link.is_traced:
            reason = None if exc is None else str(exc)
            _log.debug("link.closed", reason=reason, **self._names())
        self._wire = None
        link.owner.session_closed(self, self._failure or exc)

    def pause_writing(self) -> None:
        """The peer takes no answers: read no more from it."""
        self._hold(_BLOCKED)

    def resume_writing(self) -> None:
        """It takes them again."""
        self._release(_BLOCKED)

    # -- what seals the stream drives these ----------------------------------------------

    def certified(self, names: tuple[str, ...]) -> None:
        """The peer proved by a certificate who it is; before ``connection_made``."""
        self.origin = replace(self.origin, certificate=names)

    def count(self, name: str) -> None:
        """Count one of what happened, by name."""
        self._link.count(name)

    def reject(self, raw: bytes, reason: str, words: str) -> None:
        """Hand up bytes that never reached the codec, so that they are counted and kept."""
        link = self._link
        error = ProtocolError(words, raw=raw, offset=0, clause=link.transport)
        item = Rejected(protocol=link.protocol, raw=raw, reason=reason, error=error)
        try:
            link.sink.received([item], self.origin, _say_nothing)
        except Exception as failure:  # noqa: BLE001  (REL-29)
            self.fail(failure)

    # -- the owner drives these ---------------------------------------------------------

    def gate(self, *, is_open: bool) -> None:
        """Stop reading, or go on, because of what waits in the whole gateway."""
        if is_open:
            self._release(_GATE)
        else:
            self._hold(_GATE)

    def end(self) -> None:
        """Read no more; close once everything that was read is answered."""
        self._hold(_ENDING)
        if not self._pending:
            self.close()

    def rest(self) -> None:
        """Read no more for now: see ``Strangers``."""
        self._hold(_STRANGE)

    def wake(self) -> None:
        """Read again."""
        if not self.is_closed:
            self._release(_STRANGE)

    def close(self) -> None:
        """Send what is written, then close."""
        if self._wire is not None:
            self._wire.close()

    def abort(self) -> None:
        """Close at once."""
        if self._wire is not None:
            self._wire.abort()

    def fail(self, error: Exception) -> None:
        """Close this link, and only this one, because its handling raised (REL-29)."""
        if self._failure is not None:
            return
        self._failure = LinkFailedError(error)
        link = self._link
        link.count("links_failed")
        tell_failure(error, self._recent or [], self._names())
        self._forget_pending()
        self.abort()

    # -- the sink drives this -----------------------------------------------------------

    def respond(self, item: Incoming, verdict: Verdict) -> None:
        """Say what to answer to one item; once for each, in any order."""
        pending = self._pending
        if not pending or pending[0] is not item:
            self._respond_early(item, verdict)
            return
        try:
            self._answer_first(item, verdict)
            early = self._early
            if early:
                while pending and (ready := early.pop(id(pending[0]), None)) is not None:
                    self._answer_first(pending[0], ready)
            if self._is_taking:
                return
            # Whoever commits answers a whole group in one go. With nothing left to answer
            # the bytes can leave now; else the next verdict may come in this very call
            # chain, and one write serves them all.
            if not pending:
                self._flush()
            elif not self._is_flush_due:
                self._is_flush_due = True
                self._link.timers.call_later(0.0, self._flush_later)
        except Exception as error:  # noqa: BLE001  (must not reach whoever commits)
            self.fail(error)
            return
        if self._held & _FULL and len(pending) <= self._link.pending_limit // 2:
            self._release(_FULL)

    # -- inside -------------------------------------------------------------------------

    def _greet(self) -> None:
        """Say what the protocol has us say before the peer says anything."""
        link = self._link
        try:
            self._connection = link.connect()
            self._flush()
        except Exception as error:  # noqa: BLE001  (REL-29: this link alone fails)
            self.fail(error)

    def _read(self, data: bytes) -> None:
        if self._failure is not None:
            return
        link = self._link
        now = link.clock.monotonic()
        listen = link.tap.listen
        if listen is not None:
            listen(self.origin.peer, False, data)  # noqa: FBT003  as Listen has it
        try:
            connection = self._connection
            if connection is None:
                connection = self._connection = link.connect()
                self._foreign = foreign(data)
                if self._foreign is not None:
                    link.count(f"traffic_foreign:{self._foreign}")
            incoming = connection.receive(data, now=now)
            if link.finds_out or self._foreign is not None:
                self._look(incoming)
            if incoming:
                self._take(incoming, now)
            if self._timer is None:
                due = connection.deadline()
                if due is not None:
                    self._timer = link.timers.call_later(max(due - now, 0.0), self._ran_out)
        except Exception as error:  # noqa: BLE001  (REL-29: this link alone fails)
            self.fail(error)

    def _look(self, incoming: list[Incoming]) -> None:
        """Say which family was found, and what a stranger is who speaks none."""
        connection, link, name = self._connection, self._link, self._foreign
        if link.finds_out:
            found = cast("Finding", connection).news()
            if found is not None:
                self.origin = replace(self.origin, protocol=found.family)
                link.count(f"input_recognised:{found.family}")
                tell(link.sink, link.name, PortState.HEARS, found.words)
        if name is None or self.has_spoken:
            return
        for at, item in enumerate(incoming):
            if isinstance(item, Rejected) and item.foreign is None:
                incoming[at] = replace(item, foreign=name)

    def _rested(self) -> None:
        if not self.is_closed:
            self._release(_RESTING)

    def _set_aside(self, data: bytes) -> None:
        """Keep what came although reading is held.

        uvloop starts to read after ``connection_made`` whatever was said in it, and a
        serial port's thread has one read under way. Held again here, so it stays at that.
        """
        if self._held & _ENDING:
            return  # not read, for all the peer can tell: it gets no answer and says it again
        self._aside = data if self._aside is None else self._aside + data
        if self._wire is not None and not self._wire.is_closing():
            self._wire.pause_reading()

    def _read_aside(self) -> None:
        data, self._aside = self._aside, None
        if data is not None and not self._held & _ENDING:
            self._read(data)

    def _take(self, incoming: list[Incoming], now: float) -> None:
        link = self._link
        if self._keep(incoming):
            self.heard_at = now
            if not self.has_spoken:
                self.has_spoken = True
                link.owner.session_spoke(self)
        if link.is_watched:
            link.owner.session_heard(incoming)
        pending = self._pending
        pending += incoming
        count = len(pending)
        if self._arrived is not None:
            self._arrived += [now] * len(incoming)
        intake = link.intake
        intake.waiting += len(incoming)
        if intake.waiting > intake.limit and intake.is_open:
            intake.overrun()
        self._is_taking = True
        try:
            link.sink.received(incoming, self.origin, self.respond)
        finally:
            self._is_taking = False
        if len(pending) < count:
            self._flush()  # some were answered at once
        if count > link.pending_limit and len(pending) > link.pending_limit:
            self._hold(_FULL)

    def _keep(self, incoming: list[Incoming]) -> bool:
        """Keep what came for the log; tell whether a complete frame was among it."""
        if self._link.is_traced:
            for item in incoming:
                trace_read(item, self._names())
        has_frame = False
        for item in incoming:
            kind = type(item)
            if kind is not Rejected:
                has_frame = True
                if item.account != self._account:
                    self._note(item.account)
            if kind is not LinkTest:  # polls would only push the reports out
                recent = self._recent
                if recent is None:
                    recent = self._recent = []
                recent.append(item.raw[:HISTORY_FRAME_BYTES])
                if len(recent) > HISTORY_COUNT:
                    del recent[0]
        return has_frame

    def _note(self, account: str | None) -> None:
        """Remember another account of this stream: how long it may be silent depends on them."""
        if account is None:
            return
        if self._account is None:
            self._account = account
        elif self._others is None:
            self._others = {account}
        elif len(self._others) < ACCOUNT_COUNT:
            self._others.add(account)

    def _answer_first(self, item: Incoming, verdict: Verdict) -> None:
        link = self._link
        del self._pending[0]
        intake = link.intake
        intake.waiting -= 1
        intake.answered += 1
        arrived = self._arrived
        if arrived is not None:
            waited_s = link.clock.monotonic() - arrived.pop(0)
            is_late = waited_s > (link.answer_within_s or 0.0)
            if is_late and link.patience is not None:
                is_late = waited_s > link.patience(self.origin.protocol)
            if is_late and verdict is not Verdict.SILENCE:
                link.count("answers_late")
                verdict = Verdict.SILENCE
        if not self.is_proved and verdict is _ACK:
            self.is_proved = True
            self.is_stranger = False
            link.owner.session_proved(self)
            self._release(_STRANGE)
        if self._connection is not None:
            self._connection.answer(item, verdict, utc=link.clock.utc())

    def _respond_early(self, item: Incoming, verdict: Verdict) -> None:
        if any(one is item for one in self._pending):
            if self._early is None:
                self._early = {}
            self._early.setdefault(id(item), verdict)
        elif self.is_closed:
            self._link.count("answers_undeliverable")
        else:
            # Answered before. Its id must not stay behind, or a later frame that the
            # interpreter puts at the same address would get this verdict.
            self._link.count("answers_unexpected")

    def _flush_later(self) -> None:
        self._is_flush_due = False
        self._flush()

    def _flush(self) -> None:
        connection, wire = self._connection, self._wire
        if connection is None or wire is None:
            return
        data = connection.data_to_send()
        if data:
            if self._link.is_traced:
                trace_sent(data, self._names())
            listen = self._link.tap.listen
            if listen is not None:
                listen(self.origin.peer, True, data)  # noqa: FBT003
            wire.write(data)
        if self._held & _ENDING and not self._pending:
            wire.close()

    def _ran_out(self) -> None:
        """Call the codec's deadline; one timer serves many deadlines that came to nothing."""
        self._timer = None
        connection = self._connection
        if self.is_closed or connection is None:
            return
        link = self._link
        try:
            now = link.clock.monotonic()
            due = connection.deadline()
            if due is not None and due <= now:
                incoming = connection.on_deadline(now=now)
                if link.finds_out or self._foreign is not None:
                    self._look(incoming)
                if incoming:
                    self._take(incoming, now)
                else:
                    self._flush()
                due = connection.deadline()
            if due is not None:
                # Never 0: a clock that is coarser than the timer would spin.
                self._timer = link.timers.call_later(max(due - now, 0.001), self._ran_out)
        except Exception as error:  # noqa: BLE001  (REL-29)
            self.fail(error)

    def _hand_up_rest(self) -> None:
        if self._connection is None:
            return
        try:
            rest = self._connection.eof()
            if self._link.finds_out or self._foreign is not None:
                self._look(rest)
            if rest:
                if self._link.is_watched:
                    self._link.owner.session_heard(rest)
                # Half a frame is counted and kept, but there is nothing to say to it.
                self._link.sink.received(rest, self.origin, _say_nothing)
        except Exception as error:  # noqa: BLE001  (REL-29)
            self.fail(error)

    def _forget_pending(self) -> None:
        self._link.intake.waiting -= len(self._pending)
        self._pending.clear()
        self._early = None
        if self._arrived is not None:
            self._arrived.clear()

    def _hold(self, why: int) -> None:
        if not self._held and self._wire is not None and not self._wire.is_closing():
            self._wire.pause_reading()
        self._held |= why

    def _release(self, why: int) -> None:
        if not self._held & why:
            return
        self._held &= ~why
        if not self._held:
            self._read_aside()  # it may be too much again
        if not self._held and self._wire is not None and not self._wire.is_closing():
            self._wire.resume_reading()

    def _names(self) -> dict[str, str]:
        link = self._link
        return {"link": link.name, "peer": self.origin.peer, "protocol": link.protocol}


def _say_nothing(_item: Incoming, _verdict: Verdict) -> None:
    """Take the verdict on what no longer has anybody to hear it."""
