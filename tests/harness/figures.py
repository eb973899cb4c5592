"""All figures, in the order of their numbers."""

from __future__ import annotations

from tests.harness.crash import images, kill
from tests.harness.figure import Figure

FIGURES: tuple[Figure, ...] = (
    kill.FIGURE,
    images.FIGURE,
)
