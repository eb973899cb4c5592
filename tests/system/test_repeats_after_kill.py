"""REL-35, REL-36: a kill -9 between the copies makes no second event of one transmission."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.pty_line import Pty
from tests.support.running import TcpPanel, UdpPanel, ids, journalled, panel_frame
from tests.support.station import Station, until

FIRE, THEFT = b"5011 181234E11001001\x14", b"5011 181234E13001001\x14"
HEARTBEAT = b"1011           @    \x14"
ACK = b"\x06"
DATA = "#1234|1131 01 015"
KEY = bytes.fromhex("5ad2c9710e8bf34466a1d07e92bc3f18")

pytestmark = pytest.mark.system


async def killed_and_started(station: Station) -> None:
    station.kill_now()
    await station.ended()
    await started(station)


async def started(station: Station) -> None:
    """Start it and wait until the serial port is open: what came before that is flushed."""
    opened = len(station.logged("link.opened"))
    await station.start()
    await until(lambda: len(station.logged("link.opened")) > opened)


@pytest.fixture
def line(tmp_path):
    pty = Pty(tmp_path / "receiver")
    yield pty
    pty.unplug()


@pytest.fixture
async def station(tmp_path, line):
    station = Station(
        tmp_path, accounts=("1234", "5678"), encrypted=("5678",), key=KEY, serial=line.path,
        extra='[ingest]\nlink_repeat_s = 60.0\n[inputs.north]\nprotocol = "dc09"\n'
        'tcp = "127.0.0.1:0"\ngroup = "north"\nunknown_account = "ack"\n',
    )  # fmt: skip
    await started(station)
    yield station
    station.kill_now()
    await station.ended()


@pytest.mark.parametrize("has_heartbeats", [False, True])
async def test_a_receiver_that_lost_our_ack_repeats_into_the_next_run(
    station, line, has_heartbeats
):
    line.send(FIRE)
    await line.hear(ACK)
    for _ in range(3):
        if has_heartbeats:
            line.send(HEARTBEAT)
            await line.hear(ACK)
        await killed_and_started(station)
        if has_heartbeats:
            line.send(HEARTBEAT)
            await line.hear(ACK)
        line.send(FIRE)  # the ACK before never arrived
        await line.hear(ACK)
    assert len(journalled(station)) == 1
    for frame in (THEFT, FIRE):  # after another event frame the same bytes are a new event
        line.send(frame)
        await line.hear(ACK)
    assert [event["code"]["value"] for event in journalled(station)] == ["110", "130", "110"]
    assert len(set(ids(station))) == len(ids(station))


async def test_a_panel_that_lost_our_ack_repeats_over_any_path_into_the_next_run(station):
    def again(number: int) -> bytes:
        """A retry: another timestamp, another path's receiver and line."""
        stamp = datetime.now(UTC) + timedelta(seconds=number)
        return panel_frame(
            DATA, timestamp=stamp, receiver=str(number), line=str(number), sequence="0007"
        )

    async with TcpPanel(station.port) as tcp:
        tcp.send(again(0))
        assert b'"ACK"0007' in await tcp.answer()
        async with UdpPanel(station.port) as udp:
            udp.send(again(1))
            assert b'"ACK"0007R1L1' in await udp.answer()
    await killed_and_started(station)
    async with UdpPanel(station.port) as udp, TcpPanel(station.port) as tcp:
        udp.send(again(2))
        assert b'"ACK"0007R2L2' in await udp.answer()
        tcp.send(again(3))
        assert b'"ACK"0007R3L3' in await tcp.answer()
        assert len(journalled(station)) == 1
        # The same sequence with other data is another event, and so is the same id elsewhere.
        tcp.send(panel_frame("#1234|3131 01 015", sequence="0007"))
        assert b'"ACK"0007' in await tcp.answer()
    ((_, port),) = (await station.ask(do="ping"))["addresses"]["north"]
    async with TcpPanel(port) as other:
        other.send(again(4))
        assert b'"ACK"0007' in await other.answer()
    assert [(event["account"]["group"], event["kind"]) for event in journalled(station)] == [
        ("main", "alarm"), ("main", "restoral"), ("north", "alarm"),
    ]  # fmt: skip


async def test_sequence_0000_is_never_merged(station):
    async with TcpPanel(station.port) as tcp:
        for _ in range(2):
            tcp.send(panel_frame(DATA, sequence="0000"))
            assert b'"ACK"0000' in await tcp.answer()
    assert len(journalled(station)) == 2


async def test_a_recorded_frame_is_no_event_in_the_next_run_either(station):
    """SEC-2: encrypted frames, sequence 0000 among them, replayed after a kill."""
    now = datetime.now(UTC)
    frames = [
        panel_frame(
            "#5678|1131 01 015", account="5678", key=KEY, timestamp=now, sequence=f"{number:04d}"
        )
        for number in range(20)
    ]
    for _ in range(3):
        async with TcpPanel(station.port) as tcp:
            for frame in frames:
                tcp.send(frame)
                assert b'"*ACK"' in await tcp.answer()
        await killed_and_started(station)
    assert len(journalled(station)) == len(frames)
