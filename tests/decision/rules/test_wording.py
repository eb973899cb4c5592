"""What may not be said to responders: PPVAR-5.5 (audio) and AMB-P6 / PPVAR-5.4 (claims)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision.rules.wording import MAX_FREE_TEXT, WordingError, check_wording, require_wording


def rules(text, *, audio=True, reason=None, names=()):
    found = check_wording(text, audio_reference=audio, reason=reason, names=names)
    return [(refusal.words, refusal.rule) for refusal in found]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("This is an audio alarm", "audio"),
        ("We heard nothing", "heard"),
        ("LISTENED IN at 02:10", "LISTENED"),
        ("sounds like wind", "sounds"),
        ("the microphone in the lobby", "microphone"),
        ("mic 4", "mic"),
        ("acoustic sensor", "acoustic"),
        ("loud noise", "noise"),
        ("no voices", "voices"),
        ("nothing audible", "audible"),
        ("on a entendu du verre", "entendu"),
        ("écoute faite à 02:10", "écoute"),
        ("bruit au quai", "bruit"),
    ],
)
def test_ppvar_5_5_no_audio_wording_when_no_human_was_heard(text, word):
    assert rules(text, audio=False)[0] == (word, "PPVAR-5.5")
    assert rules(text, audio=True) == []


@pytest.mark.parametrize(
    "text",
    [
        "voicemail left with the owner",
        "motion in the stockroom, then the rear door",
        "the radio room door is open",
        "heart of the building",
        "Michael is on the way",
        "Son of the owner is on the way",
    ],
)
def test_ppvar_5_5_leaves_other_words_alone(text):
    assert rules(text, audio=False) == []


def test_a_name_is_a_name():
    text = "Halifax Audio and Sound is closed on Fridays; audio says so"
    assert rules(text, audio=False, names=("Halifax Audio and Sound",)) == [("audio", "PPVAR-5.5")]


@pytest.mark.parametrize(
    "text",
    [
        "verified crime",
        "Verified alarm at the rear",
        "burglary in progress",
        "break-in at the stockroom",
        "intruder in the stockroom",
        "suspicious activity",
        "confirmed by the station",
        "No answer, verified crime",
        "nobody answered and crime is verified",
        "cambriolage en cours",
        "alarme vérifiée",
    ],
)
def test_amb_p6_a_secured_tl2_claims_nothing(text):
    assert {rule for _, rule in rules(text, reason="TL2_SECURED_UNVERIFIED")} == {"AMB-P6"}
    assert {rule for _, rule in rules(text, reason="CONTACTS_EXHAUSTED")} == {"PPVAR-5.4"}
    assert rules(text, reason="TL3") == []
    assert rules(text, reason="ACTIVITY_NOT_AUTHORIZED") == []


@pytest.mark.parametrize(
    "text",
    [
        "unverified human presence",
        "could not be verified",
        "not yet confirmed",
        "no evidence of a crime",
        "presence, no clear signs of burglary",
        "the owner's answer could not be confirmed",
        "burglar alarm of the premises",
        "la présence n'a pas été vérifiée",
        "aucune preuve de crime",
    ],
)
def test_amb_p6_the_truth_stays_sayable(text):
    assert rules(text, reason="TL2_SECURED_UNVERIFIED") == []


def test_both_bans_are_told_in_the_order_of_the_text():
    text = "verified by audio"
    assert rules(text, audio=False, reason="CONTACTS_EXHAUSTED") == [
        ("verified", "PPVAR-5.4"),
        ("audio", "PPVAR-5.5"),
    ]


def test_a_refused_text_raises_with_every_rule():
    with pytest.raises(WordingError, match=r"audio.*PPVAR-5.5") as told:
        require_wording(" audio alarm ", audio_reference=False, reason=None)
    assert told.value.refusals[0].start == 1
    assert require_wording(" rear door ", audio_reference=False, reason=None) == "rear door"


def test_unreadable_text_is_refused():
    assert rules("x" * (MAX_FREE_TEXT + 1))[0][1] == "PPVAR-D"
    assert rules("rear\u202edoor")[0][1] == "PPVAR-D"
    assert rules("two\nlines") == []


@given(st.text(max_size=80))
def test_any_text_is_judged_and_the_place_told(text):
    for refusal in check_wording(text, audio_reference=False, reason="TL2_SECURED_UNVERIFIED"):
        assert 0 <= refusal.start <= refusal.end


@given(st.text(max_size=40), st.text(max_size=40))
def test_the_word_audio_is_found_wherever_it_stands(before, after):
    text = f"{before} audio {after}"
    assert "PPVAR-5.5" in {r.rule for r in check_wording(text, audio_reference=False, reason=None)}
