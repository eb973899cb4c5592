"""What can be seen after a step: found values for every key that ``expect`` may ask."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from decision import briefing, incidents
from decision.actions import (
    Action,
    AlternateResponse,
    CallContact,
    Close,
    ConfigurationFault,
    Dispatch,
    GateWarning,
    OperatorRequired,
)
from decision.ledger.facts import AppealFiled, AppealProcessed, PoliceCall
from decision.ledger.state import SystemState
from decision.ledger.windows import disposition_window, suspension_window
from decision.rules.message_text import as_text
from decision.scenarios.prepared import Moment, Prepared
from decision.scenarios.world import World
from decision.state import IncidentState
from decision.vocabulary import ListPurpose


def spelled(action: Action) -> str:
    """An action as a scenario spells it: ``DISPATCH/TL3``, ``CALL_CONTACT/anna``, ``CALL_OFF``."""
    kind = str(action.__struct_config__.tag)
    match action:
        case Dispatch() | Close():
            detail = action.reason.value
        case OperatorRequired():
            detail = action.task.value
        case CallContact():
            detail = action.contact
        case GateWarning():
            detail = action.verdict.result.value
        case AlternateResponse():
            detail = action.withheld.value
        case ConfigurationFault():
            detail = action.key
        case _:
            return kind
    return f"{kind}/{detail}"


class Look:
    """The world after one step."""

    def __init__(self, prepared: Prepared, moment: Moment, world: World) -> None:
        """Looks at the incident that the step is about, and at the system."""
        self._prepared: Final = prepared
        self._moment: Final = moment
        self._world: Final = world
        self.happened: Final = world.happened
        self.incident: Final[IncidentState | None] = world.incidents.get(
            moment.incident or world.last
        )
        self.system: Final[SystemState] = world.systems.get(moment.system) or SystemState(
            system=moment.system
        )
        self.actions: Final = tuple(spelled(one) for one in world.happened.actions)

    def found(self, key: str) -> Any:
        """The value of one key; None where there is nothing of the kind."""
        return _KEYS[key](self)

    @property
    def rules(self) -> tuple[str, ...]:
        """All rules that the step's actions and reasons cite, each once."""
        cited: dict[str, None] = {}
        for action in self.happened.actions:
            cited.update(dict.fromkeys(action.rules))
            if isinstance(action, GateWarning):
                cited.update(dict.fromkeys(one.rule for one in action.verdict.findings))
        for done in self.happened.ledger_actions:
            cited.update(dict.fromkeys(done.rules))
        for why in self.happened.reasons:
            cited.update(dict.fromkeys(why.rules))
        return tuple(cited)

    @property
    def words(self) -> str:
        """All reasons as one text."""
        return "\n".join(why.text for why in self.happened.reasons)

    @property
    def message(self) -> str:
        """The message to responders as it stands."""
        if self.incident is None:
            return ""
        return as_text(
            briefing.dispatch_message(
                self.incident,
                self._world.context,
                station="the station",
                callback="",
                operator=None,
            )
        )

    def inputs(self, name: str) -> str:
        """One of the three inputs of DISP-3, over all actions of the step."""
        return "\n".join(str(getattr(one.inputs, name)) for one in self.happened.actions)

    def local(self, at: datetime | None) -> datetime | None:
        """An instant in the scenario's local time."""
        return None if at is None else at.astimezone(self._prepared.zone).replace(tzinfo=None)

    @property
    def day(self) -> date:
        """The local day of the step."""
        return self._moment.at.astimezone(self._prepared.zone).date()


def _gate(look: Look) -> str | None:
    for action in reversed(look.happened.actions):
        if isinstance(action, Dispatch):
            return action.gate.value
        if isinstance(action, GateWarning):
            return action.verdict.result.value
    verdict = look.incident.verdict if look.incident else None
    return verdict.result.value if verdict else None


def _findings(look: Look) -> tuple[str, ...]:
    verdict = look.incident.verdict if look.incident else None
    return tuple(one.requirement for one in verdict.findings) if verdict else ()


def _attempts(look: Look) -> Mapping[str, int]:
    if look.incident is None:
        return {}
    return Counter(
        one.contact
        for one in look.incident.attempts
        if one.is_counted and one.purpose is not ListPurpose.NOTIFY
    )


def _next(look: Look) -> str | None:
    if look.incident is None:
        return None
    question = incidents.next_question(look.incident, look._world.context)  # noqa: SLF001
    return None if question is None else question.kind


def _audio_reference(look: Look) -> bool | None:
    told = [one.audio_reference for one in look.happened.actions if isinstance(one, Dispatch)]
    return told[-1] if told else None


