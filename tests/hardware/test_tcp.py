"""The TCP listener over real sockets on loopback, on both event loops."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import subprocess
import sys
from contextlib import asynccontextmanager

import pytest

from hardware.address import ListenError
from hardware.clock import LoopTimers, SystemClock
from hardware.crowd import Crowd, CrowdLimits
from hardware.intake import Intake
from hardware.known_hosts import KnownHosts
from hardware.network import RealNetwork
from hardware.sink import PortState
from hardware.strangers import Strangers
from hardware.tcp import ABORT_COUNT, TcpListener
from protocols._core import Verdict
from tests.support.hardware import Counts, HandTime, RecordingSink, ack, link_tools, until


class Bench:
    def __init__(
        self, sink=None, *, host="127.0.0.1", time=None, network=None, crowd=None, **settings
    ) -> None:
        self.sink = sink or RecordingSink(ack)
        self.count = Counts()
        self.intake = Intake()
        self.panels = []
        self.listener = TcpListener(
            (host, 0),
            link_tools(
                "ip-1",
                sink=self.sink,
                clock=time or SystemClock(),
                timers=time or LoopTimers(),
                count=self.count,
                intake=self.intake,
            ),
            network=network or RealNetwork(asyncio.get_running_loop()),
            crowd=crowd if isinstance(crowd, Crowd) else self._crowd(crowd, time),
            **settings,
        )

    def _crowd(self, limits, time):
        return Crowd(limits or CrowdLimits(), time or SystemClock())

    async def dial(self):
        """A panel's connection; hung up at the end of the test, if not before."""
        panel = await asyncio.open_connection(*self.listener.address)
        self.panels.append(panel)
        return panel


@asynccontextmanager
async def listening(*args, **settings):
    bench = Bench(*args, **settings)
    await bench.listener.start()
    try:
        yield bench
    finally:
        await hang_up(*bench.panels)
        await bench.listener.stop(grace_s=0.2)


async def hang_up(*panels) -> None:
    for _, writer in panels:
        writer.close()
    for _, writer in panels:
        try:
            await writer.wait_closed()
        except OSError:
            continue


async def ask(panel, frame: bytes) -> bytes:
    panel[1].write(frame)
    return await hear(panel)


async def hear(panel) -> bytes:
    async with asyncio.timeout(5):
        return await panel[0].readline()


async def hear_all(panel) -> bytes:
    """Until it is closed."""
    async with asyncio.timeout(5):
        return await panel[0].read()


async def is_refused(bench) -> bool:
    try:
        panel = await bench.dial()
        async with asyncio.timeout(5):
            return await panel[0].read(1) == b""
    except ConnectionResetError:
        return True


