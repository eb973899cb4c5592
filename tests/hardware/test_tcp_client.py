"""The TCP client link: connected, lost, told, connected again."""

from __future__ import annotations

import asyncio
from random import Random

from hardware.backoff import Backoff
from hardware.network import RealNetwork
from hardware.sink import PortState
from hardware.tcp_client import TcpClientLink
from tests.support.hardware import Counts, HandTime, RecordingSink, ack, link_tools, until


class Receiver:
    """A hardware receiver that listens itself."""

    def __init__(self) -> None:
        self.lines: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self.port = 0

    async def start(self) -> None:
        self.server = await asyncio.start_server(self._called, "127.0.0.1", self.port)
        self.port = self.server.sockets[0].getsockname()[1]

    async def _called(self, reader, writer) -> None:
        self.lines.append((reader, writer))

    async def report(self, frame: bytes) -> bytes:
        reader, writer = self.lines[-1]
        writer.write(frame)
        async with asyncio.timeout(5):
            return await reader.readline()

    async def hang_up(self) -> None:
        for _, writer in self.lines:
            writer.close()
        self.lines.clear()

    async def stop(self) -> None:
        self.server.close()
        await self.hang_up()
        await self.server.wait_closed()


class Bench:
    def __init__(self, port: int, sink=None, **settings) -> None:
        self.sink = sink or RecordingSink(ack)
        self.time = HandTime()
        self.count = Counts()
        self.link = TcpClientLink(
            ("127.0.0.1", port),
            link_tools(
                "rx-2",
                sink=self.sink,
                clock=self.time,
                timers=self.time,
                count=self.count,
                **settings,
            ),
            network=RealNetwork(asyncio.get_running_loop()),
        )

    async def until_state(self, *states: PortState) -> None:
        await until(lambda: self.sink.states == list(states))


async def test_it_connects_reports_and_is_answered():
    receiver = Receiver()
    await receiver.start()
    bench = Bench(receiver.port)
    await bench.link.start()
    await until(lambda: receiver.lines and bench.link.connections == 1)
    assert await receiver.report(b"1\n") == b"ACK 1\n"
    assert bench.sink.origins[0].peer == f"127.0.0.1:{receiver.port}"
    assert bench.sink.states == [PortState.UP]
    await bench.link.stop(grace_s=1)
    assert bench.link.connections == 0
    assert bench.time.waiting_count == 0
    await receiver.stop()


async def test_a_loss_is_told_and_the_link_returns():
    receiver = Receiver()
    await receiver.start()
    bench = Bench(receiver.port)
    await bench.link.start()
    await until(lambda: receiver.lines and bench.link.connections)
    receiver.lines[0][1].write(b"half a fr")
    await receiver.hang_up()
    await bench.until_state(PortState.UP, PortState.DOWN)
    assert bench.sink.facts[-1].reason == "the far end closed the connection"
    bench.time.pass_s(0.5)
    await until(lambda: receiver.lines and bench.link.connections)
    assert await receiver.report(b"ame\n") == b"ACK ame\n"  # joined to nothing
    assert bench.sink.states == [PortState.UP, PortState.DOWN, PortState.UP]
    await bench.link.stop(grace_s=1)
    await receiver.stop()


async def test_a_receiver_that_is_not_there_is_told_once_and_tried_on():
    receiver = Receiver()
    await receiver.start()
    port = receiver.port
    await receiver.stop()
    bench = Bench(port)
    await bench.link.start()
    await bench.until_state(PortState.DOWN)
    assert "cannot connect to 127.0.0.1" in bench.sink.facts[0].reason
    for _ in range(5):
        bench.time.pass_s(10.0)
        await until(lambda: bench.link._retry_timer is not None)
    assert bench.sink.states == [PortState.DOWN]
    receiver.port = port
    await receiver.start()
    bench.time.pass_s(10.0)
    await bench.until_state(PortState.DOWN, PortState.UP)
    await bench.link.stop(grace_s=1)
    await receiver.stop()


async def test_an_exception_closes_the_link_and_it_returns():
    receiver = Receiver()
    await receiver.start()
    bench = Bench(receiver.port)
    await bench.link.start()
    await until(lambda: receiver.lines and bench.link.connections)
    assert await receiver.report(b"!\n") == b""
    await bench.until_state(PortState.UP, PortState.DOWN)
    assert "its handling failed: RuntimeError" in bench.sink.facts[-1].reason
    await receiver.hang_up()
    bench.time.pass_s(1.0)
    await until(lambda: receiver.lines and bench.link.connections)
    assert await receiver.report(b"1\n") == b"ACK 1\n"
    await bench.link.stop(grace_s=1)
    await receiver.stop()


async def test_stop_answers_what_was_read():
    receiver = Receiver()
    await receiver.start()
    bench = Bench(receiver.port, RecordingSink())
    await bench.link.start()
    await until(lambda: receiver.lines and bench.link.connections)
    reader, writer = receiver.lines[0]
    writer.write(b"1\n")
    await until(lambda: bench.sink.open)
    stopping = asyncio.create_task(bench.link.stop(grace_s=30))
    await asyncio.sleep(0)
    assert not stopping.done()
    bench.sink.answer_all()
    await stopping
    assert await reader.read() == b"ACK 1\n"
    await receiver.stop()


async def test_stop_while_it_waits_to_try_again():
    receiver = Receiver()
    await receiver.start()
    await receiver.stop()
    bench = Bench(receiver.port)
    await bench.link.start()
    await bench.until_state(PortState.DOWN)
    await bench.link.stop(grace_s=1)
    assert bench.time.waiting_count == 0


async def test_stop_while_it_connects():
    bench = Bench(9)
    started = asyncio.Event()

    class Hanging:
        async def connect(self, address, protocol) -> None:  # noqa: ARG002
            started.set()
            await asyncio.Event().wait()

    bench.link._network = Hanging()
    await bench.link.start()
    await started.wait()
    await bench.link.stop(grace_s=1)
    assert bench.link.connections == 0


class TestBackoff:
    def test_it_doubles_up_to_its_longest_with_jitter_below(self):
        backoff = Backoff(first_s=1.0, longest_s=8.0, dice=Random(1))
        delays = [backoff.next_s() for _ in range(8)]
        for delay, full in zip(delays, [1, 2, 4, 8, 8, 8, 8, 8], strict=True):
            assert full / 2 <= delay <= full

    def test_it_begins_anew(self):
        backoff = Backoff(first_s=1.0, longest_s=8.0, dice=Random(1))
        for _ in range(5):
            backoff.next_s()
        backoff.reset()
        assert backoff.next_s() <= 1.0
