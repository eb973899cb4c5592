"""REL-20: verify, export, backup and republish beside a gateway at 1,000 events a second."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from pathlib import Path
from random import Random

import pytest

from protocols.dc09 import build_frame
from tests.support.station import Station, until

pytestmark = pytest.mark.system

ROOT = Path(__file__).resolve().parents[2]
ACCOUNTS = [f"{number:04d}" for number in range(1000, 1020)]
RATE = 1_000  # events a second, of all panels together


class Panels:
    """Twenty panels, each with one report under way, at a steady rate; knows what was ACKed."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.acknowledged = 0
        self.slowest_s = 0.0
        self._over = asyncio.Event()
        self._tasks: list[asyncio.Task] = []

    async def __aenter__(self):
        self._tasks = [asyncio.create_task(self._panel(account)) for account in ACCOUNTS]
        return self

    async def __aexit__(self, *_what):
        self._over.set()
        await asyncio.gather(*self._tasks)

    async def _panel(self, account: str) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        loop, pad = asyncio.get_running_loop(), Random(1).randbytes
        began = loop.time()
        sent = 0
        while not self._over.is_set():
            sent += 1
            data = b"#%b|1%03d 01 %03d" % (account.encode(), 130 + sent % 9, sent % 999)
            at = loop.time()
            writer.write(
                build_frame(
                    "ADM-CID", account=account, data=data, sequence=f"{sent % 9999 + 1:04d}",
                    pad=pad,
                )
            )  # fmt: skip
            await reader.readuntil(b"\r")
            self.slowest_s = max(self.slowest_s, loop.time() - at)
            self.acknowledged += 1
            behind_s = began + sent * len(ACCOUNTS) / RATE - loop.time()
            if behind_s > 0:
                with_timeout = asyncio.wait_for(self._over.wait(), behind_s)
                try:
                    await with_timeout
                except TimeoutError:
                    continue
        writer.close()

    async def until(self, count: int) -> None:
        await until(lambda: self.acknowledged >= count)


async def command(*words: object) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway.cli.main", "journal", *map(str, words),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    async with asyncio.timeout(60):
        out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


@pytest.fixture
async def station(tmp_path):
    station = Station(tmp_path, accounts=ACCOUNTS)
    await station.start()
    yield station
    await station.stop()


async def test_every_tool_works_under_load_and_a_backup_goes_on_as_a_journal(station, tmp_path):
    copy, lines = tmp_path / "copy.db", tmp_path / "events.jsonl"
    async with Panels(station.port) as panels:
        await panels.until(1_500)
        verified = {"blocks": 0}
        async with asyncio.timeout(60):
            while not verified["blocks"]:  # until some of it was sealed, and the end was not yet
                before = panels.acknowledged
                status, out, err = await command("verify", "-c", station.config, "--json")
                assert status == 0, out + err
                verified = json.loads(out.splitlines()[-1])
                assert verified["records"] >= before

        before = panels.acknowledged
        status, out, err = await command("backup", copy, "-c", station.config)
        assert status == 0, out + err
        assert "whole" in out
        in_copy = before

        status, out, err = await command(
            "export", "-c", station.config, "--account", ACCOUNTS[3], "-o", lines
        )
        assert status == 0, err
        assert "SHA-256" in err
        exported = [json.loads(line) for line in lines.read_text().splitlines()]
        assert {one["account"] for one in exported} == {ACCOUNTS[3]}
        assert [one["seq"] for one in exported] == sorted(one["seq"] for one in exported)

        first, last = exported[0]["seq"], exported[-1]["seq"]
        status, out, err = await command("republish", first, last, "-c", station.config)
        assert status == 0, err
        assert "published again" in out
    assert panels.slowest_s < 4.0
    await station.stop()

    status, out, err = await command("verify", "--file", copy, "--json")
    assert status == 0, out + err
    assert json.loads(out.splitlines()[-1])["records"] >= in_copy

    # Restored, it takes events under numbers that the original cannot have used.
    shutil.rmtree(station.journal)
    station.journal.mkdir()
    shutil.copy(copy, station.journal / "journal.db")
    await station.start()
    async with Panels(station.port) as panels:
        await panels.until(100)
    status, out, err = await command("verify", "-c", station.config)
    assert status == 0, out + err
    status, out, err = await command("list", "-c", station.config, "--json", "-n", 1)
    assert json.loads(out)["seq"] > 1 << 32


async def test_damage_and_mistakes_have_their_exit_status(station, tmp_path):
    async with Panels(station.port) as panels:
        await panels.until(50)
    await station.stop()
    copy = tmp_path / "copy.db"
    assert (await command("backup", copy, "-d", station.journal))[0] == 0
    status, _, err = await command("backup", copy, "-d", station.journal)
    assert (status, "is there already" in err) == (2, True)
    status, _, err = await command("backup", tmp_path / "no" / "copy.db", "-d", station.journal)
    assert (status, "cannot be written" in err) == (2, True)
    assert not [*tmp_path.glob("*.partial*")]
    status, _, err = await command("verify", "-d", tmp_path / "nothing")
    assert (status, "no journal" in err) == (2, True)
    status, _, err = await command("verify", "--file", station.config)
    assert (status, "cannot be read" in err) == (2, True)
    data = bytearray(copy.read_bytes())
    at = data.rindex(b"ADM-CID")
    data[at] ^= 1
    copy.write_bytes(data)
    status, out, err = await command("verify", "--file", copy)
    assert status == 1, out + err
    assert "record_damaged" in out
    (tmp_path / "bad").mkdir()
    copy.rename(tmp_path / "bad" / "journal.db")
    status, out, err = await command("export", "-d", tmp_path / "bad")
    assert status == 1
    assert "damaged records" in err