class TestAnswers:
    async def test_a_report_is_answered(self):
        async with listening() as bench:
            panel = await bench.dial()
            assert await ask(panel, b"fire\n") == b"ACK fire\n"
            origin = bench.sink.origins[0]
            local = panel[1].get_extra_info("sockname")
            assert origin.peer == f"127.0.0.1:{local[1]}"
            assert (origin.host, origin.transport, origin.input) == ("127.0.0.1", "tcp", "ip-1")

    async def test_ipv6(self):
        async with listening(host="::1") as bench:
            panel = await bench.dial()
            assert await ask(panel, b"fire\n") == b"ACK fire\n"
            assert bench.sink.origins[0].host == "::1"
            assert bench.sink.origins[0].peer.startswith("[::1]:")

    @pytest.mark.parametrize(("host", "family"), [("127.0.0.1", "AF_INET"), ("::1", "AF_INET6")])
    async def test_an_accepted_connection_is_of_the_family_that_its_listener_is_of(
        self, host, family
    ):
        opened: asyncio.Future = asyncio.get_running_loop().create_future()

        class Taker(asyncio.Protocol):
            def connection_made(self, transport):
                opened.set_result(transport)

        listening = RealNetwork(asyncio.get_running_loop()).listen(
            (host, 0), backlog=8, admit=lambda _peer: Taker(), short=lambda *_what: None
        )
        _, writer = await asyncio.open_connection(*listening.address)
        transport = await opened
        taken = transport.get_extra_info("socket")
        assert (taken.family, taken.type) == (socket.AddressFamily[family], socket.SOCK_STREAM)
        transport.abort()
        await hang_up((None, writer))
        listening.close()

    async def test_the_ipv6_wildcard_takes_ipv4_and_names_it_so(self):
        async with listening(host="::") as bench:
            panel = await asyncio.open_connection("127.0.0.1", bench.listener.address[1])
            bench.panels.append(panel)
            assert await ask(panel, b"fire\n") == b"ACK fire\n"
            assert bench.sink.origins[0].host == "127.0.0.1"

    async def test_a_frame_byte_by_byte_gives_one_answer(self):
        async with listening() as bench:
            panel = await bench.dial()
            panel[1].get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for byte in b"burglary\n":
                panel[1].write(bytes((byte,)))
                await panel[1].drain()
            assert await hear(panel) == b"ACK burglary\n"
            assert len(bench.sink.items) == 1

    async def test_two_frames_in_one_segment_are_answered_in_order(self):
        async with listening(RecordingSink()) as bench:
            panel = await bench.dial()
            panel[1].write(b"first\nsecond\n")
            await until(lambda: len(bench.sink.open) == 2)
            bench.sink.answer_all(backwards=True)
            assert await hear(panel) == b"ACK first\n"
            assert await hear(panel) == b"ACK second\n"

    async def test_a_late_answer_still_reaches_its_panel(self):
        async with listening(RecordingSink()) as bench:
            early, late = await bench.dial(), await bench.dial()
            early[1].write(b"1\n")
            await until(lambda: bench.sink.open)
            bench.sink.policy = ack
            assert await ask(late, b"2\n") == b"ACK 2\n"
            bench.sink.answer_all()
            assert await hear(early) == b"ACK 1\n"

    async def test_a_panel_that_half_closes_gets_its_answer(self):
        async with listening(RecordingSink()) as bench:
            panel = await bench.dial()
            panel[1].write(b"1\n")
            panel[1].write_eof()
            await until(lambda: bench.sink.open)
            bench.sink.answer_all()
            assert await hear_all(panel) == b"ACK 1\n"
            await until(lambda: bench.listener.connections == 0)

    async def test_a_panel_gone_before_its_answer_disturbs_nobody(self):
        async with listening(RecordingSink()) as bench:
            panel = await bench.dial()
            panel[1].write(b"1\n")
            await until(lambda: bench.sink.open)
            sock = panel[1].get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            panel[1].transport.abort()
            await until(lambda: bench.listener.connections == 0)
            bench.sink.answer_all()
            assert bench.count["answers_undeliverable"] == 1
            bench.sink.policy = ack
            other = await bench.dial()
            assert await ask(other, b"2\n") == b"ACK 2\n"


class TestFailure:
    async def test_an_exception_in_the_sink_closes_that_connection_only(self):
        async with listening() as bench:
            good, bad = await bench.dial(), await bench.dial()
            assert await ask(good, b"1\n") == b"ACK 1\n"
            bench.sink.error = RuntimeError("boom")
            assert await ask(bad, b"2\n") == b""
            bench.sink.error = None
            assert await ask(good, b"3\n") == b"ACK 3\n"
            assert bench.count["links_failed"] == 1
            assert bench.listener.connections == 1

    async def test_an_address_that_is_taken_is_told_in_words(self):
        async with listening() as bench:
            second = Bench()
            second.listener._wanted = bench.listener.address
            with pytest.raises(ListenError, match=r"cannot listen on tcp 127\.\S+: Address"):
                await second.listener.start()


class TestStorm:
    async def test_500_panels_that_call_at_once_are_all_answered(self):
        async with listening(crowd=CrowdLimits(per_address=1000)) as bench:

            async def panel(number: int) -> bytes:
                line = await bench.dial()
                answer = await ask(line, b"%d\n" % number)
                await hang_up(line)
                return answer

            answers = await asyncio.gather(*(panel(number) for number in range(500)))
            assert answers == [b"ACK %d\n" % number for number in range(500)]
            assert bench.count["connections_accepted"] == 500
            await until(lambda: bench.listener.connections == 0)
            assert bench.intake.waiting == 0


