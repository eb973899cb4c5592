"""The control socket: lines of JSON in and out, mistakes told, mode 0660 (SEC-25)."""

import asyncio
import json
import os
import socket
import stat
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.control import MAX_LINE_BYTES, Control, ControlError, ask
from hardware.local_socket import LocalSocket


async def _echo(request):
    return {"heard": request.get("word")}


async def _nothing(_line, _uid):
    return b""


async def _whom(request):
    return {"by": request["by"]}


async def _refuse(_request):
    raise ControlError("not while it rains")


async def _break(_request):
    raise RuntimeError("bug")


@pytest.fixture
async def path(tmp_path):
    control = Control({"echo": _echo, "refuse": _refuse, "break": _break, "whom": _whom})
    served = LocalSocket(tmp_path / "c.sock", control.handle, max_line_bytes=MAX_LINE_BYTES)
    await served.start()
    yield tmp_path / "c.sock"
    await served.stop()
    assert not Path(tmp_path / "c.sock").exists()


async def test_a_request_gets_its_answer(path):
    assert await asyncio.to_thread(ask, path, {"do": "echo", "word": "hello"}) == {"heard": "hello"}


async def test_who_asks_is_the_kernels_word_and_not_the_requests(path):
    """SEC-27: an actor cannot be made up."""
    answer = await asyncio.to_thread(ask, path, {"do": "whom", "by": "somebody else"})
    assert answer == {"by": os.getuid()}


async def test_only_owner_and_group_may_open_it(path):
    assert stat.S_IMODE(path.stat().st_mode) == 0o660


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({"do": "refuse"}, "not while it rains"),
        ({"do": "fly"}, "unknown request 'fly'; known are: break, echo, refuse, whom"),
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


async def test_a_request_of_many_storeys_is_told_so_and_leaves_no_traceback(path):
    reader, writer = await asyncio.open_unix_connection(path)
    with capture_logs() as logs:
        writer.write(b"[" * (MAX_LINE_BYTES - 2) + b"\n")
        answer = json.loads(await reader.readline())
    writer.close()
    assert answer == {"ok": False, "error": answer["error"]}
    assert answer["error"].startswith("expected one line of JSON")
    assert logs == []


def test_nobody_there_is_told_with_what_to_do(tmp_path):
    with pytest.raises(ControlError, match="is it running"):
        ask(tmp_path / "none.sock", {"do": "ping"})


async def test_what_a_killed_process_left_is_replaced(tmp_path):
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(tmp_path / "c.sock"))
    served = LocalSocket(tmp_path / "c.sock", _nothing, max_line_bytes=MAX_LINE_BYTES)
    await served.start()
    await served.stop()
    assert not (tmp_path / "c.sock").exists()


async def test_a_second_gateway_takes_nobody_s_socket(path):
    second = LocalSocket(path, _nothing, max_line_bytes=MAX_LINE_BYTES)
    with pytest.raises(OSError, match="another gateway answers"):
        await second.start()
    await second.stop()
    assert await asyncio.to_thread(ask, path, {"do": "echo", "word": "on"}) == {"heard": "on"}


async def test_a_file_that_is_no_socket_is_left_alone(tmp_path):
    (tmp_path / "accounts.toml").write_text("precious")
    served = LocalSocket(tmp_path / "accounts.toml", _nothing, max_line_bytes=MAX_LINE_BYTES)
    with pytest.raises(OSError, match="no socket"):
        await served.start()
    assert (tmp_path / "accounts.toml").read_text() == "precious"
