"""Requests and updates by machine, and what comes back: DISP-J10, DISP-I4, XS-7, XS-9."""

import asyncio
import contextlib
import socket
from datetime import UTC, datetime, timedelta

import httpx
import msgspec
import pytest
import uvicorn

from decision import packs
from decision.clock import FastClock
from decision.courier import NEUTRAL, Courier, Desk
from decision.engine import Profiles
from decision.facts import ContactAttempted, NoteAdded, RequestAccepted, RequestSent, Resolved
from decision.responders.conversation import Timeouts
from decision.responders.desk import Desk as PoliceDesk
from decision.responders.desk import Listed, Plan, closing
from decision.responders.desk_http import DeskServer, Outbox
from decision.responders.http_transport import HttpTransport
from decision.responders.local_transport import LocalTransport
from decision.responders.messages import Accepted, encode
from decision.responders.phone_script import PhoneTransport
from decision.responders.transport import Delivery, Receipt
from decision.vocabulary import (
    NO_REPORT_FALSE_ALARM,
    NO_RESPONSE_POST_SUSPENSION,
    AlarmType,
    CallEnding,
    CallOffStatus,
    Channel,
    ContactResult,
    RejectReason,
    RequestStatus,
    Task,
)
from tests.support.core import Core
from tests.support.incidents import OPERATOR, signal, silent_site
from tests.support.responding import T0, new_alarm

TOKEN = "0123456789abcdef-desk"
SHOP = silent_site(
    jurisdiction="ca-nb-saint-john", time_zone="America/Moncton", alarm_business="Example Alarms"
)
SUBJECT = "incident/e1"
SOON = Timeouts(answer=timedelta(minutes=2))


class Night:
    """An engine, a police desk and the courier between them; an hour passes in a second."""

    def __init__(self, folder, desk=None, transport=None, timeouts=None):
        self.clock = FastClock(datetime(2026, 3, 2, 6, tzinfo=UTC), 3600)
        profiles = Profiles(sites={SHOP.id: SHOP}, packs=packs.shipped())
        self.core = Core(folder, profiles, self.clock)
        self.police = desk or PoliceDesk(plan=closing(NO_REPORT_FALSE_ALARM))
        self.transport = transport or LocalTransport(self.police, self.clock)
        self.desk = Desk(name="PSCC", transport=self.transport, dial="+1 506 555 0111")
        self.timeouts = timeouts or Timeouts(answer=timedelta(hours=2))
        self.changed = asyncio.Event()
        self.loop = asyncio.get_running_loop()
        self.core.engine.subscribe(lambda _: self.loop.call_soon_threadsafe(self.changed.set))

    @property
    def engine(self):
        return self.core.engine

    @property
    def state(self):
        return self.engine.incident("e1")

    def kinds(self):
        return self.core.kinds(SUBJECT)

    def alarm(self, **changes):
        self.engine.take([signal(received_at=self.clock.now(), **changes)])

    async def approved(self, subject=SUBJECT):
        """The first contact answers and wants police (DISP-S3)."""
        fact = ContactAttempted(
            contact="A", ending=CallEnding.ANSWERED, result=ContactResult.APPROVE
        )
        await self.engine.submit(subject, fact, OPERATOR)

    async def until(self, condition):
        async with asyncio.timeout(20):
            while not condition():
                self.changed.clear()
                if condition():
                    break
                await self.changed.wait()

    @contextlib.asynccontextmanager
    async def courier(self, *, is_phone=False):
        courier = Courier(
            self.engine, lambda _: None if is_phone else self.desk, station="Fundy Monitoring",
            callback="506 555 0100", timeouts=self.timeouts,
        )  # fmt: skip
        task = asyncio.create_task(courier.run([self.desk]))
        await asyncio.sleep(0)
        try:
            yield courier
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def close(self):
        self.engine.stop()


@contextlib.asynccontextmanager
async def night(folder, **given):
    one = Night(folder, **given)
    try:
        async with one.courier():
            yield one
    finally:
        one.close()


