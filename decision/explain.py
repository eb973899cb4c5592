"""The story of an incident in readable words: facts, decisions, rules, inputs and evidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

import msgspec

from decision import incidents
from decision.actions import Action
from decision.console import story as words
from decision.context import Context, context_of
from decision.facts import ContextTaken, Recorded
from decision.rules import ids
from decision.scenarios.look import spelled
from decision.state import IncidentState


class _Part(msgspec.Struct, frozen=True, kw_only=True):
    """Common settings."""


class Decision(_Part, frozen=True, kw_only=True):
    """One thing that was decided, and all that it rests on."""

    action: str
    """As scenarios spell it: ``DISPATCH/TL3``."""
    text: str
    detail: str
    rules: tuple[str, ...]
    """The deciding one first."""
    response_mode: str
    """The three inputs of DISP-3: (a) the configured response,"""
    customer_answer: str
    """(b) what the customer answered,"""
    local_requirement: str
    """(c) what is required locally."""
    evidence: tuple[str, ...]

    @property
    def inputs(self) -> tuple[str, str, str]:
        """The three together."""
        return self.response_mode, self.customer_answer, self.local_requirement


class Happening(_Part, frozen=True, kw_only=True):
    """One fact, and what it led to."""

    seq: int
    at: datetime
    who: str
    text: str
    detail: str
    reasons: tuple[tuple[str, str], ...] = ()
    """Rule and what it made of the fact: moves of the tables and the like."""
    refusal: tuple[str, str] | None = None
    """Rule and reason, where the fact changed nothing."""
    decisions: tuple[Decision, ...] = ()


class Explanation(_Part, frozen=True, kw_only=True):
    """One incident."""

    incident: str
    site: str
    jurisdiction: str
    """Id of the pack with its version; empty: unknown."""
    opened_at: datetime
    alarm_state: str
    dispatch: str = ""
    """Reason of the dispatch; empty: there was none."""
    close_reason: str = ""
    asked_next: str = ""
    """What the operator is asked now."""
    happenings: tuple[Happening, ...]
    rules: tuple[tuple[str, str], ...]
    """Every id that was cited, with its meaning, in the order of the sources."""


def explain(recorded: Sequence[Recorded]) -> Explanation:
    """Tell an incident from its facts. Raises ValueError for a log that opens none."""
    happenings: list[Happening] = []
    context: Context | None = None
    state: IncidentState | None = None
    for told in incidents.story(recorded):
        state = told.state
        if (happening := _happening(told)) is not None:
            happenings.append(happening)
    for one in recorded:
        if isinstance(one.fact, ContextTaken):
            context = context_of(one.fact)
    if state is None or context is None:
        raise ValueError("the log opens no incident")
    question = incidents.next_question(state, context)
    required = context.requirements
    return Explanation(
        incident=state.id,
        site=f"{context.site.name or state.site} ({state.site})",
        jurisdiction=f"{required.jurisdiction} {required.version}" if required else "",
        opened_at=state.opened_at,
        alarm_state=state.state.value,
        dispatch=state.request.reason.value if state.request else "",
        close_reason=state.close_reason.value if state.close_reason else "",
        asked_next=question.text if question else "",
        happenings=tuple(happenings),
        rules=_meanings(happenings),
    )


def _happening(told: incidents.Told) -> Happening | None:
    recorded = told.recorded
    if isinstance(recorded.fact, ContextTaken) and not (told.actions or told.reasons):
        return None
    said = words.told(recorded.fact)
    moved = told.state.trail[len(told.before.trail) if told.before else 0 :]
    return Happening(
        seq=recorded.seq,
        at=recorded.at,
        who=str(recorded.actor),
        text=said.text or "What is configured changed",
        detail=said.detail,
        reasons=(
            *((one.rule, f"{one.region}: {one.before} -> {one.after}") for one in moved),
            *((one.rule, one.text) for one in told.reasons),
        ),
        refusal=(told.refusal.rule, told.refusal.text) if told.refusal else None,
        decisions=tuple(map(_decision, told.actions)),
    )


def _decision(action: Action) -> Decision:
    text, detail, _tone = words.decided(action)
    return Decision(
        action=spelled(action),
        text=text,
        detail=detail,
        rules=action.rules,
        response_mode=action.inputs.response_mode,
        customer_answer=action.inputs.customer_answer,
        local_requirement=action.inputs.local_requirement,
        evidence=action.evidence,
    )


def _meanings(happenings: Sequence[Happening]) -> tuple[tuple[str, str], ...]:
    cited: set[str] = set()
    for one in happenings:
        cited.update(rule for rule, _text in one.reasons)
        cited.update(rule for made in one.decisions for rule in made.rules)
        if one.refusal is not None:
            cited.add(one.refusal[0])
    known = [rule for rule in ids.meanings() if rule in cited]
    return tuple((rule, ids.meaning(rule)) for rule in (*known, *sorted(cited - set(known))))


def lines(told: Explanation, zone: tzinfo) -> Iterator[str]:
    """Tell it to a person, in local time."""
    yield f"Incident {told.incident} of {told.site}"
    yield f"  jurisdiction: {told.jurisdiction or 'unknown'}"
    end = ", ".join(
        one
        for one in (
            told.alarm_state,
            f"dispatch {told.dispatch}" if told.dispatch else "no dispatch",
            f"closed: {told.close_reason}" if told.close_reason else "",
        )
        if one
    )
    yield f"  opened {told.opened_at.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}; now {end}"
    if told.asked_next:
        yield f"  asked next: {told.asked_next}"
    inputs = ("", "", "")
    for one in told.happenings:
        yield ""
        when = f"{one.at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
        yield f"{when}  {one.text}  ({one.who}, fact {one.seq})"
        yield from _said(one)
        for made in one.decisions:
            yield from _made(made, inputs)
            inputs = made.inputs
    yield ""
    yield "Rules:"
    for rule, meaning in told.rules:
        yield f"  {rule}: {meaning}"


def _said(one: Happening) -> Iterator[str]:
    if one.detail:
        yield f"    {one.detail}"
    if one.refusal is not None:
        yield f"    changes nothing: {one.refusal[1]} [{one.refusal[0]}]"
    for rule, text in one.reasons:
        yield f"    {text} [{rule}]"


def _made(made: Decision, inputs: tuple[str, str, str]) -> Iterator[str]:
    """One decision; the three inputs only where they changed since the one before."""
    yield f"  => {made.text} [{', '.join(made.rules)}]"
    if made.detail:
        yield f"       {made.detail}"
    if made.inputs != inputs:
        yield f"       (a) configured response: {made.response_mode}"
        yield f"       (b) customer's answer: {made.customer_answer}"
        yield f"       (c) local requirement: {made.local_requirement}"
    for item in made.evidence:
        yield f"       evidence: {item}"


def zone_of(recorded: Sequence[Recorded]) -> ZoneInfo:
    """The time zone of the incident's site, as it was configured."""
    for one in reversed(recorded):
        if isinstance(one.fact, ContextTaken):
            return ZoneInfo(one.fact.site.time_zone)
    return ZoneInfo("UTC")
