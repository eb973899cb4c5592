"""The UDP listener over real sockets: the answer comes from where the question went (REL-37)."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager, contextmanager

import pytest
from structlog.testing import capture_logs

from hardware.address import ListenError
from hardware.clock import LoopTimers, SystemClock
from hardware.intake import Intake
from hardware.known_hosts import KnownHosts
from hardware.network import RealNetwork
from hardware.sink import PortState
from hardware.udp import UdpLimits, UdpListener
from protocols._core import Verdict
from tests.support.echo_connection import connect_datagrams
from tests.support.hardware import Counts, HandTime, RecordingSink, ack, link_tools, until


class Bench:
    def __init__(self, sink=None, *, host="127.0.0.1", time=None, **settings) -> None:
        self.sink = sink or RecordingSink(ack)
        self.count = Counts()
        self.intake = Intake()
        self.listener = UdpListener(
            (host, 0),
            link_tools(
                "ip-1",
                connect=connect_datagrams,
                sink=self.sink,
                clock=time or SystemClock(),
                timers=time or LoopTimers(),
                count=self.count,
                intake=self.intake,
            ),
            network=RealNetwork(asyncio.get_running_loop()),
            **settings,
        )


@asynccontextmanager
async def listening(*args, **settings):
    bench = Bench(*args, **settings)
    await bench.listener.start()
    try:
        yield bench
    finally:
        await bench.listener.stop(grace_s=0.2)


@contextmanager
def panel(to, *, family=socket.AF_INET):
    """A panel's socket; connected, so it hears only answers from where it asked."""
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        sock.connect(to)
        yield sock


async def hear(sock) -> bytes:
    async with asyncio.timeout(5):
        return await asyncio.get_running_loop().sock_recv(sock, 65536)


def hears_nothing(sock) -> bool:
    try:
        return not sock.recv(65536)
    except BlockingIOError:
        return True


class TestAnswers:
    async def test_a_datagram_is_answered_to_its_source(self):
        async with listening() as bench:
            with panel(bench.listener.address) as one, panel(bench.listener.address) as two:
                one.send(b"1\n")
                two.send(b"2\n")
                assert await hear(one) == b"ACK 1\n"
                assert await hear(two) == b"ACK 2\n"
                peers = {origin.peer for origin in bench.sink.origins}
                assert peers == {f"127.0.0.1:{sock.getsockname()[1]}" for sock in (one, two)}
                assert bench.sink.origins[0].transport == "udp"

    async def test_ipv6(self):
        async with listening(host="::1") as bench:
            with panel(bench.listener.address, family=socket.AF_INET6) as sock:
                sock.send(b"1\n")
                assert await hear(sock) == b"ACK 1\n"
                assert bench.sink.origins[0].host == "::1"

    @pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "127.9.8.7"])
    async def test_a_wildcard_socket_answers_from_the_address_that_was_asked(self, host):
        """A panel drops answers from another address; 127/8 makes this host multi-homed."""
        async with listening(host="0.0.0.0") as bench:
            with panel((host, bench.listener.address[1])) as sock:
                sock.send(b"1\n")
                assert await hear(sock) == b"ACK 1\n"

    @pytest.mark.parametrize(
        ("family", "host"), [(socket.AF_INET6, "::1"), (socket.AF_INET, "127.0.0.3")]
    )
    async def test_so_does_the_ipv6_wildcard_for_both_families(self, family, host):
        async with listening(host="::") as bench:
            with panel((host, bench.listener.address[1]), family=family) as sock:
                sock.send(b"1\n")
                assert await hear(sock) == b"ACK 1\n"
                assert bench.sink.origins[0].host in {"::1", "127.0.0.1"}

    async def test_answers_wait_for_nobody_else(self):
        async with listening(RecordingSink()) as bench:
            with panel(bench.listener.address) as slow, panel(bench.listener.address) as quick:
                slow.send(b"slow\n")
                await until(lambda: len(bench.sink.open) == 1)
                quick.send(b"quick\n")
                await until(lambda: len(bench.sink.open) == 2)
                item, respond = bench.sink.open.pop()
                respond(item, Verdict.ACK)
                assert await hear(quick) == b"ACK quick\n"
                bench.sink.answer_all()
                assert await hear(slow) == b"ACK slow\n"

    async def test_two_frames_in_one_datagram_are_two_answers(self):
        async with listening(RecordingSink()) as bench:
            with panel(bench.listener.address) as sock:
                sock.send(b"1\n2\n")
                await until(lambda: len(bench.sink.open) == 2)
                bench.sink.answer_all()
                assert [await hear(sock), await hear(sock)] == [b"ACK 1\n", b"ACK 2\n"]

    async def test_nothing_is_joined_across_datagrams(self):
        async with listening() as bench:
            with panel(bench.listener.address) as sock:
                sock.send(b"ha")
                sock.send(b"lf\n")
                await until(lambda: len(bench.sink.items) == 2)
                assert bench.sink.raws == [b"ha", b"lf\n"]

    async def test_a_large_datagram_is_not_cut(self):
        async with listening() as bench:
            with panel(bench.listener.address) as sock:
                sock.send(b"x" * 60_000 + b"\n")
                await until(lambda: bench.sink.items)
                assert len(bench.sink.raws[0]) == 60_001

    async def test_a_thousand_datagrams_at_once(self):
        async with listening() as bench:
            with panel(bench.listener.address) as sock:
                for start in range(0, 1000, 50):
                    for number in range(start, start + 50):
                        sock.send(b"%d\n" % number)
                    for number in range(start, start + 50):
                        assert await hear(sock) == b"ACK %d\n" % number
                assert bench.intake.waiting == 0


