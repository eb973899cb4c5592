"""The one next question as the page shows it: keys, fields, and why somebody may not answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from decision.alarm_signal import Signal
from decision.console import views as v
from decision.context import Context
from decision.questions import Answer, FieldName, Given, Question
from decision.state import IncidentState
from decision.vocabulary import CallEnding
from decision.web.acts import why_stopped
from decision.web.seen import Seen

MANY: Final = frozenset({"zones", "microphones", "clips", "signs", "used"})
"""Fields of which several may be chosen."""
SIGNS: Final = (
    ("breaking", "something breaks"),
    ("forced_entry", "forced entry"),
    ("tools", "tools"),
    ("theft", "theft"),
    ("violence", "violence"),
    ("weapon", "weapon"),
    ("cry_for_help", "cry for help"),
    ("threat", "threats"),
)
_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "description": ("In plain words", "Goes to the responders as you write it."),
    "note": ("Note", ""),
    "said": ("What they said", ""),
    "person": ("Whom you reached", ""),
    "number": ("Their event number", ""),
    "user": ("Who asks", ""),
    "text": ("What was said", ""),
    "ending": ("How the call ended", "Only where nobody decided."),
    "zones": ("Heard in", "Where a human was heard decides the area class."),
    "microphones": ("At which microphone", ""),
    "clips": ("Which clips", ""),
    "signs": ("Signs", ""),
    "used": ("Which instructions apply and were followed", "Told to the responders."),
}
_ORDER: Final[tuple[FieldName, ...]] = (
    "used", "clips", "microphones", "zones", "signs", "description", "person", "ending", "said",
    "user", "number", "text", "note",
)  # fmt: skip


def question_view(question: Question, seen: Seen, calls: Mapping[str, v.Contact]) -> v.Question:
    """Make the card of the next question for one person."""
    return v.Question(
        token=question.key,
        step=question.step,
        text=question.text,
        rules=question.rules,
        answers=tuple(_answers(question.answers)),
        fields=tuple(_fields(question, seen.state, seen.context)),
        due=question.deadline,
        needs_audio=question.needs_audio,
        stopped=why_stopped(question, seen.who, seen.competence),
        call=calls.get(question.contact),
        kind=question.kind,
    )


def _answers(answers: Iterable[Answer]) -> Iterable[v.Answer]:
    for number, answer in enumerate(answers, start=1):
        yield v.Answer(
            key=str(number) if number < 10 else "",  # noqa: PLR2004  keys 1 to 9
            token=answer.token,
            label=answer.label,
            detail=answer.leads_to,
            tone=answer.tone,
        )


def _fields(question: Question, state: IncidentState, context: Context) -> Iterable[v.Field]:
    wanted = {field for answer in question.answers for field in answer.fields}
    for name in _ORDER:
        if name not in wanted:
            continue
        label, hint = _WORDS[name]
        choices = tuple(_choices(name, state, context))
        if name in MANY and not choices:
            continue
        yield v.Field(
            name=name,
            label=label,
            hint=hint,
            choices=choices,
            is_many=name in MANY,
            is_long=name in ("description", "text"),
        )


def _choices(name: FieldName, state: IncidentState, context: Context) -> Iterable[tuple[str, str]]:
    site = context.site
    choices: Iterable[tuple[str, str]] = ()
    match name:
        case "used":
            choices = [(one.id, one.text) for one in site.instructions]
        case "microphones":
            choices = [(m.id, f"{m.name}, {m.location}".strip(", ")) for m in site.microphones]
        case "zones":
            choices = dict.fromkeys(_zone(one, context) for one in state.signals if one.zone)
        case "clips":
            urls = dict.fromkeys(url for signal in state.signals for url in signal.media)
            choices = [(url, f"clip {number}") for number, url in enumerate(urls, start=1)]
        case "signs":
            choices = SIGNS
        case "ending":
            words = [e for e in CallEnding if e is not CallEnding.ANSWERED]
            choices = [(str(e), str(e).replace("_", " ").lower()) for e in words]
    return choices


def _zone(signal: Signal, context: Context) -> tuple[str, str]:
    zone = context.site.zone(signal.zone or "")
    name = (zone.name if zone else "") or signal.zone_name or ""
    return signal.zone or "", f"zone {signal.zone} {name}".strip()


def given(values: Mapping[str, list[str]]) -> Given:
    """What was typed and chosen, from the form; unknown fields fall away, long texts are cut."""
    taken: dict[str, str | tuple[str, ...]] = {}
    for name in Given.__struct_fields__:
        chosen = [value.strip()[:2000] for value in values.get(name, []) if value.strip()]
        if name in MANY:
            taken[name] = tuple(chosen)
        elif chosen:
            taken[name] = chosen[0]
    return Given(**taken)  # type: ignore[arg-type]  # names and kinds come from the struct itself
