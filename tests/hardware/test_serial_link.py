"""The serial link on real ptys and real terminal servers: loss and return are told (REL-31)."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
import time
from collections.abc import Callable
from contextlib import asynccontextmanager
from random import Random

import pytest

from hardware.serial_link import SerialLink
from hardware.serial_port import RealSerialPorts, SerialSettings
from hardware.sink import PortState
from tests.support.hardware import Counts, HandTime, RecordingSink, ack, link_tools, until
from tests.support.pty_line import Pty
from tests.support.terminal_server import TerminalServer

# pyserial 3.5 calls Thread.setDaemon and setName for rfc2217://.
pytestmark = pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning")


class Bench:
    def __init__(self, url: str, sink=None, *, settings=None, ports=None, **more) -> None:
        self.sink = sink or RecordingSink(ack)
        self.count = Counts()
        self.link = SerialLink(
            url,
            settings or SerialSettings(),
            link_tools("rx-1", sink=self.sink, count=self.count, random=Random(5), **more),
            ports=ports or RealSerialPorts(asyncio.get_running_loop()),
        )

    async def until_states(self, *states: PortState) -> None:
        await until(lambda: self.sink.states == list(states), f"{self.sink.facts}")


@asynccontextmanager
async def linked(*args, **settings):
    bench = Bench(*args, **settings)
    await bench.link.start()
    try:
        yield bench
    finally:
        await bench.link.stop(grace_s=5)


@pytest.fixture
def pty(tmp_path):
    line = Pty(tmp_path / "receiver")
    yield line
    with contextlib.suppress(OSError):
        line.unplug()


class TestPty:
    async def test_a_report_is_answered(self, pty):
        async with linked(str(pty.path)) as bench:
            await bench.until_states(PortState.UP)
            assert "9600 8N1" in bench.sink.facts[0].reason
            pty.send(b"fire\n")
            await pty.hear(b"ACK fire\n")
            origin = bench.sink.origins[0]
            assert (origin.transport, origin.peer, origin.host) == ("serial", str(pty.path), "")
            assert bench.link.connections == 1

    @pytest.mark.parametrize(
        "settings",
        [
            SerialSettings(baud=1200, bits=7, parity="E", stop=1),
            SerialSettings(baud=9600, bits=8, parity="N", stop=2),
        ],
        ids=str,
    )
    async def test_settings_of_the_receivers(self, pty, settings):
        async with linked(str(pty.path), settings=settings) as bench:
            await bench.until_states(PortState.UP)
            pty.send(b"1\n")
            await pty.hear(b"ACK 1\n")

    async def test_single_bytes(self, pty):
        async with linked(str(pty.path)) as bench:
            await bench.until_states(PortState.UP)
            for byte in b"burglary\n":
                pty.send(bytes((byte,)))
                await asyncio.sleep(0)
            await pty.hear(b"ACK burglary\n")
            assert len(bench.sink.items) == 1

    async def test_a_port_removed_and_recreated_is_told_and_opened_again(self, pty):
        async with linked(str(pty.path)) as bench:
            await bench.until_states(PortState.UP)
            pty.send(b"half a fr")
            await until(lambda: bench.link._session.connection is not None)
            pty.unplug()
            await bench.until_states(PortState.UP, PortState.DOWN)
            assert bench.sink.facts[-1].reason
            pty.plug_in()
            await bench.until_states(PortState.UP, PortState.DOWN, PortState.UP)
            pty.send(b"ame\n")
            await pty.hear(b"ACK ame\n")

    async def test_many_times(self, pty):
        async with linked(str(pty.path)) as bench:
            for number in range(5):
                await until(lambda: bench.sink.states[-1:] == [PortState.UP])
                pty.send(b"%d\n" % number)
                await pty.hear(b"ACK %d\n" % number)
                pty.unplug()
                await until(lambda: bench.sink.states[-1] is PortState.DOWN)
                pty.plug_in()
            await until(lambda: bench.sink.states[-1] is PortState.UP)
            assert bench.sink.states == [PortState.UP, PortState.DOWN] * 5 + [PortState.UP]

    async def test_another_device_under_the_path_is_opened_in_place_of_the_old_one(self, pty):
        """The old pty stays open, so no error tells: only the path does."""
        async with linked(str(pty.path)) as bench:
            await bench.until_states(PortState.UP)
            old = pty.master
            pty.plug_in()
            await bench.until_states(PortState.UP, PortState.DOWN, PortState.UP)
            assert "another device" in bench.sink.facts[1].reason
            pty.send(b"1\n")
            await pty.hear(b"ACK 1\n")
            os.close(old)

    async def test_a_port_that_is_not_there_is_told_and_not_spun_on(self, tmp_path):
        path = tmp_path / "receiver"
        async with linked(str(path)) as bench:
            await bench.until_states(PortState.DOWN)
            assert str(path) in bench.sink.facts[0].reason
            before = time.process_time()
            line = Pty(path)
            await bench.until_states(PortState.DOWN, PortState.UP)
            assert time.process_time() - before < 1.0
            line.unplug()

    async def test_a_port_that_another_has_is_not_shared(self, pty):
        async with linked(str(pty.path)) as first, linked(str(pty.path)) as second:
            await until(lambda: first.sink.facts and second.sink.facts)
            states = {first.sink.states[0], second.sink.states[0]}
            assert states == {PortState.UP, PortState.DOWN}

    async def test_a_setting_that_is_impossible_is_told(self, pty):
        async with linked(str(pty.path), settings=SerialSettings(parity="X")) as bench:
            await bench.until_states(PortState.DOWN)
            assert "parity" in bench.sink.facts[0].reason

    async def test_nothing_is_read_while_it_is_paused(self, pty):
        async with linked(str(pty.path)) as bench:
            await bench.until_states(PortState.UP)
            session = bench.link._session
            session.gate(is_open=False)
            pty.send(b"1\n")
            pty.send(b"2\n")
            for _ in range(20):
                await asyncio.sleep(0)
            assert bench.sink.items == []
            session.gate(is_open=True)
            await pty.hear(b"ACK 2\n")
            assert bench.sink.raws == [b"1\n", b"2\n"]

    async def test_stop_answers_what_was_read_and_leaves_no_thread(self, pty):
        before = threading.active_count()
        async with linked(str(pty.path), RecordingSink()) as bench:
            await bench.until_states(PortState.UP)
            pty.send(b"1\n")
            await until(lambda: bench.sink.open)
            stopping = asyncio.create_task(bench.link.stop(grace_s=30))
            await asyncio.sleep(0)
            assert not stopping.done()
            bench.sink.answer_all()
            await stopping
            await pty.hear(b"ACK 1\n")
            await until(lambda: threading.active_count() == before)

    async def test_noise_alone_is_told_within_15_s_and_once_a_minute(self, pty):
        """REL-33, on the port itself; a readable frame ends it."""
        time = HandTime()
        async with linked(str(pty.path), clock=time, timers=time) as bench:
            await bench.until_states(PortState.UP)
            began, told_at = time.now, []
            for number in range(1, 91):
                pty.send(b"?\xff\x80\n")
                await until(lambda n=number: len(bench.sink.items) == n)
                before = len(bench.sink.states)
                time.pass_s(1)
                told_at += [time.now - began] * (len(bench.sink.states) - before)
            assert bench.sink.states == [PortState.UP, PortState.UNREADABLE, PortState.UNREADABLE]
            assert told_at[0] <= 15.0
            assert told_at[1] - told_at[0] >= 60.0
            pty.send(b"1\n")
            await bench.until_states(PortState.UP, *[PortState.UNREADABLE] * 2, PortState.UP)

    async def test_an_exception_closes_the_port_and_it_returns(self, pty):
        async with linked(str(pty.path)) as bench:
            await bench.until_states(PortState.UP)
            pty.send(b"!\n")
            await bench.until_states(PortState.UP, PortState.DOWN, PortState.UP)
            assert "RuntimeError" in bench.sink.facts[1].reason
            pty.send(b"1\n")
            await pty.hear(b"ACK 1\n")


@pytest.mark.parametrize("is_rfc2217", [False, True], ids=["socket", "rfc2217"])
class TestTerminalServer:
    async def test_a_report_is_answered_bytes_of_telnet_included(self, is_rfc2217):
        with TerminalServer(is_rfc2217=is_rfc2217) as server:
            async with linked(server.url) as bench:
                await bench.until_states(PortState.UP)
                await until(lambda: server.client_count == 1)
                server.send(b"a\xff\xfdb\n")
                await until(lambda: b"ACK a\xff\xfdb\n" in server.heard)
                assert bench.sink.raws == [b"a\xff\xfdb\n"]

    async def test_a_restart_of_the_server_is_told_and_survived(self, is_rfc2217):
        with TerminalServer(is_rfc2217=is_rfc2217) as server:
            async with linked(server.url) as bench:
                await bench.until_states(PortState.UP)
                await until(lambda: server.client_count == 1)
                server.drop_client()
                await bench.until_states(PortState.UP, PortState.DOWN, PortState.UP)
                await until(lambda: server.client_count == 2)
                server.send(b"1\n")
                await until(lambda: b"ACK 1\n" in server.heard)

    async def test_a_server_that_is_not_there_is_told(self, is_rfc2217):
        with TerminalServer(is_rfc2217=is_rfc2217) as server:
            url = server.url
        async with linked(url) as bench:
            await bench.until_states(PortState.DOWN)
            assert url.partition("//")[2] in bench.sink.facts[0].reason


async def test_rfc2217_passes_the_settings_on():
    settings = SerialSettings(baud=1200, bits=7, parity="E", stop=1)
    with TerminalServer(is_rfc2217=True) as server:
        async with linked(server.url, settings=settings) as bench:
            await bench.until_states(PortState.UP)
            line = server.line
            assert (line.baudrate, line.bytesize, line.parity) == (1200, 7, "E")


class FakePort:
    """What pyserial gives, with reads as the test says."""

    in_waiting = 0

    def __init__(self, read: Callable[[], bytes]) -> None:
        self._read = read
        self.is_closed = False

    def read(self, _count: int) -> bytes:
        return self._read()

    def write(self, data: bytes) -> int:
        return len(data)

    def close(self) -> None:
        self.is_closed = True


class TestFailingReads:
    @pytest.mark.parametrize("error", [OSError(5, "Input/output error"), OSError(6, "No device")])
    async def test_eio_and_enxio_are_the_loss_of_the_port(self, monkeypatch, error):
        def fail() -> bytes:
            raise error

        port = FakePort(fail)
        monkeypatch.setattr("hardware.serial_port._open", lambda *_: port)
        async with linked("/dev/receiver") as bench:
            await until(lambda: PortState.DOWN in bench.sink.states)
            assert error.strerror in bench.sink.facts[1].reason
            assert port.is_closed

    async def test_repeated_empty_reads_are_the_loss_of_the_port(self, monkeypatch):
        port = FakePort(lambda: b"")
        monkeypatch.setattr("hardware.serial_port._open", lambda *_: port)
        async with linked("/dev/receiver") as bench:
            await until(lambda: PortState.DOWN in bench.sink.states)
            assert "returns nothing" in bench.sink.facts[1].reason
