"""An input set to `auto`: from the wire to the core, whatever family is at the other end."""

from __future__ import annotations

import asyncio

import pytest

from simulators.faults import Fault, Faults
from simulators.ledger import Outcome
from simulators.links import PtyLink, TcpLink
from simulators.receivers import DIALECTS
from tests.support.hardware import until
from tests.support.station import free_port
from tests.support.wire_to_core import account_of, happening, played, station_with, whole_way

PANELS = ["osborne-hoffman-plain", "sia-dc03"]
NOT_HEARD = {
    "osborne-hoffman": "we would have to speak first",
    "bosch6500-sia-checked": "it wants check values in our answers, which must be told",
}
ON_A_LINE = [name for name in DIALECTS if name not in NOT_HEARD and name not in PANELS]
HEARD_AS = {"mcdi": "surgard"}
"""Whose frames another family reads as well, which is the default."""

pytestmark = [pytest.mark.system, pytest.mark.mosquitto]


async def told_three_times(runner, core) -> None:
    told = [runner.device.tell(happening(address), now=runner.now()) for address in (1, 2, 3)]
    runner.turn()
    await until(lambda: all(one.outcome is Outcome.ACKNOWLEDGED for one in told), "ACKs")
    await until(lambda: len(core.events) >= 3, "three events at the core")


def station(tmp_path, mosquitto, name, link):
    return station_with(tmp_path, mosquitto, "auto", {}, link, accounts=(account_of(name),))


@pytest.mark.parametrize("name", ON_A_LINE)
async def test_a_receiver_on_a_serial_line_is_found_out(name, tmp_path, mosquitto):
    line = tmp_path / "line"
    runner = played(
        name,
        PtyLink(line),
        faults=Faults({Fault.LOST_ACK: 0.3}),
        ack_timeout_s=1.0,
        heartbeat_s=None,
    )
    where = station(tmp_path, mosquitto, name, f'serial = "{line}"')
    family = HEARD_AS.get(name, DIALECTS[name].protocol)
    async with whole_way(where, mosquitto, runner) as (daemon, core):
        await told_three_times(runner, core)
        assert daemon.counters[f"input_recognised:{family}"] >= 1
    assert len(core.events) == 3
    assert {event["origin"]["protocol"] for event in core.events} == {family}
    (said,) = [event for event in core.own if event["code"]["value"] == "input_recognised"]
    assert said["text"].startswith(f"hears {family}")


@pytest.mark.parametrize("name", PANELS)
async def test_a_panel_on_a_listener_is_found_out(name, tmp_path, mosquitto):
    port = free_port()
    runner = played(name, TcpLink("127.0.0.1", port), ack_timeout_s=1.0, heartbeat_s=None)
    where = station(tmp_path, mosquitto, name, f'tcp = "127.0.0.1:{port}"')
    async with whole_way(where, mosquitto, runner) as (_, core):
        await told_three_times(runner, core)
    assert {event["origin"]["protocol"] for event in core.events} == {DIALECTS[name].protocol}


@pytest.mark.parametrize("name", ["surgard", "bosch6500"])
async def test_a_receiver_that_calls_a_listener_is_trusted_when_told_only(
    name, tmp_path, mosquitto
):
    port = free_port()
    where = station(tmp_path, mosquitto, name, f'tcp = "127.0.0.1:{port}"\nlink = "receiver"')
    runner = played(name, TcpLink("127.0.0.1", port), ack_timeout_s=1.0, heartbeat_s=None)
    async with whole_way(where, mosquitto, runner) as (_, core):
        await told_three_times(runner, core)
    assert {event["origin"]["protocol"] for event in core.events} == {DIALECTS[name].protocol}


async def test_a_stranger_that_speaks_like_a_receiver_gets_no_answer(tmp_path, mosquitto):
    port = free_port()
    where = station(tmp_path, mosquitto, "surgard", f'tcp = "127.0.0.1:{port}"')
    async with whole_way(where, mosquitto) as (daemon, core):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(3):
            writer.write(b"5011 181234E13101015\x14")
        await until(lambda: daemon.counters["frame_foreign:surgard"] >= 1, "it is named")
        writer.write_eof()
        assert await asyncio.wait_for(reader.read(), 10) == b""
        writer.close()
    assert core.events == []
