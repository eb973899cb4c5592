"""The station's own estimate: each row of the table, and what lowers it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision.rules.validation import (
    LABEL,
    LEVELS,
    LOWERING,
    RULE_VERSION,
    TABLE,
    Arbiter,
    Trip,
    ValidationInput,
    assess,
    changed,
)
from decision.rules.wording import check_wording
from decision.vocabulary import DispatchReason, ThreatLevel

T0 = datetime(2026, 1, 10, 2, tzinfo=UTC)
TL2, TL3 = ThreatLevel.TL2, ThreatLevel.TL3
NOT_AUTHORIZED = DispatchReason.ACTIVITY_NOT_AUTHORIZED


def trip(zone="5", seconds=0, *, partition="1", interior=True, **more):
    at = T0 + timedelta(seconds=seconds)
    return Trip(at=at, zone=zone, partition=partition, is_interior=interior, **more)


def level(**facts):
    return assess(ValidationInput(**facts)).level


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"is_authorised": True, "threat_level": TL2}, 0),
        ({"is_cancelled": True}, 0),
        ({"is_cleared": True, "threat_level": ThreatLevel.TL1}, 0),
        ({"is_cancelled": True, "threat_level": TL3}, 2),  # AMB-P12
        ({"reason": DispatchReason.CONTACTS_EXHAUSTED, "trips": (trip(),)}, 1),
        ({"reason": DispatchReason.CONTACT_APPROVED, "trips": (trip(),)}, 1),
        ({"trips": (trip("5"), trip("6", 120))}, 2),
        ({"trips": (trip("5"), trip("6", 121))}, 1),
        ({"trips": (trip("5"), trip("6", 60, partition="2"))}, 1),
        ({"trips": (trip("5"), trip("6", 60, interior=False))}, 1),
        ({"trips": (trip("5"), trip("6", 60, is_exit_entry=True))}, 1),
        ({"trips": (trip("5"), trip("6", 60)), "is_cancelled": True}, 0),
        ({"reason": DispatchReason.TL2_SECURED_UNVERIFIED, "threat_level": TL2}, 2),
        ({"video_shows_person": True}, 2),
        ({"threat_level": TL3, "has_property_evidence": True}, 3),
        ({"threat_level": TL3}, 2),
        ({"nobody_should_be_there": True, "has_forced_entry": True}, 3),
        ({"nobody_should_be_there": True}, 2),
        ({"threat_level": TL3, "threatens_people": True}, 4),
        ({"reason": NOT_AUTHORIZED}, 2),
        ({"reason": NOT_AUTHORIZED, "has_property_evidence": True}, 3),
        ({"is_intrusion": False}, None),
    ],
)
def test_the_table(facts, expected):
    assert level(**facts) == expected


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"opened_recently": True}, "opened by a user shortly before"),
        ({"trips": (trip(is_exit_entry=True),)}, "exit or entry zone only"),
        ({"trips": (trip("5"), trip("5", 200))}, "one zone again and again"),
        ({"in_test_window": True}, "within an open test window"),
        ({"trips": (trip(has_trouble=True),)}, "low battery or tamper on the same zone"),
    ],
)
def test_each_circumstance_lowers_by_one(facts, why):
    lowered = assess(ValidationInput(threat_level=TL3, has_property_evidence=True, **facts))
    assert (lowered.level, lowered.lowered_by) == (2, (why,))
    assert level(**facts) == 1  # the floor
    assert level(threat_level=TL3, threatens_people=True, **facts) == 4
    assert why in dict(LOWERING)


def test_the_lowering_table_is_wholly_tested():
    assert len(LOWERING) == 5


def test_evidence_version_and_label_are_recorded():
    told = assess(ValidationInput(threat_level=TL2, trips=(trip("5"), trip("6", 60))))
    assert told.evidence == (
        "a person was heard, nothing suspicious made out",
        "different interior zones within 120 seconds",
        "intrusion signal",
    )
    assert (told.rule_version, told.label) == (RULE_VERSION, LABEL)
    assert "own" in LABEL


def test_the_operator_is_the_final_arbiter():
    arbiter = Arbiter(level=3, operator="op-1", why="glass breaking on the clip")
    told = assess(ValidationInput(threat_level=TL2, arbiter=arbiter))
    assert (told.level, told.computed) == (3, 2)
    assert "op-1" in told.evidence[-1]


def test_ppvar_5_8_a_changed_level_is_an_update():
    before = assess(ValidationInput(trips=(trip(),)))
    now = assess(ValidationInput(trips=(trip(),), video_shows_person=True))
    assert changed(before, now) == f"our estimate is now 2 of 4: {LEVELS[2]}"
    assert not changed(now, now)
    assert not changed(None, now)


def test_the_words_of_a_level_may_stand_in_any_message():
    for words in LEVELS:
        assert not check_wording(words, audio_reference=False, reason=None)
    for words in LEVELS[1:3]:
        assert not check_wording(words, audio_reference=False, reason="TL2_SECURED_UNVERIFIED")


def test_rows_stand_highest_first():
    levels = [row.level for row in TABLE]
    assert levels == sorted(levels, reverse=True)


FLAGS = ("is_authorised", "is_cancelled", "threatens_people", "has_property_evidence",
         "opened_recently", "video_shows_person", "in_test_window")  # fmt: skip


@given(st.fixed_dictionaries({flag: st.booleans() for flag in FLAGS}),
       st.sampled_from([None, *ThreatLevel]))  # fmt: skip
def test_only_a_cancellation_gives_zero(flags, threat):
    told = level(**flags, threat_level=threat)
    if told == 0:
        assert flags["is_authorised"] or flags["is_cancelled"]
    if flags["is_cancelled"] and threat == TL3 and not flags["is_authorised"]:
        assert told > 0
