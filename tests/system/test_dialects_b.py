"""Bosch, dialled digits, DC-03 blocks, Osborne-Hoffman, DC-07, radio, MCDI: wire to consumer.

A simulated receiver or panel on a pty or a socket, a whole gateway, a broker, a consumer that
confirms: what the far end was acknowledged is there, once each, whatever the line did.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import msgspec
import pytest

from protocols import osborne_hoffman
from protocols._core import Verdict
from protocols.dc03_link import Block, build_block
from protocols.registry import PROTOCOLS
from protocols.sia_dc03 import SiaEvent
from simulators.faults import Fault, Faults
from simulators.ledger import Outcome
from simulators.links import PtyLink, TcpLink
from simulators.receivers import DIALECTS as PLAYED
from simulators.receivers.other_dialects import OTHER_DIALECTS
from tests.support.dialect import Dialect, varied
from tests.support.dialects import DIALECTS
from tests.support.hardware import until
from tests.support.pty_line import Pty
from tests.support.station import Station, free_port
from tests.support.wire_to_core import account_of, happening, played, station_with, whole_way

ON_SOCKETS = {"osborne-hoffman", "osborne-hoffman-plain", "sia-dc03"}
HEARTBEAT_S = 0.3
PROTOCOLS_PLAYED = {each.protocol for each in OTHER_DIALECTS.values()}
MINE = [each for each in DIALECTS if each.protocol in PROTOCOLS_PLAYED]

pytestmark = [pytest.mark.system, pytest.mark.mosquitto]


@dataclass
class Scene:
    """A gateway with one input, and where its far end has to be."""

    station: Station
    line: object
    port: int | None

    @property
    def link(self):
        """The far end's way there."""
        return PtyLink(self.line) if self.port is None else TcpLink("127.0.0.1", self.port)


def scene(tmp_path, broker, protocol, options, *, on_socket, heartbeat_s=0.0, account="1234"):
    """The files of a gateway whose only interesting input is the one under test."""
    line, port = tmp_path / "line", free_port() if on_socket else None
    link = f'tcp = "127.0.0.1:{port}"' if on_socket else f'serial = "{line}"'
    station = station_with(
        tmp_path, broker, protocol, options, link, accounts=(account,), heartbeat_s=heartbeat_s
    )
    return Scene(station, line, port)


@pytest.mark.parametrize("name", OTHER_DIALECTS)
async def test_calls_reach_the_core_once_though_their_acks_are_lost(name, tmp_path, mosquitto):
    dialect = PLAYED[name]
    where = scene(
        tmp_path,
        mosquitto,
        dialect.protocol,
        dialect.options,
        on_socket=name in ON_SOCKETS,
        account=account_of(name),
    )
    runner = played(
        name, where.link, ack_timeout_s=0.5, heartbeat_s=None, faults=Faults({Fault.LOST_ACK: 1.0})
    )
    async with whole_way(where.station, mosquitto, runner) as (daemon, core):
        told = [
            runner.device.tell(happening(address), now=runner.now()) for address in (11, 12, 13)
        ]
        runner.turn()
        await until(lambda: all(each.outcome is Outcome.ACKNOWLEDGED for each in told), "ACKs")
        await until(lambda: len(core.events) >= 3, "three events at the core")
        assert daemon.counters["report_repeated"] == 3
    assert len(core.events) == 3
    assert {event["account"]["id"] for event in core.events} == {account_of(name)}
    assert {event["origin"]["protocol"] for event in core.events} == {dialect.protocol}
    if "cid" in dialect.ids or "sia" in dialect.ids:
        assert [event["zone"]["id"] for event in core.events] == ["011", "012", "013"]
        assert {event["kind"] for event in core.events} == {"alarm"}


@pytest.mark.parametrize("name", ["bosch6500", "bosch6500-sia", "dc07", "mcdi"])
async def test_a_heartbeat_that_stays_away_and_comes_back(name, tmp_path, mosquitto):
    dialect = PLAYED[name]
    where = scene(
        tmp_path,
        mosquitto,
        dialect.protocol,
        dialect.options,
        on_socket=False,
        heartbeat_s=HEARTBEAT_S,
    )
    runner = played(name, where.link, ack_timeout_s=0.5, heartbeat_s=HEARTBEAT_S)
    async with whole_way(where.station, mosquitto, runner) as (daemon, core):
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


