"""REL-51: SIGTERM and SIGKILL at any point, from before the configuration is read to the end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from protocols.dc09 import build_frame
from tests.support.station import LAUNCH, Station

pytestmark = [pytest.mark.system, pytest.mark.alone]

POINTS = int(os.environ.get("SIGNAL_POINTS", "5"))
"""Points of time over the start; ``SIGNAL_POINTS=200`` sweeps finely."""

STOPPED_WITHIN_S = 5.0
_SILENT = {0, -signal.SIGTERM}
"""Ended as asked: by itself, or before anything of ours could listen for the signal."""


async def report(station: Station, sequence: int) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", station.port)
    writer.write(
        build_frame(
            "ADM-CID", account="1234", data=b"#1234|1131 01 015", sequence=f"{sequence:04}",
            pad=bytes,
        )
    )  # fmt: skip
    async with asyncio.timeout(5):
        answer = await reader.readuntil(b"\r")
    writer.close()
    return answer


async def spawn(station: Station) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *LAUNCH, "run", "--config", str(station.config),
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        cwd=Path(__file__).resolve().parents[2],
    )  # fmt: skip


async def signalled(station: Station, after_s: float, *numbers: int) -> tuple[int, bytes]:
    """Start it, send the signals one after another, give status and last words."""
    process = await spawn(station)
    words = asyncio.create_task(process.stderr.read())
    await asyncio.sleep(after_s)  # a point of time is what is swept
    for number in numbers:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, number)  # the process's own method would reap it
            await asyncio.sleep(0.02)
    async with asyncio.timeout(STOPPED_WITHIN_S + 5.0):
        status = await process.wait()
        return status, await words


async def test_no_signal_at_any_point_loses_what_was_acknowledged(tmp_path):
    station = Station(tmp_path, accounts=("1234",))
    loop = asyncio.get_running_loop()
    begun = loop.time()
    await station.start()
    start_s = loop.time() - begun
    try:
        assert b'"ACK"0001' in await report(station, 1)
        assert await station.stop() == 0
        for point in range(POINTS + 1):
            after_s = start_s * 1.2 * point / POINTS
            status, words = await signalled(station, after_s, signal.SIGTERM)
            assert status in _SILENT, (after_s, words)
            assert b"Traceback" not in words, (after_s, words)
            status, words = await signalled(station, after_s, signal.SIGTERM, signal.SIGTERM)
            assert status in {*_SILENT, 130}, (after_s, words)
            status, _ = await signalled(station, after_s, signal.SIGKILL)
            assert status == -signal.SIGKILL
        # Whatever was left behind, it starts, knows the report again and takes the next.
        await station.start()
        assert b'"ACK"0001' in await report(station, 1)
        assert b'"ACK"0002' in await report(station, 2)
        assert (await station.ask(do="counters"))["counters"]["report_repeated"] == 1
        assert await station.stop() == 0
    finally:
        station.kill_now()
    verify = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway.cli.main", "journal", "verify", "-c", str(station.config),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        cwd=Path(__file__).resolve().parents[2],
    )  # fmt: skip
    said, _ = await verify.communicate()
    assert verify.returncode == 0, said
