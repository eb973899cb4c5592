"""Event model 1 and 8: the tables use its words, all of them, and agree with each other."""

from __future__ import annotations

from typing import get_args

import pytest

from gateway.accounts.model import PROFILES
from gateway.contract.event import CLASS_OF_KIND, Category, Kind
from gateway.normalise import TableError, parse_severity, profile_names, tables
from tests.support.meaning import cid, sia

CID_CODES = sorted(tables.contact_id())
SIA_CODES = sorted(tables.sia())


def test_the_tables_are_whole() -> None:
    assert len(CID_CODES) == 335
    assert len(SIA_CODES) == 305 + 20 + 6


def test_every_category_of_the_model_is_used_and_every_kind_has_a_class() -> None:
    used = {row.category for row in (*tables.contact_id().values(), *tables.sia().values())}
    assert used == set(get_args(Category))
    assert set(CLASS_OF_KIND) == set(get_args(Kind))


@pytest.mark.parametrize("code", CID_CODES)
def test_a_contact_id_code_has_a_meaning_for_each_qualifier(code: str) -> None:
    row = tables.contact_id()[code]
    new, restored, previous = (cid(f"{q}{code} 01 015") for q in "136")
    assert new.code.known
    assert new.kind == (row.new_kind or "info")
    assert restored.kind == (row.restore_kind or "info")
    assert ("qualifier_unexpected" in restored.flags) == (row.restore_kind is None)
    assert previous.kind == new.kind
    assert previous.attributes.new is False
    assert new.attributes.new is True
    assert new.category == restored.category == previous.category == row.category
    if restored.kind == "restoral":
        assert restored.attributes.restores == (row.new_kind,)


@pytest.mark.parametrize("code", SIA_CODES)
def test_a_sia_code_has_a_meaning_for_each_block(code: str) -> None:
    row = tables.sia()[code]
    new, old = sia(f"N{code}"), sia(f"O{code}")
    assert new.code.known
    assert new.code.name == row.name
    assert (new.kind, new.category) == (old.kind, old.category) == (row.kind, row.category)
    assert (new.attributes.new, old.attributes.new) == (True, False)
    assert bool(new.attributes.restores) == (row.kind == "restoral")


@pytest.mark.parametrize("code", [code for code in SIA_CODES if tables.sia()[code].contact_id])
def test_the_equivalent_is_in_the_other_table(code: str) -> None:
    equivalent = tables.sia()[code].contact_id
    assert equivalent[0] in "ER"
    assert equivalent[1:] in tables.contact_id()


@pytest.mark.parametrize(
    "code",
    [
        code
        for code in SIA_CODES
        if tables.sia()[code].kind in ("alarm", "open", "close", "bypass", "unbypass", "cancel")
        and tables.sia()[code].contact_id
    ],
)
def test_both_tables_agree_on_what_changes_state(code: str) -> None:
    row = tables.sia()[code]
    other = tables.contact_id()[row.contact_id[1:]]
    kind = other.restore_kind if row.contact_id[0] == "R" else other.new_kind
    if code != "DL":  # DC-05 has one code for a door held open, DC-03 tells armed from disarmed
        assert row.kind == kind


@pytest.mark.parametrize("name", profile_names())
def test_a_profile_reads_and_keeps_the_words(name: str) -> None:
    profile = tables.profile(name)
    assert profile.title
    for row in (*profile.contact_id.values(), *profile.sia.values(), *profile.pulse.values()):
        assert row.name


def test_the_profiles_of_the_model_are_there() -> None:
    named = {"standard", "ajax", "galaxy", "bosch", "dsc", "fire_dact", "climax", "paradox", "pima"}
    assert named <= set(profile_names())


def test_an_account_may_have_each_profile_and_no_other() -> None:
    assert set(PROFILES) == set(profile_names())


SEVERITIES = [
    # Event model 3, rank by rank.
    ("1110 01 001", 1), ("1113 01 001", 1), ("1114 01 001", 1),
    ("1151 01 001", 2), ("1162 01 001", 2),
    ("1121 01 001", 3), ("1122 01 001", 3),
    ("1120 01 001", 4), ("1129 01 001", 4),
    ("1100 01 001", 5),
    ("1139 01 001", 6),
    ("1130 01 001", 7), ("1140 01 001", 7), ("1150 01 001", 7), ("1137 01 001", 7),
    ("1362 01 001", 7),
    ("1374 01 001", 8), ("1459 01 001", 8), ("1423 01 001", 8), ("1147 01 001", 8),
    ("1154 01 001", 9),
    ("1200 01 001", 10),
    ("1373 01 001", 12), ("1376 01 001", 12), ("1641 01 001", 12), ("1394 01 001", 12),
    ("1350 01 001", 13), ("1381 01 001", 13),
    ("1301 01 001", 14), ("1383 01 001", 14), ("1300 01 001", 14), ("1378 01 001", 14),
    ("1453 01 001", 15), ("3454 01 001", 15), ("1455 01 001", 15),
    ("1406 01 001", 16), ("1458 01 001", 16),
    ("1401 01 001", 17), ("3401 01 001", 17), ("1570 01 001", 17), ("1421 01 001", 17),
    ("3110 01 001", 18),
    ("1602 01 001", 19), ("1627 01 001", 19), ("1621 01 001", 19),
]  # fmt: skip


@pytest.mark.parametrize(("data", "rank"), SEVERITIES)
def test_severity_of_contact_id(data: str, rank: int) -> None:
    assert cid(data).severity == rank


@pytest.mark.parametrize(
    ("code", "rank"),
    [
        ("HV", 3), ("BV", 6), ("BM", 6), ("XM", 6), ("AA", 7), ("EZ", 8), ("CM", 8), ("UZ", 8),
        ("US", 11), ("BS", 11), ("FS", 10), ("BG", 14), ("FG", 14), ("UG", 14), ("CI", 15),
        ("OI", 15), ("CD", 15), ("CT", 15), ("OT", 15), ("BC", 16), ("OR", 16), ("OH", 16),
    ],
)  # fmt: skip
def test_severity_of_sia(code: str, rank: int) -> None:
    assert sia(f"N{code}001").severity == rank


class TestASeverityTableOfTheStation:
    def test_the_first_match_counts(self) -> None:
        table = parse_severity('[[rank]]\nseverity = 3\nkind = ["alarm"]\n', "mine.toml")
        assert table.of(tables.contact_id()["130"], "alarm") == 3
        assert table.of(tables.contact_id()["130"], "restoral") == 19

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            ('[[rank]]\nseverity = 3\nkind = ["alarms"]\n', "alarms"),
            ("[[rank]]\nseverity = 20\n", "1 to 19"),
            ("[[rank]]\nseverity =\n", "mine.toml"),
            ("[[rank]]\nseverity = 3\ncolour = 1\n", "colour"),
        ],
    )
    def test_a_mistake_is_told_with_its_place(self, content: str, said: str) -> None:
        with pytest.raises(TableError, match=said):
            parse_severity(content, "mine.toml")