class TestLimits:
    """SEC-12."""

    async def test_connections_of_one_address(self):
        async with listening(crowd=CrowdLimits(per_address=2)) as bench:
            panels = [await bench.dial(), await bench.dial()]
            await until(lambda: bench.listener.connections == 2)
            assert await is_refused(bench)
            assert bench.count["connections_refused_per_address"] == 1
            await hang_up(panels.pop())
            await until(lambda: bench.listener.connections == 1)
            panels.append(await bench.dial())
            assert await ask(panels[1], b"1\n") == b"ACK 1\n"

    async def test_all_connections_and_the_fact_of_it(self):
        async with listening(crowd=CrowdLimits(connections=2, reserve_share=0.0)) as bench:
            await bench.dial()
            await bench.dial()
            await until(lambda: bench.listener.connections == 2)
            assert await is_refused(bench)
            assert await is_refused(bench)
            assert bench.count["connections_refused"] == 2
            assert bench.sink.states == [PortState.UP, PortState.DEGRADED]
            assert "all 2 connections" in bench.sink.facts[1].reason

    async def test_the_reserve_is_for_addresses_that_had_an_ack(self):
        crowd = CrowdLimits(connections=2, reserve_share=0.5)
        async with listening(crowd=crowd) as bench:
            first = await bench.dial()
            await until(lambda: bench.listener.connections == 1)
            assert await is_refused(bench)
            assert bench.count["connections_refused_reserve"] == 1
            assert await ask(first, b"1\n") == b"ACK 1\n"
            second = await bench.dial()
            assert await ask(second, b"2\n") == b"ACK 2\n"

    async def test_a_refusal_of_the_gateway_does_not_make_an_address_known(self):
        crowd = CrowdLimits(connections=2, reserve_share=0.5)
        async with listening(RecordingSink(lambda _: Verdict.DUH), crowd=crowd) as bench:
            first = await bench.dial()
            assert await ask(first, b"1\n") == b"DUH\n"
            assert await is_refused(bench)

    async def test_an_address_that_proved_itself_on_one_input_is_known_on_all(self):
        crowd = Crowd(CrowdLimits(connections=2, reserve_share=1.0), SystemClock())
        async with listening(crowd=crowd) as bench:
            assert await is_refused(bench)
            crowd.known.saw("127.0.0.1")
            panel = await bench.dial()
            assert await ask(panel, b"1\n") == b"ACK 1\n"

    async def test_two_listeners_share_the_room(self):
        crowd = Crowd(CrowdLimits(connections=2, reserve_share=0.0), SystemClock())
        async with listening(crowd=crowd) as one, listening(crowd=crowd) as other:
            first, second = await one.dial(), await other.dial()
            assert await ask(first, b"1\n") == b"ACK 1\n"
            assert await ask(second, b"2\n") == b"ACK 2\n"
            assert await is_refused(one)
            assert await is_refused(other)
            await hang_up(first)
            await until(lambda: one.listener.connections == 0)
            third = await other.dial()
            assert await ask(third, b"3\n") == b"ACK 3\n"

    async def test_no_complete_frame_in_5_min(self):
        time = HandTime()
        async with listening(time=time) as bench:
            _silent, drip, talking = [await bench.dial() for _ in range(3)]
            await until(lambda: bench.listener.connections == 3)
            drip[1].write(b"?noise\n")
            await until(lambda: bench.sink.items)
            assert await ask(talking, b".\n") == b"ACK .\n"
            time.pass_s(299)
            assert bench.listener.connections == 3
            time.pass_s(3)
            await until(lambda: bench.listener.connections == 1)
            assert bench.count["connections_expired_silent"] == 2
            assert await ask(talking, b"still\n") == b"ACK still\n"

    async def test_10_s_while_more_than_half_is_used(self):
        time = HandTime()
        async with listening(time=time, crowd=CrowdLimits(connections=3)) as bench:
            await bench.dial()
            await until(lambda: bench.listener.connections == 1)
            time.pass_s(12)
            assert bench.count["connections_expired_silent"] == 0
            talking = await bench.dial()
            assert await ask(talking, b".\n") == b"ACK .\n"
            time.pass_s(2)
            await until(lambda: bench.listener.connections == 1)
            assert bench.count["connections_expired_silent"] == 1

    async def test_a_frame_without_an_ack_keeps_no_room_while_more_than_half_is_used(self):
        time = HandTime()
        sink = RecordingSink(lambda item: Verdict.SILENCE if b"who" in item.raw else ack(item))
        async with listening(sink, time=time, crowd=CrowdLimits(connections=3)) as bench:
            stranger, panel = await bench.dial(), await bench.dial()
            stranger[1].write(b"who am I\n")
            assert await ask(panel, b".\n") == b"ACK .\n"
            await until(lambda: len(bench.sink.items) == 2)
            time.pass_s(12)
            await until(lambda: bench.listener.connections == 1)
            assert bench.count["connections_expired_strange"] == 1
            assert await ask(panel, b"still\n") == b"ACK still\n"

    async def test_a_stranger_beyond_the_allowance_waits_and_a_panel_does_not(self):
        sink = RecordingSink(lambda item: Verdict.SILENCE if b"who" in item.raw else ack(item))
        async with listening(sink) as bench:
            strangers = Strangers(LoopTimers(), bench.count, reads_per_s=1)  # one a tick
            bench.listener._link.strangers = strangers
            stranger = await bench.dial()
            for number in range(2):
                stranger[1].write(b"who\n")
                await until(lambda number=number: len(sink.items) == number + 1)
            assert strangers.resting_count == 1
            panel = await bench.dial()
            for number in range(20):
                line = b"%d\n" % number
                assert await ask(panel, line) == b"ACK " + line
            stranger[1].write(b"who\n")
            await until(lambda: len(sink.items) == 23)  # read again, in its turn

    async def test_thousands_that_expire_together_are_closed_a_few_at_a_time(self):
        time = HandTime()
        limits = CrowdLimits(connections=2_000, per_address=2_000)
        async with listening(time=time, crowd=limits) as bench:
            for _ in range(300):
                await bench.dial()
            await until(lambda: bench.listener.connections == 300)
            time.pass_s(299)
            while not bench.count["connections_expired_silent"]:
                time.pass_s(0.01)
            await until(lambda: bench.listener.connections <= 300 - ABORT_COUNT)
            assert bench.listener.connections == 300 - ABORT_COUNT
            time.pass_s(1)
            await until(lambda: bench.listener.connections == 0)

    async def test_idle_for_25_h(self):
        time = HandTime()
        async with listening(time=time) as bench:
            panel = await bench.dial()
            assert await ask(panel, b".\n") == b"ACK .\n"
            time.pass_s(90_000)
            assert bench.count["connections_expired_idle"] == 0
            time.pass_s(11)
            await until(lambda: bench.listener.connections == 0)
            assert bench.count["connections_expired_idle"] == 1

    async def test_the_supervision_interval_may_shorten_the_idle_limit(self):
        time = HandTime()
        asked = []

        def limit_of(accounts) -> float:
            asked.append(accounts)
            return 180.0

        async with listening(time=time, idle_limit_s=limit_of) as bench:
            panel = await bench.dial()
            assert await ask(panel, b".\n") == b"ACK .\n"
            time.pass_s(179)
            assert bench.count["connections_expired_idle"] == 0
            time.pass_s(12)
            await until(lambda: bench.listener.connections == 0)
            assert asked[0] == ()  # the lines of this protocol name no account

    async def test_a_report_that_waits_for_its_commit_is_not_idle(self):
        time = HandTime()
        async with listening(RecordingSink(), time=time, idle_limit_s=lambda _: 40.0) as bench:
            panel = await bench.dial()
            panel[1].write(b"1\n")
            await until(lambda: bench.sink.open)
            time.pass_s(100)
            assert bench.listener.connections == 1
            bench.sink.answer_all()
            assert await hear(panel) == b"ACK 1\n"


