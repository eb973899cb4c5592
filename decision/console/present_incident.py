"""One incident and the queue, from the states of the core to what the pages show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from decision.actions import Verdict
from decision.alarm_signal import Signal
from decision.briefing import (
    area_class_of,
    assessment,
    attempt_words,
    category_words,
    dispatch_message,
    place_of,
)
from decision.console import views as v
from decision.console.present_question import question_view
from decision.console.present_responder import responder_view
from decision.console.story import timeline
from decision.context import Context
from decision.questions import Question
from decision.rules.message_text import lines as message_lines
from decision.state import IncidentState
from decision.vocabulary import (
    AlarmState,
    AreaClass,
    ListPurpose,
    Ppvar,
    Procedure,
    RequestStatus,
    Response,
    Task,
)
from decision.web.seen import Seen

AREA_MEANING: Final = {
    AreaClass.SECURED: "A TL2 that cannot be verified here must be dispatched.",
    AreaClass.UNSECURED: "A TL2 that cannot be verified here may be closed.",
    AreaClass.COMMON: "A TL2 that cannot be verified here may be closed.",
    AreaClass.UNKNOWN: "Nobody classified it: a TL2 that cannot be verified waits for a person.",
}
_LEVELS: Final = ((5, "critical"), (6, "high"), (9, "medium"), (99, "low"))
_SENDING: Final = frozenset({"SEND_REQUEST", f"TASK_{Task.GATE_BLOCKED}"})
_STATE_WORDS: Final = {
    AlarmState.RESOLVED: "The customer resolved the alarm.",
    AlarmState.EXPIRED: "The active time is over.",
    AlarmState.CLOSED: "Closed without responders.",
}


def severity(state: IncidentState) -> v.Severity:
    """Rank with its word and shape."""
    if state.procedure is Procedure.LIFE_SAFETY:
        word = "LIFE SAFETY"
    elif state.procedure is Procedure.HOLD_UP:
        word = "HOLD-UP"
    else:
        word = category_words(state.category).upper()
        if any(signal.is_verified for signal in state.signals):
            word += ", VERIFIED"
    level = next(name for rank, name in _LEVELS if state.severity <= rank)
    return v.Severity(rank=state.severity, word=word, level=level)  # type: ignore[arg-type]  # from the table above


def title(state: IncidentState, context: Context) -> str:
    """What and where, in plain words."""
    signal = state.signals[0]
    place = place_of(signal, state, context)
    where = place.area or place.zone
    words = f"{category_words(state.category)} alarm".capitalize()
    return f"{words}, {where}" if where else words


def queue_row(
    state: IncidentState, context: Context, question: Question | None, holder: str
) -> v.QueueRow:
    """One line of the queue."""
    place = place_of(state.signals[0], state, context)
    flags = []
    if state.withheld is not None and state.request is None:
        flags.append("POLICE WILL NOT COME")
    if any(task.escalations for task in state.tasks) or (state.asked and state.answer_by is None):
        flags.append("SUPERVISOR CALLED")
    if any(signal.is_on_test for signal in state.signals):
        flags.append("ON TEST")
    return v.QueueRow(
        id=state.id,
        severity=severity(state),
        title=title(state, context),
        site=context.site.name or state.site,
        address=context.site.address,
        area=place.area or "",
        area_class=str(area_class_of(state, context)),
        opened_at=state.opened_at,
        state=_standing(state),
        asked=question.step if question else _waiting(state),
        due=question.deadline if question else None,
        holder=holder,
        flags=tuple(flags),
    )


def incident_view(seen: Seen) -> v.Incident:
    """The whole page."""
    state, context = seen.state, seen.context
    site = context.site
    contacts = tuple(_contacts(seen))
    question, verdict = seen.question, _verdict(state)
    return v.Incident(
        id=state.id,
        severity=severity(state),
        title=title(state, context),
        what=_what(state),
        state=str(state.state),
        state_words=_state_words(seen),
        path=tuple(_path(state)),
        opened_at=state.opened_at,
        due=question.deadline if question else None,
        response_mode=site.response_mode,
        threat_level=str(state.threat_level or ""),
        place=_place(state, context),
        instructions=tuple(v.Line(label="", text=one.text) for one in site.instructions),
        is_instructions_reviewed=state.are_instructions_reviewed,
        links=tuple(_links(state, context)),
        evidence=tuple(_evidence(state, context)),
        question=(
            question_view(question, seen, {contact.id: contact for contact in contacts})
            if question
            else None
        ),
        contacts=contacts,
        warnings=tuple(_warnings(state)),
        fee_warning=verdict.fee_warning if verdict else "",
        withheld=_withheld(seen),
        can_be_overridden=bool(
            state.withheld and not state.request and state.withheld.verdict.can_override
        ),
        message=_message(seen),
        is_sending=question is not None and question.kind in _SENDING,
        responder=responder_view(seen),
        timeline=timeline(seen.history, context, seen.names),
        is_over=not state.is_active and question is None,
        holder=seen.names.get(state.holder, state.holder),
        tries=context.settings.attempts_per_contact,
        faults=state.faults,
    )


def _what(state: IncidentState) -> str:
    first = state.signals[0]
    parts = [f"{category_words(first.category)} {first.kind}, {_sensor(first)}".capitalize()]
    for signal in state.signals[1:4]:
        seconds = int((signal.received_at - first.received_at).total_seconds())
        parts.append(f"{category_words(signal.category)}, {_sensor(signal)}, {seconds} s later")
    if len(state.signals) > 4:  # noqa: PLR2004  the rest is in the timeline
        parts.append(f"and {len(state.signals) - 4} more")
    return "; ".join(parts) + "."


def _sensor(signal: Signal) -> str:
    words = [signal.sensor or "", f"zone {signal.zone}" if signal.zone else ""]
    return " ".join(word for word in words if word) or "no zone told"


def _waiting(state: IncidentState) -> str:
    request = state.request
    if request is None:
        return "Nothing now"
    return {
        RequestStatus.DECIDED: "Ask responders",
        RequestStatus.SENT: "Waiting for the responders' answer",
        RequestStatus.ACCEPTED: "Responders accepted",
        RequestStatus.REJECTED: "Responders declined",
        RequestStatus.DISPATCHED: "A unit is on its way",
        RequestStatus.ON_SCENE: "Responders are on scene",
        RequestStatus.CLOSED: "Responders closed the call",
    }[request.status]


def _standing(state: IncidentState) -> str:
    """The state as the queue shows it: decided, asked and responding are different (DISP-J10)."""
    if not state.is_active:
        return str(state.close_reason or state.state).replace("_", " ")
    if state.request is None:
        return "OPEN"
    if state.request.status is RequestStatus.DECIDED:
        return "DISPATCH DECIDED"
    return f"DISPATCH {state.request.status}".replace("_", " ")


def _state_words(seen: Seen) -> str:
    state = seen.state
    if not state.is_active:
        reason = f" ({state.close_reason})" if state.close_reason else ""
        return _STATE_WORDS[state.state] + reason
    if state.request is not None:
        words = _waiting(state)
        until = state.request.window_end
        if until is not None:
            words += f". Active until {until.astimezone(seen.info.zone):%H:%M}"
        return words + "."
    if state.withheld is not None:
        return "A dispatch was decided, and the gate says that police will not come."
    return "Open. Responders have not been asked."


def _path(state: IncidentState) -> Iterator[tuple[str, v.Progress]]:
    steps = ["Alarm"]
    if state.procedure is Procedure.BURGLAR and state.ppvar not in (
        Ppvar.NOT_USED,
        Ppvar.NON_AUDIO,
    ):
        steps += ["Listen", "Assess", "Verify"]
    elif state.procedure is Procedure.BURGLAR:
        steps.append("Decide")
    steps += ["Dispatch", "Contacts told", "Ended"]
    at = steps.index(_stand(state, steps))
    for number, step in enumerate(steps):
        yield step, "done" if number < at else "now" if number == at else "to_come"


def _stand(state: IncidentState, steps: list[str]) -> str:
    if not state.is_active:
        return "Ended"
    if state.request is not None:
        sent = state.request.status is not RequestStatus.DECIDED
        return "Contacts told" if sent and state.list_purpose is ListPurpose.NOTIFY else "Dispatch"
    if state.withheld is not None:
        return "Dispatch"
    stand = {
        Ppvar.LISTEN_INITIAL: "Listen",
        Ppvar.ACCESS_A: "Listen",
        Ppvar.ASSESS: "Assess",
        Ppvar.NO_HUMAN: "Assess",
        Ppvar.THREAT: "Assess",
        Ppvar.ACCESS_B: "Verify",
        Ppvar.VERIFY_SITE: "Verify",
        Ppvar.VERIFY_CONTACT: "Verify",
        Ppvar.AREA: "Verify",
    }.get(state.ppvar)
    if stand in steps and stand is not None:
        return stand
    if "Decide" in steps and state.response is not Response.IDLE:
        return "Decide"
    return "Alarm"


def _place(state: IncidentState, context: Context) -> v.Place:
    site = context.site
    class_ = area_class_of(state, context)
    zones: dict[str, v.Line] = {}
    microphones: dict[str, v.Line] = {}
    for signal in state.signals:
        place = place_of(signal, state, context)
        if signal.zone:
            text = ", ".join(x for x in (place.zone, place.location, place.sensor) if x)
            zones[signal.zone] = v.Line(label=f"Zone {signal.zone}", text=text)
    for one in site.microphones:
        text = "; ".join(
            x for x in (one.location, f"hears {one.coverage}" * bool(one.coverage)) if x
        )
        microphones[one.id] = v.Line(label=one.name, text=text or "location not told")
    armed = {True: "armed", False: "open or disarmed", None: ""}[state.is_armed]
    return v.Place(
        site=site.name or site.id,
        address=site.address,
        premise=str(site.premise_type).capitalize(),
        jurisdiction=(
            (context.requirements.name or context.requirements.jurisdiction)
            if context.requirements
            else f"unknown ({site.jurisdiction or 'none named'})"
        ),
        area=place_of(state.signals[0], state, context).area or "no area told",
        area_class=str(class_),
        area_meaning=AREA_MEANING[class_],
        armed=armed,
        zones=tuple(zones.values()),
        microphones=tuple(microphones.values()),
        directions=site.directions,
    )


def _links(state: IncidentState, context: Context) -> Iterator[v.Link]:
    urls = dict.fromkeys(url for signal in state.signals for url in signal.media)
    for number, url in enumerate(urls, start=1):
        yield v.Link(label=f"Clip {number}", url=url, kind="audio")
    for microphone in context.site.microphones:
        if microphone.live_url:
            yield v.Link(label=f"Live: {microphone.name}", url=microphone.live_url, kind="live")
    for camera in context.site.cameras:
        if camera.url:
            yield v.Link(label=f"Camera: {camera.name}", url=camera.url, kind="camera")
    for one in state.evidence:
        if one.reference.startswith(("http://", "https://")):
            yield v.Link(label=one.description or str(one.kind), url=one.reference, kind="link")


def _evidence(state: IncidentState, context: Context) -> Iterator[v.Line]:
    estimate = assessment(state, context)
    if estimate.level is not None:
        yield v.Line(
            label="Estimate", text=f"{estimate.level}: {estimate.words} ({estimate.label})"
        )
    for one in state.heard:
        if one.description:
            yield v.Line(label="Heard", text=one.description)
    for check in state.site_checks:
        words = str(check.outcome).replace("_", " ").lower()
        yield v.Line(
            label=str(check.basis).replace("_", " ").capitalize(), text=check.description or words
        )
    if state.cancellation is not None:
        yield v.Line(label="Cancellation", text=f"by user {state.cancellation.user or 'unknown'}")
    for signal in state.others:
        who = f", user {signal.user_name or signal.user}" if signal.user else ""
        yield v.Line(label="Panel", text=f"{category_words(signal.category)} {signal.kind}{who}")


def _contacts(seen: Seen) -> Iterator[v.Contact]:
    state, tries = seen.state, seen.context.settings.attempts_per_contact
    for contact in seen.context.site.contacts:
        attempts = [one for one in state.attempts if one.contact == contact.id]
        # Of the list that is worked through now; once none is, of all.
        now = [one for one in attempts if state.list_purpose in {None, one.purpose}]
        if contact.id in state.informed:
            words = "told"
        elif not contact.phone or contact.id in state.skipped:
            words = "not called: no number"
        else:
            words = f"{len(now)} of {tries} tried" if now else "not called yet"
            if attempts and not now:
                words = "called before; to be told now"
        yield v.Contact(
            id=contact.id,
            name=contact.name,
            role=contact.role,
            phone=contact.phone,
            is_authorised=contact.is_authorised,
            is_key_holder=contact.is_key_holder,
            attempts=tuple(v.Attempt(at=one.at, result=attempt_words(one)) for one in attempts),
            tried=len(now),
            state=words,
            is_next=seen.question is not None and seen.question.contact == contact.id,
            hint=contact.passcode_hint,
        )


def _verdict(state: IncidentState) -> Verdict | None:
    return state.withheld.verdict if state.withheld and not state.request else state.verdict


def _warnings(state: IncidentState) -> Iterator[v.Warning_]:
    verdict = _verdict(state)
    if verdict is None:
        return
    for finding in verdict.findings:
        yield v.Warning_(
            gate=finding.result.value,
            title=finding.requirement.replace("_", " ").capitalize(),
            text=finding.text,
            rules=(finding.rule,),
        )
    if verdict.fee_warning:
        yield v.Warning_(
            gate="WARN",
            title="This call may cost money",
            text=verdict.fee_warning,
            rules=("SJ-C1b", "XS-5"),
        )


def _withheld(seen: Seen) -> str:
    state = seen.state
    if state.withheld is None or state.request is not None:
        return ""
    guard = seen.context.site.alternate_response or "no guard service is arranged for this site"
    words = f"Decided {state.withheld.reason}, withheld by the gate. Alternate response: {guard}."
    if not state.withheld.verdict.can_override:
        words += " Nobody can override this: response is discontinued."
    return words


def _message(seen: Seen) -> v.Message | None:
    state = seen.state
    if state.request is None and state.withheld is None:
        return None
    message = dispatch_message(
        state,
        seen.context,
        station=seen.info.name,
        callback=seen.info.callback,
        operator=seen.who.user.name,
    )
    return v.Message(
        lines=tuple(v.Line(label=one.label, text=one.text) for one in message_lines(message)),
        audio_reference=message.audio_reference,
        is_about_audio=state.procedure is Procedure.BURGLAR,
        faults=tuple(f"Missing: {gap.what} ({gap.rule})" for gap in message.gaps),
        notes=tuple(f"Held back by {one.rule}: {one.what}" for one in message.withheld),
    )
