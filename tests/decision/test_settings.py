"""Every choice is a named setting with the recommended default; fixed ones cannot be changed."""

from __future__ import annotations

import pytest

from decision.settings import SettingError, Settings, describe, merged

DEFAULTS = {
    "call_order": "round_robin",  # AMB-D1
    "attempts_per_contact": 2,  # DISP-S2
    "undecided_uses_attempt": True,  # AMB-D3
    "active_window_s": 4 * 3600,  # DISP-I5
    "window_in_standard": True,  # AMB-D4
    "active_at_window_end": False,  # AMB-D5
    "phone_cancel_resolves": False,  # AMB-D6
    "empty_list": "DISPATCH",  # AMB-D7
    "unknown_requirement": "WARN",  # AMB-D9
    "no_human": "CLOSE",  # policy.no_human
    "tl2_not_secured": "CLOSE",  # policy.tl2_not_secured
    "secured_requires_armed": False,  # AMB-P10
    "electronic_cancel": "OPERATOR_CONFIRMS",  # AMB-P12
    "training_days": 90,  # AMB-P7
    "grouping_window_s": 600,  # XS-12
}


@pytest.mark.parametrize(("name", "value"), DEFAULTS.items())
def test_defaults_are_those_of_the_rules(name, value):
    assert getattr(Settings(), name) == value


def test_every_setting_names_its_rule():
    assert all(rules for rules, _ in describe().values())


def test_overrides_are_laid_over():
    changed = merged(Settings(), {"no_human": "NON_AUDIO", "grouping_window_s": 60})
    assert (changed.no_human, changed.grouping_window_s) == ("NON_AUDIO", 60)
    assert changed.call_order == "round_robin"


@pytest.mark.parametrize(
    ("overrides", "told"),
    [
        ({"no_humans": "CLOSE"}, "settings.no_humans"),
        ({"no_human": "DISPATCH"}, "no_human"),
        ({"attempts_per_contact": 1}, "attempts_per_contact"),
        ({"training_days": 91}, "training_days"),
        # fixed by a rule that holds always
        ({"active_at_window_end": True}, "active_at_window_end"),
        ({"later_triggers": "DISPATCH"}, "later_triggers"),
        ({"secured_needs_attempts": False}, "secured_needs_attempts"),
        ({"unknown_area": "CLOSE"}, "unknown_area"),
        ({"unsettled_level": "TL1"}, "unsettled_level"),
    ],
)
def test_a_mistake_names_the_setting(overrides, told):
    with pytest.raises(SettingError, match=told):
        merged(Settings(), overrides)