class TestReading:
    async def test_nothing_is_read_or_accepted_while_the_gate_is_closed(self):
        async with listening() as bench:
            panel = await bench.dial()
            assert await ask(panel, b"1\n") == b"ACK 1\n"
            bench.intake._tell(is_open=False)
            panel[1].write(b"2\n")
            later = await bench.dial()  # the kernel's backlog takes it
            later[1].write(b"3\n")
            await until(lambda: bench.count["reading_paused"])
            # Ten loop turns, in each of which a reader would have run.
            for _ in range(10):
                await asyncio.sleep(0)
            assert len(bench.sink.items) == 1
            assert bench.listener.connections == 1
            bench.intake._tell(is_open=True)
            assert await hear(panel) == b"ACK 2\n"
            assert await hear(later) == b"ACK 3\n"

    async def test_a_connection_that_was_under_way_when_the_gate_closed_is_not_read(self):
        async with listening() as bench:
            bench.intake.is_open = False
            panel = await bench.dial()
            panel[1].write(b"1\n")
            await until(lambda: bench.listener.connections == 1)
            for _ in range(20):
                await asyncio.sleep(0)
            assert bench.sink.items == []
            bench.intake._tell(is_open=True)
            assert await hear(panel) == b"ACK 1\n"

    async def test_a_sink_that_cannot_take_a_fact_does_not_stop_the_listener(self):
        sink = RecordingSink(ack)
        sink.fact = None
        async with listening(sink) as bench:
            assert await ask(await bench.dial(), b"1\n") == b"ACK 1\n"

    async def test_a_panel_that_takes_no_answers_is_not_read_without_end(self):
        async with listening() as bench:
            sock = socket.socket()
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            sock.setblocking(False)
            await asyncio.get_running_loop().sock_connect(sock, bench.listener.address)
            sent = 0

            async def send_without_reading() -> None:
                nonlocal sent
                while sent < 64 << 20:
                    await asyncio.get_running_loop().sock_sendall(sock, b"x" * 4000 + b"\n")
                    sent += 4001

            with pytest.raises(TimeoutError):
                await asyncio.wait_for(send_without_reading(), 0.5)
            assert sent < 64 << 20
            sock.close()
            await until(lambda: bench.listener.connections == 0)


