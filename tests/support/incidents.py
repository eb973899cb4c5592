"""One incident told fact by fact, so that a test reads as a table of the domain rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from decision import incidents
from decision.actions import Action, Close, Dispatch
from decision.alarm_signal import Signal
from decision.context import Context
from decision.facts import (
    SYSTEM,
    Actor,
    AudioAccessAttempted,
    ContactAttempted,
    EventReceived,
    Fact,
    HumanActivityAssessed,
    Listened,
    Recorded,
    SiteCheckedByPerson,
    SiteCheckedByVideo,
    ThreatAssessed,
    TimerFired,
)
from decision.requirements import Requirements, Standing
from decision.settings import Settings
from decision.site import Area, Camera, Contact, Microphone, Site, Zone
from decision.state import IncidentState, Step
from decision.vocabulary import (
    AccessOutcome,
    AccessStep,
    AlarmType,
    AreaClass,
    Audibility,
    ContactResult,
    HumanActivity,
    SiteCheckOutcome,
    ThreatJudgement,
)

DAY = datetime(2026, 3, 2, tzinfo=UTC)
OPERATOR = Actor(kind="operator", id="op-1", roles=("operator",))
SUPERVISOR = Actor(kind="supervisor", id="sup-1", roles=("supervisor",))

ANYWHERE = Requirements(jurisdiction="anywhere")
"""A jurisdiction that asks for nothing."""


def at(clock: str) -> datetime:
    """``02:01:40`` on the day of the story."""
    hours, minutes, seconds = (int(part) for part in clock.split(":"))
    return DAY + timedelta(hours=hours, minutes=minutes, seconds=seconds)


def contacts(*names: str) -> tuple[Contact, ...]:
    return tuple(Contact(id=name, name=name, phone="+1 506 555 0100") for name in names)


def signal(**changes: Any) -> Signal:
    base = {
        "event_id": "e1",
        "group": "main",
        "account": "1234",
        "category": "burglary",
        "kind": "alarm",
        "alarm_type": AlarmType.BURGLAR,
        "severity": 7,
        "received_at": DAY,
        "area": "1",
        "zone": "5",
        "area_class": AreaClass.SECURED,
    }
    return Signal(**(base | changes))


def site(**changes: Any) -> Site:
    base: dict[str, Any] = {
        "account": "1234",
        "name": "Harbour Outfitters",
        "address": "12 Water Street",
        "contacts": contacts("A", "B", "C"),
        "microphones": (Microphone(id="m1", name="stockroom N", coverage="whole room"),),
        "zones": (Zone(id="5", name="stockroom", area="1", microphone="m1"),),
        "jurisdiction": "anywhere",
    }
    return Site(**(base | changes))


def silent_site(**changes: Any) -> Site:
    """One without audio equipment (XS-11)."""
    return site(**({"microphones": (), "zones": ()} | changes))


def context(
    profile: Site | None = None,
    *,
    requirements: Requirements | None = ANYWHERE,
    standing: Standing | None = None,
    **settings: Any,
) -> Context:
    return Context(
        site=profile or site(),
        settings=Settings(**settings),
        requirements=requirements,
        standing=standing,
    )


class Story:
    """One incident; every call folds one fact and keeps what it led to."""

    def __init__(
        self, given: Context | None = None, *, opened: str = "02:00:00", **changes: Any
    ) -> None:
        self.context = given or context()
        self.now = at(opened)
        self.log: list[Recorded] = []
        self.steps: list[Step] = []
        self._state: IncidentState | None = None
        is_exception = changes.pop("is_test_exception", False)
        is_armed = changes.pop("is_armed", None)
        first = signal(received_at=self.now, **changes)
        self._record(self.context.taken(), SYSTEM)
        self.tell(
            EventReceived(signal=first, is_test_exception=is_exception, is_armed=is_armed),
            actor=SYSTEM,
        )

    @property
    def state(self) -> IncidentState:
        assert self._state is not None
        return self._state

    @property
    def last(self) -> Step:
        return self.steps[-1]

    @property
    def actions(self) -> list[Action]:
        return [action for step in self.steps for action in step.actions]

    def of(self, kind: type[Any]) -> list[Any]:
        return [action for action in self.actions if isinstance(action, kind)]

    @property
    def outcome(self) -> str:
        """``DISPATCH/TL3``, ``CLOSE/AUTHORIZED``: what was decided last; else the alarm's state."""
        for action in reversed(self.actions):
            if isinstance(action, Dispatch):
                return f"DISPATCH/{action.reason}"
            if isinstance(action, Close):
                return f"CLOSE/{action.reason}"
        return str(self.state.state)

    def tell(
        self, fact: Fact, clock: str | None = None, *, actor: Actor = OPERATOR, after: int = 1
    ) -> Step:
        if self._state is not None:
            self.now = at(clock) if clock else self.now + timedelta(seconds=after)
        self._record(fact, actor)
        step = incidents.apply(self._state, fact, self.now, self.context, actor=actor)
        self._state = step.state
        self.steps.append(step)
        return step

    def _record(self, fact: Fact, actor: Actor) -> None:
        self.log.append(
            Recorded(
                seq=len(self.log) + 1, at=self.now, subject="incident/e1", actor=actor, fact=fact
            )
        )

    def under(self, **changes: Any) -> None:
        """Go on under a changed context, as the engine records it."""
        self.context = msgspec.structs.replace(self.context, **changes)
        self.tell(self.context.taken(), actor=SYSTEM)

    def wake(self) -> Step:
        """Let the next timer fire when it is due."""
        due = incidents.due(self.state)[0]
        self.now = due.at
        fact = TimerFired(timer=due.timer, due=due.at, key=due.key)
        self._record(fact, SYSTEM)
        step = incidents.apply(self._state, fact, due.at, self.context)
        self._state = step.state
        self.steps.append(step)
        return step

    # --- Short forms -----------------------------------------------------------------------

    def listen(self, how: Audibility = Audibility.DISCERNIBLE, **more: Any) -> Step:
        return self.tell(Listened(audibility=how, **more))

    def access(self, step: AccessStep, outcome: AccessOutcome) -> Step:
        is_live = outcome is not AccessOutcome.NO_ACCESS
        return self.tell(AudioAccessAttempted(step=step, outcome=outcome, is_live_heard=is_live))

    def assess(self, activity: HumanActivity, **more: Any) -> Step:
        return self.tell(HumanActivityAssessed(activity=activity, **more))

    def threat(self, judgement: ThreatJudgement, **more: Any) -> Step:
        return self.tell(ThreatAssessed(judgement=judgement, **more))

    def video(self, outcome: SiteCheckOutcome) -> Step:
        return self.tell(SiteCheckedByVideo(outcome=outcome))

    def on_site(self, outcome: SiteCheckOutcome) -> Step:
        return self.tell(SiteCheckedByPerson(outcome=outcome))

    def call(self, who: str, result: str = "NO_ANSWER", clock: str | None = None, **more: Any):
        fact = ContactAttempted(contact=who, result=ContactResult(result))
        return self.tell(fact, clock, **more)

    def to_tl2(self) -> None:
        """Heard, assessed, TL2, live listening did not raise it."""
        self.listen(description="footsteps and speech")
        self.assess(HumanActivity.HUMAN)
        self.threat(ThreatJudgement.TL2, description="footsteps and speech")
        self.access(AccessStep.ACCESS_B, AccessOutcome.NOT_RAISED)

    def nobody_answers(self, *names: str) -> None:
        for _ in range(2):
            for name in names or ("A", "B", "C"):
                self.call(name)


def camera_site(**changes: Any) -> Site:
    """One with a camera and a telephone, so that VERIFY step 1 asks."""
    return site(cameras=(Camera(id="c1", name="door"),), phone="+1 506 555 0199", **changes)


def area_site(area_class: AreaClass, **changes: Any) -> Site:
    return site(
        zones=(),
        areas=(Area(id="1", name="the area", area_class=area_class),),
        **changes,
    )
