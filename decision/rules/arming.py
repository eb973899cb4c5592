"""Which areas of a site are armed, as far as its openings and closings tell (evidence, AMB-P10)."""

from __future__ import annotations

from typing import Final

import msgspec

from decision.alarm_signal import Signal

WHOLE_SITE: Final = ""
"""Key of an opening or closing that names no area."""


class ArmState(msgspec.Struct, frozen=True, kw_only=True):
    """Area -> whether it is armed; absent: not known."""

    areas: dict[str, bool] = {}

    def of(self, area: str | None) -> bool | None:
        """Say what is known of an area; None when nothing is."""
        return self.areas.get(area or WHOLE_SITE, self.areas.get(WHOLE_SITE))


def armed(state: ArmState, signal: Signal) -> ArmState:
    """Apply an event: an opening or closing of one area, or of all when it names none.

    Schedule violations, cancels and restorals change nothing; nor does an event on the way of a
    duress code, which the gateway gives the kind ``alarm``.
    """
    if signal.kind not in {"open", "close"} or signal.category == "schedule":
        return state
    is_armed = signal.kind == "close"
    if signal.area is None:
        return ArmState(areas={WHOLE_SITE: is_armed})
    return ArmState(areas=state.areas | {signal.area: is_armed})
