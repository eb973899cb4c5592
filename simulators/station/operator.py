"""A simulated operator: looks at the queue, answers the one question, calls people, phones police.

Knows of the core only what its HTTP API says: the question that stands and its answers. What the
operator hears and decides is the chapter's; what a call gives is the contact's.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from random import Random
from typing import Any, Final, TypeAlias

from simulators.station.contacts import NOBODY, Contacts
from simulators.station.person import Person, RefusedError
from simulators.station.police import PoliceDesk, Said
from simulators.station.stage import Stage
from simulators.station.story import Chapter

MOVED_ON: Final = 409
"""The question that was answered no longer stands."""

SECONDS: Final[Mapping[str, float]] = {
    "RECEIVED": 8.0,
    "LISTEN_INITIAL": 18.0,
    "ACCESS_A": 30.0,
    "ASSESS": 6.0,
    "THREAT": 5.0,
    "ACCESS_B": 35.0,
    "VERIFY_SITE": 40.0,
    "SEND_REQUEST": 25.0,
    "AWAIT_RESPONDERS": 15.0,
    "CALL_OFF_RESULT": 20.0,
}
"""How long an answer takes; calls take what the contact takes."""
AUDIO: Final = frozenset({"LISTEN_INITIAL", "ACCESS_A", "ASSESS", "THREAT", "ACCESS_B"})
"""Questions about what is heard."""
CALLS: Final = frozenset({"CALL_DECIDE", "CALL_VERIFY", "CALL_NOTIFY", "CALL_TELL"})
"""Questions that are answered by calling a contact."""
CRIMES: Final = frozenset({"TL3", "RAISED", "VIDEO_CRIME"})
"""Answers that say what points to a crime."""
OTHER_SECONDS: Final = 12.0
PHONE_SECONDS: Final = 10.0

USUAL: Final[Mapping[str, str]] = {
    "RECEIVED": "REVIEWED",
    "LISTEN_INITIAL": "DISCERNIBLE",
    "ACCESS_A": "NOTHING_ACTIONABLE",
    "ASSESS": "HUMAN",
    "THREAT": "TL2",
    "ACCESS_B": "NOT_RAISED",
    "VERIFY_SITE": "SITE_UNVERIFIED",
}
"""Where a chapter says nothing."""

Say: TypeAlias = Callable[[str, str, tuple[str, ...], str], None]
"""Who, what, by which rules, and about which incident (its id)."""


class Case:
    """One chapter while it is handled."""

    def __init__(self, chapter: Chapter, random: Random) -> None:
        self.chapter = chapter
        self.contacts = Contacts(chapter.contacts, random)
        self._left = {
            kind: deque((given,) if isinstance(given, str) else given)
            for kind, given in chapter.answers.items()
        }
        self.is_late: set[str] = set()
        self.told = {""}
        """What was typed in once is not typed in again."""
        self.expected = 0
        """Acts of others that the story still has for it."""

    def answer(self, kind: str) -> str | None:
        """What the operator answers to this asking; None: as usual."""
        left = self._left.get(kind)
        if not left:
            return None
        return left[0] if len(left) == 1 else left.popleft()


class Operator:
    """One person at one desk, with a telephone."""

    def __init__(  # noqa: PLR0913  whom an operator deals with, all by name
        self,
        person: Person,
        stage: Stage,
        *,
        cases: Mapping[str, Case],
        say: Say,
        random: Random,
        supervisor: Person,
    ) -> None:
        """``cases`` by incident id; ``supervisor`` answers what waited too long."""
        self._person = person
        self._supervisor = supervisor
        self._stage = stage
        self._cases = cases
        self._say = say
        self._random = random
        self._calls: deque[Said] = deque()
        self.bell = stage.bell()
        """Ring it when the queue may have changed."""
        self.idle = stage.bell()
        """Rung when there is nothing to do."""
        self.desk = PoliceDesk(stage, self._rings)
        self.answered = 0
        """How many questions."""

    def _rings(self, said: Said) -> None:
        self._calls.append(said)
        self.bell.ring()

    async def work(self) -> None:
        """Do what there is to do, for ever."""
        while True:
            if self._calls:
                await self._record(self._calls.popleft())
            elif not await self._answer_next():
                self.idle.ring()
                await self.bell.wait()

    # -- the telephone ---------------------------------------------------------------------

    async def _record(self, said: Said) -> None:
        """Write down what the police desk says."""
        await self._stage.sleep(PHONE_SECONDS)
        words = f"closed: {said.disposition!r}" if said.act == "closed" else said.text
        self._say("police", words, ("DISP-J10",), said.incident)
        body = {"act": said.act, "text": said.text, "disposition": said.disposition}
        await self._person.post(f"/incidents/{said.incident}/responder", body)

    # -- the queue -------------------------------------------------------------------------

    async def _answer_next(self) -> bool:
        """Answer the first question of the queue that can be answered now."""
        for row in await self._person.get("/incidents"):
            if not row["asked"] or row["id"] not in self._cases:
                continue
            detail = await self._person.get(f"/incidents/{row['id']}")
            question = detail["question"]
            if question is None or self._waits(row["id"], question):
                continue
            if row["holder"] != self._person.login.user:
                await self._person.post(f"/incidents/{row['id']}/acts", {"act": "take"})
            await self._answer(row["id"], question)
            return True
        return False

    def _waits(self, incident: str, question: dict[str, Any]) -> bool:
        """Whether the chapter wants this question to be late; a supervisor sees to it then."""
        case = self._cases[incident]
        if question["kind"] == "FINISH" and case.expected:
            return True
        delay_s = case.chapter.slow.get(question["kind"])
        if delay_s is None or question["kind"] in case.is_late:
            return False

        async def later() -> None:
            await self._stage.sleep(delay_s)
            case.is_late.add(question["kind"])
            self.bell.ring()

        key = f"{question['kind']} waits"
        if key not in case.is_late:
            case.is_late.add(key)
            self._stage.spawn(later())
        return True

    async def _answer(self, incident: str, question: dict[str, Any]) -> None:
        case = self._cases[incident]
        kind = question["kind"]
        if kind == "AWAIT_RESPONDERS":
            await self._hear_police(case, incident, question)
            return
        token, given, seconds = self._decide(case, question, incident)
        await self._stage.sleep(seconds)
        await self._give(incident, question, token, given)

    async def _give(
        self, incident: str, question: dict[str, Any], token: str, given: dict[str, Any]
    ) -> None:
        """Answer a question; one that no longer stands is left."""
        case, kind = self._cases[incident], question["kind"]
        who = self._supervisor if kind in case.is_late else self._person
        by = "supervisor" if who is self._supervisor else "operator"
        self._say(by, _words(question, token, given), tuple(question["rules"])[:2], incident)
        body = {"question": question["key"], "answer": token, "given": given}
        try:
            outcome = await who.post(f"/incidents/{incident}/answers", body)
        except RefusedError as error:
            if error.status != MOVED_ON:
                raise
            self._say("core", "the incident has moved on, nothing was recorded", (), incident)
            return
        self.answered += 1
        if outcome and outcome["refusal"]:
            why = f"changes nothing: {outcome['refusal']}"
            self._say("core", why, (outcome["rule"],), incident)

    def _decide(
        self, case: Case, question: dict[str, Any], incident: str
    ) -> tuple[str, dict[str, Any], float]:
        """What to answer, what to type, and how long it takes."""
        kind = question["kind"]
        seconds = SECONDS.get(kind, OTHER_SECONDS) * self._random.uniform(0.8, 1.3)
        if kind in CALLS:
            return self._call(case, question)
        if kind in {"SEND_REQUEST", "TASK_DISPATCH_REFUSED"}:
            return case.answer(kind) or "SENT", {}, seconds
        if kind == "CALL_OFF_RESULT":
            return self.desk.call_off(incident), {}, seconds
        token = case.answer(kind) or USUAL.get(kind)
        offered = [one["token"] for one in question["answers"]]
        if token is None or token not in offered:
            token = offered[-1]
        return token, self._typed(case, question, token), seconds

    def _call(self, case: Case, question: dict[str, Any]) -> tuple[str, dict[str, Any], float]:
        reply = case.contacts.call(question["contact"], question["kind"])
        given = {"said": reply.said, "ending": reply.ending}
        return reply.token, {name: text for name, text in given.items() if text}, reply.seconds

    async def _hear_police(self, case: Case, incident: str, question: dict[str, Any]) -> None:
        """The message was read out: hear whether they take it."""
        await self._stage.sleep(SECONDS["AWAIT_RESPONDERS"] * self._random.uniform(0.8, 1.3))
        taken = self.desk.request(incident, case.chapter.police)
        if taken.is_accepted:
            await self._give(incident, question, "ACCEPTED", {"number": taken.number})
        elif not taken.disposition:
            await self._give(incident, question, "REJECTED", {"text": taken.words})
        else:  # refused with the words that the ledger reads (SJ-C2c-i)
            said = f"declined: {taken.words}; {taken.disposition!r}"
            self._say("police", said, ("SJ-C2c-i",), incident)
            body = {"act": "rejected", "text": taken.words, "disposition": taken.disposition}
            await self._person.post(f"/incidents/{incident}/responder", body)

    def _typed(self, case: Case, question: dict[str, Any], token: str) -> dict[str, Any]:
        """Fill in the fields that go with an answer."""
        fields = next(one.get("fields", ()) for one in question["answers"] if one["token"] == token)
        words = case.chapter.heard if question["kind"] in AUDIO else case.chapter.seen
        typed: dict[str, Any] = {}
        if "description" in fields and words not in case.told:
            typed["description"] = words
            case.told.add(words)
        if "signs" in fields and token in CRIMES:
            typed["signs"] = list(case.chapter.signs)
        if "zones" in fields and token not in {"NONE", "TL1"}:
            typed["zones"] = [f"{case.chapter.panel[0].address:03d}"]
        return typed


def _words(question: dict[str, Any], token: str, given: dict[str, Any]) -> str:
    """Say an answer in one line."""
    label = next(one["label"] for one in question["answers"] if one["token"] == token)
    if question["kind"] not in CALLS:
        typed = given.get("number") or given.get("text") or ""
        typed = typed or given.get("description", "")
        return f"{question['step']}: {label}" + (f": {typed}" if typed else "")
    who = f"calls {question['contact']} ({question['attempt']})"
    if token == NOBODY:
        return f"{who}: {given.get('ending', 'no answer').lower().replace('_', ' ')}"
    said = given.get("said", "")
    return f"{who}: {label.lower()}" + (f": {said!r}" if said else "")
