"""How likely a crime is: this station's own estimate, 0 to 4, for an intrusion alarm.

The scale borrows the meaning of the five levels that the trade speaks of; the table below is
ours, and nothing here claims conformity to any standard. The operator is the final arbiter. A
level is never told alone: always with its words, the evidence and the place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Final

import msgspec

from decision.vocabulary import DispatchReason, ThreatLevel

RULE_VERSION: Final = "station-validation/1"
"""Changes whenever the table changes, so that a recorded level can be read later."""
LABEL: Final = "Station's own estimate, no standard's score"
LEVELS: Final = (
    "cancelled or cleared, no reason to believe in a crime",
    "intrusion signal with little or no further information",
    "human presence highly probable or certain, intent unknown",
    "threat to property, with evidence",
    "threat to people",
)
"""What each level means, in words that may be said in any message."""
SEQUENCE_WINDOW: Final = timedelta(seconds=120)
"""Trips of different interior zones this close together speak of a person walking."""
WORST: Final = len(LEVELS) - 1


class _Data(msgspec.Struct, frozen=True, kw_only=True):
    """Common settings."""


class Trip(_Data, frozen=True, kw_only=True):
    """One zone that went into alarm."""

    at: datetime
    zone: str
    partition: str
    is_interior: bool = False
    is_exit_entry: bool = False
    """Within the exit or entry window, or an exit/entry zone."""
    has_trouble: bool = False
    """Low battery or tamper on the same zone."""


class Arbiter(_Data, frozen=True, kw_only=True):
    """The operator's own level: it stands above the table."""

    level: int
    operator: str
    why: str


class ValidationInput(_Data, frozen=True, kw_only=True):
    """What the estimate looks at. Only intrusion alarms are estimated."""

    is_intrusion: bool = True
    trips: tuple[Trip, ...] = ()
    threat_level: ThreatLevel | None = None
    reason: DispatchReason | None = None
    is_authorised: bool = False
    is_cancelled: bool = False
    """A contact or user took it back, before or after the dispatch."""
    is_cleared: bool = False
    """Closed because no human activity was heard or seen."""
    has_property_evidence: bool = False
    """Breaking, tools, theft, heard or seen."""
    has_forced_entry: bool = False
    threatens_people: bool = False
    """Violence, a weapon, a cry for help; not a user's own hold-up or panic button."""
    nobody_should_be_there: bool = False
    """A contact said so."""
    video_shows_person: bool = False
    """Somebody whom nobody could name."""
    opened_recently: bool = False
    """A user disarmed shortly before."""
    in_test_window: bool = False
    swinger_count: int = 2
    """So many trips of one zone make it a swinger."""
    arbiter: Arbiter | None = None


class Assessment(_Data, frozen=True, kw_only=True):
    """The level with everything that made it."""

    level: int | None
    """None: not an intrusion alarm, so nothing is estimated."""
    words: str
    evidence: tuple[str, ...]
    lowered_by: tuple[str, ...]
    rule_version: str = RULE_VERSION
    label: str = LABEL
    computed: int | None = None
    """What the table says, where the operator decided otherwise."""
    arbiter: Arbiter | None = None

    @property
    def calls_for_service(self) -> bool:
        """Whether the level by itself speaks for a call."""
        return bool(self.level)


Check = Callable[[ValidationInput], bool]


class Row(_Data, frozen=True, kw_only=True):
    """One line of the table: when it holds, the level and how it is told."""

    level: int
    evidence: str
    holds: Check


def _is_sequence(given: ValidationInput) -> bool:
    """Two or more different interior zones of one partition within 120 s, not on the way out."""
    trips = sorted(
        (trip for trip in given.trips if trip.is_interior and not trip.is_exit_entry),
        key=lambda trip: trip.at,
    )
    return any(
        first.partition == second.partition
        and first.zone != second.zone
        and second.at - first.at <= SEQUENCE_WINDOW
        for index, first in enumerate(trips)
        for second in trips[index + 1 :]
    )


def _is_taken_back(given: ValidationInput) -> bool:
    """Nothing takes a TL3 back: AMB-P12."""
    return given.is_cancelled and given.threat_level != ThreatLevel.TL3