async def test_xs_7_from_the_request_to_the_ledger_without_a_hand(tmp_path):
    async with night(tmp_path) as one:
        one.alarm()
        await one.approved()
        await one.until(lambda: "RequestClosed" in one.kinds())
        words = [k for k in one.kinds() if k.startswith("Request")]
        assert words == ["RequestSent", "RequestAccepted", "RequestUpdated", "RequestUpdated",
                         "RequestClosed"]  # fmt: skip
        assert one.state.request.status is RequestStatus.CLOSED
        call = one.engine.system("main.1234").calls[0]
        assert call.disposition == NO_REPORT_FALSE_ALARM
        assert call.occurrence == one.police.calls["e1"].event_number
        assert one.engine.system("main.1234").count == 1
        sent = next(r.fact for r in one.engine.history(SUBJECT) if isinstance(r.fact, RequestSent))
        assert (sent.transport, sent.to) == ("local", "PSCC")
        assert "Address: 12 Water Street" in sent.message


async def test_an_unanswered_request_becomes_a_task_to_dial(tmp_path):
    async with night(tmp_path, desk=PoliceDesk(plan=Plan(answer_after=None)), timeouts=SOON) as one:
        one.alarm()
        await one.approved()
        await one.until(lambda: one.state.tasks)
        assert one.state.tasks[0].task is Task.DISPATCH_REFUSED
        assert "have not answered" in one.state.tasks[0].text
        assert "Dial +1 506 555 0111" in one.state.tasks[0].text
        assert one.state.request.status is RequestStatus.SENT  # requested, no more and no less
        assert one.engine.system("main.1234").calls[0].accepted is None


async def test_a_late_answer_is_still_an_answer(tmp_path):
    desk = PoliceDesk(plan=Plan(answer_after=timedelta(hours=1)))
    async with night(tmp_path, desk=desk, timeouts=SOON) as one:
        one.alarm()
        await one.approved()
        await one.until(lambda: "RequestAccepted" in one.kinds())
        assert one.kinds().index("RequestRejected") < one.kinds().index("RequestAccepted")
        assert one.state.tasks == ()


class Broken:
    name = "http"

    def __init__(self):
        self.sent = []

    async def send(self, message):
        self.sent.append(message)
        return Receipt(delivery=Delivery.FAILED, why="connection refused")

    async def run(self, _received):
        await asyncio.Event().wait()


async def test_a_machine_that_does_not_take_it_becomes_a_task_to_dial(tmp_path):
    async with night(tmp_path, transport=Broken()) as one:
        one.alarm()
        await one.approved()
        await one.until(lambda: one.state.tasks)
        assert "connection refused. Dial +1 506 555 0111." in one.state.tasks[0].text
        assert one.state.request.status is RequestStatus.DECIDED
        assert "RequestSent" not in one.kinds()


async def test_sj_c2c_a_suspended_system_is_refused_with_the_literal_disposition(tmp_path):
    listed = Listed(system="main.1234", address="12 Water Street")
    async with night(tmp_path, desk=PoliceDesk(suspended=lambda: [listed])) as one:
        one.alarm()
        await one.approved()
        await one.until(lambda: "RequestRejected" in one.kinds())
        assert one.state.request.disposition == NO_RESPONSE_POST_SUSPENSION
        call = one.engine.system("main.1234").calls[0]
        assert (call.accepted, call.disposition) == (False, NO_RESPONSE_POST_SUSPENSION)


class TestCallOff:
    async def test_disp_i6_a_resolution_calls_off(self, tmp_path):
        desk = PoliceDesk(plan=Plan())
        async with night(tmp_path, desk=desk) as one:
            one.alarm()
            await one.approved()
            await one.until(lambda: "RequestAccepted" in one.kinds())
            await one.engine.submit(SUBJECT, Resolved(channel=Channel.LINK, user="A"), OPERATOR)
            await one.until(lambda: "RequestClosed" in one.kinds())
            assert one.state.request.call_off is CallOffStatus.CONFIRMED
            assert one.engine.system("main.1234").calls[0].cancelled_before_arrival

    async def test_disp_i4_unknown_when_nobody_says_a_word(self, tmp_path):
        desk = PoliceDesk(plan=Plan(calls_off=None))
        async with night(tmp_path, desk=desk) as one:
            one.alarm()
            await one.approved()
            await one.until(lambda: "RequestAccepted" in one.kinds())
            await one.engine.submit(SUBJECT, Resolved(channel=Channel.LINK, user="A"), OPERATOR)
            await one.until(lambda: one.state.request.call_off is CallOffStatus.UNKNOWN)


