"""A scenario whose words have become facts and instants: what the runner works on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from decision.alarm_signal import Signal
from decision.facts import Actor, Fact
from decision.ledger.facts import LedgerFact
from decision.packs.model import Pack
from decision.people import PersonFact
from decision.requirements import Standing
from decision.scenarios.form import Expect, Scenario
from decision.settings import Settings
from decision.site import Site


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """One step: when, who, what, and what must be so."""

    number: int
    """1 for the first."""
    at: datetime
    """Aware UTC."""
    says: str
    actor: Actor
    expect: Expect
    signal: Signal | None = None
    fact: Fact | None = None
    incident: str = ""
    ledger: LedgerFact | None = None
    system: str = ""
    person: PersonFact | None = None
    operator: str = ""
    """Whom a fact about a person is about, or who wants to handle audio alarms."""
    asks_competence: bool = False


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """A whole scenario, ready to run."""

    file: str
    scenario: Scenario
    zone: ZoneInfo
    """Time zone of its local times."""
    site: Site
    settings: Settings
    pack: Pack | None
    packs: Mapping[str, Pack]
    standing: Standing | None
    """As given; None: as the ledger says."""
    moments: tuple[Moment, ...]