async def test_an_osborne_hoffman_panel_that_falls_silent_and_speaks_again(tmp_path, mosquitto):
    name = "osborne-hoffman"
    where = scene(tmp_path, mosquitto, name, {}, on_socket=True, account="001234")
    accounts = where.station.accounts_file
    accounts.write_text(accounts.read_text() + "supervision_s = 5\n")
    runner = played(name, where.link, ack_timeout_s=0.5, heartbeat_s=HEARTBEAT_S)
    async with whole_way(where.station, mosquitto, runner) as (daemon, core):
        runner.device.tell(happening(11), now=runner.now())  # opens the connection
        runner.turn()
        await until(lambda: daemon.counters["link_test_acknowledged"] >= 2, "heartbeats")
        runner.device.cut(until=runner.now() + 8)
        runner.turn()
        await until(lambda: "trouble" in supervised(core), "the loss")
        runner.device.tell(happening(12), now=runner.now())
        runner.turn()
        await until(lambda: supervised(core)[-1:] == ["restoral"], "the return")
    assert len(core.events) == 2


def supervised(core) -> list[str]:
    return [event["kind"] for event in core.own if event["account"] is not None]


def whole_call(dialect: Dialect, parts, gateway=None) -> bytes:
    """All bytes of a call that is acknowledged at every turn."""
    gateway, far_end = gateway or dialect.gateway(), dialect.far_end()
    far_end.receive(gateway.data_to_send(), now=0.0)
    far_end.report(*parts, account=dialect.account, now=0.0)
    sent = b""
    while data := far_end.data_to_send():
        sent += data
        incoming = gateway.receive(data, now=0.0)
        due = gateway.deadline()
        incoming += [] if due is None else gateway.on_deadline(now=due)
        for each in incoming:
            gateway.answer(each, Verdict.ACK, utc=None)
        far_end.receive(gateway.data_to_send(), now=0.0)
    return sent


class OnSocket:
    """A panel's connection, written by hand."""

    def __init__(self, port):
        self._port = port
        self.heard = bytearray()

    async def __aenter__(self):
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_what):
        self._reading.cancel()
        self._writer.close()

    async def _read(self):
        while data := await self._reader.read(4096):
            self.heard += data

    def send(self, data):
        self._writer.write(data)

    def listen(self):
        return bytes(self.heard)


class OnPty(Pty):
    """A receiver's line, written by hand."""

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_what):
        self.unplug()


@pytest.mark.parametrize("dialect", MINE, ids=str)
async def test_noise_glued_frames_and_damage_lose_nothing(dialect, tmp_path, mosquitto):
    on_socket = PROTOCOLS[dialect.protocol].link == "panel"
    where = scene(
        tmp_path,
        mosquitto,
        dialect.protocol,
        dialect.options,
        on_socket=on_socket,
        account=dialect.account,
    )
    line = OnSocket(where.port) if on_socket else OnPty(where.line)
    async with whole_way(where.station, mosquitto) as (daemon, core), line:
        first = whole_call(dialect, dialect.said)
        second = whole_call(dialect, [varied(part) for part in dialect.said])
        damaged = dialect.unreadable + dialect.wrong_check
        line.send(dialect.noise + first + damaged + second)
        await until(lambda: len(core.events) >= 2, "two events at the core")
        if damaged and dialect.nak:
            await until(lambda: dialect.nak in line.listen(), "our refusal")
        await until(lambda: dialect.ack in line.listen(), "our ACK")
        assert rejections(daemon) >= 1 + bool(dialect.unreadable) + bool(dialect.wrong_check)
    assert len(core.events) == 2


@pytest.mark.parametrize(
    "dialect",
    [
        each
        for each in MINE
        if (each.unreadable or each.wrong_check) and PROTOCOLS[each.protocol].link == "receiver"
    ],
    ids=str,
)
async def test_the_third_copy_of_an_unreadable_frame_is_stored(dialect, tmp_path, mosquitto):
    """REL-28: refused twice in the family's word, then an event with an unknown code."""
    where = scene(
        tmp_path, mosquitto, dialect.protocol, dialect.options, on_socket=False,
        account=dialect.account,
    )  # fmt: skip
    line = OnPty(where.line)
    bad = dialect.wrong_check or dialect.unreadable
    async with whole_way(where.station, mosquitto) as (daemon, core), line:
        for copies in (1, 2):
            line.send(bad)
            await until(lambda n=copies: rejections(daemon) >= n, "a refusal")
        assert core.events == []
        line.send(bad)
        await until(lambda: core.events, "the event of the third copy")
        await until(lambda: line.listen().endswith(ack_of(dialect)), "its ACK")
        assert daemon.counters["report_unreadable_stored"] == 1
    (event,) = core.events
    assert event["code"]["known"] is False
    assert event["raw"]["value"].encode("latin-1") == bad


