"""What the core says on MQTT, retained: its status and the list of suspended addresses (SJ-C7)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from itertools import groupby
from typing import Final

import msgspec

from decision import ledger, topics
from decision.clock import Clock
from decision.engine import Change, Engine
from decision.ledger import SuspendedRow
from decision.store import Store, codec

STATUS_EVERY_S: Final = 15.0


def suspended_rows(engine: Engine) -> tuple[SuspendedRow, ...]:
    """The list of all jurisdictions, by address."""
    rows: list[SuspendedRow] = []

    def jurisdiction(system: ledger.SystemState) -> str:
        pack = engine.pack_of(system.system)
        return "" if pack is None else pack.id

    listed = sorted(engine.listed(), key=jurisdiction)
    for name, states in groupby(listed, jurisdiction):
        pack = engine.profiles.pack(name)
        if pack is not None:
            rows += ledger.suspended(states, pack)
    return tuple(rows)


class Publishing:
    """Keeps both topics up to date. On the loop."""

    def __init__(  # noqa: PLR0913  each comes from outside, all by name
        self,
        *,
        site: str,
        version: str,
        engine: Engine,
        store: Store,
        clock: Clock,
        retain: Callable[[str, bytes], None],
        degraded: Callable[[], Mapping[str, str]],
    ) -> None:
        """``degraded``: what is not well -> why."""
        self._site = site
        self._version = version
        self._engine = engine
        self._store = store
        self._clock = clock
        self._retain = retain
        self._degraded = degraded
        self._rows: tuple[SuspendedRow, ...] | None = None
        self._ledger_changed = asyncio.Event()

    async def run(self) -> None:
        """Publish now, on every change of the list, and the status now and then."""
        loop = asyncio.get_running_loop()

        def heard(changes: tuple[Change, ...]) -> None:
            if any(change.subject.startswith(codec.SYSTEM) for change in changes):
                with contextlib.suppress(RuntimeError):  # the loop may be gone by now
                    loop.call_soon_threadsafe(self._ledger_changed.set)

        end = self._engine.subscribe(heard)
        try:
            while True:
                self._ledger_changed.clear()
                self.suspended()
                self._retain(topics.status(self._site), self.status("online"))
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(STATUS_EVERY_S):
                        await self._ledger_changed.wait()
        finally:
            end()

    def suspended(self) -> None:
        """Publish the list if it is another one than last time."""
        rows = suspended_rows(self._engine)
        if rows == self._rows:
            return
        self._rows = rows
        message = topics.SuspendedList(site=self._site, time=self._time(), systems=rows)
        self._retain(topics.suspended(self._site), msgspec.json.encode(message))

    def status(self, state: str) -> bytes:
        """How it goes, with the head of the log, which others may keep."""
        last = self._store.latest(limit=1)
        head = topics.Head(seq=last[0].seq, digest=last[0].digest.hex()) if last else None
        return msgspec.json.encode(
            topics.Status(
                state="online" if state == "online" else "offline",
                time=self._time(),
                version=self._version,
                degraded=dict(self._degraded()),
                counts=dict(self._engine.counts()),
                head=head,
            )
        )

    def _time(self) -> str:
        now = self._clock.now().isoformat(timespec="milliseconds")
        return now.replace("+00:00", "Z")
