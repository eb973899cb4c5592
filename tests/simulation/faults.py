"""Gateways built wrong on purpose: each breaks one promise; the simulation must see it (REL-60).

Each fault is a small change to the real gateway while it is planted, and gone afterwards.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import UTC
from typing import Any
from unittest import mock

from msgspec.structs import replace

from gateway.admission import admission
from gateway.forward.confirms import ConfirmReader
from gateway.forward.follow import Follower
from gateway.forward.lanes import Lanes
from gateway.forward.outbox import Outbox
from gateway.ingest import Ingest
from gateway.journal import Journal
from gateway.journal.ids import seq_of
from gateway.journal.repeats import AccountRepeats, LinkRepeats
from hardware.session import Session
from hardware.udp import UdpListener
from protocols._core import Report, Verdict
from tests.simulation.disk import Disk

LAZY_S = 0.05


def _early_ack() -> Any:
    """Acknowledges before the commit."""
    append = Journal.append

    def broken(self: Any, entries: Any, done: Any) -> None:
        done(True)
        append(self, entries, lambda _is_stored: None)

    return mock.patch.object(Journal, "append", broken)


def _no_flush() -> Any:
    """The store says that a group is durable before it is."""
    return mock.patch.object(Disk, "is_lazy", True)


def _confirm_on_puback() -> Any:
    """Takes the broker's PUBACK for the word of the consumer."""
    puback = Outbox.puback

    def broken(self: Any, token: Any, refusal: Any) -> None:
        puback(self, token, refusal)
        if refusal is None and token.event_id in self._sent:
            for consumer in self._resends.bits:
                self._journal.confirm(consumer, [token.event_id], lambda _what: None)
            self._done(token)

    return mock.patch.object(Outbox, "puback", broken)


def _key_with_timestamp() -> Any:
    """The key of a repeat holds the frame's timestamp, which a retry refreshes."""
    received = Ingest.received

    def broken(self: Any, incoming: Any, origin: Any, respond: Any) -> None:
        changed = {}

        def keyed(item: Any) -> Any:
            if type(item) is not Report or item.timestamp is None:
                return item
            stamp = item.timestamp.astimezone(UTC).isoformat().encode()
            other = replace(item, identity=item.identity + stamp)
            changed[id(other)] = item
            return other

        def answer(item: Any, verdict: Verdict) -> None:
            respond(changed.get(id(item), item), verdict)

        received(self, [keyed(item) for item in incoming], origin, answer)

    return mock.patch.object(Ingest, "received", broken)


def _lost_replay_cache() -> Any:
    """A start knows nothing of what an earlier run stored."""
    return mock.patch.object(Ingest, "load", return_value=None)


def _window_sign() -> Any:
    """The window of timestamps is turned around: 40 s ahead, 20 s old."""
    skew_ms = admission.skew_ms
    return mock.patch.object(admission, "skew_ms", lambda *said: -skew_ms(*said))


def _heartbeat_when_full() -> Any:
    """Signs of life are answered although nothing can be stored."""
    return mock.patch.object(Journal, "commits_succeed", True)


def _cursor_too_early() -> Any:
    """The outbox counts as taken what was committed while it was still behind."""
    committed = Follower.committed

    def broken(self: Any, events: Any) -> None:
        committed(self, events)
        if not self._is_caught_up:
            self._cursor = max(self._cursor, events[0].seq)

    return mock.patch.object(Follower, "committed", broken)


def _priority_starves() -> Any:
    """An urgent event waits for its turn like any other."""
    committed = Follower.committed

    def broken(self: Any, events: Any) -> None:
        committed(self, [_Plain(event) for event in events])

    return mock.patch.object(Follower, "committed", broken)


class _Plain:
    """An event that is not urgent."""

    is_priority = False

    def __init__(self, event: Any) -> None:
        self._event = event

    def __getattr__(self, name: str) -> Any:
        return getattr(self._event, name)


def _unknown_code_dropped() -> Any:
    """What the tables do not know is answered and forgotten."""
    store = Ingest._store

    def broken(self: Any, item: Any, batch: Any, taken: Any) -> None:
        meanings = self._said_by(taken).meanings
        if all(not meaning.code.known for meaning in meanings):
            batch.respond(item, Verdict.ACK)
        else:
            store(self, item, batch, taken)

    return mock.patch.object(Ingest, "_store", broken)


def _udp_wrong_socket() -> Any:
    """An answer over UDP leaves from the machine's first address, whichever was asked."""
    received = UdpListener._received

    def broken(self: Any, data: bytes, peer: Any, local: Any) -> None:
        received(self, data, peer, None if local is None else b"10.0.0.1")

    return mock.patch.object(UdpListener, "_received", broken)


def _foreign_id_confirmed() -> Any:
    """A confirm counts by the number in its id, whoever's id that is."""
    message = Outbox.message

    def broken(self: Any, topic: str, payload: bytes) -> None:
        confirm = self._reader.read(topic, payload)
        if confirm is None:
            message(self, topic, payload)
            return
        own = {sent.seq: sent.event_id for sent in self._sent.values()}
        ids = tuple(own.get(seq_of(one), one) for one in confirm.ids)
        known = replace(confirm, ids=ids)
        with mock.patch.object(self._reader, "read", return_value=known):
            message(self, topic, payload)

    return mock.patch.object(Outbox, "message", broken)


def _anybody_confirms() -> Any:
    """The confirm of a consumer counts that ``confirm_by`` does not name."""
    read = ConfirmReader.read

    def broken(self: Any, topic: str, payload: bytes) -> Any:
        consumer = topic.rpartition("/")[2].encode()
        named = min(self._named)
        return read(self, self._prefix + named, payload.replace(consumer, named.encode()))

    return mock.patch.object(ConfirmReader, "read", broken)


