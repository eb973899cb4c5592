"""``alarm-gateway journal``: what a technician asks of a journal that a gateway is writing."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from random import Random

import pytest
from typer.testing import CliRunner

from gateway.cli import CliError
from gateway.cli.journal import app
from protocols.dc09 import build_frame
from tests.support.station import Station

runner = CliRunner()


@pytest.fixture
async def station(tmp_path):
    """A running gateway that took two reports; its broker is away, so both wait."""
    station = Station(tmp_path, accounts=("1234", "5678"))
    await station.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", station.port)
    for account, data in (("1234", b"#1234|1131 01 015"), ("5678", b"#5678|1777 01 002")):
        writer.write(
            build_frame(
                "ADM-CID", account=account, data=data, sequence="0001", pad=Random(1).randbytes
            )
        )
        await reader.readuntil(b"\r")
    writer.close()
    yield station
    await station.stop()


def run(*words: object):
    return runner.invoke(app, [str(word) for word in words], catch_exceptions=True)


def rows(result) -> list[dict]:
    assert result.exit_code in {0, 1}, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


async def test_it_lists_the_newest_first_and_by_account(station):
    listed = rows(run("list", "-c", station.config, "--json"))
    assert [row["account"] for row in listed] == ["5678", "1234", "_none"]
    (own,) = rows(run("list", "-c", station.config, "--json", "--account", "1234"))
    assert own["event"]["data"]["code"]["value"] == "131"
    assert bytes.fromhex(own["raw_hex"]).startswith(b"\n")
    text = run("list", "-d", station.journal).stdout
    assert "131" in text
    assert "Perimeter" in text
    assert "waits" in text


async def test_it_shows_one_event_by_number_or_id(station):
    (row,) = rows(run("list", "-c", station.config, "--json", "--account", "1234"))
    for which in (row["seq"], row["id"]):
        (shown,) = rows(run("show", which, "-c", station.config, "--json"))
        assert shown == row
    assert "raw_hex" in run("show", row["seq"], "-c", station.config).stdout


async def test_it_lists_what_waits_and_says_so_in_its_status(station):
    result = run("outstanding", "-c", station.config)
    assert result.exit_code == 1
    assert "3 outstanding" in result.stdout


async def test_it_has_a_range_published_again(station):
    result = await asyncio.to_thread(run, "republish", 1, 3, "-c", station.config)
    assert result.exit_code == 0, result.output
    assert "published again" in result.stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("show", "99999999"), "no event 99999999"),
        (("list", "-d", "/nowhere"), "no journal in /nowhere"),
    ],
)
async def test_a_mistake_is_told_in_words(station, words, told):
    result = run(*words, *(() if "-d" in words else ("-c", station.config)))
    assert isinstance(result.exception, CliError)
    assert told in str(result.exception)


def test_without_a_configuration_it_says_what_it_needs():
    result = run("list")
    assert isinstance(result.exception, CliError)
    assert "--config" in str(result.exception)


def test_republish_without_a_gateway_says_so(tmp_path):
    result = run("republish", 1, 2, "--socket", tmp_path / "none.sock")
    assert isinstance(result.exception, CliError)
    assert "is it running" in str(result.exception)


async def test_a_damaged_record_is_named_and_its_neighbours_are_listed(station):
    await station.stop()
    with sqlite3.connect(station.journal / "journal.db") as database:
        (seq,) = database.execute("SELECT seq FROM event WHERE account = '1234'").fetchone()
        database.execute(
            "UPDATE event SET json = replace(json, '131', '132') WHERE seq = ?", (seq,)
        )
    database.close()
    result = run("list", "-c", station.config)
    assert f"damaged records (checksum does not hold): {seq}" in result.stderr
    assert "5678" in result.stdout
