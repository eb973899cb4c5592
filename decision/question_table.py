"""The words of every question and answer: one row for each kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from decision.question_form import Answer, FieldName, Row, Tone
from decision.vocabulary import Task

_HEARD: Final[tuple[FieldName, ...]] = ("description", "clips", "microphones")
_WHERE: Final[tuple[FieldName, ...]] = ("description", "zones", "microphones", "clips", "signs")


def _a(
    token: str, label: str, leads_to: str = "", *fields: FieldName, tone: Tone = "plain"
) -> Answer:
    return Answer(token=token, label=label, leads_to=leads_to, fields=fields, tone=tone)


_TL3_NOW: Final = _a(
    "TL3", "Crime is clearly heard (TL3)", "Dispatch at once", *_WHERE, tone="danger"
)
_NO_ANSWER: Final = _a("NO_ANSWER", "Nobody reached", "Next call", "ending", "said")
_NOT_PLACED: Final = _a("NOT_PLACED", "Cannot be called", "Skip this contact", "note")
_NOT_SO: Final = _a("UNDECIDED", "Reached, decides nothing", "Next call", "said")

_CALL: Final = (
    _a("APPROVE", "Send police", "Dispatch at once", "said", tone="danger"),
    _a("CANCEL", "Cancel", "Close, no dispatch", "said", tone="good"),
    _a("AUTHORIZED_ACTIVITY", "It is authorised", "Close as authorised", "said", tone="good"),
    _a("NOT_AUTHORIZED", "Nobody should be there", "", "said", tone="danger"),
    _NOT_SO,
    _NO_ANSWER,
    _NOT_PLACED,
)
_TOLD: Final = (
    _a("UNDECIDED", "Told", "Next contact", "said"),
    _a("CANCEL", "Asks to cancel", "Ask responders not to come", "said", tone="caution"),
    _a("AUTHORIZED_ACTIVITY", "It is authorised", "Forward, call off", "said", tone="caution"),
    _a("NOT_AUTHORIZED", "Nobody should be there", "Forward", "said"),
    _NO_ANSWER,
    _NOT_PLACED,
)
_DONE: Final = _a("DONE", "Seen to", "", "note")
_VERIFY_SITE: Final = (
    _a("VIDEO_AUTHORIZED", "Video: authorised people", "Close", "description", tone="good"),
    _a("VIDEO_CRIME", "Video: a crime", "Dispatch", "description", "signs", tone="danger"),
    _a("VIDEO_UNVERIFIED", "Video: cannot tell", "Ask somebody", "description"),
    _a("VIDEO_NOT_AVAILABLE", "No video", "Ask somebody on site", "description"),
    _a("SITE_AUTHORIZED", "On site: authorised", "Close", "person", "description", tone="good"),
    _a("SITE_NOT_AUTHORIZED", "On site: should not be there", "Dispatch", "person",
       "description", tone="danger"),
    _a("SITE_UNVERIFIED", "On site: no answer, or cannot tell", "Call the contacts", "description"),
    _a("SITE_NOT_AVAILABLE", "Nobody to ask on site", "Call the contacts", "description"),
)  # fmt: skip

TABLE: Final[Mapping[str, Row]] = {
    # --- Audio verification (2.8) ---
    "RECEIVED": Row(
        step="Special instructions",
        text="Read the special instructions. Which apply, and were followed?",
        rules=("PPVAR-6.1.1", "PPVAR-6.1.2"),
        answers=(_a("REVIEWED", "Reviewed", "Listen", "used", "note"),),
    ),
    "LISTEN_INITIAL": Row(
        step="Listen first",
        text="Listen to the first audio, live or recorded. Is anything discernible?",
        rules=("PPVAR-6.2.1", "PPVAR-5.1", "PPVAR-6.1.4"),
        answers=(
            _a("DISCERNIBLE", "Discernible", "Assess it", *_HEARD),
            _a("NOT_DISCERNIBLE", "Not discernible", "Open the audio system", *_HEARD),
            _a("NO_AUDIO", "No audio", "Open the audio system", "description"),
            _TL3_NOW,
        ),
        needs_audio=True,
    ),
    "ACCESS_A": Row(
        step="Open the audio system",
        text="Open the audio system and hear it live; the archive may be heard too.",
        rules=("PPVAR-6.2.1.1",),
        answers=(
            _a("ACTIONABLE", "Heard live: something to act on", "Threat level", *_HEARD),
            _a("NOTHING_ACTIONABLE", "Heard live: nothing", "Go on without audio", *_HEARD),
            _a("NO_ACCESS", "Cannot be opened", "Go on without audio", "description"),
            _TL3_NOW,
        ),
        needs_audio=True,
    ),
    "ASSESS": Row(
        step="Assess the sound",
        text="Is a human to be heard, or evidence that one was just there?",
        rules=("PPVAR-6.2.1.2", "PPVAR-5.1"),
        answers=(
            _a("HUMAN", "A human", "Threat level", *_WHERE),
            _a("RECENT", "Evidence of a recent one", "Threat level", *_WHERE),
            _a("NONE", "No human activity", "By the station's policy", *_HEARD),
            _TL3_NOW,
        ),
        needs_audio=True,
    ),
    "THREAT": Row(
        step="Threat level",
        text="Which threat level is it?",
        rules=("PPVAR-6.2.1.2.1", "PPVAR-3.19.1", "PPVAR-3.19.2", "PPVAR-3.19.3"),
        answers=(
            _TL3_NOW,
            _a("TL2", "Human, nothing suspicious (TL2)", "Hear it live", *_WHERE),
            _a("TL1", "No human after all (TL1)", "By the station's policy", *_HEARD),
            _a("UNSETTLED", "Human, level cannot be settled", "As TL2", *_WHERE),
        ),
        needs_audio=True,
    ),
    "ACCESS_B": Row(
        step="Hear it live",
        text="Open the audio system live. Is the level raised to TL3?",
        rules=("PPVAR-6.2.2.2", "PPVAR-5.4"),
        answers=(
            _a("RAISED", "Raised to TL3", "Dispatch at once", *_HEARD, tone="danger"),
            _a("NOT_RAISED", "Heard live, not raised", "Verify", *_HEARD),
            _a("NO_ACCESS", "Cannot be opened", "Verify", "description"),
        ),
        needs_audio=True,
    ),
    "VERIFY_SITE": Row(
        step="Verify: video or somebody on site",
        text="Look at any video, or reach somebody on site by any means.",
        rules=("PPVAR-6.2.2.2.2", "PPVAR-5.2", "PPVAR-5.3"),
        answers=_VERIFY_SITE,
    ),
    # --- Calls ---
    "CALL_DECIDE": Row(
        step="Call list",
        text="Call this contact: approve the dispatch, or cancel?",
        rules=("DISP-S1", "DISP-S2", "DISP-S3", "DISP-S4"),
        answers=_CALL,
    ),
    "CALL_VERIFY": Row(
        step="Verify: an authorised contact",
        text="Call this contact: should anybody be there?",
        rules=("PPVAR-6.2.2.2.2", "PPVAR-5.2", "AMB-P8"),
        answers=_CALL,
    ),
    "CALL_NOTIFY": Row(
        step="Inform the contacts",
        text="Tell this contact what happened and what was done. Ask for no approval.",
        rules=("DISP-I3", "PPVAR-6.2.2.1.2"),
        answers=_TOLD,
    ),
    "CALL_TELL": Row(
        step="Tell the contacts",
        text="Tell this contact of the alarm, and that nobody is sent.",
        rules=("XS-5", "SJ-E2"),
        answers=_TOLD,
    ),
    # --- Responders ---
    "SEND_REQUEST": Row(
        step="Ask for responders",
        text="Ask for responders now, with the message on the screen.",
        rules=("DISP-I2", "PPVAR-6.2.2.1.1", "PPVAR-5.7"),
        answers=(
            _a("SENT", "Asked", "Wait for their answer", "text", tone="danger"),
            _a("ACCEPTED", "Asked, and they took it", "Inform the contacts", "number",
               tone="danger"),
            _a("REJECTED", "They declined", "A person decides", "text", tone="caution"),
            _a("NO_RESPONSE", "They do not come: suspended", "The ledger is told", "text",
               tone="caution"),
        ),
    ),
    "AWAIT_RESPONDERS": Row(
        step="Answer of the responders",
        text="Did responders take the request?",
        rules=("DISP-J10",),
        answers=(
            _a("ACCEPTED", "They took it", "Inform the contacts", "number", tone="good"),
            _a("REJECTED", "They declined", "A person decides", "text", tone="caution"),
            _a("NO_RESPONSE", "They do not come: suspended", "The ledger is told", "text",
               tone="caution"),
        ),
    ),
    "TELL_UPDATE": Row(
        step="Update",
        text="Tell responders by telephone what is new.",
        rules=("PPVAR-5.8",),
        answers=(_a("TOLD", "They were told", "", "text"),),
    ),
    "CALL_OFF_RESULT": Row(
        step="Call-off",
        text="Ask responders not to come. What did they say?",
        rules=("DISP-I4", "DISP-I6"),
        answers=(
            _a("CONFIRMED", "They will not come", "", "text"),
            _a("REFUSED", "They come all the same", "", "text"),
            _a("UNKNOWN", "Not known", "", "text"),
        ),
    ),
    "FINISH": Row(
        step="Nobody is sent",
        text="Everything was asked and told. Resolve the alarm when it is seen to.",
        rules=("DISP-I5", "AMB-D4"),
        answers=(_a("RESOLVED", "Seen to: resolve", "It ends", "user", "note", tone="good"),),
    ),
    # --- OPERATOR_REQUIRED ---
    f"TASK_{Task.CLASSIFY_AREA}": Row(
        step="Classify the area",
        text="What is this area?",
        rules=("AMB-P3", "PPVAR-3.15", "PPVAR-3.21", "PPVAR-3.22"),
        answers=(
            _a("SECURED", "Secured: enclosed, locked, no public", "Dispatch", "note",
               tone="danger"),
            _a("UNSECURED", "Unsecured: not enclosed", "By the station's policy", "note"),
            _a("COMMON", "Common: indoors, open to some", "By the station's policy", "note"),
        ),
    ),
    f"TASK_{Task.CHOOSE_NO_HUMAN}": Row(
        step="No human activity",
        text="Close, or go on without audio?",
        rules=("PPVAR-6.2.1.2.2",),
        answers=(
            _a("CLOSE", "Close", "Closed: no human activity", "note"),
            _a("NON_AUDIO", "Go on without audio", "By the site's response", "note"),
        ),
    ),
    f"TASK_{Task.CHOOSE_NOT_SECURED}": Row(
        step="Not secured, not verified",
        text="Close, or follow the site's response?",
        rules=("PPVAR-6.2.2.2.2.2.3", "XS-3"),
        answers=(
            _a("CLOSE", "Close", "Closed: TL2, not secured", "note"),
            _a("FOLLOW_MODE", "Follow the response", "Dispatch", "note", tone="danger"),
        ),
    ),
    f"TASK_{Task.VERIFY_OTHERWISE}": Row(
        step="Verify by other means",
        text="Immediate response without audio: verify it by other means.",
        rules=("XS-4", "DISP-I1", "XS-2"),
        answers=(
            _a("VERIFIED", "Verified", "Dispatch at once", "description", tone="danger"),
            *(a for a in _VERIFY_SITE if a.token not in {"VIDEO_NOT_AVAILABLE",
                                                         "SITE_NOT_AVAILABLE"}),
            _a("CALL_LIST", "Cannot be verified", "Work through the contacts", "note"),
        ),
    ),
    f"TASK_{Task.UNKNOWN_MODE}": Row(
        step="Unknown response mode",
        text="The site's response mode is not known here.",
        rules=("DISP-5",),
        answers=(
            _a("CALL_LIST", "Work through the contacts", "As in Standard response", "note"),
            *(a for a in _VERIFY_SITE if a.token in {"VIDEO_CRIME", "SITE_NOT_AUTHORIZED",
                                                     "SITE_AUTHORIZED"}),
        ),
    ),
    f"TASK_{Task.NO_CONTACTS}": Row(
        step="Empty contact list",
        text="Nobody can be called.",
        rules=("AMB-D7",),
        answers=(_a("FOLLOW_MODE", "Dispatch as exhausted", "Dispatch", "note", tone="danger"),),
    ),
    f"TASK_{Task.CONFIRM_CANCEL}": Row(
        step="Cancellation",
        text="Does the cancellation count as authorised?",
        rules=("AMB-P12", "PPVAR-3.1"),
        answers=(
            _a("ACCEPT_CANCEL", "Yes", "Closed as authorised", "note", tone="good"),
            _a("REJECT_CANCEL", "No", "Go on", "note"),
        ),
    ),
    f"TASK_{Task.CONFIRM_CALL_OFF}": Row(
        step="Cancellation of an urgent alarm",
        text="Ask responders not to come?",
        rules=("XS-9", "DISP-I4"),
        answers=(
            _a("CALL_OFF", "Ask them not to come", "", "note", tone="caution"),
            _a("DONE", "Let them come", "", "note"),
        ),
    ),
    f"TASK_{Task.TEST_SCOPE}": Row(
        step="Alarm while on test",
        text="Is it real?",
        rules=("XS-10",),
        answers=(
            _a("IS_REAL", "Real", "Dispatch at once", "note", tone="danger"),
            _a("IS_FALSE", "Part of the test", "Closed", "note", tone="good"),
        ),
    ),
    f"TASK_{Task.WRITTEN_VERIFICATION}": Row(
        step="Written verification",
        text="Is the emergency confirmed on site?",
        rules=("XS-9",),
        answers=(
            _a("IS_REAL", "Confirmed, or not settled", "Dispatch at once", "note", tone="danger"),
            _a("IS_FALSE", "No emergency, by authorised persons", "Closed", "note", tone="good"),
        ),
    ),
    f"TASK_{Task.GATE_BLOCKED}": Row(
        step="No police response",
        text="Arrange the alternate response, and tell the customer.",
        rules=("XS-5", "SJ-E2", "PPVAR-3.8"),
        answers=(_DONE,),
    ),
    f"TASK_{Task.DISPATCH_REFUSED}": Row(
        step="Responders declined",
        text="Ask again by telephone, or arrange something else.",
        rules=("DISP-J10", "DISP-J1"),
        answers=(_a("SENT", "Asked again", "", "text", tone="danger"), _DONE),
    ),
    f"TASK_{Task.TRIGGER_AFTER_END}": Row(
        step="New alarm after the end",
        text="Responders read no updates any more: tell them by telephone.",
        rules=("AMB-D8", "PPVAR-5.8"),
        answers=(_DONE,),
    ),
    f"TASK_{Task.ANSWER_RESPONDERS}": Row(
        step="Responders ask",
        text="Answer them.",
        rules=("PPVAR-5.7",),
        answers=(_DONE,),
    ),
    f"TASK_{Task.NO_PROCEDURE}": Row(
        step="No procedure",
        text="No rule covers this alarm.",
        rules=("DISP-2", "PPVAR-2.1"),
        answers=(_DONE,),
    ),
}  # fmt: skip
"""Kind -> row."""
