"""Our own clock and our own absence, as a whole gateway tells them: REL-40, REL-50."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from hardware.clock import SystemClock
from tests.support.running import TcpPanel, journalled, own_events, panel_frame, running
from tests.support.station import Station, until

KEY = Random(5).randbytes(16)
DATA = "#5678|1131 01 015"


class Shifted(SystemClock):
    """The machine's clocks, the wall clock set by so much."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds

    def utc(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.seconds)

    def utc_ms(self) -> int:
        return int(self.utc().timestamp() * 1000)


@pytest.fixture
def station(tmp_path):
    station = Station(tmp_path, accounts=("1234", "5678"), encrypted=("5678",), key=KEY)
    text = station.accounts_file.read_text()
    station.accounts_file.write_text(text.replace("[[account]]", "[[account]]\nsupervision_s = 60"))
    text = station.config.read_text()
    station.config.write_text(text.replace("must_be_synchronised = false", ""))
    return station


def _codes(station: Station) -> list[str]:
    return [event["code"]["value"] for event in own_events(station)]


def _encrypted(number: int, when: datetime) -> bytes:
    return panel_frame(DATA, account="5678", key=KEY, sequence=f"{number:04d}", timestamp=when)


async def test_rel_50_without_synchronisation_nobody_is_told_the_time_and_nothing_is_lost(station):
    async with running(station, is_synchronised=lambda: False) as daemon:
        message = daemon.vitals.message()
        assert not message.clock_trusted
        assert "not synchronised" in message.degraded["clock"]
        async with TcpPanel(station.port) as panel:
            for number in range(1, 5):
                panel.send(_encrypted(number, datetime.now(UTC) - timedelta(hours=number)))
                assert b'"*ACK"' in await panel.answer()
    assert [event["time_untrusted"] for event in journalled(station)] == [True] * 4
    assert _codes(station) == ["gateway_started", "clock_untrusted", "gateway_stopped"]


async def test_rel_50_a_step_is_one_event_with_its_flag_and_takes_the_trust_away(station):
    clock = Shifted()
    async with running(station, is_synchronised=lambda: None, clock=clock) as daemon:
        async with TcpPanel(station.port) as panel:
            panel.send(_encrypted(1, clock.utc() - timedelta(hours=1)))
            assert b'"NAK"' in await panel.answer()
            clock.seconds = 3_600.0
            # A frame that is in time by the panel's right clock, and old by our wrong one.
            panel.send(_encrypted(2, datetime.now(UTC)))
            assert b'"*ACK"' in await panel.answer()
        assert daemon.time_trust.watch.is_untrusted
        clock.seconds = 0.0
        await until(lambda: not daemon.time_trust.watch.is_untrusted)
        assert "clock" not in daemon.health.reasons
    told = [event for event in own_events(station) if event["code"]["value"] == "clock_step"]
    assert [event["flags"] for event in told] == [["clock_step"], ["clock_step"]]  # there and back
    assert "3600.0 s ahead" in told[0]["text"]
    assert _codes(station)[-2:] == ["clock_trusted", "gateway_stopped"]
    assert [event["time_untrusted"] for event in journalled(station)] == [True]


async def test_rel_50_the_setting_leaves_an_unsynchronised_clock_alone(station):
    text = station.config.read_text()
    station.config.write_text(text.replace("[clock]", "[clock]\nmust_be_synchronised = false"))
    async with running(station, is_synchronised=lambda: False) as daemon:
        assert daemon.vitals.message().clock_trusted
    assert _codes(station) == ["gateway_started", "gateway_stopped"]


async def test_rel_40_one_event_tells_how_long_we_were_away_and_nobody_is_lost_for_it(station):
    async with running(station, is_synchronised=lambda: True), TcpPanel(station.port) as panel:
        panel.send(panel_frame("#1234|1131 01 015"))
        assert b'"ACK"' in await panel.answer()
    async with running(station, is_synchronised=lambda: True, clock=Shifted(8 * 3_600.0)) as daemon:
        daemon.supervision.sweep()
        assert daemon.supervision.lost_count == 0
    text = own_events(station)[2]["text"]
    found = re.search(r"nothing was recorded in the (\d+) s before", text)
    assert found is not None
    assert 28_800 <= int(found[1]) <= 28_830
    assert _codes(station) == ["gateway_started", "gateway_stopped"] * 2
