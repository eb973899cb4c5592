"""The control socket: lines of JSON in and out, mistakes told, mode 0660 (SEC-25)."""

import asyncio
import json
import stat
from pathlib import Path

import pytest

from gateway.control import MAX_LINE_BYTES, Control, ControlError, ask
from hardware.local_socket import LocalSocket


async def _echo(request):
    return {"heard": request.get("word")}


async def _refuse(_request):
    raise ControlError("not while it rains")


async def _break(_request):
    raise RuntimeError("bug")


@pytest.fixture
async def path(tmp_path):
    control = Control({"echo": _echo, "refuse": _refuse, "break": _break})
    served = LocalSocket(tmp_path / "c.sock", control.handle, max_line_bytes=MAX_LINE_BYTES)
    await served.start()
    yield tmp_path / "c.sock"
    await served.stop()
    assert not Path(tmp_path / "c.sock").exists()


async def test_a_request_gets_its_answer(path):
    assert await asyncio.to_thread(ask, path, {"do": "echo", "word": "hello"}) == {"heard": "hello"}


async def test_only_owner_and_group_may_open_it(path):
    assert stat.S_IMODE(path.stat().st_mode) == 0o660


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({"do": "refuse"}, "not while it rains"),
        ({"do": "fly"}, "unknown request 'fly'; known are: break, echo, refuse"),
        ({"do": 7}, "unknown request 7"),
        ({}, 'expected one line of JSON with "do"'),
        ({"do": "break"}, "the gateway failed on this request"),
    ],
)
async def test_a_mistake_is_told_in_words(path, request_, words):
    with pytest.raises(ControlError, match=words.replace("{", ".")):
        await asyncio.to_thread(ask, path, request_)


async def test_a_line_that_is_no_json_or_too_long_harms_nobody(path):
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(b"hello\n")
    assert not json.loads(await reader.readline())["ok"]
    writer.write(b"x" * (MAX_LINE_BYTES * 2) + b"\n")
    assert await reader.read() == b""
    writer.close()
    assert (await asyncio.to_thread(ask, path, {"do": "echo"})) == {"heard": None}


def test_nobody_there_is_told_with_what_to_do(tmp_path):
    with pytest.raises(ControlError, match="is it running"):
        ask(tmp_path / "none.sock", {"do": "ping"})
