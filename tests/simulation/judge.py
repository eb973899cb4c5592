"""The verdict once the world has come to rest: ledger, journal and consumers held together."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import msgspec

from simulators.ledger import Outcome
from tests.simulation.disk import Row
from tests.simulation.ground import Telling

if TYPE_CHECKING:
    from tests.simulation.simulation import Simulation

LINK_WINDOW_S = 15.0  # REL-35
SETTLED_BEFORE_S = 1.0  # margin of what counts as inside a window


def judge(world: Simulation) -> None:
    """Hold everything to everything; call it at rest, with the gateway running."""
    _everybody_was_heard(world)
    _everything_was_delivered(world)
    _once_in_effect(world)
    _nothing_was_discarded(world)


def _everybody_was_heard(world: Simulation) -> None:
    witness = world.witness
    for transmission in world.callers.ledger.transmissions:
        if transmission.outcome is Outcome.WAITING and not transmission.is_link_test:
            witness.breaks("at least once", f"{transmission.id} is not heard although all is well")
    for telling in witness.ground.tellings.values():
        transmission = telling.transmission
        if transmission.is_link_test:
            continue
        if transmission.outcome is Outcome.ACKNOWLEDGED and not witness.is_durable(telling):
            witness.breaks("durability", f"{transmission.id} was acknowledged and is not there")
        elif transmission.outcome is Outcome.REFUSED:
            witness.breaks("honest refusal", f"{transmission.id} was refused although it is good")


def _everything_was_delivered(world: Simulation) -> None:
    witness, disk = world.witness, world.disk
    for row in disk.rows.values():
        if row.event_id not in disk.done:
            witness.breaks("at least once", f"event {row.seq} of {row.account} is not done")
        for core in world.cores:
            known = core.known.get(row.event_id)
            if core.is_named and known is None:
                witness.breaks("at least once", f"event {row.seq} never reached {core.name}")
            elif core.is_named and known != row.json:
                witness.breaks("immutable", f"event {row.seq} reached {core.name} changed")
    for core in world.cores:
        for event_id in core.changed:
            witness.breaks("immutable", f"{event_id} came to {core.name} with different bytes")


def _once_in_effect(world: Simulation) -> None:
    witness = world.witness
    for telling in witness.ground.tellings.values():
        rows = _rows_of(world, telling)
        if not rows:
            continue
        reports = list({row.report_id: row for row in rows}.values())
        reports.sort(key=lambda row: row.seq)
        _check_said(world, telling, reports[0])
        if any(len(witness.ground.by_raw[raw]) > 1 for raw in telling.frames):
            continue  # other alarms have the same bytes: those are counted
        for first, second in pairwise(reports):
            if not _may_be_two(world, telling, first, second):
                witness.breaks(
                    "once in effect",
                    f"{telling.transmission.id} is event {first.seq} and {second.seq}, "
                    f"{second.at - first.at:.1f} s apart",
                )
    for raw, tellings in witness.ground.by_raw.items():
        acknowledged = sum(one.transmission.outcome is Outcome.ACKNOWLEDGED for one in tellings)
        if len(tellings) > 1 and not tellings[0].transmission.is_link_test:
            reports_of = {row.report_id for row in world.disk.by_raw.get(raw, ())}
            if len(reports_of) < acknowledged:
                witness.breaks(
                    "no wrong merge",
                    f"{acknowledged} alarms in the same words are {len(reports_of)} events",
                )


def _rows_of(world: Simulation, telling: Telling) -> list[Row]:
    by_raw = world.disk.by_raw
    return [row for raw in telling.frames for row in by_raw.get(raw, ())]


def _may_be_two(world: Simulation, telling: Telling, first: Row, second: Row) -> bool:
    if world.witness.is_excused(first, second):
        return True
    if telling.is_receiver:
        before = [at for at in telling.reached_at if at < second.at - 0.01]
        return not before or second.at - before[-1] > LINK_WINDOW_S - SETTLED_BEFORE_S
    window_s = world.config.ingest.duplicate_window_s
    return second.at - first.at > window_s - SETTLED_BEFORE_S


class _Code(msgspec.Struct):
    value: str
    known: bool


class _Account(msgspec.Struct):
    id: str
    group: str


class _Data(msgspec.Struct):
    code: _Code
    account: _Account


class _Event(msgspec.Struct):
    data: _Data


_decode: Any = msgspec.json.Decoder(_Event).decode


def _check_said(world: Simulation, telling: Telling, row: Row) -> None:
    data, transmission = _decode(row.json).data, telling.transmission
    if data.code.known is not telling.is_known_code:
        world.witness.breaks("unknown codes", f"event {row.seq}: known is {data.code.known}")
    said = (data.account.group, data.account.id, data.code.value)
    sent = (telling.group, transmission.account, transmission.code)
    if said != sent:
        world.witness.breaks("no wrong merge", f"event {row.seq} says {said}, sent was {sent}")


def _nothing_was_discarded(world: Simulation) -> None:
    handled, reached = world.lives.handled(), world.witness.ground.reached_good
    if handled != reached:
        world.witness.breaks(
            "no silent discard", f"{reached} frames reached this life, {handled} are accounted for"
        )
