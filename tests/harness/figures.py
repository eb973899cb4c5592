"""All figures, in the order of their numbers."""

from __future__ import annotations

from tests.harness.crash import disk_full, images, kill, order, startup, storage_faults
from tests.harness.figure import Figure

FIGURES: tuple[Figure, ...] = (
    kill.FIGURE,
    images.FIGURE,
    order.FIGURE,
    storage_faults.FIGURE,
    startup.FIGURE,
    disk_full.FIGURE,
)
