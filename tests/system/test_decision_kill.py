"""kill -9 of the decision core under load: no event without effect, none with two.

Simulated panels report to a real gateway, which publishes over a real Mosquitto. The core is
killed again and again at the very moment when one of its confirms is read. In the end every event
of the gateway's journal has exactly one fact in the core's log, the chain of the log holds, and
nothing is outstanding at the gateway. The same check must catch a core that confirms before its
commit.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import sys
from collections import Counter
from functools import partial
from random import Random

import msgspec
import pytest

from decision import incidents
from decision.facts import EventReceived
from decision.store import codec, verify
from gateway.contract.client import MqttClient
from gateway.contract.topics import Topics
from gateway.journal import Reader
from simulators.ledger import Ledger
from simulators.load import Fleet, LoadSettings
from tests.support.core_process import LAUNCH, CoreProcess
from tests.support.station import Station, until

CYCLES = int(os.environ.get("DECISION_KILL_CYCLES", "12"))
BROKEN_CYCLES = 4
EARLY_CONFIRM = (sys.executable, "-m", "tests.support.broken_builds", "early_confirm")

pytestmark = [pytest.mark.system, pytest.mark.mosquitto]


class ConfirmWatch:
    """Hears the core's confirms and acts at the n-th from now on."""

    def __init__(self, address):
        self._client = MqttClient(
            address,
            identifier="confirm-watch",
            on_message=self._heard,
            on_lost=lambda _reason, _is_by_peer: None,
        )
        self.confirmed: set[str] = set()
        self._left, self._act = 0, None

    async def __aenter__(self):
        await self._client.open()
        await self._client.subscribe_to([Topics("test").confirms])
        return self

    async def __aexit__(self, *_what):
        await self._client.shut()

    def at(self, count, act):
        self._left, self._act = count, act

    def _heard(self, _topic, payload):
        self.confirmed |= set(msgspec.json.decode(payload)["ids"])
        if self._act is None:
            return
        self._left -= 1
        if self._left <= 0:
            act, self._act = self._act, None
            act()


class Found(msgspec.Struct):
    """What the two logs say in the end."""

    journalled: set[str]
    """Events of the gateway."""
    effects: Counter[str]
    """Event id -> facts that carry it."""
    signals: Counter[str]
    """Event id -> times it stands in any incident or site log as the thing that happened."""
    opened: Counter[str]
    confirmed: set[str]
    broken: object
    rows: list

    @property
    def missing(self):
        return self.journalled - set(self.effects)

    @property
    def foreign(self):
        return set(self.effects) - self.journalled


async def kill_cycles(folder, broker, cycles, launch=LAUNCH) -> Found:
    """Play the story; read both logs."""
    load = LoadSettings(
        host="127.0.0.1",
        port=0,
        panels=40,
        rate=150.0,
        seconds=3600.0,
        drain_s=30.0,
        duplicates=0.05,
        seed=7,
    )
    gateway = Station(folder, accounts=load.accounts(), broker=broker.address.url)
    fleet = Fleet(dataclasses.replace(load, port=gateway.port), Ledger(keeps_bytes=False))
    (folder / "core").mkdir()
    core = CoreProcess(folder / "core", broker=broker.address.url, launch=launch)
    dice, loop = Random(4711), asyncio.get_running_loop()
    await gateway.start()
    running = asyncio.create_task(fleet.run())
    try:
        async with ConfirmWatch(broker.address) as watch:
            for _ in range(cycles):
                # At the confirm itself, or a moment later: in the middle of the next batch.
                later_s = dice.choice((0.0, dice.uniform(0.0, 0.02)))
                watch.at(dice.randint(1, 25), partial(loop.call_later, later_s, core.kill_now))
                await core.start()
                assert await core.ended() == -9
            await core.start()
            fleet.stop()
            await running

            async def is_drained():
                return (await gateway.ask(do="health"))["outstanding"] == 0

            await until(is_drained, timeout_s=60)
            assert await core.stop() == 0
            # Before the gateway journals that it stops.
            end = found(gateway, core, set(watch.confirmed))
        assert await gateway.stop() == 0
    finally:
        core.kill_now()
        gateway.kill_now()
        fleet.stop()
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
    assert fleet.ledger.summary().acknowledged > cycles * 10  # it was under load indeed
    return end


def found(gateway: Station, core: CoreProcess, confirmed: set[str]) -> Found:
    reader = Reader(gateway.journal)
    try:
        journalled = {record.event_id for record in reader.list(limit=10_000_000)}
    finally:
        reader.close()
    rows = core.rows()
    signals: Counter[str] = Counter()
    opened: Counter[str] = Counter()
    for row in rows:
        fact = codec.decode(row).fact
        if isinstance(fact, EventReceived):
            signals[fact.signal.event_id] += 1
        if row.subject == f"incident/{row.event_id}":
            opened[row.event_id] += 1
    return Found(
        journalled=journalled,
        effects=Counter(row.event_id for row in rows if row.event_id),
        signals=signals,
        opened=opened,
        confirmed=confirmed,
        broken=verify(iter(rows))[2],
        rows=rows,
    )


async def test_no_event_is_without_effect_and_none_has_two(tmp_path, mosquitto):
    end = await kill_cycles(tmp_path, mosquitto, CYCLES)
    assert not end.missing
    assert not end.foreign
    assert set(end.effects.values()) == {1}
    assert set(end.signals.values()) == {1}
    assert end.confirmed == end.journalled
    assert end.broken is None
    assert len(end.opened) >= 40
    fold_again(end.rows)


def fold_again(rows):
    """Every incident folds, and holds each of its events once."""
    by_subject: dict[str, list] = {}
    for row in rows:
        if row.subject.startswith(codec.INCIDENT):
            by_subject.setdefault(row.subject, []).append(codec.decode(row))
    for recorded in by_subject.values():
        state = incidents.fold(recorded)
        ids = [signal.event_id for signal in (*state.signals, *state.others)]
        assert len(ids) == len(set(ids))


async def test_a_core_that_confirms_before_its_commit_is_caught(tmp_path, mosquitto):
    end = await kill_cycles(tmp_path, mosquitto, BROKEN_CYCLES, launch=EARLY_CONFIRM)
    assert end.missing
    assert end.missing <= end.confirmed
