"""The storage harnesses in their small size: each holds, and each sees a gateway built wrong.

Short and full sizes run by hand: ``make crash SIZE=short``.
"""

from __future__ import annotations

import shutil

import pytest

from benchmarks.compiling import compiler
from tests.harness.crash import disk_full, images, kill, order, startup, storage_faults
from tests.harness.figure import Size

pytestmark = [
    pytest.mark.alone,
    pytest.mark.system,
    pytest.mark.skipif(
        compiler() is None or shutil.which("strace") is None,
        reason="needs a C compiler and strace (Debian: apt-get install gcc strace)",
    ),
]

HARNESSES = {
    "A1": kill,
    "A2": images,
    "A3": order,
    "A4": storage_faults,
    "A13": startup,
    "REL-18": disk_full,
}


@pytest.mark.parametrize("figure", HARNESSES)
def test_the_promise_holds(figure, tmp_path):
    outcome = HARNESSES[figure].run(Size.SMOKE, tmp_path / figure)
    if disk_full.ABSENT in outcome.faults:
        pytest.skip(disk_full.ABSENT)
    assert outcome.holds, "\n".join([outcome.said, *outcome.faults[:20]])


@pytest.mark.broken_build
@pytest.mark.parametrize(
    ("figure", "build", "seen"),
    [
        ("A1", "early_ack", "acknowledged and missing"),
        ("A2", "no_flush", "was acknowledged and is missing"),
        ("A2", "early_ack", "was acknowledged and is missing"),
        ("A3", "early_ack", "its flush returned in line"),
        ("A3", "no_flush", "its report was never flushed"),
        ("A4", "failure_ignored", "acknowledged and missing"),
        ("A4", "heartbeat_always", "link tests answered after"),
        ("A13", "verify_first", "from exec to the first ACK"),
        ("REL-18", "heartbeat_always", "link tests are answered"),
    ],
)
def test_a_gateway_that_is_built_wrong_is_caught(figure, build, seen, tmp_path):
    outcome = HARNESSES[figure].run(Size.SMOKE, tmp_path / figure, build=build)
    if disk_full.ABSENT in outcome.faults:
        pytest.skip(disk_full.ABSENT)
    assert any(seen in fault for fault in outcome.faults), outcome.said
