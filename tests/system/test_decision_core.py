"""The core as a process: events to incidents and the console, signals, what it says on MQTT."""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3

import httpx
import msgspec
import pytest

from decision.accounts.users import User, Users
from decision.store import codec
from gateway.contract.client import MqttClient
from gateway.contract.ledger import Received
from tests.support.contract import EXAMPLE
from tests.support.core_process import CoreProcess
from tests.support.station import until

pytestmark = [pytest.mark.system, pytest.mark.mosquitto]

EVENT = "alarm-gateway/v1/test/event/alarm/1234"


def event(number: int, **data) -> bytes:
    return msgspec.json.encode(EXAMPLE | {"id": f"e-{number}", "data": EXAMPLE["data"] | data})


class Desk:
    """A gateway's side of the broker, in the test's hand."""

    def __init__(self, address):
        self.heard: list[Received] = []
        self._client = MqttClient(
            address,
            identifier="desk",
            on_message=lambda topic, payload: self.heard.append(Received("", topic, payload)),
            on_lost=lambda _reason, _is_by_peer: None,
        )

    async def __aenter__(self):
        await self._client.open()
        await self._client.subscribe_to(["alarm-core/v1/test/#", "alarm-gateway/v1/test/confirm/+"])
        return self

    async def __aexit__(self, *_what):
        await self._client.shut()

    def publish(self, payload):
        self._client.publish_nowait(EVENT, payload)

    def last(self, topic):
        return next(
            (json.loads(one.payload) for one in reversed(self.heard) if one.topic == topic), None
        )

    def confirmed(self):
        return [
            event_id
            for one in self.heard
            if one.topic.endswith("/confirm/core-1")
            for event_id in json.loads(one.payload)["ids"]
        ]


@pytest.fixture
async def desk(mosquitto):
    async with Desk(mosquitto.address) as one:
        yield one


@pytest.fixture
async def core(tmp_path, mosquitto):
    one = CoreProcess(tmp_path, broker=mosquitto.address.url, http=True)
    yield one
    one.kill_now()
    if one.process is not None:
        await one.ended()


def status(desk):
    return desk.last("alarm-core/v1/test/status")


async def is_online(desk):
    await until(lambda: (status(desk) or {}).get("state") == "online")


async def test_an_event_becomes_an_incident_and_is_confirmed(core, desk):
    await core.start()
    await is_online(desk)
    desk.publish(event(1))
    desk.publish(event(1))
    await until(lambda: desk.confirmed().count("e-1") >= 1)
    assert await core.stop() == 0
    assert [row.event_id for row in core.rows() if row.event_id] == ["e-1"]
    assert status(desk)["state"] == "offline"


async def test_it_says_goodbye_and_by_kill_the_broker_says_it(core, desk):
    await core.start()
    await is_online(desk)
    core.kill_now()
    await until(lambda: status(desk)["state"] == "offline")
    assert "time" not in status(desk)  # the last will


async def test_a_known_event_is_confirmed_again_after_a_restart(core, desk):
    await core.start()
    await is_online(desk)
    desk.publish(event(1))
    await until(lambda: desk.confirmed() == ["e-1"])
    core.kill_now()
    await core.ended()
    desk.heard.clear()
    await core.start()
    await is_online(desk)
    desk.publish(event(1))
    await until(lambda: desk.confirmed() == ["e-1"])
    assert await core.stop() == 0
    assert len([row for row in core.rows() if row.event_id]) == 1


async def test_a_second_core_is_told_who_has_the_store(core, tmp_path, mosquitto):
    await core.start()
    (tmp_path / "other").mkdir()
    other = CoreProcess(tmp_path / "other", broker=mosquitto.address.url)
    text = other.config.read_text().replace(str(other.store), str(core.store))
    other.config.write_text(text)
    with pytest.raises(AssertionError, match=f"in use by process {core.process.pid}"):
        await other.start()
    assert await other.ended() == 2