async def test_ppvar_5_8_and_5_5_news_are_forwarded_in_words_that_may_be_said(tmp_path):
    desk = PoliceDesk(plan=Plan())
    async with night(tmp_path, desk=desk) as one:
        one.alarm()
        await one.approved()
        await one.until(lambda: "RequestAccepted" in one.kinds())
        for text in ("rear gate is open", "a microphone heard steps"):
            note = NoteAdded(text=text, is_for_responders=True)
            await one.engine.submit(SUBJECT, note, OPERATOR)
        await one.until(lambda: one.kinds().count("UpdateSent") == 2)
        texts = [r.fact.text for r in one.engine.history(SUBJECT) if "UpdateSent" in repr(r.fact)]
        assert "rear gate is open" in texts[0]
        assert texts[1] == NEUTRAL


async def test_xs_9_a_hold_up_is_put_to_the_operator_never_sent_by_a_machine_alone(tmp_path):
    async with night(tmp_path) as one:
        one.alarm(category="hold_up", alarm_type=AlarmType.HOLD_UP)
        await one.until(lambda: one.state.request is not None)
        # A burglary behind it goes out: whatever the courier would do with the hold-up is done.
        one.alarm(event_id="e2", area="2")
        await one.approved("incident/e2")
        await one.until(lambda: "e2" in one.police.calls)
        assert "e1" not in one.police.calls
        # the operator says so, by the machine's way
        await one.engine.submit(SUBJECT, RequestSent(request="e1", transport="local"), OPERATOR)
        await one.until(lambda: "RequestAccepted" in one.kinds())
        assert one.police.calls["e1"].alarm.content.alarm_type is AlarmType.HOLD_UP


async def test_what_an_operator_phones_is_left_to_the_phone(tmp_path):
    one = Night(tmp_path)
    async with one.courier(is_phone=True):
        one.alarm()
        await one.approved()
        await one.engine.submit(SUBJECT, RequestSent(request="e1"), OPERATOR)
        assert one.police.calls == {}
    one.close()


class TestRestart:
    async def test_a_decided_request_goes_out_after_a_restart(self, tmp_path):
        one = Night(tmp_path)
        one.alarm()
        await one.approved()
        assert one.state.request.status is RequestStatus.DECIDED
        async with one.courier():
            await one.until(lambda: "RequestAccepted" in one.kinds())
        one.close()

    async def test_a_request_sent_twice_is_one_call(self, tmp_path):
        """A crash between sending and recording: the same id goes out again."""
        one = Night(tmp_path, desk=PoliceDesk(plan=Plan()))
        one.alarm()
        await one.approved()
        courier = Courier(one.engine, lambda _: one.desk, station="Fundy Monitoring", callback="1")
        await one.transport.send(courier._alarm(one.state))
        async with one.courier():
            await one.until(lambda: "RequestAccepted" in one.kinds())
        assert len(one.police.calls) == 1
        one.close()

    async def test_what_the_desk_says_again_has_one_effect(self, tmp_path):
        one = Night(tmp_path, desk=PoliceDesk(plan=Plan()))
        async with one.courier() as courier:
            one.alarm()
            await one.approved()
            await one.until(lambda: "RequestAccepted" in one.kinds())
            again = RequestAccepted(request="e1", number=one.state.request.number)
            assert again in [r.fact for r in one.engine.history(SUBJECT)]
            message = Accepted(id="again", request="e1", at=T0, event_number=again.number)
            await courier._heard(message)
            assert one.kinds().count("RequestAccepted") == 1
            stranger = Accepted(id="x", request="nobody", at=T0, event_number="1")
            await courier._heard(stranger)
        one.close()


