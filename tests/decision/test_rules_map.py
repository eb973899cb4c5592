"""docs/decision/rules.md maps every id to code, setting and proof; nothing it names is missing."""

from __future__ import annotations

from functools import cache

import pytest

from decision.rules import ids
from decision.scenarios.load import EXAMPLES
from tests.support import rules_map

EXPECTED = {
    "DISP": [
        *(f"DISP-{n}" for n in range(1, 6)), *(f"DISP-4.{n}" for n in range(1, 7)),
        *(f"DISP-I{n}" for n in range(1, 7)), *(f"DISP-S{n}" for n in range(1, 5)),
        *(f"DISP-M{n}" for n in range(1, 5)), *(f"DISP-J{n}" for n in range(1, 11)),
    ],
    "XS": [f"XS-{n}" for n in range(1, 13)],
    "AMB": [
        *(f"AMB-D{n}" for n in range(1, 12)), *(f"AMB-P{n}" for n in range(1, 13)),
        *(f"AMB-S{n}" for n in range(1, 26)),
    ],
    "SJ": [
        "SJ-A1", "SJ-A2", *(f"SJ-B{n}" for n in range(1, 10)),
        "SJ-C1", "SJ-C1b", "SJ-C1n", "SJ-C2a", "SJ-C2b", "SJ-C2c-i", "SJ-C2c-ii", "SJ-C3",
        "SJ-C4e", "SJ-C5a", "SJ-C7", *(f"SJ-R{n}" for n in range(1, 11)),
        "SJ-D1", "SJ-D2", "SJ-E1", "SJ-E1c", "SJ-E2", "SJ-E3", "SJ-F1", "SJ-F2",
        "SJ-G1", "SJ-G2", "SJ-G3", *(f"SJ-G3{c}" for c in "abcdew"), "SJ-G4",
        "SJ-N1", "SJ-N2", "SJ-N3", "SJ-$1", "SJ-$2",
    ],
    "PPVAR": [
        *(f"PPVAR-2.{n}" for n in range(1, 5)), "PPVAR-3",
        *(f"PPVAR-3.{n}" for n in range(1, 24) if n != 19),
        *(f"PPVAR-3.19.{n}" for n in range(1, 4)),
        "PPVAR-4.1.1", *(f"PPVAR-4.2.{n}" for n in range(1, 5)),
        "PPVAR-4.3.1", "PPVAR-4.3.1.1", "PPVAR-4.3.1.2", *(f"PPVAR-4.4.{n}" for n in range(1, 6)),
        "PPVAR-4.5", *(f"PPVAR-4.5.{n}" for n in range(1, 6)),
        *(f"PPVAR-5.{n}" for n in range(1, 9)), *(f"PPVAR-6.1.{n}" for n in range(1, 5)),
        "PPVAR-6.2.1", "PPVAR-6.2.1.1", "PPVAR-6.2.1.1.1", "PPVAR-6.2.1.1.2", "PPVAR-6.2.1.2",
        "PPVAR-6.2.1.2.1", "PPVAR-6.2.1.2.2", "PPVAR-6.2.2.1.1", "PPVAR-6.2.2.1.2",
        "PPVAR-6.2.2.2", "PPVAR-6.2.2.2.1", "PPVAR-6.2.2.2.2", "PPVAR-6.2.2.2.2.1",
        "PPVAR-6.2.2.2.2.2", "PPVAR-6.2.2.2.2.2.1", "PPVAR-6.2.2.2.2.2.2", "PPVAR-6.2.2.2.2.2.3",
        "PPVAR-D",
    ],
}  # fmt: skip
"""The ids of the sources, counted here a second time."""
RULES = list(ids.meanings())


@pytest.mark.parametrize("prefix", EXPECTED)
def test_the_catalogue_holds_every_id(prefix: str) -> None:
    assert set(EXPECTED[prefix]) <= set(RULES)


def test_every_meaning_is_one_line_of_its_own() -> None:
    meanings = list(ids.meanings().values())
    assert all(0 < len(meaning) <= 140 and "\n" not in meaning for meaning in meanings)
    assert len(set(meanings)) == len(meanings)


def test_no_rule_is_without_code() -> None:
    missing = [r for r in RULES if not rules_map.code_of(r) and not rules_map.note_of(r)]
    assert missing == []


def test_no_rule_is_without_a_test_or_a_scenario() -> None:
    missing = [
        rule
        for rule in RULES
        if not rules_map.tests_of(rule)
        and not rules_map.scenarios().get(rule)
        and not rules_map.note_of(rule)
    ]
    assert missing == []


def test_every_resolved_ambiguity_has_a_setting() -> None:
    missing = [r for r in EXPECTED["AMB"] if not rules_map.set_by().get(r)]
    assert missing == ["AMB-P9"], "P9 is a slip of the source's numbering: nothing to set"


@pytest.mark.parametrize("rule", rules_map.by_hand())
def test_what_is_added_by_hand_exists(rule: str) -> None:
    assert rule in ids.meanings()
    entry = rules_map.by_hand()[rule]
    assert set(entry) <= {"code", "tests", "note"}
    gone = [p for key in ("code", "tests") for p in entry.get(key, []) if not rules_map.exists(p)]
    assert gone == []


def test_every_place_that_the_map_names_exists() -> None:
    places = {p for r in RULES for p in (*rules_map.code_of(r)[:3], *rules_map.tests_of(r)[:3])}
    assert [place for place in sorted(places) if not rules_map.exists(place)] == []


def test_scenarios_prove_only_rules_that_exist() -> None:
    assert set(rules_map.scenarios()) <= {*RULES, *EXAMPLES}


@cache
def page() -> dict[str, list[str]]:
    return rules_map.rows(rules_map.PAGE.read_text("utf-8"))


REWRITE = "run: python -m tests.support.rules_map"


def test_the_page_has_a_row_for_every_id() -> None:
    assert list(page()) == RULES, REWRITE


def test_the_page_tells_the_meaning_of_the_catalogue() -> None:
    wrong = [rule for rule, cells in page().items() if not cells[1].startswith(ids.meaning(rule))]
    assert wrong == [], REWRITE


def test_every_code_and_test_that_the_page_names_exists() -> None:
    named = {place for cells in page().values() for place in rules_map.entries(cells[2])}
    named |= {p for cells in page().values() for p in rules_map.entries(cells[4]) if ".py" in p}
    assert len(named) > 200
    assert [place for place in sorted(named) if not rules_map.exists(place)] == [], REWRITE


def test_every_scenario_that_the_page_names_ships_and_proves_the_rule() -> None:
    wrong = [
        (rule, name)
        for rule, cells in page().items()
        for name in rules_map.entries(cells[4])
        if ".py" not in name and name not in rules_map.scenarios().get(rule, [])
    ]
    assert wrong == [], REWRITE


def test_the_page_names_the_settings_that_answer_each_rule() -> None:
    wrong = [
        rule
        for rule, cells in page().items()
        if rules_map.entries(cells[3]) != rules_map.set_by().get(rule, [])
    ]
    assert wrong == [], REWRITE


def test_every_row_of_the_page_names_code_and_proof_or_says_why_not() -> None:
    empty = [
        rule
        for rule, cells in page().items()
        if not rules_map.note_of(rule)
        and not (rules_map.entries(cells[2]) and rules_map.entries(cells[4]))
    ]
    assert empty == [], REWRITE


def test_an_unknown_id_is_told_as_such() -> None:
    assert not ids.is_known("DISP-99")
    assert "not in the catalogue" in ids.meaning("DISP-99")