async def test_a_reload_takes_the_sites_over_and_a_broken_file_keeps_the_old(core, desk):
    await core.start()
    await is_online(desk)
    (core.folder / "sites.toml").write_text('[[site]]\naccount = "1234"\nname = "New name"\n')
    core.signal(signal.SIGHUP)
    await until(lambda: core.logged("reload.done"))
    desk.publish(event(1))
    await until(desk.confirmed)
    (core.folder / "sites.toml").write_text("[[site]]\nacount = 1\n")
    core.signal(signal.SIGHUP)
    await until(lambda: core.logged("reload.refused"))
    assert "acount" in str(core.logged("reload.refused"))
    desk.publish(event(2, account={"group": "main", "id": "99", "known": True}))
    await until(lambda: len(desk.confirmed()) == 2)
    assert await core.stop() == 0
    taken = [codec.decode(row).fact for row in core.rows() if row.kind == "ContextTaken"]
    assert [one.site.name for one in taken] == ["New name", ""]


async def test_the_console_is_served_and_a_stop_waits_for_no_open_page(core):
    await core.start()
    port = core.logged("core.ready")[0]["http"]
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        answer = await client.get("/sign-in")
        assert answer.status_code == 200
        assert (await client.get("/", follow_redirects=False)).status_code in {302, 303, 401}
    before = asyncio.get_running_loop().time()
    assert await core.stop() == 0
    assert asyncio.get_running_loop().time() - before < 5


async def test_the_suspended_list_is_there_for_whoever_comes_later(core, desk, mosquitto):
    """SJ-C7: retained, under the core's own root; empty is said as well."""
    await core.start()
    await is_online(desk)
    async with Desk(mosquitto.address) as later:
        await until(lambda: later.last("alarm-core/v1/test/suspended"))
        told = later.last("alarm-core/v1/test/suspended")
    assert told["site"] == "test"
    assert told["systems"] == []


async def test_accounts_changed_in_the_file_are_part_of_the_record(core):
    users = Users(path=core.folder / "users.json")
    anna = User(id="anna", name="Anna", roles=("operator",))
    users.put(anna)
    users.save()
    await core.start()
    users.put(msgspec.structs.replace(anna, roles=("operator", "supervisor")))
    users.save()
    core.signal(signal.SIGHUP)
    await until(lambda: core.logged("reload.done"))
    assert await core.stop() == 0
    changed = [codec.decode(row).fact for row in core.rows() if row.kind == "UserChanged"]
    assert [one.roles for one in changed] == [("operator",), ("operator", "supervisor")]


async def test_a_broker_that_forgets_everything_is_told_again(core, mosquitto):
    """What is retained is published again, and what was lost on the way comes again."""
    await core.start()
    async with Desk(mosquitto.address) as desk:
        await is_online(desk)
        mosquitto.kill()
    await mosquitto.start()
    async with Desk(mosquitto.address) as desk:
        await is_online(desk)
        await until(lambda: desk.last("alarm-core/v1/test/suspended"))
        desk.publish(event(1))
        await until(lambda: desk.confirmed() == ["e-1"])
    assert await core.stop() == 0
    assert core.logged("broker.lost")


async def test_a_store_that_cannot_write(core, desk):
    """A store that cannot write is told, nothing is confirmed, and all goes on afterwards."""
    await core.start()
    await is_online(desk)
    blocker = sqlite3.connect(core.store / "facts.db", timeout=0, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    desk.publish(event(1))
    await until(lambda: core.logged("intake.stopped"), timeout_s=15)
    assert desk.confirmed() == []
    blocker.execute("ROLLBACK")
    blocker.close()
    await until(lambda: desk.confirmed() == ["e-1"])
    assert core.logged("intake.resumed")
    assert await core.stop() == 0
    assert [row.event_id for row in core.rows() if row.event_id] == ["e-1"]