class TestStop:
    """REL-51: stop reading, answer what was read, end."""

    async def test_pending_answers_leave_before_it_closes(self):
        async with listening(RecordingSink()) as bench:
            panel, idle = await bench.dial(), await bench.dial()
            panel[1].write(b"1\n")
            await until(lambda: bench.sink.open and bench.listener.connections == 2)
            stopping = asyncio.create_task(bench.listener.stop(grace_s=30.0))
            assert await hear_all(idle) == b""
            assert not stopping.done()
            bench.sink.answer_all()
            assert await hear_all(panel) == b"ACK 1\n"
            await stopping
            with pytest.raises(OSError, match=r"."):
                await bench.dial()

    async def test_what_is_not_answered_in_time_is_cut_without_an_answer(self):
        time = HandTime()
        async with listening(RecordingSink(), time=time) as bench:
            panel = await bench.dial()
            panel[1].write(b"1\n")
            await until(lambda: bench.sink.open)
            stopping = asyncio.create_task(bench.listener.stop(grace_s=3.0))
            await asyncio.sleep(0)
            time.pass_s(3.0)
            await stopping
            assert bench.count["connections_cut"] == 1
            bench.sink.answer_all()
            assert bench.count["answers_undeliverable"] == 1

    async def test_it_leaves_no_timer_behind(self):
        time = HandTime()
        async with listening(time=time) as bench:
            await bench.listener.stop(grace_s=1.0)
            assert time.waiting_count == 0


class TestDescriptors:
    """REL-53: out of descriptors, new connections are refused, open ones go on."""

    @pytest.mark.parametrize("loop_name", ["asyncio", "uvloop"])
    def test_a_process_out_of_descriptors(self, loop_name):
        outcome = subprocess.run(
            [sys.executable, "-m", "tests.support.starved_listener", loop_name],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert outcome.returncode == 0, outcome.stderr
        told = json.loads(outcome.stdout.splitlines()[-1])
        assert told["first_still_answered"]
        assert told["refused"] > 0
        assert told["states"] == ["up", "degraded"]
        assert "Too many open files" in told["reason"]
        assert told["answered_after"]


class TestKnownHosts:
    def test_an_address_is_known_for_24_h(self):
        time = HandTime()
        hosts = KnownHosts(time)
        hosts.saw("192.0.2.1")
        time.pass_s(86_400)
        assert hosts.is_known("192.0.2.1")
        time.pass_s(1)
        assert not hosts.is_known("192.0.2.1")
        assert not hosts.is_known("192.0.2.2")

    def test_the_memory_is_bounded_and_forgets_the_oldest(self):
        hosts = KnownHosts(HandTime(), limit=2)
        for host in ("a", "b", "a", "c"):
            hosts.saw(host)
        assert [host for host in "abc" if hosts.is_known(host)] == ["a", "c"]
