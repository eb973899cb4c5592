"""The telephone as a transport: what the operator says line by line, and what he writes down.

The conversation is the same five messages; here a person carries them. ``script`` gives the lines
for a message of ours, ``record`` turns what the operator wrote down into the desk's message, or
says in words what is missing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from decision.responders.messages import (
    Accepted,
    DeskUpdate,
    DeskUpdateKind,
    FromDesk,
    FromStation,
    NewAlarm,
    Rejected,
    StationUpdateKind,
)
from decision.responders.record import SILENT
from decision.responders.transport import Delivery, Receipt, Received
from decision.rules.message_text import lines
from decision.vocabulary import RejectReason


class Do(StrEnum):
    """What a line of the script asks of the operator."""

    SAY = "SAY"
    ASK = "ASK"
    WRITE = "WRITE"
    """Write down what was answered, into the named field."""


class ScriptLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line."""

    do: Do
    label: str
    text: str
    field: str | None = None
    """With ``WRITE``."""
    choices: tuple[tuple[str, str], ...] = ()
    """(value, what it means); empty: free text."""
    is_required: bool = False
    only_if: str | None = None
    """``field=value`` of an earlier line, which brings this one up."""
    rule: str = ""


class Script(msgspec.Struct, frozen=True, kw_only=True):
    """One call: whom, what to say, what to write down."""

    request: str
    dial: str
    title: str
    lines: tuple[ScriptLine, ...]

    @property
    def text(self) -> str:
        """What is said, as one text."""
        return "\n".join(f"{line.label}: {line.text}" for line in self.lines if line.do is Do.SAY)


