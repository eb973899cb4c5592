"""Everything a page about one incident is made of, gathered once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from decision import incidents
from decision.context import Context
from decision.facts import Recorded
from decision.questions import Question
from decision.rules.training import Competence
from decision.state import IncidentState
from decision.web.context import Asked, Door, Who
from decision.web.routes import Problem
from decision.web.station import Station, StationInfo


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """One incident, as one person looks at it."""

    state: IncidentState
    context: Context
    question: Question | None
    history: Sequence[Recorded]
    who: Who
    competence: Competence
    info: StationInfo
    names: Mapping[str, str]
    """User id -> name."""
    now: datetime


async def look(station: Station, door: Door, asked: Asked, incident_id: str) -> Seen:
    """Gather it; raises ``Problem`` 404 for an incident that is not there."""
    state = station.incident(incident_id)
    if state is None:
        raise Problem(404, f"There is no incident {incident_id[:80]}.")
    context = station.context(incident_id)
    return Seen(
        state=state,
        context=context,
        question=incidents.next_question(state, context),
        history=await station.history(f"incident/{incident_id}"),
        who=asked.person,
        competence=competence_of(station, asked),
        info=station.info,
        names={user.id: user.name for user in door.users.all.values()},
        now=asked.now,
    )


def competence_of(station: Station, asked: Asked) -> Competence:
    """Whether the person may handle audio alarms today, on the station's own calendar."""
    today = asked.now.astimezone(station.info.zone).date()
    return station.people().may_handle_audio(asked.person.user.id, on=today, now=asked.now)
