"""Which families read these bytes? For somebody who has them all before him."""

from __future__ import annotations

import msgspec

from protocols.recognition.trial import Trial
from protocols.recognition.variants import VARIANTS, Variant


class Reading(msgspec.Struct, frozen=True):
    """How much of the bytes one variant reads."""

    variant: Variant
    sound_bytes: int
    refused_bytes: int


def readings(raw: bytes) -> list[Reading]:
    """All variants that read at least one frame in these bytes; who reads most comes first."""
    found = []
    for variant in VARIANTS:
        trial = Trial(variant, keys=lambda _account: (), pad=bytes)
        trial.feed(raw, 0.0)
        trial.end(0.0)
        if trial.sound_count:
            found.append(Reading(variant, trial.sound_bytes, trial.refused_bytes))
    return sorted(found, key=lambda one: -one.sound_bytes)
