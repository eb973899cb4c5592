"""What a running gateway hears and says is captured, and the capture is a test of another one."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest

from protocols._core.transcript import Came, Went, as_text, read
from protocols.dc09.answers import seal_hex
from tests.support.fleet import KEY, RECEIVER_ACCOUNT, Callers
from tests.support.station import Station, until

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.system


async def command(*words: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway.cli.main", *words, cwd=ROOT,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def ran(*words: str) -> tuple[int, str, str]:
    process = await command(*words)
    async with asyncio.timeout(60):
        out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


@pytest.fixture
async def station(tmp_path):
    made = Station(tmp_path, accounts=["1234"], encrypted=["5678"], key=KEY)
    await made.start()
    yield made
    await made.stop()


async def say(port: int, *frames: bytes) -> list[bytes]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answers = []
    for frame in frames:
        writer.write(frame)
        async with asyncio.timeout(10):
            answers.append(await reader.readuntil(b"\r"))
    writer.close()
    await writer.wait_closed()
    return answers


def report(number: int) -> bytes:
    return seal_hex(b'"SIA-DCS"%04dL0#1234[#1234|Nri1/BA%03d]' % (number, number))


async def captured(station: Station, output: Path, talk, *options: str) -> str:
    """Capture while ``talk`` runs, until Ctrl-C; give what is in the file."""
    process = await command(
        "capture", "ip-1", "--for", "1h", "-o", str(output), "-c", str(station.config), *options
    )
    await until(lambda: output.exists() and "@ clock" in output.read_text())
    await talk()
    await until(lambda: output.read_text().count("\n<") >= 2)
    process.send_signal(2)
    async with asyncio.timeout(20):
        _, err = await process.communicate()
    assert process.returncode == 0, err
    assert "2 answers" in err.decode()
    return output.read_text()


async def test_a_capture_holds_both_ways_and_passes_on_a_fresh_gateway(station, tmp_path):
    answers = []

    async def talk():
        answers.extend(await say(station.port, report(1), report(2)))

    file = tmp_path / "panel.txt"
    text = await captured(station, file, talk)
    said = read(text)
    assert said.protocol == "dc09"
    assert [step.data for step in said.steps if isinstance(step, Came)] == [report(1), report(2)]
    assert [step.data for step in said.steps if isinstance(step, Went)] == answers
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    other = Station(fresh, accounts=["1234"])
    await other.start()
    to = f"tcp://127.0.0.1:{other.port}"
    status, out, _ = await ran("replay", str(file), "--to", to, "--speed", "max", "--check")
    assert (status, out.splitlines()[-1]) == (0, "2 reads sent; 2 of 2 answers as in the file")
    await other.stop()


async def test_another_answer_is_told_with_its_line(station, tmp_path):
    file = tmp_path / "wrong.txt"
    wrong = seal_hex(b'"ACK"0009L0#1234[]')
    file.write_text(f"@ protocol dc09\n> {as_text(report(3))}\n< {as_text(wrong)}\n")
    to = f"tcp://127.0.0.1:{station.port}"
    status, _, err = await ran("replay", str(file), "--to", to, "--speed", "max", "--check")
    assert status == 1
    assert f"{file}:3: the answer differs" in err
    assert '"ACK"0003L0#1234' in err
    status, out, _ = await ran("replay", str(file), "--to", to, "--speed", "max", "--json")
    assert status == 0
    assert len(json.loads(out)["differences"]) == 1


async def test_only_one_peer_is_captured_and_datagrams_say_so(station, tmp_path):
    async def talk():
        await say(station.port, report(4))
        loop = asyncio.get_running_loop()
        got = asyncio.Queue()

        class Panel(asyncio.DatagramProtocol):
            def datagram_received(self, data, _addr):
                got.put_nowait(data)

        wire, _ = await loop.create_datagram_endpoint(
            Panel, remote_addr=("127.0.0.1", station.port), local_addr=("127.0.0.2", 0)
        )
        for number in (5, 6):
            wire.sendto(report(number))
            async with asyncio.timeout(10):
                await got.get()
        wire.close()

    text = await captured(station, tmp_path / "udp.txt", talk, "--peer", "127.0.0.2")
    said = read(text)
    assert {step.peer.rpartition("/")[2] for step in said.steps if isinstance(step, Came)} == {
        "udp"
    }
    assert [step.data for step in said.steps if isinstance(step, Came)] == [report(5), report(6)]
    to = f"udp://127.0.0.1:{station.port}"
    status, out, err = await ran("replay", str(tmp_path / "udp.txt"), "--to", to, "--check")
    assert status == 0, out + err


async def test_mistakes_are_told_in_words(station, tmp_path):
    config = str(station.config)
    status, _, err = await ran("capture", "ip-9", "-c", config, "-o", str(tmp_path / "x"))
    assert (status, "there is no input 'ip-9'; there are: ip-1" in err) == (2, True)
    status, _, err = await ran("capture", "ip-1", "--for", "ever", "-c", config)
    assert (status, "expected a time like" in err) == (2, True)
    status, _, err = await ran("replay", str(tmp_path / "no.txt"), "--to", "tcp://127.0.0.1:1")
    assert (status, "cannot be read" in err) == (2, True)
    (tmp_path / "bad.txt").write_text("hello\n")
    status, _, err = await ran("replay", str(tmp_path / "bad.txt"), "--to", "tcp://127.0.0.1:1")
    assert (status, "line 1: 'hello' seen" in err) == (2, True)
    (tmp_path / "good.txt").write_text("> 06\n")
    status, _, err = await ran("replay", str(tmp_path / "good.txt"), "--to", "tcp://127.0.0.1:1")
    assert (status, "cannot be opened" in err) == (2, True)


async def test_a_receiver_on_a_serial_line_is_captured(tmp_path):
    serial = tmp_path / "serial"
    callers = Callers(0, serial, panels=1)
    station = Station(tmp_path, accounts=[RECEIVER_ACCOUNT], serial=serial)
    callers = Callers(station.port, serial, panels=1)
    async with callers:
        await station.start()
        began = await station.ask(do="capture", input="rx-1", for_s=60)
        assert began["protocol"] == "surgard"
        records = []

        async def heard():
            said = await station.ask(do="capture-fetch", capture=began["capture"])
            records.extend(said["records"])
            return any(is_ours for _, _, is_ours, _ in records)

        await until(heard)
        second = await station.ask(do="capture", input="rx-1", for_s=60)
        assert "is being captured already" in second["error"]
        await station.ask(do="capture-stop", capture=began["capture"])
        again = await station.ask(do="capture", input="rx-1", for_s=60)
        assert again["ok"]
        await callers.finish()
    assert all(bytes.fromhex(data) in {b"\x06", b"\x15"} for _, _, ours, data in records if ours)
    await station.stop()
