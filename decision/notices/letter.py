"""SJ-N1 to SJ-N3 as data ready to print: who, what, which alarms, from when.

``letter`` makes the paper of one notice of the ledger, or refuses and names what is missing
(domain rules 3.7).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final, Literal

import msgspec

from decision.ledger.state import Call, Notice, SystemState
from decision.ledger.words import NoticeStatus
from decision.notices.missing import Missing, MissingDatum
from decision.notices.values import ALARMS, asked_for, common, fill, missing, of_notice, written
from decision.packs.model import Pack
from decision.packs.texts import MANDATORY, NoticeText, Texts, placeholders
from decision.packs.words import NoticeKind

RULES: Final = {
    NoticeKind.CAUTION: "SJ-N1",
    NoticeKind.SUSPENSION: "SJ-N2",
    NoticeKind.REINSTATEMENT: "SJ-N3",
}
_LISTS_ALARMS: Final = frozenset({NoticeKind.CAUTION, NoticeKind.SUSPENSION})


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """One addressee."""

    label: str
    name: str
    address: str


class AlarmRow(msgspec.Struct, frozen=True, kw_only=True):
    """One alarm of the list."""

    date: str
    occurrence: str
    address: str


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """What every paper has: whose it is, in which language, how far it is."""

    language: str
    """BCP 47, for the document's ``lang``."""
    letterhead: tuple[str, ...]
    address_lines: tuple[str, ...]
    mark: str
    """Security designation."""
    title: str
    date: str
    labels: dict[str, str]
    banner: str = ""
    """What stands across it while it may not go out."""


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """One part of the body: a paragraph, or the list of alarms."""

    kind: Literal["text", "alarms"]
    text: str = ""


class Letter(Paper, frozen=True, kw_only=True):
    """One notice."""

    kind: NoticeKind
    to: tuple[Address, ...]
    company_name: str
    premises_address: str
    body: tuple[Block, ...]
    alarms: tuple[AlarmRow, ...]
    signature: str
    signed_by: str
    """Who approved it; empty while nobody did."""


LABELS: Final = {
    "date": "Date",
    "to": "To",
    "business": "Alarm business",
    "user": "Alarm user",
    "business_name": "Business name",
    "premises": "Address of the premises",
    "alarm_date": "Date of alarm",
    "occurrence": "Police occurrence number",
    "address": "Address",
    "signature": "Signature",
    "approved_by": "Approved by",
    "invoice": "Invoice number",
    "amount": "Amount",
    "due": "Payable by",
    "description": "Description",
    "page": "Page",
    "draft": "DRAFT - not approved, not issued",
    "approved": "APPROVED - not issued yet",
    "withdrawn": "WITHDRAWN",
    "paid": "PAID",
    "cancelled": "CANCELLED",
    "address_to": "",
    "documents": "Supporting documents",
    "number": "No.",
    "report": "Monthly report of false alarms",
    "time": "Time",
    "disposition": "Disposition",
    "counted": "Number in the year",
    "counted_YEAR": "counts",
    "counted_POST_SUSPENSION": "post-suspension",
    "counted_NONE": "does not count",
    "fee": "Fee",
    "per_system": "Per alarm system",
    "system": "Alarm system",
    "in_month": "In this month",
    "in_year": "In the year so far",
    "state": "State now",
    "none": "No calls with these dispositions in this month.",
}
"""Small words where the pack's language has none."""


def labels(texts: Texts) -> dict[str, str]:
    """Give the small words of a language; what it lacks is English."""
    return LABELS | texts.labels


def language_of(pack: Pack, language: str | None) -> str:
    """Give the language that is used: the one asked for where the pack has it."""
    return language if language in pack.texts else pack.default_language


