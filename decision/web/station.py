"""What the API and the console need of the station: read states, record facts. Nothing else.

The engine is behind it in the real process; a log in memory in the tests of the pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import msgspec

from decision.context import Context
from decision.facts import Actor, Recorded
from decision.ledger.state import SystemState
from decision.packs.model import Pack
from decision.people import People
from decision.site import Site
from decision.state import IncidentState, Step


class StationInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Who we are."""

    name: str
    callback: str
    """Number at which responders reach us."""
    zone: ZoneInfo
    """Of the clock on the wall."""


class Station(Protocol):
    """One station."""

    @property
    def info(self) -> StationInfo:
        """Who we are."""
        ...

    def incidents(self, *, is_open: bool, limit: int = 200) -> Sequence[IncidentState]:
        """Open ones, or those that ended last."""
        ...

    def incident(self, incident_id: str) -> IncidentState | None:
        """One incident."""
        ...

    def context(self, incident_id: str) -> Context:
        """What a decision about it would look at now. Raises KeyError."""
        ...

    def systems(self) -> Sequence[SystemState]:
        """All alarm systems with an entry in the ledger or the site file."""
        ...

    def system(self, system_id: str) -> SystemState | None:
        """One alarm system."""
        ...

    def site_of(self, system_id: str) -> Site | None:
        """The site that the alarm system protects."""
        ...

    def pack(self, system_id: str) -> Pack | None:
        """The pack of its jurisdiction; None: unknown."""
        ...

    def people(self) -> People:
        """Training and supervision."""
        ...

    async def history(self, subject: str) -> Sequence[Recorded]:
        """Every fact of a subject, oldest first."""
        ...

    async def log(
        self, *, before: int | None, limit: int, actor: str = "", subject: str = ""
    ) -> Sequence[Recorded]:
        """Facts of everything, latest first."""
        ...

    async def record(self, subject: str, fact: Any, actor: Actor, *, now: datetime) -> Step | None:
        """Store a fact durably and fold it; the step, where the subject is an incident."""
        ...
