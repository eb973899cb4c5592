"""A confirm leaves after the commit and never before; what is known is confirmed again."""

from __future__ import annotations

import asyncio
import contextlib

import msgspec
import pytest

from decision.engine import Taken
from decision.intake import Intake, read_signal
from decision.store import StoreError
from tests.support.contract import EXAMPLE, example

TOPIC = "alarm-gateway/v1/test/event/alarm/1234"


def payload(event_id="e-1", **data) -> bytes:
    return msgspec.json.encode(EXAMPLE | {"id": event_id, "data": EXAMPLE["data"] | data})


class Station:
    """Takes batches when it is told to, and keeps what was published."""

    def __init__(self):
        self.batches: list[list[str]] = []
        self.confirmed: list[str] = []
        self.errors: list[Exception] = []
        self.failing: dict[str, str] = {}
        self.may_commit = asyncio.Event()
        self.may_commit.set()
        self.has_published = asyncio.Event()
        self.counted: list[str] = []
        self.intake = Intake(
            site="test",
            name="core-1",
            take=self.take,
            publish=self.publish,
            count=self.counted.append,
        )

    async def take(self, signals):
        ids = [signal.event_id for signal in signals]
        self.batches.append(ids)
        await self.may_commit.wait()
        if self.errors:
            raise self.errors.pop()
        good = tuple(one for one in ids if one not in self.failing)
        return Taken(confirm=good, fresh=len(good), failed=dict(self.failing))

    def publish(self, topic, message):
        assert topic == "alarm-gateway/v1/test/confirm/core-1"
        told = msgspec.json.decode(message)
        assert told["consumer"] == "core-1"
        self.confirmed += told["ids"]
        self.has_published.set()
        return True


@pytest.fixture
async def station():
    one = Station()
    running = asyncio.create_task(one.intake.run())
    yield one
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


async def soon(condition):
    async with asyncio.timeout(5):
        while True:
            if condition():
                return
            await asyncio.sleep(0)


class TestConfirming:
    async def test_only_after_the_commit(self, station):
        station.may_commit.clear()
        station.intake.received(TOPIC, payload("e-1"))
        await soon(lambda: station.batches)
        assert station.confirmed == []
        station.may_commit.set()
        await soon(lambda: station.confirmed)
        assert station.confirmed == ["e-1"]

    async def test_what_comes_during_a_commit_is_the_next_batch(self, station):
        station.may_commit.clear()
        station.intake.received(TOPIC, payload("e-1"))
        await soon(lambda: station.batches)
        for event_id in ("e-2", "e-3", "e-2"):
            station.intake.received(TOPIC, payload(event_id))
        station.may_commit.set()
        await soon(lambda: len(station.confirmed) == 3)
        assert station.batches == [["e-1"], ["e-2", "e-3"]]
        await station.intake.idle()

    async def test_a_repeat_is_given_to_the_log_again_and_confirmed_again(self, station):
        for _ in range(2):
            station.intake.received(TOPIC, payload("e-1"))
            await soon(lambda: not station.intake._waiting)
        assert station.confirmed == ["e-1", "e-1"]

    async def test_what_could_not_be_decided_is_not_confirmed(self, station):
        station.failing = {"e-2": "ZeroDivisionError"}
        for event_id in ("e-1", "e-2"):
            station.intake.received(TOPIC, payload(event_id))
        await soon(lambda: station.confirmed)
        assert station.confirmed == ["e-1"]
        assert station.intake.failed == {"e-2": "ZeroDivisionError"}
        station.failing = {}
        station.intake.received(TOPIC, payload("e-2"))
        await soon(lambda: len(station.confirmed) == 2)
        assert station.intake.failed == {}

    async def test_a_store_that_fails_is_told_and_tried_again(self, station, monkeypatch):
        monkeypatch.setattr("decision.intake.RETRY_S", 0.0)
        station.errors = [StoreError("disk full"), StoreError("disk full")]
        station.intake.received(TOPIC, payload("e-1"))
        await soon(lambda: station.confirmed)
        assert station.batches == [["e-1"]] * 3
        assert station.confirmed == ["e-1"]
        assert station.intake.trouble == ""


class TestReading:
    def test_an_event_of_the_contract(self):
        event = example()
        read = read_signal(event.id, TOPIC, msgspec.json.encode(event))
        assert (read.group, read.account) == (event.data.account.group, event.data.account.id)
        assert read.category == event.data.category

    @pytest.mark.parametrize(
        "unfamiliar",
        [
            {"category": "drone_overflight"},
            {"kind": "omen"},
            {"alarm_type": "METEOR"},
            {"severity": "very"},
            {"account": None},
            {"area": {"class": "FLOATING"}},
            {"received_at": "yesterday"},
            {"zone": "5"},
        ],
    )
    def test_one_of_another_form_becomes_an_alarm_for_a_person(self, unfamiliar):
        read = read_signal("e-1", TOPIC, payload("e-1", **unfamiliar))
        assert read.event_id == "e-1"
        assert read.kind == "alarm"
        assert "unfamiliar form" in read.text
        assert read.received_at.tzinfo is not None

    async def test_what_has_no_id_is_never_confirmed(self, station):
        for junk in (b"", b"\xff", b"[]", b'{"id": 7}', b'{"no": "id"}'):
            station.intake.received(TOPIC, junk)
        assert station.batches == []
        assert station.counted == ["event_unreadable"] * 5

    async def test_too_many_are_left_for_later(self, station, monkeypatch):
        monkeypatch.setattr("decision.intake.WAITING_MOST", 2)
        station.may_commit.clear()
        for number in range(4):
            station.intake.received(TOPIC, payload(f"e-{number}"))
        station.may_commit.set()
        await soon(lambda: len(station.confirmed) == 2)
        assert station.counted == ["event_left_for_later"] * 2
