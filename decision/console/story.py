"""Tells facts and decisions in plain words: the timeline of an incident, the lines of the audit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal

import msgspec

from decision import actions as a
from decision import facts as f
from decision import incidents
from decision.briefing import ENDING_WORDS, RESULT_WORDS, category_words
from decision.console import views as v
from decision.context import Context
from decision.facts import Recorded
from decision.vocabulary import CallEnding

Kind = Literal["alarm", "operator", "call", "decision", "responder", "customer", "time"]

KIND_OF_ACTOR: Final[Mapping[str, Kind]] = {
    "gateway": "alarm",
    "contact": "customer",
    "responder": "responder",
    "system": "time",
    "ledger": "decision",
}


class Told(msgspec.Struct, frozen=True):
    """A fact in words; an empty text is not shown."""

    text: str
    detail: str = ""
    kind: Kind | None = None


def _plain(token: str) -> str:
    return str(token).replace("_", " ").lower()


def _event(fact: f.EventReceived) -> Told:
    signal = fact.signal
    where = " ".join(
        one for one in (f"zone {signal.zone}" if signal.zone else "", signal.zone_name or "") if one
    )
    area = signal.area_name or (f"area {signal.area}" if signal.area else "")
    words = f"{category_words(signal.category)} {signal.kind}".capitalize()
    place = ", ".join(one for one in (where, area) if one)
    detail = " · ".join(
        one
        for one in (
            signal.sensor or "",
            signal.code,
            signal.zone_location or "",
            f"user {signal.user_name or signal.user}" if signal.user else "",
            signal.text or "",
            "verified by the panel" if signal.is_verified else "",
            "on test" if signal.is_on_test else "",
        )
        if one
    )
    return Told(f"{words}: {place}" if place else words, detail, "alarm")


def _call(fact: f.ContactAttempted) -> Told:
    way = "called us" if fact.is_inbound else "called"
    if fact.ending in (None, CallEnding.ANSWERED):
        result = RESULT_WORDS[fact.result]
    else:
        result = ENDING_WORDS[fact.ending]
    return Told(f"{fact.contact} {way}: {result}", fact.said, "call")


_TOLD: Final[Mapping[type, Callable[[Any], Told]]] = {
    f.ContextTaken: lambda _: Told(""),
    f.EventReceived: _event,
    f.TimerFired: lambda x: Told(f"Time came: {_plain(x.timer)}", x.key, "time"),
    f.InstructionsReviewed: lambda x: Told(
        "Special instructions read",
        f"followed: {', '.join(x.used)}" if x.used else x.note,
    ),
    f.Listened: lambda x: Told(
        f"Listened ({_plain(x.source)}): {_plain(x.audibility)}",
        " · ".join([x.description, *x.clips]).strip(" ·"),
    ),
    f.AudioAccessAttempted: lambda x: Told(
        f"Audio system: {_plain(x.outcome)}"
        + (", live heard" if x.is_live_heard else "")
        + (", archive heard" if x.is_archive_heard else ""),
        x.description,
    ),
    f.HumanActivityAssessed: lambda x: Told(
        {"HUMAN": "A human is heard", "RECENT": "A human was just there", "NONE": "No human heard"}[
            x.activity
        ],
        x.description,
    ),
    f.ThreatAssessed: lambda x: Told(
        f"Threat level judged: {_plain(x.judgement).upper()}",
        " · ".join([x.description, *map(_plain, x.signs)]).strip(" ·"),
    ),
    f.SiteCheckedByVideo: lambda x: Told(f"Video: {_plain(x.outcome)}", x.description),
    f.SiteCheckedByPerson: lambda x: Told(
        f"Person on site ({_plain(x.means)}): {_plain(x.outcome)}",
        " · ".join(one for one in (x.person, x.description) if one),
    ),
    f.VerifiedOtherwise: lambda x: Told(f"Verified by {_plain(x.basis)}", x.description),
    f.ElectronicCancel: lambda x: Told("Electronic cancellation", x.user or x.note, "customer"),
    f.AreaClassified: lambda x: Told(f"Area classified: {x.area_class}", x.note),
    f.EvidenceAttached: lambda x: Told(
        f"Evidence: {_plain(x.kind)}", x.description or x.reference
    ),
    f.ContactAttempted: _call,
    f.ContactSkipped: lambda x: Told(f"{x.contact} not called", x.reason, "call"),
    f.ManualDispatchRequested: lambda x: Told(
        f"{x.user or 'Customer'} asks for responders ({_plain(x.channel)})", x.note, "customer"
    ),
    f.Resolved: lambda x: Told(
        f"{x.user or 'Customer'} resolves the alarm ({_plain(x.channel)})", x.note, "customer"
    ),
    f.KeyHolderReported: lambda x: Told(
        f"Key holder {x.contact}: {_plain(x.status)}"
        + (f", {x.minutes} min" if x.minutes is not None else "")
    ),
    f.OperatorDecided: lambda x: Told(f"{_plain(x.task).capitalize()}: {_plain(x.branch)}", x.note),
    f.RequirementConfirmed: lambda x: Told(
        f"Requirement {x.requirement}: {'met' if x.is_met else 'not met'}", x.note
    ),
    f.GateOverridden: lambda x: Told("Asked against the gate's BLOCK", x.reason),
    f.NoteAdded: lambda x: Told("Note", x.text),
    f.Taken: lambda x: Told(f"{x.by} handles it" if x.by else "Free for anybody"),
    f.RequestSent: lambda x: Told(
        f"Responders asked ({x.transport})", x.to, "responder"
    ),
    f.RequestAccepted: lambda x: Told("Responders accepted", x.number, "responder"),
    f.RequestRejected: lambda x: Told(
        f"Responders declined: {_plain(x.reason)}", x.text or x.disposition, "responder"
    ),
    f.RequestUpdated: lambda x: Told(f"Responders: {_plain(x.news)}", x.text, "responder"),
    f.UpdateSent: lambda x: Told(
        "Call-off asked of responders" if x.is_call_off else "Update to responders",
        x.text,
        "responder",
    ),
    f.CallOffResult: lambda x: Told(f"Call-off {x.result}", x.text, "responder"),
    f.RequestClosed: lambda x: Told(
        f"Responders closed: {x.disposition or 'no disposition'}",
        " · ".join(one for one in (x.occurrence, x.text) if one),
        "responder",
    ),
}  # fmt: skip


def told(fact: Any) -> Told:
    """A fact in words; one that no row knows is told by its name and its fields."""
    row = _TOLD.get(type(fact))
    if row is not None:
        return row(fact)
    fields = msgspec.to_builtins(fact)
    name = fields.pop("fact", type(fact).__name__)
    detail = " · ".join(f"{key} {value}" for key, value in fields.items() if value not in ("", []))
    spaced = "".join(f" {c.lower()}" if c.isupper() else c for c in str(name)).strip()
    return Told(spaced.capitalize(), detail[:300])


_DECIDED: Final[Mapping[type, Callable[[Any], tuple[str, str, v.Tone]]]] = {
    a.Dispatch: lambda x: (f"Decided: DISPATCH / {x.reason}", "", "danger"),
    a.Close: lambda x: (f"Decided: CLOSE / {x.reason}", "", "good"),
    a.NonAudio: lambda _: ("Goes on without audio verification", "", "plain"),
    a.CallOff: lambda x: ("Call-off is asked for", x.asked_by, "caution"),
    a.NotifyContacts: lambda x: ("Contacts are told", x.text, "plain"),
    a.ForwardUpdate: lambda x: ("Responders are told what is new", x.text, "plain"),
    a.OperatorRequired: lambda x: (f"A person decides: {_plain(x.task)}", x.text, "caution"),
    a.CallContact: lambda x: (f"Next call: {x.contact}, attempt {x.attempt}", "", "plain"),
    a.GateWarning: lambda x: (
        f"Gate: {x.verdict.result}",
        "; ".join(finding.text for finding in x.verdict.findings),
        "caution",
    ),
    a.AlternateResponse: lambda x: (
        f"Police are not asked ({x.withheld}): alternate response",
        x.response or "none is arranged",
        "danger",
    ),
    a.Escalate: lambda x: ("Supervisor is called", x.what, "caution"),
    a.ConfigurationFault: lambda x: (f"Fault of the site's record: {x.key}", x.text, "caution"),
}


def decided(action: a.Action) -> tuple[str, str, v.Tone]:
    """An action in words: text, detail, tone."""
    return _DECIDED[type(action)](action)


def who(recorded: Recorded, names: Mapping[str, str]) -> str:
    """Who did it, by name where the station knows one."""
    actor = recorded.actor
    return names.get(actor.id, actor.id) or actor.kind


def timeline(
    history: Sequence[Recorded], context: Context, names: Mapping[str, str]
) -> tuple[v.Event, ...]:
    """The whole story: every fact, and below it what was decided because of it and why."""
    return tuple(_timeline(history, context, names))


def _timeline(
    history: Sequence[Recorded], context: Context, names: Mapping[str, str]
) -> Iterator[v.Event]:
    contacts = {contact.id: contact.name for contact in context.site.contacts}
    areas = {f"area {area.id}": area.name for area in context.site.areas if area.name}
    for one in incidents.story(history):
        recorded = one.recorded
        words = told(recorded.fact)
        if words.text:
            yield v.Event(
                seq=recorded.seq,
                at=recorded.at,
                who=who(recorded, names),
                text=_named(_with_areas(words.text, areas), contacts),
                detail=words.detail,
                kind=words.kind or KIND_OF_ACTOR.get(recorded.actor.kind, "operator"),
                rules=tuple(dict.fromkeys(reason.rule for reason in one.reasons)),
            )
        if one.refusal is not None:
            yield v.Event(
                seq=recorded.seq, at=recorded.at, who="core", kind="decision", tone="caution",
                text=f"Changes nothing: {one.refusal.text}", rules=(one.refusal.rule,),
            )  # fmt: skip
        for action in one.actions:
            text, detail, tone = decided(action)
            yield v.Event(
                seq=recorded.seq, at=recorded.at, who="core", kind="decision", tone=tone,
                text=_named(text, contacts), detail=detail, rules=action.rules,
            )  # fmt: skip


def _with_areas(text: str, areas: Mapping[str, str]) -> str:
    for number, name in areas.items():
        if text.endswith(number):
            return text.removesuffix(number) + name
    return text


def _named(text: str, contacts: Mapping[str, str]) -> str:
    first, space, rest = text.partition(" ")
    if first in contacts:
        return contacts[first] + space + rest
    for contact_id, name in contacts.items():
        text = text.replace(f" {contact_id},", f" {name},").replace(f" {contact_id}:", f" {name}:")
    return text
