"""Test mode from the command line to the journal and back: events flow, marked ``on_test``."""

from __future__ import annotations

import asyncio
import json
import os
from itertools import count
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli import CliError
from gateway.cli.test_mode import app
from tests.support.running import TcpPanel, journalled, own_events, panel_frame, running
from tests.support.station import Station, until

DOOR, OTHER = "#1234|1131 01 015", "#1234|1131 01 016"


@pytest.fixture
def station(tmp_path):
    return Station(tmp_path, accounts=("1234", "5678"))


async def _command(station: Station, *arguments: str) -> str:
    def run() -> str:
        result = CliRunner().invoke(app, [*arguments, "-c", str(station.config)])
        if isinstance(result.exception, CliError):
            raise result.exception
        assert result.exception is None, result.exception
        return result.stdout

    return await asyncio.to_thread(run)


@pytest.fixture
def report(station):
    numbers = count(1)

    async def report(*data: str) -> None:
        async with TcpPanel(station.port) as panel:
            for one in data:
                sequence = f"{next(numbers):04d}"
                panel.send(panel_frame(one, account=one[1:5], sequence=sequence))
                assert b'"ACK"' in await panel.answer()

    return report


def _marked(station: Station) -> list[tuple[str, bool]]:
    return [(one["zone"]["id"], one["on_test"]) for one in journalled(station)]


def _told(station: Station) -> list[dict]:
    return [one for one in own_events(station) if one["category"] == "test"]


async def test_a_zone_on_test_is_marked_and_its_neighbours_are_not(station, report):
    async with running(station):
        await report(DOOR, DOOR, OTHER)
        said = await _command(
            station, "on", "1234", "--zone", "015", "--for", "2h", "--reason", "new sensor"
        )
        assert said.startswith("zone 15 of account 1234 is on test until 20")
        await report(DOOR, OTHER, DOOR, OTHER, "#5678|1131 01 015")
        assert "not on test any more" in await _command(station, "off", "1234", "--zone", "15")
        await report(DOOR, OTHER)
    assert _marked(station) == [
        ("015", False), ("015", False), ("016", False),
        ("015", True), ("016", False), ("015", True), ("016", False), ("015", False),
        ("015", False), ("016", False),
    ]  # fmt: skip
    begun, ended = _told(station)
    assert (begun["kind"], begun["code"]["value"]) == ("test_start", "test_mode_on")
    assert (ended["kind"], ended["code"]["value"]) == ("test_end", "test_mode_off")
    assert begun["account"]["id"] == "1234"
    assert begun["zone"]["id"] == "15"
    assert begun["user"]["id"] == f"uid:{os.getuid()}"
    assert begun["text"].endswith(": new sensor")


async def test_an_account_stays_on_test_over_a_restart_and_it_ends_by_itself(station, report):
    async with running(station) as daemon:
        await _command(station, "on", "1234", "--for", "1h30m", "--reason", "walk test")
        await report(DOOR, OTHER)
        lines = (await _command(station, "list")).splitlines()
        assert "1234" in lines[1]
        assert "walk test" in lines[1]
    async with running(station) as daemon:
        await report(DOOR)
        one = json.loads(await _command(station, "list", "--json"))
        assert (one["account"], one["zone"], one["reason"]) == ("1234", None, "walk test")
        state = daemon.test_mode.state
        ((key, (change, _)),) = state._tests.items()
        state._tests[key] = (change, 0.0)  # as if the time were over
        await until(lambda: not state.zones_of)
        await report(DOOR)
        assert await _command(station, "list") == "nothing is on test\n"
    async with running(station) as daemon:
        assert daemon.test_mode.state.listed() == []
    assert [marked for _, marked in _marked(station)] == [True, True, True, False]
    assert [(one["kind"], one["user"]["id"]) for one in _told(station)] == [
        ("test_start", f"uid:{os.getuid()}"),
        ("test_end", "gateway"),
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("on", "9999", "--for", "1h", "--reason", "x"), "there is no account '9999'"),
        (("on", "1234", "--for", "8d", "--reason", "x"), "7 days at most"),
        (("on", "1234", "--for", "soon", "--reason", "x"), "is no time"),
        (("on", "1234", "--for", "1h", "--reason", " "), "needs a reason"),
        (("on", "1234", "--zone", " ", "--for", "1h", "--reason", "x"), '"zone"'),
        (("off", "1234"), "account 1234 is not on test"),
        (("off", "1234", "--zone", "7"), "zone 7 of account 1234 is not on test"),
    ],
)
async def test_a_mistake_is_told_in_words(station, arguments, words):
    async with running(station):
        with pytest.raises(CliError, match=words):
            await _command(station, *arguments)
    assert _told(station) == []


async def test_without_a_running_gateway_the_command_says_so(station):
    with pytest.raises(CliError, match="is it running"):
        await _command(station, "list")
    assert not Path(station.control).exists()
