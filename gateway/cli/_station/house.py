"""Everybody of the demonstration under one roof: started, played, counted, stopped."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
from rich.console import Console

from decision import incidents
from decision.accounts.sessions import Sessions
from decision.config import load as load_core
from decision.contacts import load_link_key, sign
from decision.daemon import Daemon as Core
from decision.engine import Change, Engine
from decision.facts import SYSTEM, EventReceived
from decision.people import OperatorStarted, TrainingRecorded
from decision.rules.training import Content, TrainingRecord
from decision.store import SqliteStore
from gateway.cli._station import branches, ledger_story
from gateway.cli._station.files import WATCHER, put_addresses
from gateway.cli._station.screen import Screen
from gateway.config import load as load_gateway
from gateway.daemon import Daemon as Gateway
from gateway.daemon import real_world
from gateway.journal import Reader
from simulators.ledger import Ledger
from simulators.links import TcpLink
from simulators.panels import Panel, PanelClock, PanelPath, PanelSettings
from simulators.runner import Runner
from simulators.scenarios import Happening
from simulators.station.director import Director
from simulators.station.http_client import ask, form
from simulators.station.offices import Offices
from simulators.station.operator import Case, Operator
from simulators.station.person import Login, Person
from simulators.station.stage import Ended, Stage, StoryClock
from simulators.station.story import CustomerAct, night, year

SEED: Final = 1
STEPS: Final = 780  # of the whole story, about: the pace of a timed run is reckoned from it
STEP_S: Final = 0.3  # of a run without end: slow enough to read
JUMP: Final = timedelta(hours=8)
JUMP_S: Final = 1.0  # a jump over days is worth a look
ARRIVAL_S: Final = 30.0  # for an event to have its effect; it takes some milliseconds
LOOK_S: Final = 0.002
HIRED: Final = date(2024, 3, 4)
TRAINED: Final = date(2025, 9, 12)
NO_END: Final = timedelta(days=3650)  # for sessions
LINK_VALID: Final = timedelta(days=1)
AUDIO_PEOPLE: Final = ("mia", "theo", WATCHER)
ROLES: Final = {
    "administrative_assistant": "assistant", "inspector": "inspector", "accountant": "accountant",
    "pscc_manager": "manager", "alarm_business": "business",
}  # fmt: skip
_FORBIDDEN: Final = 400


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """How it went."""

    sums: dict[str, int]
    missing: list[str]
    """Branches that were not taken."""
    mistakes: list[str]
    is_whole: bool
    """The story was told to its end."""

    @property
    def is_even(self) -> bool:
        """Whether the numbers that must agree do."""
        events = {self.sums[name] for name in ("sent", "journalled", "confirmed", "with_effect")}
        opened, closed = self.sums["incidents_opened"], self.sums["incidents_closed"]
        return len(events) == 1 and (opened == closed or not self.is_whole)

    @property
    def is_good(self) -> bool:
        """Whether everything is as promised."""
        is_told = not self.is_whole or not (self.missing or self.mistakes)
        return self.is_even and is_told


class _Timers:
    """The core's timers, fired when the story's clock comes to them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def next_due(self) -> datetime | None:
        """See ``Alarms``."""
        return self._engine.next_due()

    async def fire(self) -> None:
        """See ``Alarms``."""
        await self._engine.run(self._engine.fire)


