"""What is asked of a running gateway in the wrong JSON type is told: what was seen and expected."""

from __future__ import annotations

import asyncio
import re

import pytest

from gateway.control import ControlError, ask
from tests.support.running import own_events, running
from tests.support.station import Station

ON = {"do": "test-mode", "set": "on", "account": "1234", "for_s": 60, "reason": "walk test"}


@pytest.fixture
def station(tmp_path):
    return Station(tmp_path, accounts=("1234",))


async def asked(station: Station, request: dict) -> dict:
    return await asyncio.to_thread(ask, station.control, request)


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        *(
            ({"do": do, "capture": number}, f"capture {number!r} seen; expected the number")
            for do in ("capture-fetch", "capture-stop")
            for number in ([1], {}, "1", True, 1.0, None)
        ),
        ({"do": "capture-fetch", "capture": 7}, "there is no capture 7"),
        (
            {"do": "capture-fetch", "capture": 1, "is_redacted": "no"},
            "is_redacted 'no' seen; expected true or false",
        ),
        ({"do": "capture", "input": ["ip-1"], "for_s": 60}, "there is no input ['ip-1']"),
        ({"do": "capture", "input": "ip-1", "for_s": True}, "for_s True seen; expected seconds"),
        ({"do": "capture", "input": "ip-1", "for_s": "60"}, "for_s '60' seen; expected seconds"),
        (
            {"do": "capture", "input": "ip-1", "for_s": 60, "peer": [1]},
            "peer [1] seen; expected HOST or HOST:PORT",
        ),
        ({**ON, "set": ["on"]}, "\"set\" is ['on']; expected on, off or list"),
        ({**ON, "account": ["1234"]}, "there is no account ['1234']"),
        ({**ON, "group": {}}, "there is no account '1234' in the group {}"),
        ({**ON, "for_s": True}, "a test of True s; expected more than 0 s"),
        ({**ON, "for_s": "60"}, "a test of '60' s; expected more than 0 s"),
        ({**ON, "reason": ["x"]}, "reason ['x'] seen; a test needs a reason"),
        ({**ON, "zone": 15}, '"zone" is 15; expected its number'),
        (
            {"do": "republish", "from": [1], "to": "2"},
            '"from" [1] and "to" \'2\' seen; expected two journal numbers',
        ),
        ({"do": ["ping"]}, "unknown request ['ping']"),
    ],
    ids=lambda value: "" if isinstance(value, dict) else value,
)
async def test_a_value_of_the_wrong_type_is_told(station, request_, words):
    async with running(station) as daemon:
        (name,) = daemon.addresses()
        given = {**request_, "input": name} if request_.get("input") == "ip-1" else request_
        if given["do"] != "capture":
            await asked(station, {"do": "capture", "input": name, "for_s": 60})
        with pytest.raises(ControlError, match=re.escape(words)):
            await asked(station, given)


@pytest.mark.parametrize("field", ["reason", "zone", "account"])
async def test_half_a_character_puts_nothing_on_test(station, field):
    """What a command line that is not UTF-8 gives: no event could hold it."""
    async with running(station):
        with pytest.raises(ControlError, match=r"'\\udcff' seen, half a character; expected UTF-8"):
            await asked(station, {**ON, field: "x\udcff"})
        assert await asked(station, {"do": "test-mode", "set": "list"}) == {"on_test": []}
    assert [one for one in own_events(station) if one["category"] == "test"] == []


async def test_a_capture_is_fetched_with_and_without_the_crossing_out(station):
    async with running(station) as daemon:
        (name,) = daemon.addresses()
        began = await asked(station, {"do": "capture", "input": name, "for_s": 0.5, "peer": ""})
        for said in ({}, {"is_redacted": False}, {"is_redacted": True}):
            fetch = {"do": "capture-fetch", "capture": began["capture"], **said}
            assert (await asked(station, fetch))["records"] == []
        assert await asked(station, {"do": "capture-stop", "capture": began["capture"]}) == {}
