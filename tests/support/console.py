"""A whole core behind its web application: real engine, real store, a clock that tests turn."""

from __future__ import annotations

import os
import re
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx

from decision.accounts import passwords
from decision.accounts.passwords import Cost
from decision.accounts.users import User, Users
from decision.alarm_signal import Signal
from decision.daemon.core_app import CoreApp, core_app
from decision.engine.engine import Engine
from decision.engine.profiles import Profiles
from decision.facts import Actor
from decision.packs.load import shipped
from decision.people import OperatorStarted, TrainingRecorded
from decision.rules.training import Content, TrainingRecord
from decision.site import (
    Area,
    Camera,
    Contact,
    Instruction,
    Microphone,
    Site,
    Zone,
)
from decision.store.sqlite import SqliteStore
from decision.vocabulary import AlarmType, AreaClass, PremiseType
from decision.web.context import Door
from decision.web.engine_station import EngineStation
from decision.web.station import StationInfo
from decision.web.stream import Stream

T0 = datetime(2026, 11, 20, 6, 12, 40, tzinfo=UTC)
PASSWORD = "owls fly over harbours"
CHEAP = Cost(n=2, r=1, p=1)
PEOPLE = {
    "mara": ("Mara Lind", ("operator",)),
    "noor": ("Noor Haddad", ("operator",)),
    "sven": ("Sven Oake", ("operator", "supervisor")),
    "tess": ("Tess Roy", ("trainer",)),
    "omar": ("Omar Pike", ("auditor",)),
    "ada": ("Ada Wills", ("administrator",)),
    "aline": ("Aline Cyr", ("administrative_assistant",)),
    "ines": ("Ines Mott", ("inspector",)),
    "acc": ("Abel Crane", ("accountant",)),
    "biz": ("Bea Quist", ("alarm_business",)),
}


