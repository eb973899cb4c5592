"""Sur-Gard, Ademco 685, CAPS, CP-220, MX8000, ITI, PIMA: from the wire to the confirming core.

A simulated receiver on a pty or a socket, a whole gateway, a broker, a consumer that confirms:
what the receiver was acknowledged is there, once each, whatever the line did.
"""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from simulators.faults import Fault, Faults
from simulators.ledger import Outcome
from simulators.links import PtyLink
from simulators.receivers import DIALECTS
from simulators.receivers.other_dialects import OTHER_DIALECTS
from simulators.runner import Runner
from tests.support import automation
from tests.support.automation import SK_HEARTBEAT
from tests.support.dialect import Dialect, varied
from tests.support.hardware import until
from tests.support.pty_line import Pty
from tests.support.station import free_port
from tests.support.wire_to_core import (
    INPUT,
    account_of,
    happening,
    played,
    station_with,
    whole_way,
)

PLAYED = [name for name in DIALECTS if name not in OTHER_DIALECTS]
WITH_HEARTBEAT = [name for name in PLAYED if name != "pima"]
SPOKEN = automation.DIALECTS
HEARTBEAT_S = 0.3

pytestmark = [pytest.mark.system, pytest.mark.mosquitto]


def options_of(name: str) -> dict[str, object]:
    options = dict(DIALECTS[name].options)
    return options | {"heartbeat": SK_HEARTBEAT.hex()} if name == "sk9000" else options


def on_line(name, line, **settings) -> Runner:
    beat = SK_HEARTBEAT if name == "sk9000" else b""
    return played(name, PtyLink(line), ack_timeout_s=0.5, named_heartbeat=beat, **settings)


@pytest.mark.parametrize("name", PLAYED)
async def test_calls_reach_the_core_once_though_their_acks_are_lost(name, tmp_path, mosquitto):
    line = tmp_path / "line"
    station = station_with(
        tmp_path, mosquitto, DIALECTS[name].protocol, options_of(name), f'serial = "{line}"',
        accounts=(account_of(name),),
    )  # fmt: skip
    runner = on_line(name, line, heartbeat_s=None, faults=Faults({Fault.LOST_ACK: 1.0}))
    async with whole_way(station, mosquitto, runner) as (daemon, core):
        told = [runner.device.tell(happening(address), now=runner.now()) for address in (1, 2, 3)]
        runner.turn()
        await until(lambda: all(each.outcome is Outcome.ACKNOWLEDGED for each in told), "ACKs")
        await until(lambda: len(core.events) >= 3, "three events at the core")
        assert daemon.counters["report_repeated"] == 3
    assert len(core.events) == 3
    assert {event["account"]["id"] for event in core.events} == {account_of(name)}
    assert all(event["account"]["known"] for event in core.events)
    assert {event["origin"]["protocol"] for event in core.events} == {DIALECTS[name].protocol}
    if {"5", "cid", "sia"} & set(DIALECTS[name].ids) and name != "caps":  # it says 4/2 first
        assert [event["zone"]["id"].lstrip("0") for event in core.events] == ["1", "2", "3"]
        assert {event["kind"] for event in core.events} == {"alarm"}
    else:
        assert not any(event["code"]["known"] for event in core.events)
        assert all("review" in event["flags"] for event in core.events)


@pytest.mark.parametrize("name", WITH_HEARTBEAT)
async def test_a_heartbeat_that_stays_away_and_comes_back(name, tmp_path, mosquitto):
    line = tmp_path / "line"
    station = station_with(
        tmp_path, mosquitto, DIALECTS[name].protocol, options_of(name), f'serial = "{line}"',
        heartbeat_s=HEARTBEAT_S,
    )  # fmt: skip
    runner = on_line(name, line, heartbeat_s=HEARTBEAT_S)
    async with whole_way(station, mosquitto, runner) as (daemon, core):
        runner.turn()
        await until(lambda: daemon.counters["link_test_acknowledged"] >= 2, "heartbeats")
        runner.device.cut(until=runner.now() + 3600)
        runner.turn()
        await until(lambda: core.link_story() == ["trouble"], "the loss")
        runner.device.opened(0, now=runner.now())
        runner.device.cut(until=runner.now())
        runner.turn()
        await until(lambda: core.link_story() == ["trouble", "restoral"], "the return")
    assert core.events == []


def frame_with(dialect: Dialect, parts) -> bytes:
    far_end = dialect.far_end()
    far_end.report(*parts, account=dialect.account, now=0.0)
    return far_end.data_to_send()


