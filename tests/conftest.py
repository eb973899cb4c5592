"""Whether the tests against a real Mosquitto ran: never left unsaid."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import structlog

from tests.support.mosquitto import Certificates, Mosquitto, find_mosquitto

ABSENT = "the mosquitto binary is not installed (Debian: apt-get install mosquitto)"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if find_mosquitto() is None:
        if os.environ.get("REQUIRE_MOSQUITTO"):  # set where the binary must be: in CI
            pytest.exit(ABSENT, returncode=1)
        for item in items:
            if item.get_closest_marker("mosquitto"):
                item.add_marker(pytest.mark.skip(reason=ABSENT))


def pytest_runtest_teardown() -> None:
    # A gateway that ran within the test set its logging up for the whole process.
    structlog.reset_defaults()


def pytest_unconfigure(config: pytest.Config) -> None:
    # Here and not in pytest_terminal_summary: pytest's own summary would stand below it.
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:
        return
    numbers = {
        outcome: sum(
            "mosquitto" in getattr(report, "keywords", {})
            for report in reporter.stats.get(outcome, [])
        )
        for outcome in ("passed", "failed", "skipped")
    }
    if numbers["skipped"]:
        reporter.write_line(
            f"NOT TESTED against a real Mosquitto: {numbers['skipped']} tests, {ABSENT}",
            yellow=True,
        )
    ran = numbers["passed"] + numbers["failed"]
    if ran:
        reporter.write_line(f"tested against a real Mosquitto: {ran} tests")


StartBroker = Callable[..., Awaitable[Mosquitto]]


@pytest.fixture
async def start_mosquitto(tmp_path: Path) -> AsyncIterator[StartBroker]:
    """Starts brokers; ``tls`` names the users who get certificates."""
    started: list[Mosquitto] = []

    async def start(*lines: str, tls: tuple[str, ...] = ()) -> Mosquitto:
        directory = tmp_path / f"broker-{len(started)}"
        directory.mkdir()
        broker = Mosquitto(directory, *lines, tls=Certificates(directory, *tls) if tls else None)
        started.append(broker)
        await broker.start()
        return broker

    yield start
    for broker in started:
        broker.stop()


@pytest.fixture
async def mosquitto(start_mosquitto: StartBroker) -> Mosquitto:
    """A plain broker on a free port."""
    return await start_mosquitto()
