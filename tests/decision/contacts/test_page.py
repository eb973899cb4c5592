"""The page behind the incident link, over HTTP: DISP-M1 to DISP-M4, XS-5."""

from datetime import timedelta

import httpx
import pytest
from starlette.applications import Starlette

from decision.contacts.link import sign
from decision.contacts.link_key import LinkKey
from decision.contacts.page import CustomerPages, link_url
from decision.facts import ManualDispatchRequested, Resolved
from decision.state import Refusal, Step
from decision.vocabulary import AlarmState, SystemState
from tests.support.incident_states import context, incident
from tests.support.responding import T0

KEY = LinkKey(bytes(range(32)))


class Info:
    name = "Fundy <Monitoring>"
    callback = "506 555 0100"


class Station:
    """One incident, and what was recorded of it."""

    info = Info()

    def __init__(self, state=None, where=None, refusal=None):
        self.state, self.where, self.refusal = state or incident(), where or context(), refusal
        self.recorded = []

    def incident(self, incident_id):
        return self.state if incident_id == self.state.id else None

    def context(self, _incident_id):
        return self.where

    async def record(self, subject, fact, actor, *, now):
        assert now == T0
        self.recorded.append((subject, fact, actor.id))
        return Step(state=self.state, refusal=self.refusal)


def client(station, now=T0):
    app = Starlette(routes=[CustomerPages(station, KEY, lambda: now).mount()])
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://core")


def link(**changes):
    return "/i/" + sign(KEY, **{"incident": "0199-7", "contact": "ana", "now": T0} | changes)


async def test_looking_shows_the_incident_and_changes_nothing():
    station = Station()
    async with client(station) as browser:
        answer = await browser.get(link())
    assert answer.status_code == 200
    for text in ("An alarm is being handled", "Harbour Shoes", "02:00 Burglar alarm, stockroom",
                 "Send help", "All is well", "Ana Ruiz", "Fundy &lt;Monitoring&gt;",
                 "tel:5065550100"):  # fmt: skip
        assert text in answer.text
    assert station.recorded == []
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("wanted", "kind", "said"),
    [
        ("request_dispatch", ManualDispatchRequested, "We have your request for help"),
        ("resolve", Resolved, "You ended this alarm"),
    ],
)
async def test_acting_is_recorded_for_the_contact_and_told(wanted, kind, said):
    station = Station()
    async with client(station) as browser:
        answer = await browser.post(link(), data={"act": wanted, "note": " two\x00 people "})
        assert answer.status_code == 303
        shown = await browser.get(answer.headers["location"])
    ((subject, fact, who),) = station.recorded
    assert (subject, type(fact), who) == ("incident/0199-7", kind, "ana")
    assert fact.note == "two people"
    assert said in shown.text


async def test_disp_m4_a_finished_alarm_says_so():
    station = Station(incident(state=AlarmState.CLOSED))
    async with client(station) as browser:
        answer = await browser.post(link(), data={"act": "request_dispatch"})
    assert answer.status_code == 409
    assert "This alarm was closed" in answer.text
    assert station.recorded == []


async def test_disp_m4_an_alarm_that_ended_between_looking_and_acting():
    refusal = Refusal(rule="DISP-M4", text="the alarm is not active")
    async with client(Station(refusal=refusal)) as browser:
        answer = await browser.post(link(), data={"act": "resolve"})
    assert answer.status_code == 409
    assert "the alarm is not active" in answer.text


async def test_xs_5_the_fee_must_be_accepted():
    station = Station(where=context(SystemState.SUSPENDED))
    async with client(station) as browser:
        assert "$100.00 if found false" in (await browser.get(link())).text
        answer = await browser.post(link(), data={"act": "request_dispatch"})
        assert answer.status_code == 409
        asked = {"act": "request_dispatch", "fee": "accepted"}
        assert (await browser.post(link(), data=asked)).status_code == 303
    assert station.recorded[0][1].is_fee_accepted


@pytest.mark.parametrize(
    "path",
    ["/i/nonsense", "/i/a.b", link(incident="unknown"), link()[:-2] + "xx"],
)
async def test_a_link_that_is_not_ours_says_nothing_of_any_incident(path):
    async with client(Station()) as browser:
        for answer in (await browser.get(path), await browser.post(path, data={"act": "resolve"})):
            assert answer.status_code == 404
            assert "Harbour" not in answer.text
            assert "This link is not valid" in answer.text


async def test_an_expired_link_says_so():
    async with client(Station(), now=T0 + timedelta(hours=25)) as browser:
        assert "has expired" in (await browser.get(link())).text


async def test_odd_forms_and_the_style():
    station = Station()
    async with client(station) as browser:
        assert (await browser.post(link(), data={"act": "burn"})).status_code == 422
        assert (await browser.post(link())).status_code == 422
        long = {"act": "resolve", "note": "x" * 5000}
        assert (await browser.post(link(), data=long)).status_code == 303
        assert (await browser.get("/i/style.css")).headers["content-type"].startswith("text/css")
    assert len(station.recorded[0][1].note) == 300


def test_the_address_that_is_sent():
    assert link_url("https://station.example/", "a.b") == "https://station.example/i/a.b"
