"""Tells the story: lets panels report, customers act and days pass, and checks what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

import msgspec

from simulators.scenarios import Happening, meanings
from simulators.station.offices import Offices
from simulators.station.operator import Case, Operator, Say
from simulators.station.person import Person, RefusedError
from simulators.station.stage import Stage
from simulators.station.story import (
    Chapter,
    CustomerAct,
    Look,
    Night,
    OfficeDay,
    PanelEvent,
    Word,
    Year,
)

RESOLVE_AFTER_S: Final = 32 * 60.0
"""After the alarm: the police have closed their call by then."""
LOOK_EVERY_S: Final = 300.0
PATIENCE: Final = timedelta(hours=6)
"""An incident that is still open then is told as such."""
OFFICE_OPENS: Final = time(10, 0)


class Outside(Protocol):
    """What the story needs of the world around: panels and the customers' link."""

    def tell(self, account: str, happening: Happening) -> None:
        """Let a panel report something."""
        ...

    async def arrived(self) -> None:
        """Wait until everything reported has had its effect in the core."""
        ...

    async def customer(self, incident: str, act: CustomerAct) -> str:
        """Let a customer act behind the incident link; gives what the page says."""
        ...


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one chapter, against what was to become of it."""

    title: str
    incident: str
    expected: str
    found: str
    is_over: bool

    @property
    def is_right(self) -> bool:
        """Whether it ended, and as expected."""
        return self.is_over and self.expected == self.found


class Director:
    """Everybody else does what they are told; the director knows the story."""

    def __init__(  # noqa: PLR0913  the whole cast, by name
        self,
        stage: Stage,
        operator: Operator,
        person: Person,
        offices: Offices,
        outside: Outside,
        *,
        cases: dict[str, Case],
        say: Say,
        chapter: Callable[[str], None],
        random: Random,
    ) -> None:
        """``chapter`` is told the title of each; ``cases`` is shared with the operator."""
        self._stage = stage
        self._operator = operator
        self._person = person
        self._offices = offices
        self._outside = outside
        self._cases = cases
        self._say = say
        self._chapter = chapter
        self._random = random
        self._zone = ZoneInfo("UTC")
        self.mistakes: list[str] = []
        """What did not come as the story expected."""
        self.told: dict[str, Chapter] = {}
        """Incident id -> its chapter."""

    # -- the night -------------------------------------------------------------------------

    async def night(self, night: Night) -> None:
        """One shift, chapter by chapter; ends when every incident is over."""
        self._zone = ZoneInfo(night.time_zone)
        for chapter in night.chapter:
            await self._stage.sleep(chapter.after_min * 60)
            self._chapter(chapter.title)
            await self.play(chapter)
        await self._until_over(tuple(self.told))

    async def play(self, chapter: Chapter) -> None:
        """One incident, until the operator has nothing more to do for it now."""
        incident = await self._alarm(chapter)
        if incident is None:
            self.mistakes.append(f"{chapter.title}: no incident was opened")
            return
        for act in chapter.customer:
            self._acts(incident, act.after_min, self._customer(incident, act))
        words = list(chapter.words)
        if chapter.ends == "resolved":
            minutes = RESOLVE_AFTER_S / 60
            words.append(Word(after_min=minutes, act="resolve", text="the owner"))
        for word in words:
            self._acts(incident, word.after_min, self._word(incident, word))
        await self._operator.idle.wait()
        if chapter.is_waited_for:
            await self._until_over((incident,))

    async def _alarm(self, chapter: Chapter) -> str | None:
        account = chapter.panel[0].account
        incident: str | None = None
        for event in chapter.panel:
            await self._stage.sleep(event.after_s)
            self._outside.tell(event.account, _happening(event))
            await self._outside.arrived()
            if incident is None:
                incident = await self._opened(account)
                if incident is not None:
                    self._cases[incident] = Case(chapter, self._random)
                    self.told[incident] = chapter
            self._operator.idle.clear()
            self._operator.bell.ring()
        return incident

    async def _opened(self, account: str) -> str | None:
        rows = await self._person.get("/incidents")
        new = [
            row["id"]
            for row in rows
            if row["site"].endswith(f".{account}") and row["id"] not in self._cases
        ]
        return str(new[-1]) if new else None

    def _acts(self, incident: str, after_min: float, act: Coroutine[Any, Any, None]) -> None:
        """Let somebody do something later."""
        self._cases[incident].expected += 1

        async def later() -> None:
            try:
                await self._stage.sleep(after_min * 60)
                self._cases[incident].expected -= 1
                await act
            finally:
                act.close()
            self._operator.bell.ring()

        self._stage.spawn(later())

    async def _customer(self, incident: str, act: CustomerAct) -> None:
        said = await self._outside.customer(incident, act)
        what = {"request": "asks for help", "resolve": "ends the alarm"}[act.act]
        words = f"{act.contact} {what} by the incident link: {said}"
        self._say("customer", words, ("DISP-M2",), incident)

    async def _word(self, incident: str, word: Word) -> None:
        body = {
            name: value
            for name, value in msgspec.structs.asdict(word).items()
            if name != "after_min" and value not in {"", None}
        }
        try:
            outcome = await self._person.post(f"/incidents/{incident}/acts", body)
        except RefusedError as error:
            self.mistakes.append(f"{self.told[incident].title}: {word.act}: {error}")
            return
        text = word.text or f"{word.contact} {word.result}".lower().replace("_", " ")
        told = {
            "resolve": "records that it is resolved: ",
            "note_out": "tells responders: ",
            "key_holder": "",
        }
        self._say("operator", told[word.act] + text, _rules_of(outcome), incident)

    # -- the end of an incident ------------------------------------------------------------

    async def _until_over(self, incidents: tuple[str, ...]) -> None:
        until = self._stage.now() + PATIENCE
        for incident in incidents:
            while not _is_over(await self._state(incident)) and self._stage.now() < until:
                await self._stage.sleep(LOOK_EVERY_S)
        while (
            any(self._cases[one].expected for one in incidents) and self._stage.now() < until
        ):  # somebody looks after the end
            await self._stage.sleep(LOOK_EVERY_S)

    async def _state(self, incident: str) -> dict[str, Any]:
        found: dict[str, Any] = (await self._person.get(f"/incidents/{incident}"))["state"]
        return found

    async def outcomes(self) -> list[Outcome]:
        """What became of every chapter so far."""
        found = []
        for incident, chapter in self.told.items():
            state = await self._state(incident)
            found.append(
                Outcome(
                    title=chapter.title,
                    incident=incident,
                    expected=chapter.expects,
                    found=_came_to(state),
                    is_over=_is_over(state),
                )
            )
        return found

    # -- the year --------------------------------------------------------------------------

    async def year(self, year: Year) -> None:
        """The days of one alarm system, in order."""
        for day in year.days():
            if isinstance(day, Chapter):
                assert day.on is not None  # noqa: S101  a chapter of the year has a day
                await self._stage.sleep_until(self._local(day.on, time.fromisoformat(day.at)))
                self._chapter(day.title)
                await self.play(day)
            elif isinstance(day, OfficeDay):
                await self._stage.sleep_until(self._local(day.on, OFFICE_OPENS))
                await self._office(day)
            else:
                await self._stage.sleep_until(self._local(day.on, time(0, 0, 1)))
                await self._look(day)

    async def _office(self, day: OfficeDay) -> None:
        try:
            state = await self._offices.act(day.who, day.act, day.fields)
        except (RefusedError, LookupError) as error:
            self.mistakes.append(f"{day.on} {day.says}: {error}")
            self._say("office", f"{day.says}: REFUSED: {error}", (), "")
            return
        self._say("office", day.says, (), "")
        self._check(day.on, day.says, day.expects, state)

    async def _look(self, day: Look) -> None:
        self._say("ledger", day.says, (), "")
        self._check(day.on, day.says, day.expects, await self._offices.state())

    def _check(self, on: date, says: str, expected: str, state: Mapping[str, Any]) -> None:
        """``STATE``, ``STATE+DISCONTINUED``, ``STATE count=N`` or ``STATE invoices=N``."""
        found = str(state.get("state", "ACTIVE"))
        if state.get("is_discontinued"):
            found += "+DISCONTINUED"
        for word in expected.split()[1:]:
            name = word.partition("=")[0]
            value = state.get(name, 0)
            found += f" {name}={len(value) if isinstance(value, list) else value}"
        if expected and found != expected:
            self.mistakes.append(f"{on} {says}: expected {expected}, found {found}")

    def _local(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, tzinfo=self._zone).astimezone(ZoneInfo("UTC"))


def _happening(event: PanelEvent) -> Happening:
    return Happening(
        name=event.what,
        meaning=meanings()[event.what],
        area=event.area,
        address=event.address,
    )


def _rules_of(outcome: Mapping[str, Any] | None) -> tuple[str, ...]:
    actions = (outcome or {}).get("actions", ())
    return tuple(actions[0]["rules"])[:2] if actions else ()


def _is_over(state: Mapping[str, Any]) -> bool:
    return state.get("state", "OPEN") not in {"OPEN", "DISPATCHED"}


def _came_to(state: Mapping[str, Any]) -> str:
    """Spell the outcome as chapters do."""
    if state.get("request"):
        return f"DISPATCH/{state['request']['reason']}"
    if state.get("withheld"):
        return f"BLOCK/{state['withheld']['reason']}"
    if state.get("close_reason"):
        return f"CLOSE/{state['close_reason']}"
    return "OPEN"
