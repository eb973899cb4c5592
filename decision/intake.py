"""Events of the gateway into the log: read, recorded in batches, confirmed after the commit.

A confirm says "this event has had its effect and that is durable", so it leaves only after
``take`` returned. An event that is known already is confirmed again: its confirm was lost. What is
not confirmed comes again, so nothing is remembered about the connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, cast, get_args

import msgspec
import structlog

from decision.alarm_signal import Signal, signal_of
from decision.engine import Taken
from decision.store import StoreError
from decision.vocabulary import AlarmType
from gateway.contract.event import AlarmEvent, Category, Kind
from gateway.contract.status import MAX_CONFIRM_IDS, Confirm
from gateway.contract.topics import Topics

BATCH_MOST: Final = 500  # events of one transaction
WAITING_MOST: Final = 20_000  # beyond it what comes is left for later: it comes again
RETRY_S: Final = 1.0  # after a commit that failed

_CATEGORIES: Final = frozenset(get_args(Category))
_KINDS: Final = frozenset(get_args(Kind))
_UNTYPED_SEVERITY: Final = 7  # where the gateway ranks an alarm that says nothing more
_log: Final = structlog.get_logger()
_event: Final = msgspec.json.Decoder(AlarmEvent).decode
_encode: Final = msgspec.json.Encoder().encode


class _Id(msgspec.Struct):
    id: str


_id_of: Final = msgspec.json.Decoder(_Id).decode


class Intake:
    """Takes what the uplink hears and answers through it."""

    def __init__(
        self,
        *,
        site: str,
        name: str,
        take: Callable[[Sequence[Signal]], Awaitable[Taken]],
        publish: Callable[[str, bytes], bool],
        count: Callable[[str], None] = lambda _name: None,
    ) -> None:
        """``name`` stands in the gateway's ``confirm_by``; ``take`` returns after the commit."""
        topics = Topics(site)
        self.topic: Final = topics.events
        """What the uplink must subscribe to."""
        self._name = name
        self._confirm_topic = topics.confirm(name)
        self._take = take
        self._publish = publish
        self._count = count
        self._waiting: dict[str, Signal] = {}
        self._has_work = asyncio.Event()
        self._is_idle = asyncio.Event()
        self.trouble = ""
        """Why events are not recorded; empty when they are."""
        self.failed: dict[str, str] = {}
        """Events that could not be decided -> why; they are not confirmed."""

    def received(self, topic: str, payload: bytes) -> None:
        """Queue one publication."""
        try:
            event_id = _id_of(payload).id
        except msgspec.DecodeError as error:
            # Not of this contract: never confirmed, so the gateway will tell.
            self._count("event_unreadable")
            _log.error("event.unreadable", topic=topic, error=str(error))
            return
        if len(self._waiting) >= WAITING_MOST:
            self._count("event_left_for_later")
            return
        # A repeat of what waits already is the same event.
        self._waiting[event_id] = read_signal(event_id, topic, payload)
        self._has_work.set()

    async def run(self) -> None:
        """Record what gathered while the commit before was running, then confirm it."""
        while True:
            await self._has_work.wait()
            ids = list(self._waiting)[:BATCH_MOST]
            batch = [self._waiting[one] for one in ids]
            try:
                taken = await self._take(batch)
            except StoreError as error:
                if not self.trouble:
                    _log.error("intake.stopped", reason=str(error))
                self.trouble = str(error)
                await asyncio.sleep(RETRY_S)
                continue
            if self.trouble:
                _log.info("intake.resumed")
                self.trouble = ""
            for one in ids:
                self._waiting.pop(one)
                self.failed.pop(one, None)
            self.failed.update(taken.failed)
            self.confirm(taken.confirm)
            if not self._waiting:
                self._has_work.clear()
                self._is_idle.set()

    async def idle(self) -> None:
        """Wait until everything that was received is recorded and confirmed."""
        while self._waiting:
            self._is_idle.clear()
            await self._is_idle.wait()

    def confirm(self, ids: Sequence[str]) -> None:
        """Confirm; without a connection the events come again, and then so does this."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        for start in range(0, len(ids), MAX_CONFIRM_IDS):
            some = tuple(ids[start : start + MAX_CONFIRM_IDS])
            self._publish(
                self._confirm_topic, _encode(Confirm(consumer=self._name, ids=some, time=now))
            )


def read_signal(event_id: str, topic: str, payload: bytes) -> Signal:
    """Read an event; one that a newer gateway spells otherwise becomes an alarm for a person."""
    try:
        return signal_of(_event(payload))
    except (msgspec.DecodeError, ValueError) as error:
        _log.warning("event.unfamiliar", event_id=event_id, topic=topic, error=str(error))
        return _unfamiliar(event_id, payload, str(error))


def _unfamiliar(event_id: str, payload: bytes, why: str) -> Signal:
    """Take what can be read; what cannot is put to an operator rather than left out."""
    whole: Any = msgspec.json.decode(payload)
    data = _table(whole.get("data"))
    account, code = _table(data.get("account")), _table(data.get("code"))
    kind, category = data.get("kind"), data.get("category")
    severity = data.get("severity")
    zone, area = _table(data.get("zone")), _table(data.get("area"))
    return Signal(
        event_id=event_id,
        group=str(account.get("group") or "main"),
        account=str(account.get("id") or ""),
        category=cast("Category", category if category in _CATEGORIES else "untyped"),
        kind=cast("Kind", kind if kind in _KINDS else "alarm"),
        alarm_type=AlarmType.OTHER,
        severity=severity if isinstance(severity, int) else _UNTYPED_SEVERITY,
        received_at=_time(data.get("received_at")) or _time(whole.get("time")) or datetime.now(UTC),
        area=_word(area.get("id")),
        zone=_word(zone.get("id")),
        code=f"{code.get('format', '?')} {code.get('value', '?')}",
        text=f"event of an unfamiliar form: {why}; it says: {data.get('text') or code.get('name')}",
        is_on_test=data.get("on_test") is True,
    )


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _word(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _time(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None
