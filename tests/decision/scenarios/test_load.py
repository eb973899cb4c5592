"""A scenario file with mistakes is refused with file, key and reason, all of them at once."""

from __future__ import annotations

import pytest

from decision.scenarios import ScenarioError, load_file, parse

GOOD = """
title = "t"
proves = ["DISP-S2"]
[given]
pack = "ca-nb-saint-john"
[[step]]
at = 2025-03-10T02:00:00
event = { category = "burglary" }
"""


EVENT = 'event = { category = "burglary" }'


def mistakes(text: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        parse(text, file="night.toml")
    return [str(one) for one in caught.value.mistakes]


def test_a_good_file_has_its_moments_in_utc() -> None:
    prepared = parse(GOOD, file="night.toml")
    assert prepared.moments[0].at.isoformat() == "2025-03-10T05:00:00+00:00"
    assert prepared.site.jurisdiction == "ca-nb-saint-john"
    assert prepared.zone.key == "America/Moncton"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("title =", "title_ ="), "title_: there is no such key; did you mean 'title'?"),
        (("DISP-S2", "DISP-S9"), "night.toml: proves[1]: there is no rule 'DISP-S9'"),
        (("ca-nb-saint-john", "ca-nb-saint-jon"), "no pack 'ca-nb-saint-jon'; did you mean"),
        (("burglary", "burglar"), "night.toml: step[1].event.category: invalid enum value"),
        (("at = 2025-03-10T02:00:00", "at = 02:00:00"), "step[1].at: the first step needs a date"),
        (("at = 2025", "on = 2025-03-10\nat = 2025"), "step[1]: needs either 'at' or 'on'"),
        (("event = {", 'fact = { fact = "Heard" }\nevent = {'), "step[1]: tells more than one of"),
        (
            ("event = { category", "event = { category_"),
            "step[1].event.category_: there is no such key",
        ),
        ((EVENT, 'fact = { fact = "Listend" }'), "did you mean 'Listened'"),
        ((EVENT, 'fact = { fact = "Listened" }'), "missing required field"),
        ((EVENT, 'fact = { audibility = "NO_AUDIO" }'), "must be given"),
        (
            (EVENT, 'fact = { fact = "Listened", audibility = "LOUD" }'),
            "step[1].fact.audibility: invalid enum value 'LOUD'",
        ),
        ((EVENT, 'by = "burglar"'), "there is no actor 'burglar'"),
        (("[[step]]", '[given.settings]\ncall_ordr = "x"\n[[step]]'), "settings.call_ordr"),
        (("[[step]]", '[given.site]\nresponce = "x"\n[[step]]'), "given.site"),
        (("[[step]]", "[given]\n[[step]]"), "no valid TOML"),
        (
            ("[[step]]", '[given.pack_changes]\n"suspension.starts" = 1\n[[step]]'),
            "the pack ca-nb-saint-john has no such setting",
        ),
        (
            ("[[step]]", '[given.pack_changes]\n"suspension.starts_after_days" = -1\n[[step]]'),
            "given.pack_changes: suspension.starts_after_days: input should be greater",
        ),
        (
            ('pack = "ca-nb-saint-john"', 'time_zone = "Moncton"'),
            "there is no IANA time zone 'Moncton'",
        ),
        (
            ("event = {", "expect = { counts = 1 }\nevent = {"),
            "step[1].expect.counts: there is no such key",
        ),
    ],
)
def test_a_mistake_is_told_with_file_key_and_reason(change: tuple[str, str], told: str) -> None:
    text = GOOD.replace(*change)
    assert text != GOOD
    found = mistakes(text)
    assert any(told in one for one in found), found
    assert all(one.startswith("night.toml") for one in found)


def test_all_mistakes_are_told_at_once() -> None:
    text = GOOD.replace("DISP-S2", "DISP-S9").replace("burglary", "burglar")
    assert len(mistakes(text)) == 2


def test_a_step_that_goes_back_in_time_is_a_mistake() -> None:
    found = mistakes(GOOD + "[[step]]\nat = 01:00:00\n")
    assert found == [
        "night.toml: step[2].at: goes back in time: the step before is at 2025-03-10 02:00:00-03:00"
    ]


def test_a_ledger_needs_a_jurisdiction() -> None:
    text = GOOD.replace('pack = "ca-nb-saint-john"', "")
    text += '[[step]]\non = 2025-03-11\nledger = { fact = "PoliceCall", call = "1" }\n'
    assert any("needs 'given.pack'" in one for one in mistakes(text))


def test_a_file_that_is_not_there(tmp_path) -> None:
    with pytest.raises(ScenarioError, match="there is no such file"):
        load_file(tmp_path / "none.toml")
