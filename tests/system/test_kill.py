"""kill -9 under load, at the moment an ACK is read: nothing acknowledged is missing (REL-1, A1).

A fleet of simulated panels (TCP, UDP, plain, AES) and a Sur-Gard receiver on a pty report without
pause and keep a ledger of their own. The gateway is killed again and again at the very moment when
an answer is read. In the end every acknowledged report is in the journal and at the confirming
consumer, with one event id for each transmission. The same check must catch a gateway that
acknowledges before the commit.
"""

from __future__ import annotations

import os
import sys
from random import Random

import pytest

from gateway.contract.address import BrokerAddress
from gateway.contract.consumer import ConfirmingConsumer
from gateway.journal import Reader
from simulators.evidence import read_event
from simulators.ledger import Comparison
from tests.support.fleet import KEY, RECEIVER_ACCOUNT, Callers
from tests.support.station import LAUNCH, Station, until

CYCLES = int(os.environ.get("KILL_CYCLES", "50"))
BROKEN_CYCLES = 12
EARLY_ACK = (sys.executable, "-m", "tests.support.broken_builds", "early_ack")

pytestmark = pytest.mark.system


class Effects:
    """What the core effected, as (event id, key) pairs."""

    def __init__(self):
        self.events = []

    def __call__(self, received):
        if b'"system"' not in received.payload:
            self.events.append(read_event(received.payload))


async def kill_cycles(
    folder, broker: BrokerAddress, cycles: int, launch=LAUNCH, during=None
) -> tuple[Comparison, Comparison, Callers]:
    """Play the story; compare the ledger with the journal and with the core."""
    serial = folder / "serial"
    callers = Callers(0, serial)
    accounts = callers.settings.accounts()
    station = Station(
        folder,
        accounts=accounts,
        encrypted=callers.settings.encrypted_accounts(),
        key=KEY,
        broker=broker.url,
        serial=serial,
        launch=launch,
        # Kill upon kill can keep the receiver from being heard for longer than the 15 s in which
        # a repeat is one by default (REL-35); the window must outlive the outage that we make.
        extra="[ingest]\nlink_repeat_s = 600.0",
    )
    callers = Callers(station.port, serial)
    effects = Effects()
    core = ConfirmingConsumer(broker, site="test", name="core-1", on_event=effects)
    core.start()
    dice = Random(4711)
    try:
        async with callers:
            for cycle in range(cycles):
                await station.start()
                callers.on_answer(dice.randint(1, 120), station.kill_now)
                if during is not None:
                    await during(cycle)
                await station.ended()
            await station.start()
            await callers.finish()

            async def is_drained():
                return (await station.ask(do="health"))["outstanding"] == 0

            await until(is_drained, timeout_s=60)
            assert await station.stop() == 0
    finally:
        station.kill_now()
        await core.stop()
    assert callers.ledger.summary().acknowledged > cycles  # it was under load indeed
    return journalled(station, callers), callers.ledger.compare(effects.events), callers


def journalled(station: Station, callers: Callers) -> Comparison:
    reader = Reader(station.journal)
    try:
        records = reader.list(limit=10_000_000)
    finally:
        reader.close()
    assert all(record.is_intact for record in records)
    assert len({record.event_id for record in records}) == len(records)
    return callers.ledger.compare(
        read_event(record.json) for record in records if record.class_ != "system"
    )


def told(comparison: Comparison) -> str:
    return (
        f"missing {comparison.missing[:5]}, doubled {comparison.doubled[:5]}, "
        f"foreign {comparison.foreign[:5]}"
    )


@pytest.mark.mosquitto
async def test_nothing_acknowledged_is_missing_after_kills(tmp_path, mosquitto):
    on_disk, at_core, _ = await kill_cycles(tmp_path, mosquitto.address, CYCLES)
    assert on_disk.is_clean, told(on_disk)
    assert at_core.is_clean, told(at_core)


@pytest.mark.mosquitto
async def test_a_gateway_that_acknowledges_before_the_commit_is_caught(tmp_path, mosquitto):
    on_disk, _, _ = await kill_cycles(tmp_path, mosquitto.address, BROKEN_CYCLES, launch=EARLY_ACK)
    assert on_disk.missing


@pytest.mark.mosquitto
async def test_a_broker_that_forgets_everything_costs_nothing(tmp_path, mosquitto):
    """The broker is killed under load and comes back empty, three times (REL-42, A6)."""

    async def wipe_broker(cycle):
        if cycle % 2 == 0:
            mosquitto.kill()
            await mosquitto.start()

    on_disk, at_core, _ = await kill_cycles(tmp_path, mosquitto.address, 6, during=wipe_broker)
    assert on_disk.is_clean, told(on_disk)
    assert at_core.is_clean, told(at_core)


def test_the_receivers_accounts_are_its_own():
    """Or the ledger could not tell a panel's event from the receiver's."""
    accounts = Callers(1, None).settings.accounts()
    assert not {str(int(RECEIVER_ACCOUNT) + n) for n in range(40)} & set(accounts)
