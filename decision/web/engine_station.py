"""The engine as the pages and the API see it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import structlog

from decision.audit import AuditFact
from decision.context import Context
from decision.engine.change import Change, UnknownSubject
from decision.engine.engine import Engine
from decision.facts import Actor, Recorded
from decision.ledger import Step as LedgerStep
from decision.ledger.state import SystemState
from decision.packs.model import Pack
from decision.people import People
from decision.site import Site
from decision.state import IncidentState, Step
from decision.store import StoreError
from decision.web.routes import Problem
from decision.web.station import StationInfo
from decision.web.stream import Stream

_log: Final = structlog.get_logger()
_PAGE: Final = 500
MOST_LOOKED_AT: Final = 20_000
"""Facts that one filtered page of the audit looks through."""


class EngineStation:
    """``Station`` over an engine; tells the stream of every transaction."""

    def __init__(self, engine: Engine, info: StationInfo, stream: Stream) -> None:
        self._engine = engine
        self._info = info
        self._stream = stream
        engine.subscribe(self._changed)

    def _changed(self, changes: tuple[Change, ...]) -> None:
        last = {change.subject: change.recorded.seq for change in changes}
        for subject, seq in last.items():
            self._stream.tell(subject, seq)

    @property
    def info(self) -> StationInfo:
        """See ``Station``."""
        return self._info

    def incidents(self, *, is_open: bool, limit: int = 200) -> Sequence[IncidentState]:
        """See ``Station``."""
        if is_open:
            return self._engine.open_incidents()[:limit]
        return self._engine.ended_incidents(limit=limit)

    def incident(self, incident_id: str) -> IncidentState | None:
        """See ``Station``."""
        return self._engine.incident(incident_id)

    def context(self, incident_id: str) -> Context:
        """See ``Station``."""
        return self._engine.context(incident_id)

    def systems(self) -> Sequence[SystemState]:
        """See ``Station``."""
        return self._engine.systems()

    def system(self, system_id: str) -> SystemState | None:
        """See ``Station``."""
        known = self._engine.site_of(system_id) is not None
        if not known and not self._engine.history(f"system/{system_id}"):
            return None
        return self._engine.system(system_id)

    def site_of(self, system_id: str) -> Site | None:
        """See ``Station``."""
        return self._engine.site_of(system_id)

    def pack(self, system_id: str) -> Pack | None:
        """See ``Station``."""
        return self._engine.pack_of(system_id)

    def people(self) -> People:
        """See ``Station``."""
        return self._engine.people

    async def history(self, subject: str) -> Sequence[Recorded]:
        """See ``Station``."""
        return await asyncio.to_thread(self._engine.history, subject)

    async def log(
        self, *, before: int | None, limit: int, actor: str = "", subject: str = ""
    ) -> Sequence[Recorded]:
        """See ``Station``."""
        return await asyncio.to_thread(self._log, before, limit, actor, subject)

    def _log(self, before: int | None, limit: int, actor: str, subject: str) -> list[Recorded]:
        found: list[Recorded] = []
        looked_at = 0
        while len(found) < limit and looked_at < MOST_LOOKED_AT:
            page = self._engine.log(before_seq=before, limit=_PAGE, prefix=subject)
            found += [one for one in page if actor in ("", one.actor.id)]
            looked_at += len(page)
            if len(page) < _PAGE:
                break
            before = page[-1].seq
        return found[:limit]

    async def record(self, subject: str, fact: Any, actor: Actor, *, now: datetime) -> Step | None:
        """See ``Station``. The engine stamps the fact with its own clock, which is ``now``."""
        del now
        try:
            change = await self._engine.submit(subject, fact, actor)
        except UnknownSubject as error:
            raise Problem(404, str(error)) from None
        except StoreError as error:
            _log.error("fact.not_recorded", subject=subject, reason=str(error))
            raise Problem(
                503, f"Nothing was recorded: the store cannot write ({error}). Try again."
            ) from None
        if isinstance(change.step, LedgerStep) and change.step.is_refused:
            words = "; ".join(reason.text for reason in change.step.reasons)
            raise Problem(409, f"Recorded, and it cannot stand: {words or 'see the history'}.")
        return change.incident

    async def audit(self, user_id: str, fact: AuditFact) -> None:
        """Store a fact about a person (``AuditLog``)."""
        actor = Actor(kind="operator", id=user_id)
        await self._engine.submit(f"operator/{user_id}", fact, actor)
