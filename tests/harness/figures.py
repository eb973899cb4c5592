"""All figures, in the order of their numbers."""

from __future__ import annotations

from tests.harness.crash import disk_full, images, kill, order, startup, storage_faults
from tests.harness.figure import Figure
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

FIGURES: tuple[Figure, ...] = (
    kill.FIGURE,
    images.FIGURE,
    order.FIGURE,
    storage_faults.FIGURE,
    startup.FIGURE,
    disk_full.FIGURE,
    outage.FIGURE,
    amnesia.FIGURE,
    transmissions.FIGURE,
    hostile.FIGURE,
    replay.FIGURE,
    latency.SLOW_DISK_FIGURE,
    unplug.FIGURE,
    clock_steps.FIGURE,
    shortage.FIGURE,
    latency.BAD_DATAGRAMS_FIGURE,
    soak.FIGURE,
)