class House:
    """The whole demonstration."""

    def __init__(
        self, folder: Path, logins: Mapping[str, Login], console: Console, seconds: float
    ) -> None:
        """``seconds``: how long it may take; 0: at a pace to read, and then until Ctrl-C."""
        story = night()
        start = datetime.fromisoformat(story.start).replace(tzinfo=ZoneInfo(story.time_zone))
        self.clock = StoryClock(start.astimezone(UTC))
        self.screen = Screen(console, self.clock.now, story.time_zone)
        self._folder = folder
        self._logins = logins
        self._console = console
        self._ends_at = time.monotonic() + seconds - 2.0 if seconds else None
        self._random = Random(SEED)  # noqa: S311  the same story every time
        self._ledger = Ledger(keeps_bytes=False)
        self._runners: dict[str, Runner] = {}
        self._worked_s = 0.0
        self._last_step_s: float | None = None

    async def run(self) -> Result:
        """Start everybody, play, count, stop."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, stop.set)
        world = msgspec.structs.replace(real_world(), clock=self.clock)
        self.gateway = Gateway(load_gateway(self._folder / "gateway.toml"), world)
        await self.gateway.start()
        try:
            assert self.gateway.broker_address is not None  # noqa: S101  a started one has it
            put_addresses(self._folder, broker=self.gateway.broker_address.url)
            config = load_core(self._folder / "core.toml")
            # The clock leaps over shifts and years: nobody who watches is signed out by that.
            sessions = Sessions(random_bytes=os.urandom, idle=NO_END, longest=NO_END)
            store = SqliteStore(config.store.directory)
            self.core = Core(config, store, self.clock, demo_sessions=sessions)
            await self.core.start()
            try:
                return await self._with_core(stop)
            finally:
                await self.core.stop()
        finally:
            for runner in self._runners.values():
                await runner.close()
            await self.gateway.stop("the demo is over")

    async def _with_core(self, stop: asyncio.Event) -> Result:
        await self.core.uplink.connected.wait()
        await self._train()
        self._link_key = await asyncio.to_thread(load_link_key, self.core.config.links.secret_file)
        await self._add_panels()
        self._introduce()
        self.core.engine.subscribe(self._changed)
        is_whole = await self._play(stop)
        if is_whole and self._ends_at is None and not stop.is_set():
            self._console.print(f"\nThe console stays open at {self.url}; Ctrl-C ends it.")
            await stop.wait()
        return self._result

    def _changed(self, changes: tuple[Change, ...]) -> None:
        for change in changes:
            self.screen.changed(change)

    # -- the cast --------------------------------------------------------------------------

    @property
    def address(self) -> tuple[str, int]:
        """Where the core listens."""
        return "127.0.0.1", self.core.web.port

    @property
    def url(self) -> str:
        """The console."""
        return f"http://{self.address[0]}:{self.address[1]}/"

    async def _train(self) -> None:
        """Those who handle audio have done the training for it (PPVAR-4)."""
        for user_id in AUDIO_PEOPLE:
            name = self._logins[user_id].name
            record = TrainingRecord(
                operator=user_id,
                employee_name=name,
                ended_on=TRAINED,
                materials="Audio operator handbook, edition 3, shelf by desk 1",
                trainer_name="Ruth Ames",
                credentials=("certificate 2025-118",),
                content=tuple(Content),
                is_tested=True,
            )
            for fact in (
                OperatorStarted(name=name, hired_on=HIRED),
                TrainingRecorded(record=record),
            ):
                await self.core.engine.submit(f"operator/{user_id}", fact, SYSTEM)

    async def _add_panels(self) -> None:
        host, port = self.gateway.addresses()["ip-1"][0]
        accounts = {event.account for chapter in night().chapter for event in chapter.panel}
        accounts |= {event.account for chapter in year().chapter for event in chapter.panel}
        for account in sorted(accounts):
            settings = PanelSettings(account=account, paths=(PanelPath(host=host, port=port),))
            panel = Panel(
                settings,
                ledger=self._ledger,
                random=self._random,
                clock=PanelClock(),
                now=self.clock.monotonic(),
            )
            runner = Runner(panel, [TcpLink(host, port)], clock=self.clock)
            self._runners[account] = runner
            await runner.start()

    def _introduce(self) -> None:
        say = self._console.print
        assert self.gateway.broker_address is not None  # noqa: S101  see above
        login = self._logins[WATCHER]
        say("[bold]Alarm Gateway, simulated station[/] (everything on this machine only)")
        say(f"  panels          {len(self._runners)}, SIA DC-09 over TCP")
        say(f"  broker          embedded, not durable, {self.gateway.broker_address.url}")
        say(f"  console         [bold]{self.url}[/]", soft_wrap=True)
        say(f"  login           user [bold]{login.user}[/], password [bold]{login.password}[/]",
            highlight=False)  # fmt: skip
        say("  time            compressed: it passes only while everybody waits")

    # -- the play --------------------------------------------------------------------------

    async def _play(self, stop: asyncio.Event) -> bool:
        stage = Stage(self.clock, alarms=_Timers(self.core.engine), pace=self._pace)
        people = {name: Person(self.address, login) for name, login in self._logins.items()}
        cases: dict[str, Case] = {}
        operator = Operator(
            people["mia"],
            stage,
            cases=cases,
            say=self.screen.say,
            random=self._random,
            supervisor=people["theo"],
        )
        director = Director(
            stage,
            operator,
            people["theo"],
            Offices({role: people[user] for role, user in ROLES.items()}, year().system),
            self,
            cases=cases,
            say=self.screen.say,
            chapter=self.screen.chapter,
            random=self._random,
        )

        async def story() -> None:
            stage.spawn(operator.work())
            self.screen.part("The night")
            await director.night(night())
            self.screen.part("A year and a half of one alarm system")
            await director.year(year())

        self._stage = stage
        try:
            await stage.play(story(), stop)
            is_whole = True
        except Ended:
            is_whole = False
            # What panels have reported is on its way: it is not lost by counting too early.
            with contextlib.suppress(TimeoutError):
                await self.arrived()
        await self._tell_the_end(director, is_whole=is_whole)
        return is_whole

    def _pace(self, passes: timedelta) -> float:
        """Real seconds for a step: what is left, shared by the steps that are left."""
        now = time.monotonic()
        if self._ends_at is None:
            return JUMP_S if passes > JUMP else STEP_S
        left = max(1, STEPS - self._stage.steps)
        if self._last_step_s is not None:
            # Work of the step before: a mean that follows the machine.
            self._worked_s += ((now - self._last_step_s) - self._worked_s) * 0.05
        pause_s = max(0.0, (self._ends_at - now) / left - self._worked_s)
        self._last_step_s = now + pause_s
        return pause_s

    async def _tell_the_end(self, director: Director, *, is_whole: bool) -> None:
        outcomes = await director.outcomes()
        engine = self.core.engine
        stories = (incidents.story(engine.history(f"incident/{one.incident}")) for one in outcomes)
        found = branches.count((*branches.PPVAR, *branches.RESPONSES), stories)
        found += branches.count(branches.LEDGER, [ledger_story.passed(engine, year().system)])
        self.screen.branches(found, is_whole=is_whole)
        wrong = [one.title for one in outcomes if not one.is_right] if is_whole else []
        if is_whole:
            self.screen.wrong(outcomes, director.mistakes)
        self._result = Result(
            sums=self._sums([one.is_over for one in outcomes]),
            missing=[one.branch.text for one in found if not one.times],
            mistakes=[*director.mistakes, *wrong],
            is_whole=is_whole,
        )
        self.screen.sums(self._result.sums, is_even=self._result.is_even, is_whole=is_whole)

    def _sums(self, are_over: list[bool]) -> dict[str, int]:
        reader = Reader(self.gateway.config.journal.directory)
        try:
            records = [one for one in reader.list(limit=1_000_000) if one.class_ != "system"]
        finally:
            reader.close()
        effects: Counter[str] = Counter()
        opened = set()
        for recorded in self.core.engine.all_facts():
            if isinstance(recorded.fact, EventReceived):
                effects[recorded.fact.signal.event_id] += 1
                if recorded.subject.startswith("incident/"):
                    opened.add(recorded.subject)
        ids = {one.event_id for one in records}
        return {
            "sent": self._ledger.summary().sent,
            "journalled": len(records),
            "confirmed": sum(one.is_done for one in records),
            "with_effect": len(ids & set(effects)),
            "incidents_opened": len(opened),
            "incidents_closed": sum(are_over),
        }

    # -- what the story needs of the world (``Outside``) -----------------------------------

    def tell(self, account: str, happening: Happening) -> None:
        """Let a panel report something."""
        runner = self._runners[account]
        self.screen.say("panel", f"{account}: {happening.meaning.words}")
        runner.device.tell(happening, now=runner.now())
        runner.turn()

    async def arrived(self) -> None:
        """Wait until everything reported is confirmed: its effect is durable then."""
        async with asyncio.timeout(ARRIVAL_S):
            for runner in self._runners.values():
                await runner.done()
            while self.gateway.journal.outstanding_count:  # noqa: ASYNC110  asked, not told
                await asyncio.sleep(LOOK_S)

    async def customer(self, incident: str, act: CustomerAct) -> str:
        """Open the incident link and press a button on its page."""
        token = sign(
            self._link_key,
            incident=incident,
            contact=act.contact,
            now=self.clock.now(),
            valid_for=LINK_VALID,
        )
        wanted = {"request": "request_dispatch", "resolve": "resolve"}[act.act]
        fields = {"act": wanted} | ({"fee": "accepted"} if act.accepts_fee else {})
        body, headers = form(fields)
        answer = await ask(self.address, "POST", f"/i/{token}", body=body, headers=headers)
        is_refused = answer.status >= _FORBIDDEN
        if is_refused is not act.is_refused:
            return f"UNEXPECTED status {answer.status}"
        return "refused, with the reason on the page" if is_refused else "taken"
