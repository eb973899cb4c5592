"""The command listen: what a technician and a program read, and that nothing is confirmed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner

from gateway.cli import CliError
from gateway.cli.listen import Filter, _cells, _fit, app
from gateway.contract.client import MqttClient
from gateway.contract.event import CLASSES
from gateway.contract.topics import Topics
from gateway.forward.broker import VERSION, EmbeddedBroker
from tests.support.contract import example
from tests.support.hardware import until

TOPICS = Topics("site-a")


class Speaker:
    """Publishes events and hears everything, confirms too."""

    def __init__(self, url: str, client: MqttClient, heard: list[str]) -> None:
        self.url, self.client, self.heard = url, client, heard

    def say(self, account: str = "1234", **data: Any) -> None:
        event = example(**data)
        topic = TOPICS.event(event.data.class_, account)
        self.client.publish_nowait(topic, msgspec.json.encode(event))


@contextlib.asynccontextmanager
async def speaker() -> AsyncIterator[Speaker]:
    broker = EmbeddedBroker()
    address = await broker.start()
    heard: list[str] = []
    client = MqttClient(
        address,
        identifier="speaker",
        version=VERSION,
        on_message=lambda topic, _payload: heard.append(topic),
        on_lost=lambda _reason, _by_peer: None,
    )
    await client.open()
    await client.subscribe_to(["#"])
    try:
        yield Speaker(address.url, client, heard)
    finally:
        await client.shut()
        await broker.stop()


class Listening:
    """The command in a process of its own; ready once it has said that it listens."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def end(self) -> tuple[list[str], int]:
        stdout, _ = await asyncio.wait_for(self.process.communicate(), 20)
        assert self.process.returncode is not None
        return stdout.decode().splitlines(), self.process.returncode


async def listening(url: str, *arguments: str) -> Listening:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway.cli.main", "listen", "--broker", url, *arguments,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"COLUMNS": "200"},
    )  # fmt: skip
    assert process.stderr is not None
    async with asyncio.timeout(20):
        while b"listening at" not in (line := await process.stderr.readline()):
            assert line, "it ended"
    return Listening(process)


async def test_one_line_for_each_event_and_no_confirm() -> None:
    async with speaker() as s:
        command = await listening(s.url, "--count", "2")
        s.say()
        s.say(kind="restoral", **{"class": "restoral"}, zone=None)
        lines, status = await command.end()
        assert status == 0
        assert len(lines) == 3
        assert lines[0].startswith("time")
        for word in (
            "09:15:02.417", "alarm", "1234 Harbour Street 5", "burglary alarm",
            "Stockroom [SECURED]", "zone 015 Rear door", "contact-id 131 Perimeter burglary",
        ):  # fmt: skip
            assert word in lines[1]
        assert "restoral" in lines[2]
        await until(lambda: len(s.heard) == 2, "what was published")
        assert not [topic for topic in s.heard if "confirm" in topic]


async def test_json_lines_and_filters() -> None:
    async with speaker() as s:
        command = await listening(
            s.url, "--json", "--count", "2", "--account", "12ab", "--class", "alarm"
        )
        s.say(account="9999", text="another account")
        s.say(account="12AB", kind="test", **{"class": "test"}, text="another class")
        s.say(account="12AB", text="first")
        s.say(account="north.12AB", text="second")
        lines, status = await command.end()
        assert status == 0
        assert [json.loads(line)["data"]["text"] for line in lines] == ["first", "second"]


async def test_it_ends_by_itself_after_so_many_seconds() -> None:
    async with speaker() as s:
        command = await listening(s.url, "--seconds", "0.2", "--site", "site-a")
        assert (await command.end())[1] == 0


async def test_ctrl_c_is_a_good_end() -> None:
    async with speaker() as s:
        command = await listening(s.url)
        command.process.send_signal(2)
        assert (await command.end())[1] == 0


def test_a_broker_that_is_away_is_told_in_words() -> None:
    result = CliRunner().invoke(
        app, ["--broker", "mqtt://127.0.0.1:9", "--seconds", "0.5"], catch_exceptions=False
    )
    assert result.exit_code == 1
    assert "mqtt://127.0.0.1:9: [Errno 111] Connection refused. Is it running?" in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--broker", "http://x"], "expected mqtt://host"),
        (["--broker", "mqtt://me:secret@x"], "password may not stand in the URL"),
        (["--broker", "mqtts://x", "--ca-file", "/no/such/file"], "ca_file /no/such/file"),
        (["--class", "panic"], "no class 'panic'; there are: alarm"),
        (["--site", "a/b"], "cannot be a topic level"),
        (["--password-file", "/no/such/file"], "password_file /no/such/file"),
    ],
)
def test_a_mistake_is_told(arguments: list[str], told: str) -> None:
    with pytest.raises(CliError, match=told):
        CliRunner().invoke(app, arguments, catch_exceptions=False)


class TestCells:
    @pytest.mark.parametrize("class_", CLASSES)
    def test_every_class_has_a_line(self, class_: str) -> None:
        assert _cells(example(**{"class": class_}))[1][0] == class_

    def test_what_is_unknown_is_said(self) -> None:
        cells = _cells(
            example(
                account={"group": "north", "id": "77", "known": False},
                area={"id": None, "name": None, "class": "UNKNOWN"},
                code={"format": "x", "value": "999", "qualifier": None, "name": None,
                      "known": False},
                zone=None, user={"id": "5"}, on_test=True,
            )
        )  # fmt: skip
        texts = [text for text, _ in cells]
        assert texts[2] == "north.77 (unknown)"
        assert texts[3] == "burglary alarm [on test]"
        assert texts[4] == "- [UNKNOWN]"
        assert texts[5] == "user 5, x 999 unknown code"

    def test_text_from_the_wire_cannot_command_the_terminal(self) -> None:
        """SEC-16."""
        shown = _fit("\x1b[2J\r\nforged", 40)
        assert shown.strip() == r"\x1b[2J\r\nforged"
        assert len(_fit("x" * 100, 10)) == 10


@pytest.mark.parametrize(
    ("accounts", "level", "wanted"),
    [
        ([], "1234", True),
        (["1234"], "1234", True),
        (["1234"], "north.1234", True),
        (["north.1234"], "north.1234", True),
        (["north.1234"], "1234", False),
        (["north.1234"], "south.1234", False),
        (["12ab"], "12AB", True),
        (["a/b"], "A_2FB", True),
        (["1234"], "_none", False),
    ],
)
def test_filter_by_account(accounts: list[str], level: str, *, wanted: bool) -> None:
    assert Filter(accounts=accounts, classes=[]).wants("alarm", level) is wanted
