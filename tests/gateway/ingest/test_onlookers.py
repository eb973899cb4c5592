"""Whoever watches the reports go by decides nothing: its failure costs no report its answer."""

import pytest
from structlog.testing import capture_logs

from protocols._core import Verdict
from tests.support.receiving import Bench, report


class FailureError(Exception):
    """What an onlooker may come up with."""


def fails(*_what):
    raise FailureError


@pytest.mark.parametrize("onlooker", ["stored", "watch_clock"])
def test_a_failing_onlooker_is_told_and_counted_and_the_report_is_taken(onlooker):
    bench = Bench()
    bench.restarted(**{onlooker: fails})
    bench.is_instant = False
    with capture_logs() as log:
        bench.receive(report("0001"), report("0002"))
        bench.commit()
    assert bench.answers == [Verdict.ACK] * 2
    assert len(bench.entries) == 2
    assert bench.counts["onlooker_failed"] == 1
    assert [line["event"] for line in log if line["log_level"] == "error"] == ["onlooker.failed"]
    # Neither is a repeat left waiting for ever.
    assert bench.receive(report("0001")) == [Verdict.ACK]


def test_what_is_shown_to_an_onlooker_is_on_its_way_to_the_journal():
    bench = Bench()
    bench.restarted(stored=lambda entries: bench.record.append(("shown", [e.seq for e in entries])))
    bench.receive(report())
    assert [what[0] for what in bench.record] == ["append", "committed", "answer", "shown"]
