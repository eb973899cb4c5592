"""Both appeal forms (SJ-G4), empty for the pen or filled from what the station knows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

import msgspec

from decision.ledger.state import SystemState
from decision.notices.letter import Paper, labels, language_of
from decision.notices.missing import Missing, MissingDatum
from decision.notices.values import asked_for, common, fill, written
from decision.packs.model import Pack
from decision.packs.texts import FORM_FIELDS, FormText
from decision.packs.words import AppealKind

RULE: Final = "SJ-G4"
_LONG: Final = frozenset({"supporting_information"})
_MIDDLE: Final = frozenset({"attachments"})
_OPTIONAL: Final = frozenset({"attachments"})


class FormField(msgspec.Struct, frozen=True, kw_only=True):
    """One field of the form."""

    name: str
    label: str
    value: str
    lines: int
    """How many lines of writing it needs."""


class AppealForm(Paper, frozen=True, kw_only=True):
    """One form."""

    kind: AppealKind
    intro: tuple[str, ...]
    fields: tuple[FormField, ...]
    documents: tuple[str, ...]


def appeal_form(  # noqa: PLR0913  what is known of the case, each by name
    pack: Pack,
    state: SystemState,
    kind: AppealKind,
    *,
    on: date,
    call: str | None = None,
    filled: Mapping[str, str] | None = None,
    is_complete: bool = False,
    language: str | None = None,
) -> AppealForm:
    """Make a form; ``filled`` goes before what the ledger knows.

    Raises:
        MissingDatum: for a label that the pack lacks; with ``is_complete`` also for every field
            that is empty.
    """
    used = language_of(pack, language)
    texts = pack.texts[used]
    wording = texts.appeals.get(kind)
    paper = f"{kind.lower()} appeal form"
    if wording is None:
        where = f"pack, texts.{used}.appeals.{kind}"
        raise MissingDatum(paper, [Missing(what="the form's text", where=where, rule=RULE)])
    values = common(pack, state, texts, on)
    known = _known(state, call) | {"date": ""} | dict(filled or {})
    incident = state.call(call) if call else None
    if incident is not None:
        known.setdefault("incident_date", written(incident.day, texts))
    lacking = [
        Missing(what=f"label of the field {name}", where=f"pack, texts.{used}.appeals", rule=RULE)
        for name in FORM_FIELDS
        if not wording.fields.get(name)
    ] + asked_for((wording.title, *wording.intro), values, RULE)
    if is_complete:
        lacking += _empty(wording, known)
    if lacking:
        raise MissingDatum(paper, lacking)
    return AppealForm(
        kind=kind,
        language=used,
        letterhead=texts.letterhead,
        address_lines=texts.address_lines,
        mark=texts.mark or pack.notices.mark,
        title=fill(wording.title, values),
        date=values["date"] or "",
        labels=labels(texts),
        intro=tuple(fill(paragraph, values) for paragraph in wording.intro),
        fields=tuple(
            FormField(
                name=name,
                label=wording.fields[name],
                value=known.get(name, ""),
                lines=8 if name in _LONG else 3 if name in _MIDDLE else 1,
            )
            for name in FORM_FIELDS
        ),
        documents=wording.documents,
    )


def _known(state: SystemState, call: str | None) -> dict[str, str]:
    """Give what the ledger can fill in; the rest is the alarm business's to write."""
    registered = state.registration
    known = {
        "alarm_business": registered.business_name,
        "company_name": registered.company_name,
        "company_address": registered.address,
        "owner_name": registered.user_name,
        "owner_contact": registered.user_contact,
    }
    found = state.call(call) if call else None
    if found is not None and found.occurrence:
        known["supporting_information"] = f"{found.occurrence}"
    return known


def _empty(wording: FormText, known: Mapping[str, str]) -> list[Missing]:
    return [
        Missing(what=wording.fields.get(name, name), where="the form", rule=RULE)
        for name in FORM_FIELDS
        if name not in _OPTIONAL and not known.get(name, "").strip()
    ]