@contextlib.asynccontextmanager
async def served(desk, clock):
    """The desk behind a real socket of this machine."""
    listener = socket.create_server(("127.0.0.1", 0))
    app = DeskServer(desk, clock, token=TOKEN).app
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    server.capture_signals = contextlib.nullcontext
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
        listener.close()


class TestOverHttp:
    async def test_the_whole_conversation_over_a_socket(self, tmp_path):
        police = PoliceDesk(plan=closing(NO_REPORT_FALSE_ALARM))
        clock = FastClock(datetime(2026, 3, 2, 6, tzinfo=UTC), 3600)
        async with served(police, clock) as url:
            transport = HttpTransport(url, token=TOKEN, poll_s=0.02)
            async with night(tmp_path, desk=police, transport=transport) as one:
                one.alarm()
                await one.approved()
                await one.until(lambda: "RequestClosed" in one.kinds())
                assert one.state.request.disposition == NO_REPORT_FALSE_ALARM

    async def test_a_wrong_token_is_an_undelivered_request(self):
        async with served(PoliceDesk(), FastClock(T0, 1)) as url:
            receipt = await HttpTransport(url, token="something else").send(new_alarm())
            assert receipt.delivery is Delivery.FAILED
            assert "answered 401" in receipt.why
            assert TOKEN not in receipt.why

    async def test_nobody_there(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        receipt = await HttpTransport(f"http://127.0.0.1:{port}", token=TOKEN).send(new_alarm())
        assert receipt.delivery is Delivery.FAILED

    async def test_what_the_server_refuses(self):
        desk = PoliceDesk()
        app = DeskServer(desk, FastClock(T0, 1), token=TOKEN).app
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://desk", headers=headers
        ) as client:
            assert (await client.post("/v1/messages", content=b"{")).status_code == 400
            accepted = encode(Accepted(id="1", request="r", at=T0, event_number="1"))
            assert (await client.post("/v1/messages", content=accepted)).status_code == 400
            assert (await client.post("/v1/messages", content=b"x" * 300_000)).status_code == 413
            assert (await client.get("/v1/messages?after=x")).status_code == 400
            assert (await client.put("/v1/plan", content=b"7")).status_code == 400
            answer = await client.put("/v1/calls/r-1/disposition", content=b'"x"')
            assert answer.status_code == 404
            plan = msgspec.json.encode(Plan(reject=RejectReason.TOO_OLD))
            assert (await client.put("/v1/plan?for=main.1234", content=plan)).status_code == 204
            assert (
                await client.post("/v1/messages", content=encode(new_alarm()))
            ).status_code == 202
            assert desk.plans["main.1234"].reject is RejectReason.TOO_OLD
            calls = (await client.get("/v1/calls")).json()
            assert calls[0]["request"] == "r-1"
            closed = await client.put("/v1/calls/r-1/disposition", content=b'"Handled"')
            assert closed.status_code == 204
            outbox = msgspec.json.decode(
                (await client.get("/v1/messages?after=0")).content, type=Outbox
            )
            assert outbox.messages[-1].disposition == "Handled"
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://desk"
        ) as client:
            assert (await client.get("/v1/calls")).status_code == 401

    def test_settings_that_would_show_alarms_to_others_are_refused(self):
        with pytest.raises(ValueError, match="not encrypted"):
            HttpTransport("http://psap.example/asap", token=TOKEN)
        with pytest.raises(ValueError, match="expected https"):
            HttpTransport("ftp://psap.example", token=TOKEN)
        assert HttpTransport("http://psap.example", token=TOKEN, allow_plain=True)
        assert TOKEN not in repr(HttpTransport("https://psap.example/asap", token=TOKEN))
        with pytest.raises(ValueError, match="16 characters"):
            DeskServer(PoliceDesk(), FastClock(T0, 1), token="short")


def test_every_way_is_a_transport():
    assert {PhoneTransport.name, LocalTransport.name, HttpTransport.name} == {
        "phone", "local", "http",
    }  # fmt: skip
