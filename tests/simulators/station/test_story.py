"""The shipped story: its words are those of the core, its files say all that is needed."""

from __future__ import annotations

from random import Random

import msgspec
import pytest

from decision.console.present_question import SIGNS
from decision.question_table import TABLE
from decision.responders import desk
from decision.vocabulary import CallEnding, CloseReason, ContactResult, DispatchReason
from simulators.scenarios import meanings
from simulators.station import police
from simulators.station.contacts import Contacts
from simulators.station.operator import AUDIO, CALLS, SECONDS, USUAL
from simulators.station.story import Chapter, Night, night, year

CHAPTERS = [*night().chapter, *year().chapter]


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda one: f"{one.on} {one.title}"[:50])
def test_a_chapter_speaks_the_core_s_words(chapter):
    for event in chapter.panel:
        assert event.what in meanings()
    for kind, given in chapter.answers.items():
        tokens = {answer.token for answer in TABLE[kind].answers}
        assert {given} if isinstance(given, str) else set(given) <= tokens
    outcome, _, reason = chapter.expects.partition("/")
    reasons = CloseReason if outcome == "CLOSE" else DispatchReason
    assert outcome in {"CLOSE", "DISPATCH", "BLOCK"}
    assert reason in set(reasons)


def test_the_operator_knows_the_questions_of_the_core():
    assert AUDIO | CALLS | set(SECONDS) | set(USUAL) <= set(TABLE)
    for kind, token in USUAL.items():
        assert token in {answer.token for answer in TABLE[kind].answers}


def test_the_days_of_the_year_are_told_in_order():
    days = [one.on for one in year().days()]
    assert days == sorted(days)
    assert (days[-1] - days[0]).days > 365


@pytest.mark.parametrize(
    ("behaviour", "token", "ending"),
    [
        ("no_answer", ContactResult.NO_ANSWER, CallEnding.NO_ANSWER),
        ("voicemail", ContactResult.NO_ANSWER, CallEnding.VOICEMAIL),
        ("busy", ContactResult.NO_ANSWER, CallEnding.BUSY),
        ("wrong_number", ContactResult.NO_ANSWER, CallEnding.WRONG_NUMBER),
        ("failed_passcode", ContactResult.NO_ANSWER, CallEnding.FAILED_PASSCODE),
        ("hang_up", ContactResult.NO_ANSWER, CallEnding.HANG_UP),
        ("approve", ContactResult.APPROVE, ""),
        ("cancel", ContactResult.CANCEL, ""),
        ("undecided", ContactResult.UNDECIDED, ""),
        ("authorised", ContactResult.AUTHORIZED_ACTIVITY, ""),
        ("not_authorised", ContactResult.NOT_AUTHORIZED, ""),
    ],
)
def test_a_contact_behaves_as_planned(behaviour, token, ending):
    contacts = Contacts({"anna": (behaviour,)}, Random(7))
    reply = contacts.call("anna", "CALL_DECIDE")
    assert (reply.token, reply.ending) == (token, ending)
    assert bool(reply.said) is (token != ContactResult.NO_ANSWER)
    assert contacts.call("anna", "CALL_DECIDE").token == ContactResult.NO_ANSWER


def test_after_a_dispatch_there_is_nothing_to_approve():
    contacts = Contacts({"anna.after": ("approve", "cancel")}, Random(7))
    assert contacts.call("anna", "CALL_NOTIFY").token == "UNDECIDED"
    assert contacts.call("anna", "CALL_NOTIFY").token == "CANCEL"
    assert contacts.call("anna", "CALL_TELL").token == "UNDECIDED"


def test_a_misspelt_word_in_a_story_is_told():
    with pytest.raises(msgspec.ValidationError, match="answer_s"):
        msgspec.convert(
            {"start": "", "time_zone": "UTC", "chapter": [{"answer_s": 1}]}, Night, strict=False
        )


def test_the_police_refuse_with_the_words_the_ledger_reads():
    assert police.REFUSED_SUSPENDED == desk.REFUSED


def test_chapters_can_be_told_apart():
    titles = [(one.on, one.title) for one in CHAPTERS]
    assert len(set(titles)) == len(titles)
    assert all(isinstance(one, Chapter) for one in CHAPTERS)


def test_signs_are_those_of_the_console():
    known = {token for token, _ in SIGNS}
    assert {sign for chapter in CHAPTERS for sign in chapter.signs} <= known
