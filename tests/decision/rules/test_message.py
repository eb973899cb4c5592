"""The dispatch message contract (PPVAR-D) as data and as it is read out."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision.rules.message import (
    INSTRUCTION_FOLLOWED,
    PRESENCE,
    RECORDING,
    Evidence,
    Heard,
    Place,
    Step,
    compose,
)
from decision.rules.message_text import AREA_WORDS, LEADS, LEVEL_WORDS, as_text, lines
from decision.rules.wording import check_wording
from decision.vocabulary import (
    AlarmType,
    AreaClass,
    Basis,
    DispatchReason,
    EvidenceKind,
    ThreatLevel,
)
from tests.support.responding import SILENT, STOCKROOM, T0, situation


def test_we_3_the_message_of_a_secured_tl2():
    text = as_text(compose(situation()))
    assert text.splitlines() == [
        "This is: Fundy Monitoring, operator Noor. Incident 0199-7",
        "Requesting: police for a burglar alarm",
        "Address: 12 King Street, Saint John",
        "Premises: Harbour Shoes, business",
        "Alarm at: 02:00, interior motion",
        (
            "Where: Stockroom, behind the loading dock; secured area, locked and closed to the "
            "public; microphone stockroom N; covers the whole stockroom, not the office"
        ),
        (
            "What we know: unverified human presence in a secured area. A person was heard, "
            "nothing suspicious was made out; it could not be verified whether anyone may be there"
        ),
        "Heard: 02:01 (live) at stockroom N: footsteps and speech",
        "Threat: threat level 2: a person, nothing suspicious made out",
        "Done: 02:01 Live listen: still a person, no more",
        "Done: 02:02 Video: there is no camera",
        "Done: 02:03 Site telephone called: no answer",
        "Done: 02:04 Contact A called, twice: no answer",
        "Call back: 506 555 0100",
    ]


def test_amb_p6_no_claim_of_a_crime_in_a_secured_tl2():
    message = compose(
        situation(
            heard=(Heard(at=T0, what="sounds of a burglary", is_human=True),),
            notes=("verified crime", "the rear gate is open"),
        )
    )
    assert message.heard[0].what == PRESENCE
    assert message.notes == ("the rear gate is open",)
    assert [(w.what, w.rule) for w in message.withheld] == [("heard", "AMB-P6"), ("note", "AMB-P6")]
    assert {"AMB-P6", "PPVAR-6.2.2.2.2.2.1", "PPVAR-5.7"} <= set(message.rules)


def test_ppvar_6_2_2_1_1_a_tl3_tells_what_was_heard():
    text = as_text(
        compose(
            situation(
                reason=DispatchReason.TL3,
                threat_level=ThreatLevel.TL3,
                heard=(Heard(at=T0, what="glass breaking, a man shouting", is_human=True),),
            )
        )
    )
    assert "Heard: 02:00 (recording): glass breaking, a man shouting" in text
    assert "threat level 3" in text


class TestNoHumanWasHeard:
    """PPVAR-5.5, WE-4, XS-4."""

    def test_the_message_has_no_audio_reference(self):
        message = compose(situation(**SILENT))
        assert message.audio_reference is False
        assert message.threat_level is None
        text = as_text(message)
        assert "microphone" not in text
        assert "listen" not in text.lower()
        assert "sensor motion detector" in text
        assert "PPVAR-5.5" in message.rules
        assert [step.kind for step in message.steps] == ["video", "on_site", "call"]
        assert "Live listen: still a person, no more" in [one.text for one in message.withheld]

    def test_a_heard_dog_is_not_told(self):
        heard = (Heard(at=T0, what="a dog barking", is_human=False),)
        message = compose(situation(**SILENT | {"heard": heard}))
        assert message.heard == ()
        assert ("heard", "a dog barking", "PPVAR-5.5") in [
            (w.what, w.text, w.rule) for w in message.withheld
        ]

    def test_ppvar_5_7_the_recording_is_still_offered_without_the_word(self):
        clip = Evidence(kind=EvidenceKind.AUDIO_CLIP, reference="clip-9", description="silence")
        message = compose(situation(**SILENT, evidence=(clip,)))
        assert message.evidence[0].description == RECORDING
        assert "Evidence: Recording from the premises, kept at the station, reference clip-9" in (
            as_text(message)
        )

    def test_ppvar_6_1_3_a_used_instruction_is_told_even_when_its_text_may_not(self):
        told = compose(
            situation(**SILENT, instructions=("Listen for the dog", "Gate code at desk"))
        )
        assert told.instructions == (INSTRUCTION_FOLLOWED, "Gate code at desk")

    def test_a_microphone_becomes_a_sensor(self):
        place = Place(
            area="Hall", area_class=AreaClass.COMMON, location="microphone 3, by the stairs"
        )
        text = as_text(compose(situation(**SILENT, places=(place,))))
        assert "Hall, sensor 3, by the stairs" in text

    def test_the_name_of_the_site_stays_its_name(self):
        text = as_text(compose(situation(**SILENT, site_name="Sound & Audio Ltd")))
        assert "Premises: Sound & Audio Ltd, business" in text


def test_special_instructions_video_permit_and_key_holder_are_told():
    text = as_text(
        compose(
            situation(
                instructions=("Owner's brother may sleep in the office",),
                evidence=(Evidence(kind=EvidenceKind.VIDEO_CLIP, reference="v-1", at=T0),),
                permit="SJ-4411",
                key_holder="Ana Ruiz, on the way, 15 minutes",
                entry="door at the rear; a dog inside",
                level=2,
                level_words="human presence highly probable or certain, intent unknown",
            )
        )
    )
    assert "Special instruction used: Owner's brother may sleep in the office" in text
    assert "Evidence: video clip of 02:00, reference v-1" in text
    assert "Permit: SJ-4411" in text
    assert "Key holder: Ana Ruiz, on the way, 15 minutes" in text
    assert "Our estimate: 2 of 4, human presence" in text
    assert "our own scale" in text


def test_sj_c1b_a_post_suspension_request_says_so():
    assert "we ask you to accept this call" in as_text(compose(situation(is_post_suspension=True)))


@pytest.mark.parametrize(
    ("changes", "gap", "rule"),
    [
        ({"address": " "}, "address", "PPVAR-D"),
        ({"callback": ""}, "callback number", "PPVAR-D"),
        ({"steps": ()}, "verification steps", "PPVAR-6.2.2.2.2.2.1"),
        ({"threat_level": None}, "threat level", "PPVAR-6.2.2.1.1"),
        (
            {"places": (msgspec.structs.replace(STOCKROOM, coverage=None),)},
            "microphone coverage",
            "PPVAR-5.6",
        ),
        (
            {"places": (msgspec.structs.replace(STOCKROOM, location=None, microphone=None),)},
            "microphone location",
            "PPVAR-5.6",
        ),
    ],
)
def test_a_missing_piece_is_told_and_stops_nothing(changes, gap, rule):
    message = compose(situation(**changes))
    assert [(g.what, g.rule) for g in message.gaps] == [(gap, rule)]
    assert as_text(message)


def test_without_any_place():
    assert [g.rule for g in compose(situation(**SILENT, places=())).gaps] == ["PPVAR-5.6"]
    assert "ADDRESS NOT ON FILE" in as_text(compose(situation(address="")))


@pytest.mark.parametrize("reason", DispatchReason)
def test_every_reason_has_its_sentence(reason):
    known = {line.label: line.text for line in lines(compose(situation(reason=reason)))}
    assert known["What we know"]
    assert reason in LEADS


@pytest.mark.parametrize(
    ("reason", "basis", "said"),
    [
        (DispatchReason.IMMEDIATE_VERIFIED, Basis.VIDEO, "verified by video of the premises"),
        (DispatchReason.IMMEDIATE_VERIFIED, None, "verified by the station"),
        (DispatchReason.ACTIVITY_NOT_AUTHORIZED, Basis.CONTACT, "according to an authorised"),
        (DispatchReason.CONTACT_APPROVED, None, "a contact of the site was reached"),
    ],
)
def test_the_sentence_names_who_stands_behind_it(reason, basis, said):
    assert said in as_text(compose(situation(reason=reason, basis=basis)))


@pytest.mark.parametrize(
    ("alarm_type", "category", "wanted"),
    [
        (AlarmType.FIRE, "fire", "fire department for a fire alarm"),
        (AlarmType.OTHER, "gas", "fire department for a gas alarm"),
        (AlarmType.MEDICAL, "medical", "ambulance for a medical alarm"),
        (AlarmType.HOLD_UP, "hold_up", "police for a hold-up alarm"),
        (AlarmType.HOLD_UP, "panic", "police for a panic alarm"),
    ],
)
def test_the_right_agency_is_asked_for(alarm_type, category, wanted):
    message = compose(situation(**SILENT, alarm_type=alarm_type, category=category))
    assert f"Requesting: {wanted}" in as_text(message)


def test_the_word_tables_are_complete():
    assert set(AREA_WORDS) == set(AreaClass)
    assert set(LEVEL_WORDS) == set(ThreatLevel)


WORDS = st.sampled_from([
    "audio", "heard", "microphone", "verified", "burglary", "rear", "door", "not", "no", "écoute",
    "intruder", "sounds", "mic 3", "owner",
])  # fmt: skip
TEXT = st.lists(WORDS, min_size=1, max_size=6).map(" ".join)
PLACES = st.builds(Place, area=TEXT, area_class=st.sampled_from(AreaClass), location=TEXT,
                   sensor=TEXT, microphone=TEXT, coverage=TEXT)  # fmt: skip
STEPS = st.builds(Step, at=st.just(T0), kind=st.sampled_from(["listen", "video", "call", "other"]),
                  what=TEXT, result=TEXT)  # fmt: skip
HEARD = st.builds(Heard, at=st.just(T0), what=TEXT, is_human=st.booleans(), where=TEXT)


@given(
    reason=st.sampled_from([r for r in DispatchReason if r is not DispatchReason.TL3]),
    places=st.lists(PLACES, max_size=2).map(tuple),
    steps=st.lists(STEPS, max_size=2).map(tuple),
    heard=st.lists(HEARD, max_size=2).map(tuple),
    notes=st.lists(TEXT, max_size=2).map(tuple),
    signal=TEXT,
    entry=TEXT,
    basis_text=st.none() | TEXT,
)
def test_ppvar_5_5_and_amb_p6_hold_whatever_people_wrote(**written):
    message = compose(situation(threat_level=None, **written))
    is_human = any(h.is_human for h in written["heard"])
    is_tl2 = written["reason"] is DispatchReason.TL2_SECURED_UNVERIFIED
    assert message.audio_reference == (is_human or is_tl2)
    for line in lines(message):
        # "Heard:" and "Threat:" are labels of an audio message only
        text = str(line) if not message.audio_reference else line.text
        refused = check_wording(
            text,
            audio_reference=message.audio_reference,
            reason=message.reason,
            names=message.names,
        )
        assert not refused, line


@given(st.integers(0, 59))
def test_times_are_those_of_the_site(minute):
    message = compose(situation(alarm_at=T0 + timedelta(minutes=minute)))
    assert f"Alarm at: 02:{minute:02d}" in as_text(message)


def test_the_message_goes_through_json_unchanged():
    message = compose(situation())
    again = msgspec.json.decode(msgspec.json.encode(message), type=type(message))
    assert again == message
