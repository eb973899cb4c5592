"""Strangers with thousands of addresses must not fill the log, nor keep the loop busy with it."""

from __future__ import annotations

from structlog.testing import capture_logs

from gateway.ingest.refusals import LOG_PER_S
from hardware.sink import Origin
from protocols._core import Verdict
from tests.support.receiving import Bench, rejected


def test_all_sources_together_have_so_many_lines_a_second():
    bench = Bench()
    with capture_logs() as logs:
        for number in range(500):
            host = f"198.51.100.{number}"
            origin = Origin(
                input="ip-1", protocol="dc09", transport="tcp", peer=f"{host}:9", host=host
            )
            assert bench.receive(rejected(b"junk", "noise"), origin=origin) == [Verdict.SILENCE]
        bench.clock.go(1)
        bench.receive(rejected(b"junk", "noise"))
    assert len(logs) == LOG_PER_S + 1
    assert logs[-1]["held_back"] == 500 - LOG_PER_S
