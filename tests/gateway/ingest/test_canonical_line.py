"""One line for each acknowledged report, at level info: what a technician looks for first."""

from __future__ import annotations

import asyncio

import pytest

from protocols.dc09 import build_frame
from tests.support.station import Station, until


@pytest.mark.parametrize(("level", "is_told"), [("info", True), ("warning", False)])
async def test_an_acknowledged_report_has_its_line(tmp_path, level, is_told):
    station = Station(tmp_path, accounts=("1234",), extra=f'[log]\nlevel = "{level}"')
    if not is_told:
        # The line that says it is ready is not written either; the control socket tells.
        await _start_quietly(station)
    else:
        await station.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", station.port)
    data = b"#1234|1131 01 015"
    writer.write(build_frame("ADM-CID", account="1234", data=data, sequence="0001", pad=bytes))
    await reader.readuntil(b"\r")
    writer.close()
    if is_told:
        await until(lambda: station.logged("report.acknowledged"))
        (line,) = station.logged("report.acknowledged")
        assert (line["account"], line["input"], line["events"]) == ("1234", "ip-1", 1)
        assert line["took_ms"] >= 0
        assert len(line["event_id"]) == 36
    assert await station.stop() == 0
    assert bool(station.logged("report.acknowledged")) is is_told


async def _start_quietly(station: Station) -> None:
    starting = asyncio.create_task(station.start())

    async def listens():
        if not station.control.exists():
            return False
        # The inputs open last; until then the answer names no address.
        return bool((await station.ask(do="ping"))["addresses"])

    await until(listens)
    station._ready.set()
    await starting