def _failed_is_acknowledged() -> Any:
    """A commit that failed is answered as one that did not."""
    settled = Ingest.settled

    def broken(self: Any, batch: Any, *, is_stored: bool) -> None:
        del is_stored
        settled(self, batch, is_stored=True)

    return mock.patch.object(Ingest, "settled", broken)


def _failed_is_refused() -> Any:
    """A good frame is refused with a NAK when it could not be stored."""
    settled = Ingest.settled

    def broken(self: Any, batch: Any, *, is_stored: bool) -> None:
        if not is_stored:
            for item, _, _, respond, _ in batch.reports:
                respond(item, Verdict.DUH)
        settled(self, batch, is_stored=is_stored)

    return mock.patch.object(Ingest, "settled", broken)


def _sequence_alone() -> Any:
    """Account and sequence number alone make a repeat; a panel that restarts is merged away."""
    received = Ingest.received

    def broken(self: Any, incoming: Any, origin: Any, respond: Any) -> None:
        changed = {}

        def keyed(item: Any) -> Any:
            if type(item) is not Report or item.sequence is None or item.sequence == "0000":
                return item
            other = replace(item, identity=item.sequence.encode())
            changed[id(other)] = item
            return other

        def answer(item: Any, verdict: Verdict) -> None:
            respond(changed.get(id(item), item), verdict)

        received(self, [keyed(item) for item in incoming], origin, answer)

    return mock.patch.object(Ingest, "received", broken)


def _link_repeats_forever() -> Any:
    """A receiver's frame is the last one again, however long ago that was."""
    look = LinkRepeats.look

    def broken(self: Any, link: str, digest: bytes, now: float) -> Any:
        del now
        last = self._last.get(link)
        return look(self, link, digest, last.at if last else 0.0)

    return mock.patch.object(LinkRepeats, "look", broken)


def _repeat_answered_early() -> Any:
    """A repeat of a report that is on its way to the disk is acknowledged at once."""
    answer_as = Ingest._answer_as

    def broken(self: Any, item: Any, batch: Any, seen: Any) -> None:
        del seen
        from gateway.journal.repeats import Durable

        answer_as(self, item, batch, Durable.YES)

    return mock.patch.object(Ingest, "_answer_as", broken)


def _broken_link_forgets() -> Any:
    """What was under way when the broker's link broke is not published again."""

    def broken(self: Any, under_way: Any, *, is_by_peer: bool) -> None:
        del under_way, is_by_peer
        self._resends.clear()

    return mock.patch.object(Outbox, "link_down", broken)


def _order_turned() -> Any:
    """What waits last is published first."""
    add = Lanes.add

    def broken(self: Any, lane: Any, event: Any) -> None:
        add(self, lane, event)
        self._loaded[lane].rotate(1)

    return mock.patch.object(Lanes, "add", broken)


def _frame_dropped() -> Any:
    """What comes in the same turn as a system event is dropped in silence."""
    take = Ingest._take

    def broken(self: Any, reads: Any) -> None:
        take(self, reads[:1])

    return mock.patch.object(Ingest, "_take", broken)


def _half_frames_joined() -> Any:
    """Half a frame of one connection is joined to the next one's bytes."""
    made = Session.connection_made
    kept: dict[str, Any] = {}

    def broken(self: Any, transport: Any) -> None:
        made(self, transport)
        before = kept.get(self.origin.host)
        kept[self.origin.host] = self
        if before is not None and before._connection is not None:
            self._connection = before._connection

    return mock.patch.object(Session, "connection_made", broken)


def _replays_age_out() -> Any:
    """A repeat is known for a second, not for its window."""
    look = AccountRepeats.look

    def broken(self: Any, digest: bytes, now: float, window_s: float = 0.0) -> Any:
        del window_s
        at = self._young.get(digest, self._old.get(digest, now))
        return look(self, digest, now) if now - at < 1.0 else None

    return mock.patch.object(AccountRepeats, "look", broken)


FAULTS: dict[str, Callable[[], Any]] = {
    "early-ack": _early_ack,
    "no-flush": _no_flush,
    "confirm-on-puback": _confirm_on_puback,
    "key-with-timestamp": _key_with_timestamp,
    "lost-replay-cache": _lost_replay_cache,
    "window-sign": _window_sign,
    "heartbeat-when-full": _heartbeat_when_full,
    "cursor-too-early": _cursor_too_early,
    "priority-starves": _priority_starves,
    "unknown-code-dropped": _unknown_code_dropped,
    "udp-wrong-socket": _udp_wrong_socket,
    "foreign-id-confirmed": _foreign_id_confirmed,
    "anybody-confirms": _anybody_confirms,
    "failed-is-acknowledged": _failed_is_acknowledged,
    "failed-is-refused": _failed_is_refused,
    "sequence-alone": _sequence_alone,
    "link-repeats-forever": _link_repeats_forever,
    "repeat-answered-early": _repeat_answered_early,
    "broken-link-forgets": _broken_link_forgets,
    "order-turned": _order_turned,
    "frame-dropped": _frame_dropped,
    "half-frames-joined": _half_frames_joined,
    "replays-age-out": _replays_age_out,
}


@contextlib.contextmanager
def planted(name: str | None) -> Iterator[None]:
    """Run with one fault planted; with none for None."""
    if name is None:
        yield
        return
    with FAULTS[name]():
        yield
