"""An incident as responders hear of it: the input of a message, and a request with it."""

from datetime import UTC, datetime, timedelta

from decision.responders.messages import NewAlarm
from decision.rules.message import Heard, MessageInput, Place, Step, compose
from decision.rules.message_text import as_text
from decision.vocabulary import (
    AlarmType,
    AreaClass,
    DispatchReason,
    PremiseType,
    ThreatLevel,
)

T0 = datetime(2026, 1, 10, 6, tzinfo=UTC)  # 02:00 in Moncton


def at(minutes=0, seconds=0):
    return T0 + timedelta(minutes=minutes, seconds=seconds)


STOCKROOM = Place(
    area="Stockroom",
    area_class=AreaClass.SECURED,
    zone="Rear motion",
    location="behind the loading dock",
    sensor="motion detector",
    microphone="stockroom N",
    coverage="the whole stockroom, not the office",
)


def situation(**changes):
    """WE-3 of the domain rules: TL2 in a secured stockroom that nobody could verify."""
    fields = {
        "incident": "0199-7",
        "station": "Fundy Monitoring",
        "callback": "506 555 0100",
        "operator": "Noor",
        "site_id": "main.1234",
        "site_name": "Harbour Shoes",
        "address": "12 King Street, Saint John",
        "time_zone": "America/Moncton",
        "premise_type": PremiseType.COMPANY,
        "alarm_at": T0,
        "alarm_type": AlarmType.BURGLAR,
        "category": "burglary",
        "reason": DispatchReason.TL2_SECURED_UNVERIFIED,
        "signal": "interior motion",
        "places": (STOCKROOM,),
        "threat_level": ThreatLevel.TL2,
        "heard": (
            Heard(
                at=at(1),
                what="footsteps and speech",
                is_human=True,
                is_live=True,
                where="stockroom N",
                clip="clip-1",
            ),
        ),
        "steps": (
            Step(at=at(1), kind="listen", what="Live listen", result="still a person, no more"),
            Step(at=at(2), kind="video", what="Video", result="there is no camera"),
            Step(at=at(3), kind="on_site", what="Site telephone called", result="no answer"),
            Step(at=at(4), kind="call", what="Contact A called, twice", result="no answer"),
        ),
    }
    return MessageInput(**fields | changes)


SILENT = {"heard": (), "threat_level": None, "reason": DispatchReason.CONTACTS_EXHAUSTED}
"""What turns ``situation`` into an incident in which no human was heard."""


def new_alarm(request="r-1", *, system="main.1234", when=T0, **changes):
    content = compose(situation(**changes))
    return NewAlarm(
        id=request, request=request, at=when, system=system, business="Fundy Monitoring",
        content=content, text=as_text(content),
    )  # fmt: skip
