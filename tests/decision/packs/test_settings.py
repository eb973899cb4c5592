"""Every ambiguity AMB-S1 to AMB-S25 is a named setting with the default of the domain rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from decision.packs import Pack
from tests.support.ledger import SAINT_JOHN


def settings(model: type[BaseModel], path: str = "") -> Iterator[tuple[str, Any]]:
    for name, field in model.model_fields.items():
        extra = field.json_schema_extra
        yield f"{path}{name}", extra.get("rules", []) if isinstance(extra, dict) else []
        for inner in models_in(field.annotation):
            yield from settings(inner, f"{path}{name}.")


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from models_in(inner)


SETTINGS = {
    "AMB-S1": {"counting.year_starts": "01-01", "counting.dated_by": "police_call"},
    "AMB-S2": {"durations.year": "anniversary", "durations.leap_day": "feb_28"},
    "AMB-S3": {"durations.days": "calendar", "suspension.starts_after_days": 14},
    "AMB-S4": {"suspension.post_suspension_default": "REFUSE"},
    "AMB-S5": {"invoices.counted_per": "alarm_system", "invoices.addressed_via": "alarm_business"},
    "AMB-S6": {
        "invoices.net_days": 30, "invoices.discontinue_at": 3, "invoices.cleared_by": "decision",
    },
    "AMB-S7": {"thresholds.in_one_batch": "all"},
    "AMB-S8": {"counting.lead_time_counts": True},
    "AMB-S9": {"counting.post_suspension_apart": True},
    "AMB-S10": {
        "appeals.disposition.pending_suspension": "WITHDRAW",
        "appeals.disposition.active_suspension": "TASK",
    },
    "AMB-S11": {
        "appeals.disposition.window_from": "latest_notice",
        "appeals.disposition.without_notice": "ADMISSIBLE",
    },
    "AMB-S12": {"appeals.suspension.clear_period_restart": False},
    "AMB-S13": {"appeals.suspension.clear_broken_by": ("FALSE", "VALID", "REFUSED", "OTHER")},
    "AMB-S14": {"appeals.suspension.premature_is_processed": False},
    "AMB-S15": {"appeals.suspension.success_ends_by": "notice"},
    "AMB-S16": {"counting.after_reinstatement": "zero"},
    "AMB-S17": {"dispositions.match": "exact", "counting.declaration_counts": True},
    "AMB-S18": {"suspended_list.keyed_by": "alarm_system", "counting.unit": "alarm_system"},
    "AMB-S19": {"applicability.exempt_while_suspended": "RESPOND"},
    "AMB-S20": {"requirements.call_processing": ()},
    "AMB-S21": {"roles.decides_cases": "inspector"},
    "AMB-S22": {"suspension.repeats": True},
    "AMB-S23": {"counting.post_suspension_told_by": "state_at_call"},
    "AMB-S24": {"review.without_notice": "DEFER", "suspended_list.lists_deferred": True},
    "AMB-S25": {"invoices.discontinued_is_term": False},
}  # fmt: skip


def test_none_is_missing():
    assert list(SETTINGS) == [f"AMB-S{number}" for number in range(1, 26)]


@pytest.mark.parametrize(
    ("rule", "path", "default"),
    [
        (rule, path, default)
        for rule, all_of in SETTINGS.items()
        for path, default in all_of.items()
    ],
)
def test_setting_and_default(rule, path, default):
    assert rule in dict(settings(Pack))[path], f"{path} does not name {rule}"
    value = SAINT_JOHN
    for part in path.split("."):
        value = getattr(value, part)
    assert value == default
