"""Is it the panel's clock?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from statistics import median

from gateway.cli._doctor.finding import Confidence, Finding, lines_of, many
from gateway.cli._doctor.observed import Observed

_HALF_HOUR_S = 1_800
_NEAR_S = 180.0  # a clock that nobody set well, in another time zone
_EARLY_S, _LATE_S = 20.0, 40.0  # what passes at an account that checks, by default
_DAYS_S = 86_400.0


def off(seen: Observed) -> Iterator[Finding]:
    """Timestamps that are not now: by whole hours, by minutes, by days, or stopped."""
    stamps: dict[str, list[tuple[int, datetime, float]]] = {}
    for one, item in seen.sound():
        now = seen.clock_at(one.at_s)
        if item.timestamp is None or now is None or item.account is None:
            continue
        behind_s = (now - item.timestamp.replace(tzinfo=UTC)).total_seconds()
        stamps.setdefault(item.account, []).append((one.line, item.timestamp, behind_s))
    for account, found in stamps.items():
        behind_s = median(each for _, _, each in found)
        if -_EARLY_S <= behind_s <= _LATE_S:
            continue
        lines = lines_of([line for line, _, _ in found])
        evidence = f"{many(len(found), 'frame')} ({lines}), {_spelled(behind_s)}"
        is_stopped = len({stamp for _, stamp, _ in found}) == 1 and len(found) > 1
        halves = round(behind_s / _HALF_HOUR_S)
        if is_stopped and found[-1][2] - found[0][2] > 1.0:
            yield _finding(
                account,
                "clock_stopped",
                "the panel's clock stands still",
                f"{evidence}; every frame carries the same time",
                "Set the panel's clock and watch whether it runs; until then the account needs "
                'timestamp_check = "off".',
            )
        elif (
            halves and abs(behind_s - halves * _HALF_HOUR_S) <= _NEAR_S and abs(behind_s) < _DAYS_S
        ):
            hours = f"{abs(halves) / 2:g} h"
            way = "ahead of" if behind_s < 0 else "behind"
            yield _finding(
                account,
                "clock_in_another_zone",
                f"the panel's clock is {hours} {way} ours: it runs in another time zone",
                evidence,
                "DC-09 wants GMT. Set the panel to send GMT, or give the account the time zone "
                "in which its panel runs (time_zone); mind summer time.",
            )
        else:
            yield _finding(
                account, "clock_off", "the panel's clock is wrong",
                evidence,
                "Set the panel's clock; most panels take the time from our NAK, if the account "
                "checks timestamps, or from an NTP server.",
            )  # fmt: skip


def _finding(account: str, name: str, title: str, evidence: str, remedy: str) -> Finding:
    return Finding(
        id=name, title=f"Account {account}: {title}", evidence=evidence, remedy=remedy,
        confidence=Confidence.CERTAIN,
    )  # fmt: skip


def _spelled(behind_s: float) -> str:
    """Write by how much a clock is off, in the largest units that say something."""
    left = abs(round(behind_s))
    words = []
    for unit, name in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        count, left = divmod(left, unit)
        if count:
            words.append(f"{count} {name}")
    return f"{' '.join(words[:2])} {'ahead of' if behind_s < 0 else 'behind'} our clock"
