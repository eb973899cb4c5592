"""Storms in their smallest form, and what each must see in a gateway built wrong (REL-60).

``python -m tests.harness storm`` and ``soak`` run the larger ones.
"""

from __future__ import annotations

import pytest

from tests.harness.figure import Size
from tests.harness.soak import soak
from tests.harness.storm import (
    amnesia,
    clock_steps,
    hostile,
    latency,
    outage,
    replay,
    shortage,
    transmissions,
    unplug,
)
from tests.support.broken_builds import launch

pytestmark = [pytest.mark.system, pytest.mark.mosquitto, pytest.mark.alone]

FIGURES = [
    outage.FIGURE,
    amnesia.FIGURE,
    transmissions.FIGURE,
    hostile.FIGURE,
    replay.FIGURE,
    unplug.FIGURE,
    clock_steps.FIGURE,
    shortage.FIGURE,
    latency.BAD_DATAGRAMS_FIGURE,
    soak.FIGURE,
]


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.id)
def test_the_promise_holds_in_small(figure, tmp_path):
    outcome = figure.run(Size.SMOKE, tmp_path)
    assert outcome.holds, outcome.faults


@pytest.mark.broken_build
async def test_an_outage_shows_an_outbox_that_believes_the_broker(tmp_path):
    """Events of the hung broker's time are done for it, and never seen again."""
    seen = await amnesia.forget(tmp_path, 3, launch=launch("confirm-on-puback"))
    assert seen.at_core.missing


@pytest.mark.broken_build
async def test_an_outage_shows_an_outbox_without_priorities(tmp_path):
    plan = outage.Plan(events=40_000, per_s=4_000, p99_ms=10_000.0)
    seen = await outage.outage(tmp_path, plan, launch=launch("everybody_queues"))
    assert any("panic" in fault for fault in seen.faults())


@pytest.mark.broken_build
async def test_bad_lines_show_a_gateway_that_merges_too_much(tmp_path):
    """It merges whatever has the same sequence number: real alarms go with it."""
    seen = await transmissions.transmit(tmp_path, 600, 20, launch=launch("merges_too_much"))
    assert seen.comparison.missing


@pytest.mark.broken_build
async def test_bad_lines_show_a_gateway_that_takes_a_fresh_timestamp_for_a_new_alarm(tmp_path):
    seen = await transmissions.transmit(tmp_path, 600, 20, launch=launch("key-with-timestamp"))
    assert seen.comparison.doubled


@pytest.mark.broken_build
async def test_strangers_show_a_gateway_that_keeps_no_room_for_panels(tmp_path):
    plan = hostile.PLANS[Size.SMOKE]
    seen = await hostile.storm(tmp_path, plan, launch=launch("strangers_welcome"))
    assert any("refused or cut off" in fault for fault in seen.faults())


@pytest.mark.broken_build
async def test_a_recording_shows_a_gateway_that_forgets_what_it_heard(tmp_path):
    plan = replay.Plan(replays=400, downgrades=40, recorded=100, waits=False)
    seen = await replay.replay(tmp_path, plan, launch=launch("lost-replay-cache"))
    assert seen.journalled > seen.told


@pytest.mark.broken_build
async def test_a_soak_shows_a_leak(tmp_path):
    plan = soak.Plan(warm_s=2.0, seconds=5.0, has_slope=False, duplicate_window_s=2.0)
    seen = await soak.soak(tmp_path, plan, launch=launch("leak"))
    assert any("descriptors" in fault for fault in seen.faults())


def test_a_slope_is_told_with_its_uncertainty():
    times = [float(second) for second in range(0, 300, 15)]
    steady = soak.fitted(times, [50.0 + (index % 3) * 0.1 for index in range(20)])
    growing = soak.fitted(times, [50.0 + at / 3_600 * 10 for at in times])
    assert abs(steady.mib_h) < 2 * steady.error_mib_h
    assert growing.mib_h == pytest.approx(10.0)


def test_only_the_valleys_of_the_memory_count():
    samples = [(float(second), 50.0 + (second % 7)) for second in range(60)]
    assert [mib for _, mib in soak.least_of_blocks(samples)] == [50.0] * 4
