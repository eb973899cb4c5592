"""Many panels at once against a minimal receiver on loopback."""

from __future__ import annotations

import pytest

from protocols._core import Verdict
from simulators.ledger import Ledger
from simulators.load import NUMBERS, Fleet, LoadSettings, numbered
from tests.support.dc09_server import Station, listening

KEY = b"0123456789abcdef"


async def test_a_mixed_fleet_is_acknowledged_to_the_last_report() -> None:
    async with listening(Station(keys=[KEY])) as station:
        ledger = Ledger(keeps_bytes=False)
        settings = LoadSettings(
            host="127.0.0.1",
            port=station.port,
            panels=10,
            count=300,
            udp_share=0.5,
            aes_share=0.2,
            key=KEY,
            duplicates=0.2,
            lost_acks=0.02,
            answer_timeout_s=0.05,
        )
        result = await Fleet(settings, ledger).run()
        assert result.lost == 0
        assert result.summary.sent == result.summary.acknowledged == 300
        assert result.summary.latency.count == 300
        assert result.per_s > 0
        unique = {(r.account, r.identity) for r in station.reports()}
        assert len(unique) == 300
        assert len(station.reports()) > 300
        encrypted = {r.account for r in station.reports() if r.key_bits}
        assert encrypted == set(settings.encrypted_accounts()) == {"100008", "100009"}
        assert station.connections == 5


async def test_a_rate_is_kept_over_time() -> None:
    async with listening(Station()) as station:
        ledger = Ledger(keeps_bytes=False)
        settings = LoadSettings(
            host="127.0.0.1", port=station.port, panels=20, rate=400.0, count=100, seconds=30.0
        )
        result = await Fleet(settings, ledger).run()
        assert result.summary.sent == 100
        assert result.seconds > 0.15  # 0.25 on average, drawn from the seed; a busy machine: more
        assert result.lost == 0


async def test_losses_are_counted_when_nobody_answers() -> None:
    async with listening(Station(judge=lambda _: Verdict.SILENCE)) as station:
        ledger = Ledger(keeps_bytes=False)
        settings = LoadSettings(host="127.0.0.1", port=station.port, panels=3, count=3, drain_s=0.1)
        result = await Fleet(settings, ledger).run()
        assert result.lost == 3
        assert result.summary.abandoned == 3
        assert not result.summary.is_clean


async def test_it_stops_when_told() -> None:
    async with listening(Station()) as station:
        fleet = Fleet(
            LoadSettings(host="127.0.0.1", port=station.port, panels=2, seconds=60),
            Ledger(keeps_bytes=False),
        )
        fleet.runners[0].at(0.0, fleet.stop)
        result = await fleet.run()
        assert result.lost == 0
        assert result.seconds < 10


def test_no_two_reports_of_a_panel_are_equal_though_the_sequence_wraps() -> None:
    keys = set()
    wraps = [turn * 4 * 9999 for turn in range(20)]  # the same sequence, the same meaning
    for number in (*range(9990, 10_010), *wraps, NUMBERS - 1):
        what = numbered(number, "cid", "100000")
        keys.add((number % 9999, what.code, what.qualifier, what.address))
    assert len(keys) == 41


@pytest.mark.parametrize(
    ("wrong", "reason"), [({"aes_share": 0.1}, "key"), ({"panels": 0}, "at least one")]
)
def test_what_cannot_be_played_is_refused(wrong: dict[str, object], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        LoadSettings(**{"host": "127.0.0.1", "port": 1, **wrong})