class TestReplyLimits:
    """SEC-11, SEC-13."""

    async def test_refusals_to_one_address_are_limited_and_acks_are_not(self):
        def policy(item):
            return Verdict.DUH if item.raw.startswith(b"bad") else Verdict.ACK

        time = HandTime()
        async with listening(RecordingSink(policy), time=time) as bench:
            with panel(bench.listener.address) as sock:
                for _ in range(20):
                    sock.send(b"bad frame\n")
                sock.send(b"good\n")
                answers = [await hear(sock) for _ in range(6)]
                assert answers == [b"DUH\n"] * 5 + [b"ACK good\n"]
                assert bench.count["replies_limited"] == 15
                time.pass_s(1)
                sock.send(b"bad frame\n")
                assert await hear(sock) == b"DUH\n"

    async def test_a_refusal_is_never_longer_than_what_was_sent(self):
        async with listening(RecordingSink(lambda _: Verdict.NAK_TIME)) as bench:
            with panel(bench.listener.address) as sock:
                sock.send(b"x\n")
                await until(lambda: bench.count["replies_oversized"])
                sock.send(b"long enough\n")
                assert await hear(sock) == b"NAK_TIME\n"

    async def test_silence_says_nothing(self):
        async with listening(RecordingSink(lambda _: Verdict.SILENCE)) as bench:
            with panel(bench.listener.address) as sock:
                sock.send(b"1\n")
                await until(lambda: bench.sink.items)
                assert hears_nothing(sock)


class TestKnownHosts:
    """SEC-12: who is one of ours over UDP may also come by TCP when room is scarce."""

    async def test_an_address_that_was_given_an_ack_is_known_and_no_other(self):
        time = HandTime()
        known = KnownHosts(time)
        async with listening(time=time, known=known) as bench:
            with panel(bench.listener.address) as sock:
                sock.send(b"?noise\n")
                sock.send(b"1\n")
                assert await hear(sock) == b"ACK 1\n"
                assert not known.is_known("127.0.0.1")
                time.pass_s(1)
                assert known.is_known("127.0.0.1")

    async def test_noise_alone_makes_nobody_known(self):
        time = HandTime()
        known = KnownHosts(time)
        async with listening(time=time, known=known) as bench:
            with panel(bench.listener.address) as sock:
                sock.send(b"?noise\n")
                await until(lambda: bench.sink.items)
                time.pass_s(1)
                assert not known.is_known("127.0.0.1")