@pytest.mark.parametrize("dialect", SPOKEN, ids=str)
async def test_noise_glued_frames_and_damage_lose_nothing(dialect, tmp_path, mosquitto):
    """REL-25, REL-28: two frames behind noise in one read; damage is refused, then stored."""
    path = tmp_path / "line"
    station = station_with(
        tmp_path, mosquitto, dialect.protocol, dialect.options, f'serial = "{path}"',
        accounts=(dialect.account,),
    )  # fmt: skip
    line = Pty(path)
    try:
        async with whole_way(station, mosquitto) as (daemon, core):
            first = dialect.frame
            second = frame_with(dialect, [varied(part) for part in dialect.said])
            events = len([part for part in dialect.said if not _is_added(part)])
            line.send(dialect.noise + first + second)
            await until(lambda: len(core.events) >= 2 * events, "the events of two frames")
            await until(lambda: line.listen().count(b"\x06") == 2, "two ACKs")
            assert daemon.counters["frame_rejected:noise"] == 1
            seen = len(core.events)
            for count, damaged in enumerate(
                filter(None, (dialect.unreadable, dialect.wrong_check))
            ):
                for copy in (1, 2):
                    line.send(damaged)
                    refused = 2 * count + copy
                    await until(
                        lambda refused=refused: line.listen().count(b"\x15") == refused,
                        "our refusal",
                    )
                assert len(core.events) == seen + count
                line.send(damaged)
                await until(
                    lambda count=count: len(core.events) == seen + count + 1, "the third copy"
                )
                assert not core.events[-1]["code"]["known"]
                assert core.events[-1]["raw"]["value"].encode("latin-1") == damaged
    finally:
        line.unplug()
    assert len({event["report"]["id"] for event in core.events[: 2 * events]}) == 2


def _is_added(part) -> bool:
    """Whether it only adds to the events of its frame."""
    return type(part).__name__ in ("CallerId", "CallingName")


async def test_a_frame_in_single_bytes_and_one_that_stops(tmp_path, mosquitto):
    path = tmp_path / "line"
    station = station_with(
        tmp_path, mosquitto, "ademco685", {}, f'serial = "{path}"', accounts=("1234",)
    )
    line = Pty(path)
    try:
        async with whole_way(station, mosquitto) as (daemon, core):
            for byte in b"\n11 1234 18 E131 01 C015 \r":
                line.send(bytes([byte]))
            await until(lambda: len(core.events) == 1, "the event")
            line.send(b"\n11 1234 18 E1")
            await until(lambda: daemon.counters["frame_rejected:frame_incomplete"] == 1, "the end")
            line.send(b"\n11 1234 18 R131 01 C015 \r")
            await until(lambda: len(core.events) == 2, "the restoral")
            await until(lambda: line.listen().count(b"\x06") == 2, "two ACKs")
    finally:
        line.unplug()
    assert [event["kind"] for event in core.events] == ["alarm", "restoral"]


class Port:
    """One licensed port of a System 5: the computer connects, the receiver speaks."""

    def __init__(self) -> None:
        self.port = free_port()
        self.heard = bytearray()
        self._writer: asyncio.StreamWriter | None = None
        self._connected = asyncio.Event()
        self._served = asyncio.get_running_loop().create_future()

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        return self

    async def __aexit__(self, *_what):
        self._server.close()
        if self._writer is not None:
            self._writer.close()
            with contextlib.suppress(ConnectionError):
                await self._writer.wait_closed()
        await self._served

    async def _serve(self, reader, writer):
        self._writer = writer
        self._connected.set()
        try:
            while data := await reader.read(1024):
                self.heard += data
        finally:
            self._served.set_result(None)

    async def says(self, frame: bytes, *, acks: int) -> None:
        await asyncio.wait_for(self._connected.wait(), 10)
        self._writer.write(frame)
        await until(lambda: self.heard.count(b"\x06") >= acks, "the ACK")


async def test_parts_of_one_call_on_two_ports_of_a_system_5_find_each_other(tmp_path, mosquitto):
    """The number that called comes on one connection, its alarm and the voice on another."""
    async with Port() as one, Port() as two:
        station = station_with(
            tmp_path, mosquitto, "surgard", {"header": "RRLLL"},
            f'connect = "127.0.0.1:{one.port}"', accounts=("1234",),
        )  # fmt: skip
        station.config.write_text(
            station.config.read_text()
            + f'\n[inputs.dut-2]\nprotocol = "surgard"\nconnect = "127.0.0.1:{two.port}"\n'
            + 'heartbeat_s = 0\noptions = { header = "RRLLL" }\n'
        )
        async with whole_way(station, mosquitto) as (_, core):
            await one.says(b"401002  12344165551234\x14", acks=1)
            await two.says(b"501002 181234E13101015\x14", acks=1)
            await one.says(b"101002      0000 P  02\x14", acks=2)
            await until(lambda: len(core.events) == 3, "three events")
    caller, alarm, voice = core.events
    assert (caller["kind"], caller["text"]) == ("info", "caller 416 5551234")
    assert (alarm["kind"], alarm["text"]) == ("alarm", "caller 416 5551234")
    assert voice["follow_on"]["of"] == alarm["report"]["id"]
    assert [event["origin"]["input"] for event in core.events] == [INPUT, "dut-2", INPUT]


async def test_a_receiver_about_itself_is_an_event_of_no_panel(tmp_path, mosquitto):
    path = tmp_path / "line"
    station = station_with(
        tmp_path, mosquitto, "mx8000", {"output": "sk9000"}, f'serial = "{path}"'
    )
    line = Pty(path)
    try:
        async with whole_way(station, mosquitto) as (_, core):
            line.send(b'\x01062794"0345"wD\r\x01062794"0345"q03a\r')
            await until(lambda: len(core.events) == 2, "two troubles")
    finally:
        line.unplug()
    first, second = core.events
    assert (first["category"], first["kind"], first["code"]["name"]) == (
        "power", "trouble", "AC lost",
    )  # fmt: skip
    assert second["address"] == {"type": "line", "id": "03"}