TABLE: Final[tuple[Row, ...]] = (
    Row(
        level=4,
        evidence="threat to people, heard or seen",
        holds=lambda given: given.threatens_people,
    ),
    Row(
        level=3,
        evidence="suspicious activity with signs of breaking, tools or theft",
        holds=lambda given: (
            given.threat_level == ThreatLevel.TL3
            and (given.has_property_evidence or given.has_forced_entry)
        ),
    ),
    Row(
        level=3,
        evidence="nobody should be there, and a forced entry was heard or seen",
        holds=lambda given: given.nobody_should_be_there and given.has_forced_entry,
    ),
    Row(
        level=3,
        evidence="activity not authorised, with signs of breaking, tools or theft",
        holds=lambda given: (
            given.reason == DispatchReason.ACTIVITY_NOT_AUTHORIZED and given.has_property_evidence
        ),
    ),
    Row(
        level=2,
        evidence="suspicious activity, without signs of breaking, tools or theft",
        holds=lambda given: given.threat_level == ThreatLevel.TL3,
    ),
    Row(
        level=2,
        evidence="a person was heard, nothing suspicious made out",
        holds=lambda given: given.threat_level == ThreatLevel.TL2,
    ),
    Row(
        level=2,
        evidence="activity that nobody authorised",
        holds=lambda given: (
            given.reason == DispatchReason.ACTIVITY_NOT_AUTHORIZED or given.nobody_should_be_there
        ),
    ),
    Row(
        level=2,
        evidence="video shows a person nobody could name",
        holds=lambda given: given.video_shows_person,
    ),
    Row(
        level=2,
        evidence="different interior zones within 120 seconds",
        holds=_is_sequence,
    ),
    Row(level=1, evidence="intrusion signal", holds=lambda _: True),
)
"""First row that holds, the highest levels first."""

CLEARED: Final[tuple[tuple[str, Check], ...]] = (
    ("activity authorised", lambda given: given.is_authorised),
    ("cancelled", _is_taken_back),
    ("no human activity, closed", lambda given: given.is_cleared),
)
"""What alone decides for level 0."""


def _same_zone_often(given: ValidationInput) -> bool:
    zones = [trip.zone for trip in given.trips]
    return any(zones.count(zone) >= given.swinger_count for zone in set(zones))


LOWERING: Final[tuple[tuple[str, Check], ...]] = (
    ("opened by a user shortly before", lambda given: given.opened_recently),
    (
        "exit or entry zone only",
        lambda given: bool(given.trips) and all(trip.is_exit_entry for trip in given.trips),
    ),
    ("one zone again and again", _same_zone_often),
    ("within an open test window", lambda given: given.in_test_window),
    (
        "low battery or tamper on the same zone",
        lambda given: any(trip.has_trouble for trip in given.trips),
    ),
)
"""What lowers by one, together, never below 1. It never touches a threat to people (ours)."""


def assess(given: ValidationInput) -> Assessment:
    """Estimate from scratch; call it again on each fact and forward the change (PPVAR-5.8)."""
    if not given.is_intrusion:
        return Assessment(
            level=None, words="no intrusion alarm, not estimated", evidence=(), lowered_by=()
        )
    level, evidence, lowered_by = _computed(given)
    arbiter = given.arbiter
    told = level if arbiter is None else min(max(arbiter.level, 0), WORST)
    if arbiter is not None:
        evidence = (*evidence, f"operator {arbiter.operator} decided {told}: {arbiter.why}")
    return Assessment(
        level=told,
        words=LEVELS[told],
        evidence=evidence,
        lowered_by=lowered_by,
        computed=level,
        arbiter=arbiter,
    )


def _computed(given: ValidationInput) -> tuple[int, tuple[str, ...], tuple[str, ...]]:
    cleared = tuple(told for told, holds in CLEARED if holds(given))
    if cleared:
        return 0, cleared, ()
    rows = tuple(row for row in TABLE if row.holds(given))
    level = max(row.level for row in rows)
    lowered_by = tuple(_lowered(given, level))
    if lowered_by:
        level = max(1, level - 1)
    return level, tuple(row.evidence for row in rows), lowered_by


def _lowered(given: ValidationInput, level: int) -> Iterator[str]:
    if level < WORST:
        yield from (told for told, holds in LOWERING if holds(given))


def changed(before: Assessment | None, now: Assessment) -> str:
    """Tell in words what an update to responders has to say; empty when the level stands."""
    if before is None or now.level is None or before.level == now.level:
        return ""
    return f"our estimate is now {now.level} of {WORST}: {now.words}"
