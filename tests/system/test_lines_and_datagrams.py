"""REL-24, 25, 31, 32, 37 on real sockets and ptys, against a whole gateway.

``PORT_LOSSES=100`` and ``DATAGRAMS=1000000`` give the long forms.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import socket
import time
from random import Random

import pytest

from tests.support.hardware import until
from tests.support.pty_line import Pty
from tests.support.running import (
    TcpPanel,
    UdpPanel,
    journalled,
    own_events,
    panel_frame,
    running,
)
from tests.support.station import Station

PORT_LOSSES = int(os.environ.get("PORT_LOSSES", "3"))
DATAGRAMS = int(os.environ.get("DATAGRAMS", "2000"))
FRAME = panel_frame("#1234|1131 01 015")
LINE_FRAME = b"5011 181234E13001001\x14"
HEARTBEAT = b"1011           @    \x14"
ACK = b"\x06"
MIB = 1 << 20

pytestmark = pytest.mark.system


@pytest.fixture
def line(tmp_path):
    pty = Pty(tmp_path / "receiver")
    yield pty
    with contextlib.suppress(OSError):
        pty.unplug()


@pytest.fixture
def station(tmp_path, line):
    return Station(tmp_path, accounts=("1234",), serial=line.path)


# -- framing -----------------------------------------------------------------------------------


async def test_half_a_frame_is_never_joined_to_another_connections_bytes(station):
    async with running(station) as daemon:
        async with TcpPanel(station.port) as first, TcpPanel(station.port) as second:
            first.send(FRAME[:30])
            second.send(FRAME[30:])
            await until(lambda: daemon.counters.snapshot().get("frame_rejected:noise"))
        await until(lambda: daemon.counters.snapshot().get("frame_rejected:frame_incomplete"))
        async with TcpPanel(station.port) as third:
            third.send(FRAME[30:])
            assert await third.is_silent()
        assert journalled(station) == []


async def test_half_a_frame_is_never_joined_to_bytes_of_a_reopened_port(station, line):
    async with running(station) as daemon:
        await until(lambda: daemon.connections_of("rx-1"))
        line.send(LINE_FRAME[:9])
        await until(lambda: daemon._ports["rx-1"][0]._session.connection is not None)
        line.unplug()
        await until(lambda: not daemon.connections_of("rx-1"))
        line.plug_in()
        await until(lambda: daemon.connections_of("rx-1"))
        line.send(LINE_FRAME[9:])
        await until(lambda: daemon.counters.snapshot().get("frame_rejected:frame_incomplete"))
        line.send(LINE_FRAME)
        await line.hear(ACK)
    assert [event["raw"]["value"].encode() for event in journalled(station)] == [LINE_FRAME]


async def test_what_never_ends_takes_no_memory_and_the_next_frame_is_read(station, line):
    def used() -> int:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

    async with running(station) as daemon:
        await until(lambda: daemon.connections_of("rx-1"))
        before = used()
        async with TcpPanel(station.port) as tcp, UdpPanel(station.port) as udp:
            # A panel that proved itself: noise of strangers is cut after a while (SEC-12).
            tcp.send(panel_frame("#1234|1131 01 017", sequence="0003"))
            assert b'"ACK"0003' in await tcp.answer()
            # An unended frame, again and again, and plain junk: neither holds a terminator.
            for junk in (b'\n12340FFF"' + b"x" * 1000, b"y" * 1000):
                for _ in range(2 * MIB // 65_536):
                    tcp.send(junk * (65_536 // len(junk)))
                    await tcp.writer.drain()
            for _ in range(50):
                udp.send(b"z" * 60_000)
            tcp.send(b"\n" + FRAME)
            udp.send(panel_frame("#1234|1131 01 016", sequence="0002"))
            assert b'"ACK"0002' in await udp.answer()
            assert b'"ACK"0001' in await tcp.answer()
        await line.send_much((b"S011[#1234|" + b"w" * 1000) * 200)
        await until(lambda: daemon.counters.snapshot().get("frame_rejected:noise"))
        await line.send_much(b"\x14" + LINE_FRAME)
        await line.hear(ACK)
        assert used() - before < 48 * MIB
    assert len(journalled(station)) == 4


# -- the serial port -----------------------------------------------------------------------------


async def test_a_port_that_goes_and_comes_back_is_told_and_opened_each_time(station, line):
    """REL-31: told in 5 s, opened in 5 s, and cheap while it is not there."""
    async with running(station) as daemon:
        for number in range(PORT_LOSSES):
            await until(lambda: daemon.connections_of("rx-1"))
            line.send(LINE_FRAME.replace(b"001\x14", b"%03d\x14" % (number + 1)))
            await line.hear(ACK)
            line.unplug()
            began, worked = time.monotonic(), time.process_time()
            await until(lambda n=number: codes(station).count("input_lost") == n + 1)
            lost_s = time.monotonic() - began
            line.plug_in()
            began = time.monotonic()
            await until(lambda n=number: codes(station).count("input_restored") == n + 1)
            assert lost_s <= 5.0
            assert time.monotonic() - began <= 5.0
            assert time.process_time() - worked < 0.5  # the test's own waiting included
    assert len(journalled(station)) == PORT_LOSSES


def codes(station: Station) -> list[str]:
    return [event["code"]["value"] for event in own_events(station)]


async def test_a_receiver_that_falls_silent_is_told_after_three_intervals(station, line):
    written = station.config.read_text()
    station.config.write_text(written.replace("heartbeat_s = 2.0", "heartbeat_s = 0.5"))
    async with running(station) as daemon:
        await until(lambda: daemon.connections_of("rx-1"))
        line.send(HEARTBEAT)
        await line.hear(ACK)
        began = time.monotonic()
        await until(lambda: "supervision_lost" in codes(station))
        assert 1.4 <= time.monotonic() - began <= 1.5 + 5.0
        line.send(HEARTBEAT)
        await line.hear(ACK)
        await until(lambda: "supervision_restored" in codes(station))


# -- datagrams -----------------------------------------------------------------------------------


class BadWire:
    """Loses, doubles, cuts, swaps and delays some of the datagrams of one direction."""

    def __init__(self, seed: int) -> None:
        self._dice = Random(seed)
        self._held: list[bytes] = []
        self.passed = 0

    def spoil(self, data: bytes) -> list[bytes]:
        """What becomes of one datagram."""
        self.passed += 1
        fate = self._dice.random()
        if fate < 0.10:
            return []
        if fate < 0.20:
            return [data, data]
        if fate < 0.30:
            return [data[: self._dice.randrange(len(data))]]
        if fate < 0.45:
            self._held.append(data)  # behind a later one, or much later
            return []
        late = [self._held.pop(0)] if self._held and self._dice.random() < 0.5 else []
        return [data, *late]


async def test_lost_doubled_swapped_and_cut_datagrams_make_no_wrong_event(station):
    """REL-37: every transmission ends in one event that says what was sent."""
    lane_count = 20
    async with running(station):
        there, back = BadWire(1), BadWire(2)
        lanes = [lane(number, station.port, there, back) for number in range(lane_count)]
        acknowledged = [one for some in await asyncio.gather(*lanes) for one in some]
    events = [
        (event["origin"]["sequence"], event["zone"]["id"], event["code"]["value"])
        for event in journalled(station)
    ]
    assert there.passed + back.passed >= DATAGRAMS
    assert sorted(events) == sorted(acknowledged)
    assert len(set(events)) == len(events)


async def lane(number: int, port: int, there: BadWire, back: BadWire) -> list[tuple[str, str, str]]:
    """A panel that sends each report until its own ACK comes; one socket, sequences of its own."""
    done = []
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        sock.connect(("127.0.0.1", port))
        count = 0
        while there.passed + back.passed < DATAGRAMS:
            count += 1
            sequence = f"{number * 400 + count % 400 + 1:04d}"
            zone, code = f"{count // 400 % 999 + 1:03d}", f"13{count % 5}"
            frame = panel_frame(f"#1234|1{code} 01 {zone}", sequence=sequence)
            while True:
                for datagram in there.spoil(frame):
                    sock.send(datagram)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(0.02):
                        answer = await loop.sock_recv(sock, 4096)
                        if any(f'"ACK"{sequence}'.encode() in one and one.endswith(b"\r")
                               for one in back.spoil(answer)):  # fmt: skip
                            break
            done.append((sequence, zone, code))
    return done


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_an_answer_goes_to_the_exact_source_and_nobody_else(tmp_path, host):
    where = f"[{host}]:0" if ":" in host else f"{host}:0"
    station = Station(
        tmp_path, accounts=("1234",), extra=f'[inputs.u]\nprotocol = "dc09"\nudp = "{where}"\n'
    )
    async with running(station) as daemon:
        ((_, port),) = daemon.addresses()["u"]
        async with UdpPanel(port, host) as one, UdpPanel(port, host) as other:
            one.send(FRAME)
            assert b'"ACK"0001' in await one.answer()
            assert await other.is_silent()