def letter(
    pack: Pack, state: SystemState, notice: Notice, *, on: date, language: str | None = None
) -> Letter:
    """Make the paper of ``notice`` with the date ``on`` (its day of issue where it was issued).

    Raises:
        MissingDatum: for everything that 3.7 or the text wants and nobody filed.
    """
    used = language_of(pack, language)
    texts = pack.texts[used]
    wording = texts.notices.get(notice.kind)
    rule = RULES[notice.kind]
    paper = f"{notice.kind.lower()} notice {notice.notice}"
    if wording is None:
        where = f"pack, texts.{used}.notices.{notice.kind}"
        raise MissingDatum(paper, [Missing(what="the notice's text", where=where, rule=rule)])
    on = notice.issued_on or on
    calls = [call for name in notice.calls if (call := state.call(name)) is not None]
    values = common(pack, state, texts, on) | of_notice(pack, texts, notice.kind, on)
    values |= {"count": str(len(calls)) if calls else None, "year": str(notice.period.year)}
    lacking = _lacking(pack, texts, wording, values, calls, notice.kind)
    if lacking:
        raise MissingDatum(paper, lacking)
    text = _filled(values)
    words = labels(texts)
    return Letter(
        kind=notice.kind,
        language=used,
        letterhead=texts.letterhead,
        address_lines=texts.address_lines,
        mark=texts.mark or pack.notices.mark,
        title=fill(wording.subject, values),
        date=text["date"],
        labels=words,
        banner=_banner(notice, words),
        to=(
            Address(
                label=words["business"],
                name=text["business_name"],
                address=text["business_address"],
            ),
            Address(label=words["user"], name=text["user_name"], address=text["user_address"]),
        ),
        company_name=text["company_name"],
        premises_address=text["premises_address"],
        body=tuple(_body(wording, values)),
        alarms=tuple(_row(call, text["premises_address"], texts) for call in calls)
        if notice.kind in _LISTS_ALARMS
        else (),
        signature=fill(wording.signature, values),
        signed_by=notice.approved_by,
    )


def _banner(notice: Notice, words: dict[str, str]) -> str:
    if notice.status is NoticeStatus.ISSUED:
        return ""
    if notice.status is NoticeStatus.APPROVED:
        return words["approved"]
    return words["withdrawn" if notice.status is NoticeStatus.WITHDRAWN else "draft"]


def _filled(values: dict[str, str | None]) -> dict[str, str]:
    return {name: value or "" for name, value in values.items()}


_ALWAYS: Final = (
    "date", "business_name", "business_address", "company_name", "premises_address", "user_name",
    "user_address",
)  # fmt: skip


def _lacking(  # noqa: PLR0913, PLR0917  each is one source of what is mandatory
    pack: Pack,
    texts: Texts,
    wording: NoticeText,
    values: dict[str, str | None],
    calls: list[Call],
    kind: NoticeKind,
) -> list[Missing]:
    """List everything that 3.7 wants and is not there, each once."""
    rule = RULES[kind]
    asked = asked_for((wording.subject, wording.signature, *wording.paragraphs), values, rule)
    found = [missing(name, rule) for name in _ALWAYS if not values[name]] + asked
    if not texts.letterhead:
        found.append(Missing(what="letterhead", where="pack, texts.letterhead", rule=rule))
    marks = [pack.notices.mark, *(one.mark for one in pack.texts.values())]
    if any(marks) and not (texts.mark or pack.notices.mark):  # other policies know no mark
        found.append(Missing(what="security designation", where="pack, texts.mark", rule="SJ-G4"))
    if not fill(wording.signature, values).strip():
        found.append(Missing(what="signature", where="pack, roles.decides_cases", rule=rule))
    found += _unsaid(wording, kind, rule)
    if kind in _LISTS_ALARMS:
        found += _unlisted(calls, rule)
    return list(dict.fromkeys(found))


def _unsaid(wording: NoticeText, kind: NoticeKind, rule: str) -> Iterator[Missing]:
    """Tell what a text of the pack leaves out though the policy wants it said."""
    said = {name for text in wording.paragraphs for name in placeholders(text)}
    for name in sorted(MANDATORY[kind] - said):
        where = f"pack, texts.notices.{kind}.paragraphs"
        yield Missing(what=f"a sentence with {{{name}}}", where=where, rule=rule)


def _unlisted(calls: list[Call], rule: str) -> Iterator[Missing]:
    if not calls:
        yield Missing(what="list of alarms", where="fact NoticeDrafted, calls", rule=rule)
    for call in calls:
        if not call.occurrence:
            what = f"police occurrence number of the alarm of {call.day}"
            where = f"fact PoliceCall {call.call}, occurrence"
            yield Missing(what=what, where=where, rule=rule)


def _body(wording: NoticeText, values: dict[str, str | None]) -> Iterator[Block]:
    for paragraph in wording.paragraphs:
        if paragraph.strip() == f"{{{ALARMS}}}":
            yield Block(kind="alarms")
        else:
            yield Block(kind="text", text=fill(paragraph, values))


def _row(call: Call, address: str, texts: Texts) -> AlarmRow:
    return AlarmRow(
        date=written(call.day, texts), occurrence=call.occurrence or "", address=address
    )
