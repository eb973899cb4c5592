"""Where the sources disagree (event model 7): one row for each clash, named after it.

The third column is the profile. What the resolution says stands behind it, and no more than
that; the codes around it are in ``test_profiles.py`` and ``test_tables.py``.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from gateway.normalise import Meaning
from tests.support.meaning import all_sia, cid, sia

CLASHES: list[tuple[str, str, str, dict[str, Any]]] = [
    ("113 is fire", "1113 01 001", "standard", {"category": "fire", "kind": "alarm"}),
    ("113 in SIA", "NSA001", "standard", {"category": "fire", "kind": "alarm"}),
    ("146 is burglary", "1146 01 001", "standard", {"category": "burglary", "silent": True}),
    ("573 counts zones", "1573 01 005", "standard", {"kind": "bypass", "zone": "005"}),
    ("574 counts users", "1574 01 005", "standard", {"kind": "bypass", "user": "005"}),
    ("344 jamming", "1344 01 001", "standard", {"category": "communication", "kind": "trouble"}),
    ("344 in SIA", "NXQ001", "standard", {"category": "communication", "kind": "trouble"}),
    ("344 ends", "NXH001", "standard", {"category": "communication", "kind": "restoral"}),
    ("381", "1381 01 001", "standard", {"category": "supervision", "kind": "trouble"}),
    ("423 forced door", "1423 01 001", "standard", {"category": "access", "kind": "alarm"}),
    ("423 duress", "1423 01 001", "ajax", {"category": "hold_up", "kind": "alarm", "silent": True}),
    ("423 as HA", "NHA001", "ajax", {"category": "hold_up", "kind": "alarm"}),
    ("423 as ND", "NND001", "ajax", {"category": "hold_up", "kind": "alarm"}),
    ("456 with 1", "1456 01 001", "standard", {"kind": "close", "mode": "partial"}),
    ("456 with 3", "3456 01 001", "standard", {"kind": "close", "mode": "partial"}),
    ("456 of Paradox", "1456 01 001", "paradox", {"kind": "close", "mode": "partial"}),
    ("404 with 1", "1404 01 001", "standard", {"category": "schedule", "kind": "trouble"}),
    ("404 with 3", "3404 01 001", "standard", {"category": "schedule", "kind": "trouble"}),
    ("454 with 1", "1454 01 001", "standard", {"category": "schedule", "kind": "trouble"}),
    ("454 with 3", "3454 01 001", "standard", {"category": "schedule", "kind": "trouble"}),
    ("406 cancels", "1406 01 001", "standard", {"kind": "cancel", "after_alarm": None}),
    ("406 of DSC", "1406 01 001", "dsc", {"kind": "cancel"}),
    ("458 opens", "1458 01 001", "standard", {"kind": "open", "after_alarm": True}),
    ("JP is not 458", "NJP001", "standard", {"category": "information", "kind": "info"}),
    ("459", "1459 01 001", "standard", {"kind": "alarm", "recent_close": True}),
    ("459 of Bosch", "1459 01 001", "bosch", {"kind": "alarm", "recent_close": True}),
    ("459 of DSC", "1459 01 001", "dsc", {"kind": "alarm", "recent_close": True}),
    ("459 with 3, Paradox", "3459 01 001", "paradox", {"kind": "info"}),
    ("CR", "NCR001", "standard", {"kind": "alarm", "recent_close": True}),
    ("374", "1374 01 001", "standard", {"category": "burglary", "exit_error": True}),
    ("EA", "NEA001", "standard", {"kind": "alarm", "exit_error": True}),
    ("EA beside 134", "1134 01 001", "bosch", {"kind": "alarm", "exit_error": None}),
    ("BM", "NBM001", "standard", {"kind": "alarm", "verified": True}),
    ("BM as 139", "1139 01 001", "standard", {"kind": "alarm", "verified": True}),
    ("140 of old DSC", "1140 01 001", "dsc", {"category": "untyped", "verified": None}),
    ("156", "1156 01 001", "standard", {"kind": "trouble"}),
    ("KA", "NKA001", "standard", {"category": "fire", "kind": "alarm"}),
    ("UA", "NUA001", "standard", {"category": "untyped", "kind": "alarm"}),
    ("TA", "NTA001", "standard", {"category": "tamper", "kind": "alarm"}),
    ("TA as 137", "1137 01 001", "standard", {"category": "tamper", "kind": "alarm"}),
    ("TA as 144", "1144 01 001", "standard", {"category": "tamper", "kind": "alarm"}),
    ("TA as 145", "1145 01 001", "standard", {"category": "tamper", "kind": "alarm"}),
    ("TA as 383", "1383 01 001", "standard", {"category": "tamper"}),
    ("383 of Ajax", "1383 01 001", "ajax", {"category": "bypass", "kind": "bypass"}),
    ("ET", "NET001", "standard", {"category": "trouble", "kind": "trouble"}),
    ("YP", "NYP", "standard", {"category": "power", "kind": "trouble"}),
    ("YP of Ajax as 337", "1337 01 001", "ajax", {"category": "power", "kind": "trouble"}),
    ("YA", "NYA", "standard", {"category": "trouble", "kind": "trouble"}),
    ("YA of Ajax", "NYA", "ajax", {"category": "power", "kind": "restoral"}),
    ("XL", "NXL001", "standard", {"category": "communication", "kind": "trouble"}),
    ("XL of Ajax", "NXL001", "ajax", {"category": "supervision", "kind": "trouble"}),
    ("NC", "NNC001", "standard", {"category": "communication", "kind": "trouble"}),
    ("NC of Ajax", "NNC001", "ajax", {"kind": "close", "mode": "night", "auto": True}),
    ("CD", "NCD001", "standard", {"category": "schedule", "kind": "trouble"}),
    ("CD of Ajax", "NCD001", "ajax", {"category": "schedule", "kind": "trouble"}),
    ("QB", "NQB001", "standard", {"category": "bypass", "kind": "bypass"}),
    ("QB of Ajax", "NQB001", "ajax", {"category": "bypass", "kind": "bypass"}),
    ("QU", "NQU001", "standard", {"category": "bypass", "kind": "unbypass"}),
    ("AA", "NAA001", "standard", {"category": "tamper", "kind": "alarm"}),
    ("AA of a fire DACT", "NAA", "fire_dact", {"category": "power", "kind": "trouble"}),
    ("AH", "NAH001", "standard", {"category": "information", "kind": "info"}),
    ("AH of a fire DACT", "NAH", "fire_dact", {"category": "power", "kind": "restoral"}),
    ("FM", "NFM001", "standard", {"category": "fire", "kind": "alarm", "verified": True}),
    ("FM of a fire DACT", "Nid4FM1", "fire_dact", {"category": "test", "user": "4"}),
    ("R354", "3354 00 000", "standard", {"category": "communication", "kind": "restoral"}),
    ("R354 of Ajax", "3354 00 000", "ajax", {"category": "communication", "kind": "trouble"}),
    ("YS", "NYS", "standard", {"category": "communication", "kind": "trouble"}),
    ("308 with 3", "3308 00 000", "standard", {"kind": "restoral"}),
    ("308 with 3, Bosch", "3308 00 000", "bosch", {"kind": "info"}),
    ("308 as TS", "NTS", "bosch", {"kind": "test_start"}),
    ("308 as TE", "NTE", "bosch", {"kind": "test_end"}),
    ("320", "1320 01 001", "standard", {"category": "trouble", "kind": "trouble"}),
    ("320 of Texecom", "1320 01 001", "texecom", {"category": "power", "kind": "trouble"}),
    ("321", "1321 01 001", "standard", {"category": "trouble", "kind": "trouble"}),
    ("321 of Pyronix", "1321 01 001", "pyronix", {"category": "tamper", "kind": "trouble"}),
    ("408 with 1", "1408 01 001", "standard", {"category": "open_close", "kind": "open"}),
    ("408 with 3", "3408 01 001", "climax", {"category": "open_close", "kind": "close"}),
    ("608", "1608 00 000", "standard", {"kind": "test", "off_normal": True}),
    ("461", "1461 01 001", "standard", {"category": "tamper", "kind": "alarm"}),
    ("JA", "NJA001", "standard", {"category": "tamper", "kind": "alarm"}),
    ("JA as 421, Paradox", "1421 01 001", "paradox", {"category": "tamper", "kind": "alarm"}),
    ("401 with 1, Patriot's prose", "1401 01 001", "standard", {"kind": "open"}),
    ("401 with 3, Patriot's prose", "3401 01 001", "standard", {"kind": "close"}),
    ("CB", "NCB001", "standard", {"category": "open_close", "kind": "close"}),
    ("YF of Galaxy", "NYF", "galaxy", {"category": "trouble", "kind": "trouble"}),
    ("address base, letters", "NBA1F", "standard", {"zone": "31"}),
    ("address base, decimal", "NBA010", "standard", {"zone": "010"}),
]


def found(data: str, profile: str) -> Meaning:
    return cid(data, profile=profile) if data[0].isdigit() else sia(data, profile=profile)


def flat(meaning: Meaning) -> dict[str, Any]:
    """The words of a meaning on one level, an address by its number."""
    said = {"category": meaning.category, "kind": meaning.kind}
    said |= {
        name: getattr(meaning.attributes, name) for name in meaning.attributes.__struct_fields__
    }
    for name in ("zone", "user"):
        place = getattr(meaning, name)
        said[name] = None if place is None else place.id
    return said


@pytest.mark.parametrize(
    ("data", "profile", "expected"), [row[1:] for row in CLASHES], ids=[row[0] for row in CLASHES]
)
def test_it_is_resolved_as(data: str, profile: str, expected: dict[str, Any]) -> None:
    said = flat(found(data, profile))
    assert {name: said[name] for name in expected} == expected


@pytest.mark.parametrize("code", ["414", "470", "471", "472", "473", "900"])
@pytest.mark.parametrize("qualifier", ["1", "3"])
def test_odd_targets_of_one_list_change_no_arming_state(code: str, qualifier: str) -> None:
    said = found(f"{qualifier}{code} 01 001", "standard")
    assert said.kind not in ("open", "close")


def test_the_two_readings_of_an_address_are_a_setting_of_the_account() -> None:
    assert sia("NBA010", address_base=16).zone.id == "16"
    assert sia("NBA010").zone.id == "010"


def test_modifiers_after_the_event_are_a_setting_where_one_block_has_several() -> None:
    text = "NBA001/Ri1 BA003/Ri2"
    trailing = all_sia(text, modifiers_trail=True)
    assert [(one.zone.id, one.area.id) for one in trailing] == [("001", "1"), ("003", "2")]
    (only,) = all_sia("NFA2/ri6")
    assert (only.zone.id, only.area.id) == ("2", "6")


@pytest.mark.parametrize("name", ["dsc", "bosch", "climax", "pima"])
def test_a_profile_changes_nothing_beside_its_own_codes(name: str) -> None:
    ours = msgspec.structs.asdict(found("1131 01 015", name))
    assert ours == msgspec.structs.asdict(found("1131 01 015", "standard"))