class TestReading:
    async def test_too_many_unanswered_stop_the_reading(self):
        async with listening(RecordingSink(), limits=UdpLimits(pending=10)) as bench:
            with panel(bench.listener.address) as sock:
                for number in range(30):
                    sock.send(b"%d\n" % number)
                await until(lambda: bench.count["reading_paused"])
                for _ in range(10):
                    await asyncio.sleep(0)
                assert len(bench.sink.items) == 11
                bench.sink.policy = ack
                bench.sink.answer_all()
                heard = {await hear(sock) for _ in range(30)}
                assert heard == {b"ACK %d\n" % number for number in range(30)}

    async def test_the_gate_of_the_gateway_stops_it_too(self):
        async with listening() as bench:
            with panel(bench.listener.address) as sock:
                bench.intake._tell(is_open=False)
                sock.send(b"1\n")
                for _ in range(10):
                    await asyncio.sleep(0)
                assert bench.sink.items == []
                bench.intake._tell(is_open=True)
                assert await hear(sock) == b"ACK 1\n"

    async def test_rel_22_a_burst_beyond_the_limit_stops_it_at_once(self):
        async with listening(RecordingSink()) as bench:
            bench.intake.limit = 3
            with panel(bench.listener.address) as sock:
                for number in range(10):
                    sock.send(b"%d\n" % number)
                await until(lambda: not bench.intake.is_open)
                for _ in range(10):
                    await asyncio.sleep(0)
                assert len(bench.sink.open) == 4
                bench.sink.policy = ack
                bench.sink.answer_all()
                bench.intake._look_again()
                assert await hear(sock) == b"ACK 0\n"
                await until(lambda: len(bench.sink.items) == 10)


class TestFailure:
    async def test_an_exception_costs_that_datagram_only(self):
        async with listening() as bench:
            with panel(bench.listener.address) as sock:
                sock.send(b"!\n")
                sock.send(b"unanswerable\n")
                sock.send(b"1\n")
                assert await hear(sock) == b"ACK 1\n"
                assert bench.count["links_failed"] == 2
                assert bench.intake.waiting == 0

    async def test_a_sink_that_raises_leaves_nothing_waiting(self):
        async with listening() as bench:
            with panel(bench.listener.address) as sock:
                bench.sink.error = RuntimeError("boom")
                sock.send(b"1\n")
                await until(lambda: bench.count["links_failed"])
                assert bench.intake.waiting == 0
                bench.sink.error = None
                sock.send(b"2\n")
                assert await hear(sock) == b"ACK 2\n"

    async def test_an_address_that_is_taken(self):
        async with listening() as bench:
            second = Bench()
            second.listener._wanted = bench.listener.address
            with pytest.raises(ListenError, match="cannot listen on udp"):
                await second.listener.start()

    async def test_a_verdict_given_twice_is_counted(self):
        async with listening(RecordingSink()) as bench:
            with panel(bench.listener.address) as sock:
                sock.send(b"1\n")
                await until(lambda: bench.sink.open)
                item, respond = bench.sink.open[0]
                respond(item, Verdict.ACK)
                respond(item, Verdict.ACK)
                assert await hear(sock) == b"ACK 1\n"
                assert bench.count["answers_unexpected"] == 1


class TestStop:
    async def test_pending_answers_leave_before_it_closes(self):
        async with listening(RecordingSink()) as bench:
            with panel(bench.listener.address) as sock:
                sock.send(b"1\n")
                await until(lambda: bench.sink.open)
                stopping = asyncio.create_task(bench.listener.stop(grace_s=30.0))
                await asyncio.sleep(0)
                assert not stopping.done()
                bench.sink.answer_all()
                await stopping
                assert await hear(sock) == b"ACK 1\n"
                assert bench.sink.states == [PortState.UP]

    async def test_what_is_not_answered_in_time_stays_unanswered(self):
        time = HandTime()
        async with listening(RecordingSink(), time=time) as bench:
            with panel(bench.listener.address) as sock:
                sock.send(b"1\n")
                await until(lambda: bench.sink.open)
                stopping = asyncio.create_task(bench.listener.stop(grace_s=3.0))
                await asyncio.sleep(0)
                time.pass_s(3)
                await stopping
                bench.sink.answer_all()
                assert bench.count["answers_undeliverable"] == 1
                assert bench.intake.waiting == 0
                assert time.waiting_count == 0


async def test_frames_stand_in_the_log_with_their_direction():
    with capture_logs() as logs:
        async with listening() as bench:
            with panel(bench.listener.address) as sock:
                sock.send(b"a\n")
                assert await hear(sock) == b"ACK a\n"
    assert [entry["event"] for entry in logs] == ["frame.received", "frame.sent"]
    assert logs[0]["raw_hex"] == "> 61 0a"
    assert logs[1]["raw_hex"] == "< 41 43 4b 20 61 0a"
    assert logs[0]["peer"] == logs[1]["peer"] == bench.sink.origins[0].peer