def _is_post_suspension(look: Look) -> bool | None:
    told = [one.is_post_suspension for one in look.happened.actions if isinstance(one, Dispatch)]
    return told[-1] if told else None


def _area_class(look: Look) -> str | None:
    told = [one.area_class.value for one in look.happened.actions if isinstance(one, Dispatch)]
    if told:
        return told[-1]
    if look.incident is None:
        return None
    return briefing.area_class_of(look.incident, look._world.context).value  # noqa: SLF001


def _wakes(look: Look) -> datetime | None:
    due = incidents.due(look.incident) if look.incident else ()
    return look.local(due[0].at) if due else None


def _call(look: Look) -> PoliceCall | None:
    fact = look._moment.ledger  # noqa: SLF001
    return fact if isinstance(fact, PoliceCall) else None


def _fee(look: Look) -> str | None:
    fact = _call(look)
    call = look.system.call(fact.call) if fact else None
    return call.fee if call else None


def _appeal(look: Look) -> str | None:
    fact = look._moment.ledger  # noqa: SLF001
    if not isinstance(fact, AppealFiled | AppealProcessed):
        return None
    return next((a.status.value for a in look.system.appeals if a.appeal == fact.appeal), None)


def _disposition_until(look: Look) -> dict[str, date]:
    pack, last = look._prepared.pack, {}  # noqa: SLF001
    for call in look.system.calls:
        window = disposition_window(call.call, look.system, pack) if pack else None
        if window is not None and window.last is not None:
            last[call.call] = window.last
    return last


def _suspension_appeal(look: Look) -> tuple[date | None, ...] | None:
    pack = look._prepared.pack  # noqa: SLF001
    window = suspension_window(look.system, pack) if pack else None
    return None if window is None else (window.first, window.last)


def _state(read: Callable[[IncidentState], Any]) -> Callable[[Look], Any]:
    return lambda look: None if look.incident is None else read(look.incident)


def _request(read: str) -> Callable[[Look], Any]:
    def found(look: Look) -> Any:
        request = look.incident.request if look.incident else None
        return getattr(request, read) if request else None

    return found


_KEYS: Final[Mapping[str, Callable[[Look], Any]]] = {
    "alarm_state": _state(lambda one: one.state.value),
    "incidents": lambda look: len(look._world.incidents),  # noqa: SLF001
    "actions": lambda look: look.actions,
    "has_actions": lambda look: look.actions,
    "no_actions": lambda look: look.actions,
    "rules": lambda look: look.rules,
    "ppvar": _state(lambda one: one.ppvar.value),
    "response": _state(lambda one: one.response.value),
    "next": _next,
    "attempts": _attempts,
    "asks": _state(lambda one: tuple(task.task.value for task in one.tasks)),
    "gate": _gate,
    "findings": _findings,
    "threat_level": _state(lambda one: one.threat_level and one.threat_level.value),
    "area_class": _area_class,
    "audio_reference": _audio_reference,
    "is_post_suspension": _is_post_suspension,
    "request": _request("status"),
    "call_off": _request("call_off"),
    "window_ends": lambda look: look.local(_request("window_end")(look)),
    "wakes": _wakes,
    "faults": lambda look: tuple(
        one.key for one in look.happened.actions if isinstance(one, ConfigurationFault)
    ),
    "says": lambda look: look.words,
    "message_says": lambda look: look.message,
    "message_omits": lambda look: look.message,
    "configured": lambda look: look.inputs("response_mode"),
    "customer": lambda look: look.inputs("customer_answer"),
    "local": lambda look: look.inputs("local_requirement"),
    "competence": lambda look: look.happened.competence and look.happened.competence.result.value,
    "is_refused": lambda look: look.happened.is_refused,
    "state": lambda look: look.system.state.value,
    "count": lambda look: look.system.count,
    "post_suspension": lambda look: look.system.post_suspension_count,
    "cautioned": lambda look: look.system.is_cautioned,
    "discontinued": lambda look: look.system.is_discontinued,
    "listed": lambda look: look.system.is_listed,
    "tasks": lambda look: tuple(sorted(task.kind.value for task in look.system.open_tasks)),
    "has_tasks": lambda look: tuple(sorted(task.kind.value for task in look.system.open_tasks)),
    "effective": lambda look: look.system.effective,
    "review_due": lambda look: look.system.review_due,
    "resumes": lambda look: look.system.resumes,
    "fee": _fee,
    "fees": lambda look: str(sum((Decimal(one.fee) for one in look.system.calls), Decimal("0.00"))),
    "past_due": lambda look: len(look.system.past_due(look.day)),
    "appeal": _appeal,
    "disposition_until": _disposition_until,
    "suspension_appeal": _suspension_appeal,
}
"""Key of ``expect`` -> how it is read; a test holds the two together."""
