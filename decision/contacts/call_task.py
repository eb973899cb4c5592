"""One call to a contact as a task: whom, why, what to say line by line, what can be recorded.

The words are data in two languages; the contact's own language is used where there is one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from decision.actions import CallContact
from decision.context import Context
from decision.facts import ContactAttempted
from decision.rules.call_list import NextCall
from decision.rules.message_text import local
from decision.state import IncidentState
from decision.vocabulary import CallEnding, ContactResult, ListPurpose, Procedure

R = ContactResult
RESULTS: Final[Mapping[ListPurpose, tuple[ContactResult, ...]]] = {
    ListPurpose.DECIDE: (R.APPROVE, R.CANCEL, R.AUTHORIZED_ACTIVITY, R.NOT_AUTHORIZED, R.UNDECIDED),
    ListPurpose.VERIFY: (R.AUTHORIZED_ACTIVITY, R.NOT_AUTHORIZED, R.APPROVE, R.CANCEL, R.UNDECIDED),
    ListPurpose.NOTIFY: (R.UNDECIDED, R.CANCEL, R.AUTHORIZED_ACTIVITY, R.NOT_AUTHORIZED),
    ListPurpose.TELL: (R.UNDECIDED, R.CANCEL, R.AUTHORIZED_ACTIVITY),
}
"""What a contact who answers can say, the usual answers first; ``UNDECIDED``: heard it, no more."""
ENDINGS: Final = tuple(ending for ending in CallEnding if ending is not CallEnding.ANSWERED)
"""How a call ends that gave nothing (AMB-D2)."""

SCRIPTS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "en": {
        "greeting": ("This is {station} about an alarm at {site}. Am I speaking with {contact}?",),
        "passcode": ("Please tell me your passcode.",),
        ListPurpose.DECIDE: (
            "At {time} we received an alarm: {what}.",
            "Shall we send police, or is this alarm to be cancelled?",
        ),
        ListPurpose.VERIFY: (
            "At {time} we received an alarm: {what}. Somebody may be on the premises.",
            "May anybody be there now? Who?",
        ),
        ListPurpose.NOTIFY: (
            "At {time} we received an alarm: {what}.",
            "{done}",
            "You need not approve anything. Can you or a key holder go there, and when?",
        ),
        ListPurpose.TELL: (
            "At {time} we received an alarm: {what}.",
            "{done}",
        ),
        "link": ("We can send you a link to follow this alarm.",),
    },
    "fr": {
        "greeting": ("Ici {station}, au sujet d'une alarme : {site}. Êtes-vous bien {contact} ?",),
        "passcode": ("Votre code d'accès, s'il vous plaît.",),
        ListPurpose.DECIDE: (
            "À {time} nous avons reçu une alarme : {what}.",
            "Faut-il envoyer la police, ou annuler cette alarme ?",
        ),
        ListPurpose.VERIFY: (
            "À {time} nous avons reçu une alarme : {what}. Il y a peut-être quelqu'un sur place.",
            "Quelqu'un a-t-il le droit d'être là maintenant ? Qui ?",
        ),
        ListPurpose.NOTIFY: (
            "À {time} nous avons reçu une alarme : {what}.",
            "{done}",
            "Vous n'avez rien à approuver. Vous ou un détenteur des clés, pouvez-vous y aller ?",
        ),
        ListPurpose.TELL: (
            "À {time} nous avons reçu une alarme : {what}.",
            "{done}",
        ),
        "link": ("Nous pouvons vous envoyer un lien pour suivre cette alarme.",),
    },
}
DONE: Final[Mapping[str, tuple[str, str, str]]] = {
    "en": (
        "We asked for responders; that is not yet a promise that they come.",
        "Police do not respond to this system at present. {alternate}",
        "Nobody was sent.",
    ),
    "fr": (
        "Nous avons demandé les secours ; cela ne garantit pas encore leur venue.",
        "La police ne répond pas à ce système pour le moment. {alternate}",
        "Personne n'a été envoyé.",
    ),
}


class CallTask(msgspec.Struct, frozen=True, kw_only=True):
    """One call to place."""

    incident: str
    contact: str
    name: str
    role: str
    phone: str
    language: str
    attempt: int
    purpose: ListPurpose
    passcode_hint: str
    is_key_holder: bool
    is_authorised: bool
    say: tuple[str, ...]
    results: tuple[ContactResult, ...]
    endings: tuple[CallEnding, ...] = ENDINGS
    can_have_link: bool = False
    """An address for the incident link is on file."""
    rules: tuple[str, ...] = ()


_RULES: Final[Mapping[ListPurpose, tuple[str, ...]]] = {
    ListPurpose.DECIDE: ("DISP-S1", "DISP-S2", "DISP-S3", "DISP-S4"),
    ListPurpose.VERIFY: ("PPVAR-6.2.2.2.2", "AMB-P8", "XS-3"),
    ListPurpose.NOTIFY: ("DISP-I3",),
    ListPurpose.TELL: ("SJ-E2", "XS-5"),
}


def call_task(
    call: CallContact | NextCall, state: IncidentState, context: Context, *, station: str
) -> CallTask | None:
    """Make the task; None for a contact whom the site no longer has."""
    site = context.site
    wanted = call.contact if isinstance(call.contact, str) else call.contact.id
    contact = site.contact(wanted)
    if contact is None:
        return None
    language = next((one for one in (contact.language, site.language) if one in SCRIPTS), "en")
    words = SCRIPTS[language]
    values = {
        "station": station,
        "site": site.name or site.address,
        "contact": contact.name,
        "time": local(state.opened_at, site.time_zone),
        "what": what_happened(state, context, language),
        "done": what_was_done(state, context, language),
    }
    asked = ("greeting", "passcode") if contact.is_authorised else ("greeting",)
    parts = [*asked, call.purpose, *(("link",) if contact.email else ())]
    return CallTask(
        incident=state.id,
        contact=contact.id,
        name=contact.name,
        role=contact.role,
        phone=contact.phone,
        language=language,
        attempt=call.attempt,
        purpose=call.purpose,
        passcode_hint=contact.passcode_hint,
        is_key_holder=contact.is_key_holder,
        is_authorised=contact.is_authorised,
        say=tuple(
            line for part in parts for text in words[part] if (line := text.format(**values))
        ),
        results=RESULTS[call.purpose],
        can_have_link=bool(contact.email),
        rules=_RULES[call.purpose],
    )


def attempted(
    task: CallTask,
    *,
    ending: CallEnding = CallEnding.ANSWERED,
    result: ContactResult = ContactResult.NO_ANSWER,
    said: str = "",
) -> ContactAttempted:
    """Give the fact of what the operator entered.

    Raises:
        ValueError: for a result that this call cannot have.
    """
    if ending is not CallEnding.ANSWERED:
        return ContactAttempted(contact=task.contact, ending=ending, said=said.strip())
    if result not in task.results:
        allowed = ", ".join(task.results)
        raise ValueError(f"{result}: a call to {task.purpose.lower()} gives one of {allowed}")
    return ContactAttempted(contact=task.contact, ending=ending, result=result, said=said.strip())


_KINDS: Final[Mapping[str, Mapping[Procedure, str]]] = {
    "en": {
        Procedure.BURGLAR: "burglar alarm",
        Procedure.LIFE_SAFETY: "life-safety alarm",
        Procedure.HOLD_UP: "hold-up alarm",
    },
    "fr": {
        Procedure.BURGLAR: "alarme intrusion",
        Procedure.LIFE_SAFETY: "alarme de sécurité des personnes",
        Procedure.HOLD_UP: "alarme de braquage",
    },
}


def what_happened(state: IncidentState, context: Context, language: str) -> str:
    """Say what came from where, in the places' own names."""
    kind = _KINDS[language].get(state.procedure, "alarm" if language == "en" else "alarme")
    places: dict[str, None] = {}
    for signal in state.signals:
        zone = context.site.zone(signal.zone) if signal.zone else None
        name = (zone.location or zone.name if zone else "") or signal.zone_name or ""
        if name:
            places[name] = None
    return f"{kind} ({', '.join(places)})" if places else kind


def what_was_done(state: IncidentState, context: Context, language: str) -> str:
    """Say what the station did so far (DISP-I3)."""
    asked, withheld, nobody = DONE[language]
    if state.request is not None:
        return asked
    if state.withheld is not None:
        return withheld.format(alternate=context.site.alternate_response).strip()
    return nobody
