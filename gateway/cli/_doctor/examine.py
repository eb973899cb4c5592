"""All judgements, in the order in which a technician would make them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from gateway.cli._doctor import clock, frames, keys, traffic
from gateway.cli._doctor.finding import Finding
from gateway.cli._doctor.observed import Observed

JUDGEMENTS: Final[tuple[Callable[[Observed], Iterator[Finding]], ...]] = (
    frames.other_protocol,
    frames.line_settings,
    frames.checks,
    traffic.accounts,
    keys.missing,
    keys.wrong,
    keys.unused,
    clock.off,
    traffic.answers,
    traffic.heartbeat,
    traffic.sequences,
)


def examine(seen: Observed) -> list[Finding]:
    """Name what is likely wrong, the surest first."""
    found = [finding for judgement in JUDGEMENTS for finding in judgement(seen)]
    return sorted(found, key=lambda finding: -finding.confidence)
