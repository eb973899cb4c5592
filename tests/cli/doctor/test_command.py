"""The command: a capture, a running input, a configuration; words for people, JSON for programs."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import sys
from pathlib import Path

import pytest

from protocols._core.transcript import as_text
from protocols.dc09.answers import seal_hex
from tests.support.station import Station

ROOT = Path(__file__).resolve().parents[3]
FRAME = seal_hex(b'"SIA-DCS"0001L0#001234[#001234|Nri1/BA001]')


async def doctor(*words: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway.cli.main", "doctor", *words, cwd=ROOT,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(60):
        out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def test_a_capture_is_judged_by_the_configuration(tmp_path):
    station = Station(tmp_path, accounts=["1234"])
    file = tmp_path / "panel.txt"
    file.write_text(f"@ protocol dc09\n> {as_text(FRAME)}\n")
    status, out, _ = await doctor(str(file), "-c", str(station.config))
    assert status == 1
    assert "The panel says account 001234, the station knows 1234" in out
    assert "certain" in out
    status, out, _ = await doctor(str(file), "-c", str(station.config), "--json")
    assert status == 1
    assert [one["id"] for one in json.loads(out)["findings"]] == ["account_leading_zero"]


async def test_a_capture_alone_is_judged_by_its_frames(tmp_path):
    file = tmp_path / "panel.txt"
    file.write_text(f"> {as_text(FRAME)}\n")
    status, out, _ = await doctor(str(file), "--protocol", "dc09")
    assert (status, "Nothing wrong found." in out) == (0, True)


async def test_a_capture_of_an_input_that_finds_out_for_itself(tmp_path):
    file = tmp_path / "panel.txt"
    file.write_text(f"@ protocol auto\n> {as_text(FRAME)}\n")
    status, out, _ = await doctor(str(file))
    assert (status, "Nothing wrong found." in out) == (0, True)
    file.write_text("@ protocol auto\n> ABCD\n")
    status, _, err = await doctor(str(file))
    assert status == 2
    assert "say which with --protocol" in err


async def test_a_configuration(tmp_path):
    station = Station(tmp_path, accounts=["1234", "001234"], confirm_by=())
    status, out, _ = await doctor(str(station.config))
    assert status == 1
    assert "An event counts as delivered once the broker has it" in out
    assert "001234 and 1234" in out


@pytest.mark.system
async def test_a_running_input_is_listened_to(tmp_path):
    station = Station(tmp_path, accounts=["1234"])
    await station.start()

    async def panel():
        loop = asyncio.get_running_loop()
        while True:  # unknown here, it gets no answer
            with socket.socket() as wire:
                wire.setblocking(False)
                await loop.sock_connect(wire, ("127.0.0.1", station.port))
                await loop.sock_sendall(wire, FRAME)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(0.3):
                        await loop.sock_recv(wire, 100)

    calling = asyncio.ensure_future(panel())
    status, out, err = await doctor("ip-1", "--for", "3", "-c", str(station.config))
    calling.cancel()
    await asyncio.wait([calling])
    assert status == 1, out + err
    assert "The panel says account 001234" in out
    await station.stop()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("no-such.txt",), "there is no file no-such.txt"),
        (("{good}",), "say which with --protocol"),
        (("{bad}", "-p", "dc09"), "line 1: 'hello' seen"),
        (("{empty}", "-p", "dc09"), "nothing was heard"),
        (("no-such.toml",), "no-such.toml"),
    ],
)
async def test_mistakes_are_told_in_words(tmp_path, words, told):
    for name, text in {"good": "> 06\n", "bad": "hello\n", "empty": "# nothing\n"}.items():
        (tmp_path / name).write_text(text)
    given = [word.format(**{n: tmp_path / n for n in ("good", "bad", "empty")}) for word in words]
    status, _, err = await doctor(*given)
    assert (status, told in err, "Traceback" in err) == (2, True, False)