class RecordError(ValueError):
    """What was written down is no answer; ``mistakes`` maps fields to what is missing."""

    def __init__(self, mistakes: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {why}" for field, why in mistakes.items()))
        self.mistakes = dict(mistakes)


ACCEPTED, REJECTED = "accepted", "rejected"
REASONS: Final = tuple(reason for reason in RejectReason if reason not in SILENT)
"""What a desk can say itself."""
_ANSWER: Final = (
    ScriptLine(do=Do.ASK, label="Ask", text="Will you respond? What is your event number?"),
    ScriptLine(
        do=Do.WRITE, label="Answer", text="What they said", field="answer", is_required=True,
        choices=((ACCEPTED, "they took the call"), (REJECTED, "they refused it")), rule="DISP-J10",
    ),
    ScriptLine(
        do=Do.WRITE, label="Event number", text="Their number of the call", field="event_number",
        is_required=True, only_if=f"answer={ACCEPTED}",
    ),
    ScriptLine(
        do=Do.WRITE, label="Why refused", text="The reason they gave", field="reason",
        is_required=True, only_if=f"answer={REJECTED}", rule="DISP-J10",
        choices=(
            (RejectReason.BAD_ADDRESS.value, "they do not find the address"),
            (RejectReason.BAD_EVENT_TYPE.value, "not an event they handle"),
            (RejectReason.TOO_OLD.value, "too old"),
            (RejectReason.NO_RESPONSE.value, "they do not respond: suspended, no permit ..."),
            (RejectReason.OTHER.value, "something else"),
        ),
    ),
    ScriptLine(
        do=Do.WRITE, label="In their words", text="Anything else they said", field="text",
    ),
    ScriptLine(
        do=Do.WRITE, label="Disposition", text="The disposition, word for word, if they told one",
        field="disposition", only_if=f"answer={REJECTED}", rule="SJ-C2c-i",
    ),
    ScriptLine(
        do=Do.WRITE, label="Spoke with", text="Name or number of the call-taker",
        field="spoke_with",
    ),
)  # fmt: skip
_POST_SUSPENSION: Final = ScriptLine(
    do=Do.WRITE, label="Accepted although suspended", text="They took it knowing of the suspension",
    field="is_post_suspension", choices=(("yes", "yes"), ("no", "no")),
    only_if=f"answer={ACCEPTED}", rule="SJ-C1b",
)  # fmt: skip
_UPDATES: Final = (
    ScriptLine(
        do=Do.WRITE, label="What they told", text="What happened", field="kind", is_required=True,
        choices=(
            (DeskUpdateKind.UNIT_DISPATCHED.value, "a unit is on its way"),
            (DeskUpdateKind.ON_SCENE.value, "a unit is there"),
            (DeskUpdateKind.CALL_OFF_CONFIRMED.value, "they called it off"),
            (DeskUpdateKind.CALL_OFF_REFUSED.value, "they do not call it off"),
            (DeskUpdateKind.INFORMATION_REQUESTED.value, "they ask something"),
            (DeskUpdateKind.CLOSED.value, "the call is closed"),
        ),
    ),
    ScriptLine(
        do=Do.WRITE, label="Disposition", text="Word for word as they told it", field="disposition",
        only_if=f"kind={DeskUpdateKind.CLOSED.value}", rule="SJ-C2b",
    ),
    ScriptLine(do=Do.WRITE, label="In their words", text="What they said", field="text"),
)  # fmt: skip

_UPDATE_TITLES: Final = {
    StationUpdateKind.CALL_OFF: ("Ask police to cancel", "DISP-I4"),
    StationUpdateKind.KEY_HOLDER: ("Tell police about the key holder", "DISP-J3"),
    StationUpdateKind.FACTS: ("Tell police what is new", "PPVAR-5.8"),
}


def script(message: FromStation, *, dial: str, event_number: str | None = None) -> Script:
    """Give what to say for a message of ours, and what to write down."""
    if isinstance(message, NewAlarm):
        said = tuple(
            ScriptLine(do=Do.SAY, label=line.label, text=line.text, rule=line.rule)
            for line in lines(message.content)
        )
        asked = (*_ANSWER, _POST_SUSPENSION) if message.content.is_post_suspension else _ANSWER
        title = "Call police and read the message"
        return Script(request=message.request, dial=dial, title=title, lines=said + asked)
    title, rule = _UPDATE_TITLES[message.kind]
    about = f"your event {event_number}" if event_number else "the alarm we reported"
    said = (
        ScriptLine(do=Do.SAY, label="About", text=about),
        ScriptLine(do=Do.SAY, label="Update", text=message.text, rule=rule),
    )
    return Script(request=message.request, dial=dial, title=title, lines=said + _UPDATES)


def record(request: str, written: Mapping[str, str], *, message_id: str, now: datetime) -> FromDesk:
    """Turn what the operator wrote down into the desk's message; raises ``RecordError``."""
    given = {field: text.strip() for field, text in written.items()}
    if "answer" in given:
        return _answer(request, given, message_id, now)
    kind = given.get("kind", "")
    mistakes = {}
    if kind not in set(DeskUpdateKind):
        mistakes["kind"] = f"choose one of {', '.join(DeskUpdateKind)}"
    elif kind == DeskUpdateKind.INFORMATION_REQUESTED and not given.get("text"):
        mistakes["text"] = "write down what they ask"
    if mistakes:
        raise RecordError(mistakes)
    is_closed = kind == DeskUpdateKind.CLOSED
    return DeskUpdate(
        id=message_id,
        request=request,
        at=now,
        kind=DeskUpdateKind(kind),
        text=given.get("text", ""),
        # Literal: the ledger matches it as it stands, so nothing but the outer blanks goes.
        disposition=(given.get("disposition") or None) if is_closed else None,
    )


def _answer(request: str, given: Mapping[str, str], message_id: str, now: datetime) -> FromDesk:
    answer = given["answer"]
    mistakes: dict[str, str] = {}
    if answer not in {ACCEPTED, REJECTED}:
        mistakes["answer"] = f"choose {ACCEPTED} or {REJECTED}"
    if answer == ACCEPTED and not given.get("event_number"):
        mistakes["event_number"] = "write down their number of the call; ask for it"
    if answer == REJECTED and given.get("reason") not in REASONS:
        mistakes["reason"] = f"choose one of {', '.join(REASONS)}"
    if mistakes:
        raise RecordError(mistakes)
    if answer == ACCEPTED:
        return Accepted(
            id=message_id,
            request=request,
            at=now,
            event_number=given["event_number"],
            is_post_suspension=given.get("is_post_suspension") == "yes",
        )
    return Rejected(
        id=message_id,
        request=request,
        at=now,
        reason=RejectReason(given["reason"]),
        text=given.get("text", ""),
        disposition=given.get("disposition") or None,
        event_number=given.get("event_number") or None,
    )


class PhoneTransport:
    """Hands every message to a person; what comes back is recorded at the console."""

    name: Final = "phone"

    async def send(self, message: FromStation) -> Receipt:
        """Say that an operator has to call; the console shows ``script(message)``."""
        return Receipt(delivery=Delivery.PERSON, why=f"read {message.request} over the phone")

    async def run(self, received: Received) -> None:  # noqa: ARG002  a person records instead
        """Nothing comes by itself."""
        await asyncio.Event().wait()
