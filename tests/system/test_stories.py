"""Stories as a technician plays them: the command, a whole gateway, a broker, a consumer.

Every family is held to every story in memory (``tests/simulators/scenarios``); here a few go
the whole way, over a pty or a socket, and what the consumer gets is what the story tells.
"""

from __future__ import annotations

import pytest

from simulators.ledger import Outcome, read
from simulators.scenarios import Happening, dialled_codes, load
from simulators.scenarios.dialled import as_toml, rows
from tests.simulators.test_cli import simulate
from tests.support.hardware import until
from tests.support.running import running
from tests.support.station import Station, free_port
from tests.support.wire_to_core import INPUT, Core

SPEED = "10000"

pytestmark = [pytest.mark.system, pytest.mark.mosquitto]


def kinds(story: str) -> list[str]:
    """What the events of a story are, as any family tells it."""
    return [
        dialled_codes()[each.what.meaning.pulse].kind
        for each in load(story).moments()
        if isinstance(each.what, Happening)
    ]


def a_station(tmp_path, broker, protocol, link, *, accounts=("1234",), more=""):
    beat = "heartbeat_s = 0.0" if protocol in {"surgard", "dtmf"} else ""
    return Station(
        tmp_path,
        accounts=accounts,
        broker=f"mqtt://127.0.0.1:{broker.port}",
        extra=f'[inputs.{INPUT}]\nprotocol = "{protocol}"\n{link}\n{beat}\n{more}',
    )


async def played(station, broker, *words: str, events: int) -> list[dict]:
    """Run the command against a gateway; what the consumer got of it."""
    async with Core(broker) as core, running(station) as daemon:
        await until(lambda: daemon.vitals.message().inputs[INPUT] == "up", "the input is up")
        done = await simulate(*words, "--speed", SPEED)
        assert done.exit_code == 0, done.output
        await until(lambda: len(core.events) >= events, "the events of the story")
    return core.events


async def test_a_galaxys_low_battery_over_tcp(tmp_path, mosquitto):
    port = free_port()
    station = a_station(tmp_path, mosquitto, "sia-dc03", f'tcp = "127.0.0.1:{port}"')
    expected = kinds("low-battery")
    events = await played(
        station, mosquitto, "panel", "-p", "sia-dc03", "--to", f"127.0.0.1:{port}",
        "-s", "low-battery", events=len(expected),
    )  # fmt: skip
    assert [event["kind"] for event in events] == expected
    assert events[0]["text"] == "Kitchen window"
    assert all(event["code"]["known"] and event["account"]["known"] for event in events)


async def test_a_panel_swap_over_dc09_counts_from_the_beginning_again(tmp_path, mosquitto):
    port = free_port()
    station = a_station(tmp_path, mosquitto, "dc09", f'tcp = "127.0.0.1:{port}"')
    expected = kinds("panel-swap")
    events = await played(
        station, mosquitto, "panel", "--to", f"127.0.0.1:{port}", "--sequence", "4711",
        "-s", "panel-swap", events=len(expected),
    )  # fmt: skip
    assert [event["kind"] for event in events] == expected
    sequences = [event["origin"]["sequence"] for event in events]
    assert sequences[:3] == ["4711", "4712", "0001"]


async def test_a_diallers_channels_over_a_pty(tmp_path, mosquitto):
    """The command makes the pty; the gateway opens it when it is there."""
    line = tmp_path / "line"
    station = a_station(tmp_path, mosquitto, "dtmf", f'serial = "{line}"')
    expected = kinds("fire")
    async with Core(mosquitto) as core, running(station):
        done = await simulate(
            "panel", "-p", "dtmf", "--ids", "55", "--pty", str(line), "-s", "fire",
            "--speed", SPEED, "--timeout", "1",
        )  # fmt: skip
        assert done.exit_code == 0, done.output
        await until(lambda: len(core.events) >= len(expected), "the events of the story")
    assert [event["kind"] for event in core.events] == expected
    assert {event["code"]["format"] for event in core.events} == {"ademco-high-speed"}


async def test_pulse_codes_mean_what_the_command_says_they_do(tmp_path, mosquitto):
    port = free_port()
    station = a_station(
        tmp_path, mosquitto, "surgard", f'tcp = "127.0.0.1:{port}"', more=as_toml(rows("character"))
    )
    expected = kinds("burglary")
    events = await played(
        station, mosquitto, "receiver", "--to", f"127.0.0.1:{port}", "--ids", "1",
        "-s", "burglary", events=len(expected),
    )  # fmt: skip
    assert [event["kind"] for event in events] == expected
    assert all(event["code"]["known"] and "review" not in event["flags"] for event in events)


async def test_a_storm_over_many_accounts_with_lost_acks(tmp_path, mosquitto):
    port = free_port()
    accounts = [str(number) for number in range(2000, 2020)]
    station = a_station(
        tmp_path, mosquitto, "surgard", f'tcp = "127.0.0.1:{port}"', accounts=accounts
    )
    expected = kinds("storm")
    ledger = tmp_path / "ledger.jsonl"
    events = await played(
        station, mosquitto, "receiver", "--to", f"127.0.0.1:{port}", "-a", "2000-2019",
        "-s", "storm", "--fault", "lost-ack=0.05", "--ack-timeout", "0.2", "--buffer", "10000",
        "--ledger", str(ledger), events=len(expected) * len(accounts),
    )  # fmt: skip
    told = [each for each in read(ledger) if not each.is_link_test]
    assert {each.outcome for each in told} == {Outcome.ACKNOWLEDGED}
    assert len(events) == len(told) == len(expected) * len(accounts)
    fires = [event for event in events if event["category"] == "fire" and event["kind"] == "alarm"]
    assert {event["account"]["id"] for event in fires} == set(accounts)