def rejections(daemon) -> int:
    """How many frames were rejected."""
    counters = daemon.counters.snapshot().items()
    return sum(count for name, count in counters if name.startswith("frame_rejected:"))


def ack_of(dialect) -> bytes:
    """The ACK byte, or what an answer that names its frame ends with."""
    return dialect.ack if len(dialect.ack) == 1 else dialect.ack[-3:]


async def test_the_codes_of_a_group_reach_the_core_with_their_meaning(tmp_path, mosquitto):
    where = scene(tmp_path, mosquitto, "dtmf", {}, on_socket=False)
    with where.station.config.open("a") as config:
        config.write(
            '\n[[pulse_codes]]\ncode = "3"\nkind = "alarm"\ncategory = "burglary"\n'
            'name = "Burglary, as installed"\n'
        )
    line = OnPty(where.line)
    async with whole_way(where.station, mosquitto) as (_, core), line:
        line.send(b"123427317\r")
        await until(lambda: core.events, "the event")
    (event,) = core.events
    assert (event["kind"], event["category"], event["zone"]["id"]) == ("alarm", "burglary", "1")
    assert event["code"]["name"] == "Burglary, as installed"


async def test_blocks_come_over_rs232_as_well(tmp_path, mosquitto):
    """Galaxy's serial module sends what its Ethernet module sends; the text names its event."""
    where = scene(tmp_path, mosquitto, "sia-dc03", {}, on_socket=False)
    runner = played("sia-dc03", where.link, ack_timeout_s=1.0, heartbeat_s=None)
    said = msgspec.structs.replace(happening(11), text=None)
    async with whole_way(where.station, mosquitto, runner) as (_, core):
        told = runner.device.tell(said, now=runner.now())
        runner.turn()
        await until(lambda: told.outcome is Outcome.ACKNOWLEDGED, "ACK")
        await until(lambda: core.events, "the event")
    (event,) = core.events
    assert (event["code"]["value"], event["origin"]["transport"]) == ("BA", "serial")


async def test_a_text_block_names_the_event_before_it(tmp_path, mosquitto):
    where = scene(tmp_path, mosquitto, "sia-dc03", {}, on_socket=True)
    call = (
        Block(function="#", data=b"1234"),
        Block(function="N", data=b"ri1/BA015"),
        Block(function="A", data=b"FRONT DOOR"),
        Block(function="0"),
    )
    async with whole_way(where.station, mosquitto) as (_, core), OnSocket(where.port) as line:
        for number, block in enumerate(call, 1):
            line.send(build_block(block))
            await until(lambda n=number: line.listen() == b"\x008\xc7" * n, "its ACK")
        await until(lambda: len(core.events) == 2, "event and text")
    event, text = core.events
    assert text["text"] == "FRONT DOOR"
    assert text["class"] == "info"
    assert text["companion_of"] is not None
    assert event["companion_of"] is None


async def test_scrambled_frames_glued_in_one_segment(tmp_path, mosquitto):
    """Osborne-Hoffman with triple DES: the blocks of two frames in one read."""
    where = scene(tmp_path, mosquitto, "osborne-hoffman", {}, on_socket=True, account="001234")
    async with whole_way(where.station, mosquitto) as (_, core), OnSocket(where.port) as line:
        await until(lambda: len(line.listen()) == 24, "the key")
        key, sent = line.listen(), b""
        line.heard.clear()
        for zone in ("001", "002"):
            far_end = osborne_hoffman.panel()
            far_end.receive(key, now=0.0)
            said = SiaEvent(raw=b"", block="N", code="BA", address=zone)
            far_end.report(said, account="001234", now=0.0)
            sent += far_end.data_to_send()
        line.send(sent)
        await until(lambda: len(core.events) == 2, "two events")
        await until(lambda: len(line.listen()) == 16, "two scrambled answers")
    assert [event["zone"]["id"] for event in core.events] == ["001", "002"]
    assert {event["trust"]["confidentiality"] for event in core.events} == {"none"}