class TurnedClock:
    """Says what it was told."""

    def __init__(self, start: datetime = T0) -> None:
        self.at = start

    def now(self) -> datetime:
        return self.at

    def seconds_until(self, at: datetime) -> float:
        return (at - self.at).total_seconds()

    def turn(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def site(account: str, **more) -> Site:
    values = {
        "account": account,
        "name": f"Site {account}",
        "address": "18 Water Street, Saint John NB",
        "premise_type": PremiseType.COMPANY,
        "response_mode": "STANDARD",
        "time_zone": "America/Moncton",
        "phone": "+1 506 555 0100",
        "jurisdiction": "ca-nb-saint-john",
        "alternate_response": "Fundy Guard, +1 506 555 0111",
        "psap": "Saint John PSCC",
        "owner_name": "Jeanne Roy",
        "owner_contact": "+1 506 555 0142",
        "alarm_business": "Fundy Monitoring",
        "contacts": (
            Contact(id="roy", name="Jeanne Roy", role="Owner", phone="+1 506 555 0142",
                    is_key_holder=True, passcode_hint="name of the first boat"),
            Contact(id="doiron", name="Paul Doiron", role="Manager", phone="+1 506 555 0187"),
        ),
        "areas": (Area(id="1", name="Stockroom", area_class=AreaClass.SECURED),
                  Area(id="2", name="Lobby", area_class=AreaClass.COMMON)),
        "zones": (Zone(id="12", name="Motion north aisle", area="1", microphone="n",
                       location="by the roller door"),
                  Zone(id="20", name="Lobby motion", area="2", microphone="l"),
                  Zone(id="30", name="Smoke, kitchen", area="1"),
                  Zone(id="40", name="Counter button 2", area="2")),
        "microphones": (
            Microphone(id="n", name="Stockroom N", location="above the roller door",
                       coverage="the north aisle and the dock, not the office behind glass",
                       live_url="https://audio.example/live/n"),
            Microphone(id="l", name="Lobby", location="over the desk", coverage="the whole lobby"),
        ),
        "cameras": (Camera(id="dock", name="Dock", location="outside", url="https://cam.example/d"),),
        "instructions": (Instruction(id="clean", text="Cleaner until 02:30 on Fridays: ask for "
                                     "the passphrase, then the supervisor's name."),),
    }  # fmt: skip
    return Site(**{**values, **more})


SITES = (
    site("1001", name="Kestrel Tools"),
    site("1002", name="King Street Arcade"),
    site("1003", name="Brunswick Paper", microphones=(), instructions=(), cameras=()),
    site("1004", name="Harbour Inn", microphones=(), instructions=()),
    site("1005", name="Fundy Credit Union", microphones=(), instructions=()),
    site("1006", name="Dockside Gallery", response_mode="IMMEDIATE"),
)


def alarm(account: str, **more) -> Signal:
    values = {
        "event_id": f"ev-{account}-{os.urandom(4).hex()}",
        "group": "main",
        "account": account,
        "category": "burglary",
        "kind": "alarm",
        "alarm_type": AlarmType.BURGLAR,
        "severity": 7,
        "received_at": T0,
        "area": "1",
        "zone": "12",
        "sensor": "motion",
        "code": "contact-id 130",
        "media": ("https://audio.example/clip/1.wav", "https://audio.example/clip/2.wav"),
    }
    return Signal(**{**values, **more})


class Core:
    """Everything a test of the web side needs."""

    def __init__(self, directory: Path, *, cost: Cost = CHEAP, clock=None) -> None:
        self.clock = clock or TurnedClock()
        self.engine = Engine(
            SqliteStore(directory),
            self.clock,
            Profiles(sites={one.id: one for one in SITES}, packs=shipped()),
        )
        self.engine.start()
        self.stream = Stream()
        info = StationInfo(
            name="Fundy Monitoring", callback="+1 506 555 0100", zone=ZoneInfo("America/Moncton")
        )
        self.station = EngineStation(self.engine, info, self.stream)
        self.users = Users(path=directory / "users.json")
        stored = passwords.hashed(PASSWORD, random_bytes=os.urandom, cost=cost)
        for user_id, (name, roles) in PEOPLE.items():
            self.users.put(User(id=user_id, name=name, roles=roles, password=stored))
        self.door = Door(
            self.users, clock=self.clock.now, audit=self.station.audit, password_cost=cost
        )
        self.app: CoreApp = core_app(self.station, self.door, self.stream)
        for user_id in ("mara", "sven"):
            self.train(user_id)
        self.start_work("noor", date(2026, 6, 1))

    def stop(self) -> None:
        self.stream.close()
        self.engine.stop()

    def record(self, subject: str, fact, *, kind: str = "operator", by: str = "mara"):
        return self.engine.record(subject, fact, Actor(kind=kind, id=by))

    def start_work(self, user_id: str, hired_on: date) -> None:
        fact = OperatorStarted(name=PEOPLE[user_id][0], hired_on=hired_on)
        self.record(f"operator/{user_id}", fact, by="tess")

    def train(self, user_id: str) -> None:
        self.start_work(user_id, date(2025, 1, 6))
        record = TrainingRecord(
            operator=user_id, employee_name=PEOPLE[user_id][0], ended_on=date(2025, 2, 3),
            materials="Audio handbook, shelf 3", trainer_name="Tess Roy",
            credentials=("Five Diamond",), content=tuple(Content), is_tested=True,
        )  # fmt: skip
        self.record(f"operator/{user_id}", TrainingRecorded(record=record), by="tess")

    def raise_alarm(self, account: str, **more) -> str:
        """Give the id of the incident that the alarm opened."""
        signal = alarm(account, **{"received_at": self.clock.now(), **more})
        self.engine.take([signal])
        return signal.event_id

    @asynccontextmanager
    async def client(self, user_id: str | None = None):
        """A signed-in browser without JavaScript."""
        transport = httpx.ASGITransport(app=self.app.asgi)
        async with httpx.AsyncClient(transport=transport, base_url="http://core.test") as client:
            if user_id is not None:
                answer = await client.post("/sign-in", data={"user": user_id, "password": PASSWORD})
                assert answer.status_code == 303, answer.text
            yield client


def csrf_of(page: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found, "no form on the page"
    return found[1]
