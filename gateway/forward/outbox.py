"""Publishes every outstanding event until everybody in ``confirm_by`` has confirmed it.

An event's way: journal -> a lane (``follow``, ``lanes``) -> PUBLISH -> PUBACK -> confirms -> done.
What is published holds no payload here and is read again when it must be sent again, so that
memory stays bounded whatever the broker and the consumers do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from typing import Any, Final

import msgspec
import structlog

from gateway.contract.client import Refusal
from gateway.contract.topics import Topics
from gateway.forward.confirms import ConfirmReader
from gateway.forward.follow import Follower
from gateway.forward.lanes import Lane, Lanes
from gateway.forward.ports import Journal
from gateway.forward.sent import HOLD_UP_S, RESEND_MOST_S, RESEND_S, Resends, Sent
from gateway.forward.uplink import Uplink
from gateway.health import Health
from gateway.journal.entry import Outstanding
from hardware.clock import Clock, Timers

REFUSALS: Final = 5  # tries of an event that the broker refuses for good; REL-46
LOST_TWICE: Final = 2  # links that broke under an event in a row; then it is tried alone
OLD_S: Final = 60.0  # outstanding longer than that is told; REL-45
AGED_MOST: Final = 1000  # sent events that are looked at for the oldest one
PUBACK_CONSUMER: Final = ""
"""In whose name the PUBACK confirms when ``confirm_by`` is empty."""

_log = structlog.get_logger()


class OutboxState(msgspec.Struct, frozen=True, kw_only=True):
    """How far behind the outbox is."""

    is_up: bool
    unconfirmed: int
    """Published and not done."""
    waiting: int
    """Taken from the journal and not published yet."""
    is_behind: bool
    """More outstanding events lie in the journal than are in memory."""
    dead_lettered: int
    oldest_age_s: float
    published: int
    """Publications since the start, repeats included."""
    pubacked: int
    confirmed: int
    """Events done since the start."""


class Outbox:
    """See the module. ``start`` once the loop runs, ``stop`` before the uplink stops."""

    def __init__(  # noqa: PLR0913  the composition root names each
        self,
        *,
        journal: Journal,
        uplink: Uplink,
        topics: Topics,
        confirm_by: Sequence[str],
        clock: Clock,
        timers: Timers,
        health: Health,
        count: Callable[[str, int], None],
        tell: Callable[[str, str], None],
        unconfirmed: int = 1000,
        resend_s: float = RESEND_S,
        resend_most_s: float = RESEND_MOST_S,
        hold_up_s: float = HOLD_UP_S,
        flooding: AbstractSet[str] = frozenset(),
    ) -> None:
        """``tell(code, text)`` makes a system event of what the operator must know.

        ``flooding`` holds the account levels whose events let those of others pass.
        """
        self._journal = journal
        self._uplink = uplink
        self._topics = topics
        self._by_puback = not confirm_by
        self._clock = clock
        self._timers = timers
        self._health = health
        self._count = count
        self._tell = tell
        self._limit = unconfirmed
        self._reader = ConfirmReader(topics, confirm_by, lambda name: count(name, 1))
        self._resends = Resends(
            confirm_by or (PUBACK_CONSUMER,),
            resend_s=resend_s,
            most_s=max(resend_s, resend_most_s),
            hold_up_s=hold_up_s,
        )
        self._lanes = Lanes()
        self._sent: dict[str, Sent] = {}
        self._dead: dict[str, Sent] = {}
        self._retry: list[Sent] = []
        self._outcasts: list[Sent] = []
        self._probing: Sent | None = None
        self._acked: list[Sent] = []
        self._unnoted: set[int] = set()
        """Done for everybody but the journal, which could not store the confirm."""
        self._unnoted_at = 0.0
        self._resend_s = resend_s
        self._is_fresh_turn = False
        self._is_stopping = False
        self._follower = Follower(
            journal,
            self._lanes,
            clock=clock,
            timers=timers,
            count=count,
            is_up=lambda: uplink.is_up,
            wake=uplink.wake,
            reopened=self.rescan,
            flooding=flooding,
        )
        self._is_old = False
        self._published = self._pubacked = self._confirmed = 0

    def start(self) -> None:
        """Follow the journal from now on; the uplink must not have been started yet."""
        if self._by_puback:
            _log.warning(
                "outbox.unconfirmed",
                reason="confirm_by is empty: an event counts as delivered once the broker has it, "
                "although brokers forget; name the consumers that confirm",
            )
        self._uplink.attach(self)
        self._follower.start()

    async def stop(self) -> None:
        """Publish no more; what is outstanding waits in the journal for the next start."""
        self._is_stopping = True
        await self._follower.stop()
        self._flush_acked()

    def state(self) -> OutboxState:
        """How far behind."""
        return OutboxState(
            is_up=self._uplink.is_up,
            unconfirmed=len(self._sent),
            waiting=len(self._lanes),
            is_behind=self._follower.is_behind,
            dead_lettered=len(self._dead),
            oldest_age_s=self._oldest_age_s(),
            published=self._published,
            pubacked=self._pubacked,
            confirmed=self._confirmed,
        )

    def rescan(self, after_seq: int) -> None:
        """Look for outstanding events after ``after_seq`` again; dead letters get new tries.

        Called when the journal made events outstanding again (``journal republish``).
        """
        for event_id, sent in list(self._dead.items()):
            if sent.seq > after_seq:
                del self._dead[event_id]
        if not self._dead:
            self._health.restore("dead_letter")
        self._follower.rescan(after_seq, [sent.seq for sent in self._sent.values()])

    # Out of the lanes (uplink.Sender).

    def pump(self, most: int) -> int:
        """See ``uplink.Sender``."""
        self._flush_acked()
        published = 0
        while published < most and not self._is_stopping:
            event = self._next()
            if event is None:
                break
            self._publish(event)
            published += 1
        self._follower.stir_when_low()
        return published

    def _next(self) -> Outstanding | None:
        lanes = self._lanes
        if self._probing is not None:
            return None  # alone under way: if the link breaks now, it was this one
        if not lanes.is_empty(Lane.PROBE):
            return self._next_probe()
        event = lanes.take(Lane.URGENT)
        if event is not None:
            return event
        if not lanes.is_empty(Lane.AGAIN):
            return lanes.take(Lane.AGAIN)  # None while it is read; nothing younger may pass
        event = lanes.take(Lane.RESEND)
        if event is not None or len(self._sent) >= self._limit:
            return event
        # New events and the backlog take turns, so that neither waits for the end of the other.
        self._is_fresh_turn = not self._is_fresh_turn
        first, second = (Lane.FRESH, Lane.READY)[:: 1 if self._is_fresh_turn else -1]
        return lanes.take(first) or lanes.take(second)

    def _next_probe(self) -> Outstanding | None:
        if self._uplink.pending_count:
            return None
        event = self._lanes.take(Lane.PROBE)
        if event is not None:
            self._probing = self._sent.get(event.event_id)
        return event

    def _publish(self, event: Outstanding) -> None:
        sent = self._sent.get(event.event_id)
        if sent is None:
            sent = Sent(
                seq=event.seq,
                event_id=event.event_id,
                account=event.account,
                missing=self._resends.everybody,
                received_at=self._follower.received_at(event),
            )
            self._sent[event.event_id] = sent
        topic = self._topics.event(event.class_, event.account)
        try:
            self._uplink.publish(self, topic, event.json, token=sent)
        except ValueError as error:
            self._refused(sent, Refusal(reason=str(error), is_final=True))
        except ConnectionError:
            pass  # it is among the sent, all of which are published again on the next link
        else:
            self._published += 1

    def puback(self, token: Any, refusal: Refusal | None) -> None:
        """See ``uplink.Sender``."""
        sent: Sent = token
        if sent is self._probing:
            self._probing = None
        if refusal is None:
            self._pubacked += 1
        if sent.event_id not in self._sent:
            return  # confirmed before the broker's answer
        sent.lost_count = 0
        if refusal is not None:
            self._refused(sent, refusal)
            return
        sent.refused_count = 0
        if self._by_puback:
            self._acked.append(sent)
            self._done(sent)
        else:
            self._resends.wait(sent, self._clock.monotonic())

    def _flush_acked(self) -> None:
        if self._acked:
            acked, self._acked = self._acked, []
            ids = [sent.event_id for sent in acked]
            bit = self._resends.bits[PUBACK_CONSUMER]
            self._journal.confirm(PUBACK_CONSUMER, ids, partial(self._noted, bit, acked))

    def _refused(self, sent: Sent, refusal: Refusal) -> None:
        self._count("publication_refused", 1)
        if sent is self._probing:
            self._probing = None
        if refusal.is_final:
            self._blame(sent, refusal.reason, self._retry)
            return
        # Not the event's fault (access rules, quota): it waits as if for a confirm.
        _log.warning("event.refused", event_id=sent.event_id, reason=refusal.reason)
        self._health.degrade("mqtt_refused", f"the broker refuses events: {refusal.reason}")
        self._resends.wait(sent, self._clock.monotonic())

    def _blame(self, sent: Sent, reason: str, otherwise: list[Sent]) -> None:
        sent.refused_count += 1
        if sent.refused_count < REFUSALS:
            otherwise.append(sent)
            return
        self._resends.stop(sent)
        self._lanes.drop(sent.seq)
        del self._sent[sent.event_id]
        self._dead[sent.event_id] = sent
        self._count("event_dead_lettered", 1)
        text = (
            f"the broker refused event {sent.event_id} of account {sent.account} "
            f"{REFUSALS} times: {reason}; it stays outstanding and is not tried again before a "
            "restart or a republication"
        )
        _log.error("event.dead_lettered", event_id=sent.event_id, seq=sent.seq, reason=reason)
        self._health.degrade("dead_letter", f"{len(self._dead)} events cannot be published")
        self._tell("dead_letter", text)

    def link_up(self) -> None:
        """See ``uplink.Sender``."""
        self._health.restore("mqtt_refused")
        self._follower.stir()

    def link_down(self, under_way: Sequence[Any], *, is_by_peer: bool) -> None:
        """See ``uplink.Sender``: everything that is not done is sent again (REL-41)."""
        probed, self._probing = self._probing, None
        for sent in under_way:
            if is_by_peer and sent.event_id in self._sent:
                sent.lost_count += 1
                if probed is not None and sent is probed:
                    self._blame(probed, "the connection ended each time it was sent", [])
        self._resends.clear()
        self._retry.clear()
        self._outcasts.clear()
        lanes = self._lanes
        lanes.clear(Lane.RESEND)
        waiting = lanes.clear(Lane.AGAIN) + lanes.clear(Lane.PROBE)
        again = dict(waiting)
        suspects: list[Sent] = []
        for sent in self._sent.values():
            again.pop(sent.seq, None)
            if sent.refused_count:
                self._outcasts.append(sent)
            elif sent.lost_count >= LOST_TWICE:
                suspects.append(sent)
            else:
                again[sent.seq] = sent.account
        for sent in sorted(suspects, key=_seq):
            lanes.want(Lane.PROBE, sent.account, (sent.seq,))
        self._want_again(again)

    def _want_again(self, again: dict[int, str]) -> None:
        """Put these into the lane AGAIN; what an urgent one of the account must follow, first."""
        lanes = self._lanes
        urgent: dict[str, list[int]] = {}
        for seq in sorted(again):
            account = again[seq]
            if any(lanes.lane_of(held) is Lane.URGENT for held in lanes.held(account)):
                urgent.setdefault(account, []).append(seq)
            else:
                lanes.want(Lane.AGAIN, account, (seq,))
        if not urgent:
            return
        stood = lanes.clear(Lane.URGENT)
        by_account: dict[str, list[int]] = {}
        for seq, account in stood:
            by_account.setdefault(account, []).append(seq)
        for account, seqs in by_account.items():
            lanes.want(Lane.URGENT, account, sorted({*urgent.get(account, ()), *seqs}))

    # Confirms.

    def message(self, topic: str, payload: bytes) -> None:
        """Take a message of a confirm topic."""
        confirm = self._reader.read(topic, payload)
        if confirm is None:
            return
        self._resends.heard(confirm.consumer, self._clock.monotonic())
        bit = self._resends.bits[confirm.consumer]
        effective: list[str] = []
        held: list[Sent] = []
        for event_id in confirm.ids:
            sent = self._sent.get(event_id) or self._dead.get(event_id)
            if sent is None:
                # Done, of another run, or of nobody: the journal knows.
                effective.append(event_id)
            elif sent.missing & bit:
                sent.missing &= ~bit
                effective.append(event_id)
                held.append(sent)
                if not sent.missing:
                    self._done(sent)
        if len(effective) < len(confirm.ids):
            self._count("confirm_repeated", len(confirm.ids) - len(effective))
        if effective:
            self._journal.confirm(confirm.consumer, effective, partial(self._noted, bit, held))

    def _noted(self, bit: int, held: Sequence[Sent], what: object | None) -> None:
        """Have what the journal could not note confirmed again: it is outstanding (REL-3)."""
        if what is not None:
            return
        self._count("confirm_not_stored", len(held))
        for sent in held:
            if sent.event_id in self._sent or sent.event_id in self._dead:
                sent.missing |= bit
            else:
                self._unnoted.add(sent.seq)
                self._unnoted_at = self._clock.monotonic()

    def _send_unnoted(self) -> None:
        """Publish these again; not at once, since the journal may fail for a while."""
        if self._unnoted and self._clock.monotonic() - self._unnoted_at >= self._resend_s:
            after_seq = min(self._unnoted) - 1
            self._unnoted.clear()
            known = [*self._sent.values(), *self._dead.values()]
            self._follower.rescan(after_seq, [sent.seq for sent in known])

    def _done(self, sent: Sent) -> None:
        self._resends.stop(sent)
        self._lanes.drop(sent.seq)
        self._confirmed += 1
        if self._sent.pop(sent.event_id, None) is None:
            del self._dead[sent.event_id]
            if not self._dead:
                self._health.restore("dead_letter")
        if sent is self._probing:
            self._probing = None

    # Time.

    def tick(self) -> None:
        """See ``uplink.Sender``."""
        self._follower.mark()
        self._flush_acked()
        if self._uplink.is_up:
            self._send_unnoted()
            for sent in self._resends.due(self._clock.monotonic()):
                self._count("event_resent", 1)
                self._send_again(sent)
            retry, self._retry = self._retry, []
            for sent in retry:
                if sent.event_id in self._sent:
                    self._send_again(sent)
            self._try_an_outcast()
        self._tell_age()

    def _send_again(self, sent: Sent) -> None:
        self._lanes.want(Lane.RESEND, sent.account, (sent.seq,))
        self._follower.stir()

    def _try_an_outcast(self) -> None:
        """Try one that ended connections alone, once all others are through."""
        is_quiet = self._lanes.is_empty(Lane.PROBE) and self._lanes.is_empty(Lane.AGAIN)
        if self._outcasts and self._probing is None and is_quiet:
            sent = self._outcasts.pop(0)
            if sent.event_id in self._sent:
                self._lanes.want(Lane.PROBE, sent.account, (sent.seq,))
                self._follower.stir()

    def _oldest_age_s(self) -> float:
        oldest = min(self._oldest_candidates(), default=None)
        return 0.0 if oldest is None else max(0.0, self._clock.monotonic() - oldest)

    def _oldest_candidates(self) -> Iterable[float]:
        for n, sent in enumerate(self._sent.values()):
            if n == AGED_MOST:
                break
            yield sent.received_at
        for lane in (Lane.URGENT, Lane.FRESH, Lane.READY):
            event = self._lanes.first(lane)
            if event is not None:
                yield self._follower.received_at(event)

    def _tell_age(self) -> None:
        age_s = self._oldest_age_s()
        if age_s <= OLD_S:
            if self._is_old:
                self._is_old = False
                self._health.restore("outbox")
            return
        self._health.degrade("outbox", f"the oldest event without confirm is {age_s:.0f} s old")
        if not self._is_old:
            self._is_old = True
            self._tell(
                "outstanding_old",
                f"an event waits for its confirm for {age_s:.0f} s: "
                + ("the consumer is silent or slow" if self._uplink.is_up else "no broker"),
            )


def _seq(sent: Sent) -> int:
    return sent.seq
