"""The C load generator, compiled here and run against the codec and a bare echo."""

from __future__ import annotations

import asyncio
import json
import subprocess
from pathlib import Path

import pytest

from benchmarks.compiling import compiler
from benchmarks.loadgen import LoadgenError, build, command, run_async
from protocols._core import LinkTest, Verdict
from tests.support.dc09_server import Station, listening

pytestmark = pytest.mark.skipif(
    compiler() is None, reason="no C compiler (cc, gcc, clang) on this machine"
)


async def test_every_frame_is_sound_and_no_two_are_equal() -> None:
    async with listening(Station()) as station:
        result = await run_async(
            port=station.port, connections=5, accounts=12, count=500, seconds=10.0
        )
        assert result.sent == result.acked == 500
        assert (result.refused, result.unanswered, result.retries) == (0, 0, 0)
        assert result.connected == result.first_acks == 5
        reports = station.reports()
        assert len({(r.account, r.identity) for r in reports}) == 500
        assert {r.account for r in reports} == {str(100_000 + n) for n in range(12)}
        assert not any(r.quirks for r in reports)
        assert result.p50_us <= result.p99_us <= result.p999_us <= result.max_us


async def test_it_ends_in_time_by_itself() -> None:
    async with listening(Station()) as station:
        result = await run_async(port=station.port, connections=3, seconds=0.5, payload="cid")
        assert 0.45 < result.seconds < 4.0
        assert result.acked == result.sent > 0


async def test_a_rate_is_kept() -> None:
    async with listening(Station()) as station:
        result = await run_async(
            port=station.port, connections=10, count=100, rate=200.0, seconds=20
        )
        assert result.acked == result.sent == 100
        assert result.seconds > 0.49  # 99 gaps of 5 ms


async def test_link_tests_over_udp() -> None:
    async with listening(Station()) as station:
        result = await run_async(
            port=station.port, mode="null", transport="udp", connections=4, count=100, seconds=10.0
        )
        assert result.acked == 100
        assert {type(incoming) for incoming in station.heard} == {LinkTest}


async def test_idle_connections_say_they_are_there_and_stay() -> None:
    async with listening(Station()) as station:
        result = await run_async(port=station.port, mode="idle", connections=50, seconds=0.5)
        assert result.connected == result.first_acks == result.acked == 50
        assert len(station.heard) == 50


async def test_an_unanswered_frame_is_sent_again_and_not_counted_twice() -> None:
    verdicts = iter([Verdict.SILENCE, *[Verdict.ACK] * 9])
    async with listening(Station(judge=lambda _: next(verdicts))) as station:
        result = await run_async(port=station.port, count=9, seconds=10.0, timeout_ms=50)
        assert (result.sent, result.acked, result.retries) == (9, 9, 1)
        assert result.max_us >= 50_000
        assert station.reports()[0].raw == station.reports()[1].raw


async def test_an_answer_that_is_no_ack_is_refused() -> None:
    async with listening(Station(judge=lambda _: Verdict.DUH)) as station:
        result = await run_async(port=station.port, count=5, seconds=10.0)
        assert (result.acked, result.refused) == (0, 5)


async def test_echo_mode_takes_its_own_frame_back() -> None:
    class Echo(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = transport

        def data_received(self, data: bytes) -> None:
            self.transport.write(data)

    server = await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        result = await run_async(port=port, mode="echo", connections=7, count=700, seconds=10.0)
    assert result.sent == result.acked == 700


async def test_its_ledger_names_every_acknowledged_report(tmp_path: Path) -> None:
    ledger = tmp_path / "acked"
    async with listening(Station()) as station:
        await run_async(port=station.port, connections=2, count=40, seconds=10.0, ledger=ledger)
        lines = {tuple(line.split()) for line in ledger.read_text().splitlines()}
        heard = {(r.account, r.sequence, r.parts[0].address) for r in station.reports()}
        assert lines == heard
        assert len(lines) == 40


def test_nobody_listening_ends_with_status_1_and_words() -> None:
    line = command(port=1, seconds=0.2, drain_s=0.0)
    done = subprocess.run(line, capture_output=True, text=True, timeout=10, check=False)
    assert done.returncode == 1
    assert "nobody listens" in done.stderr
    assert json.loads(done.stdout)["acked"] == 0


@pytest.mark.parametrize("wrong", ["--mode=fast", "--connections=0", "--seconds=1e9", "surplus"])
def test_a_mistake_in_the_options_is_told(wrong: str) -> None:
    done = subprocess.run(
        [str(build()), "--port", "1", wrong], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr


async def test_options_it_refuses_raise() -> None:
    with pytest.raises(LoadgenError, match="status 2"):
        await run_async(port=1, base_account=1)
