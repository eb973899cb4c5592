"""Timers: they follow from the states, are facts when they fire, and survive a restart."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from decision.daemon.timekeeper import Timekeeper
from decision.engine import Profiles
from decision.engine.wheel import Wheel
from decision.facts import ContactAttempted, SiteCheckedByVideo
from decision.vocabulary import AlarmState, ContactResult, SiteCheckOutcome
from tests.support.core import Core
from tests.support.incidents import DAY, OPERATOR, signal, silent_site


@pytest.fixture
def core(tmp_path):
    one = Core(tmp_path, Profiles(sites={"main.1234": silent_site(jurisdiction="")}))
    yield one
    one.engine.stop()


def dispatched(core):
    core.engine.take([signal(event_id="e-1", received_at=core.clock.at)])
    approved = ContactAttempted(contact="A", result=ContactResult.APPROVE)
    step = core.engine.record("incident/e-1", approved, OPERATOR).incident
    assert step.state.state is AlarmState.DISPATCHED
    return step.state


class TestActiveWindow:
    """DISP-I5, AMB-D5: active while t < dispatch + 4 h, expired at exactly 4 h."""

    def test_one_second_before_and_exactly_then(self, core):
        dispatched(core)
        core.clock.at = DAY + timedelta(hours=4, seconds=-1)
        core.fire_all()
        assert core.engine.incident("e-1").state is AlarmState.DISPATCHED
        core.clock.at = DAY + timedelta(hours=4)
        core.fire_all()
        assert core.engine.incident("e-1").state is AlarmState.EXPIRED
        assert "TimerFired" in core.kinds("incident/e-1")

    def test_across_a_restart(self, core):
        dispatched(core)
        after = core.again()
        after.clock.at = DAY + timedelta(hours=5)
        after.fire_all()
        assert after.engine.incident("e-1").state is AlarmState.EXPIRED
        after.engine.stop()

    def test_a_core_that_slept_over_it(self, core):
        dispatched(core)
        core.engine.stop()
        core.clock.at = DAY + timedelta(days=3)
        after = Core(core.folder, core.profiles, core.clock)
        assert after.engine.next_due() <= after.clock.at
        after.fire_all()
        assert after.engine.incident("e-1").state is AlarmState.EXPIRED
        after.engine.stop()

    def test_once_is_enough(self, core):
        dispatched(core)
        core.clock.at = DAY + timedelta(hours=4)
        core.fire_all()
        head = core.engine.head()
        assert core.fire_all() == 0
        assert core.engine.fire() == 0
        assert core.engine.head() == head


class TestFoldsAreTheSame:
    def test_what_is_in_memory_is_what_the_log_gives(self, core):
        dispatched(core)
        core.engine.record(
            "incident/e-1", SiteCheckedByVideo(outcome=SiteCheckOutcome.UNVERIFIED), OPERATOR
        )
        core.clock.at = DAY + timedelta(minutes=10)
        core.fire_all()
        in_memory = core.engine.incident("e-1")
        after = core.again()
        assert after.engine.incident("e-1") == in_memory
        after.engine.stop()

    def test_marks_made_anew_are_the_same(self, core, monkeypatch):
        dispatched(core)
        core.engine.take([signal(event_id="e-2", account="77")])
        before = core.store.open_marks()
        monkeypatch.setattr("decision.engine.loading.MARKS_VERSION", 99)
        after = core.again()
        assert after.store.open_marks() == before
        assert len(after.engine.open_incidents()) == 2
        after.engine.stop()


class TestStuck:
    def test_a_timer_that_does_not_go_away_does_not_fill_the_log(self, core, monkeypatch):
        dispatched(core)
        core.clock.at = DAY + timedelta(hours=4)
        monkeypatch.setattr("decision.engine.engine.waking.wake", lambda *_: None)
        assert core.engine.fire() == 1
        assert core.engine.next_due() == core.clock.at + timedelta(minutes=1)

    def test_one_that_fails_is_told_and_the_others_fire(self, core, monkeypatch):
        from decision.engine import waking

        dispatched(core)
        core.engine.take([signal(event_id="e-2", account="77", received_at=core.clock.at)])
        wake = waking.wake

        def fails(draft, subject):
            if subject == "incident/e-2":
                raise ZeroDivisionError
            wake(draft, subject)

        monkeypatch.setattr("decision.engine.engine.waking.wake", fails)
        core.clock.at = DAY + timedelta(hours=4)
        core.engine.fire()
        assert core.engine.incident("e-1").state is AlarmState.EXPIRED
        assert list(core.engine.faults) == ["incident/e-2"]


class TestTimekeeper:
    async def test_it_wakes_when_the_clock_says_so(self, core):
        class Soon:
            def now(self):
                return core.clock.at

            def seconds_until(self, at):
                return 0.0 if at <= core.clock.at else 0.001

        dispatched(core)
        keeper = asyncio.create_task(Timekeeper(core.engine, Soon()).run())
        heard = asyncio.Event()
        loop = asyncio.get_running_loop()

        def told(changes):
            if any(c.incident and c.incident.state.state is AlarmState.EXPIRED for c in changes):
                loop.call_soon_threadsafe(heard.set)

        core.engine.subscribe(told)
        core.clock.at = DAY + timedelta(hours=4)
        async with asyncio.timeout(5):
            await heard.wait()
        keeper.cancel()
        await asyncio.gather(keeper, return_exceptions=True)


class TestWheel:
    def test_a_later_wish_replaces_an_earlier_one(self):
        wheel = Wheel()
        wheel.set("a", DAY)
        wheel.set("b", DAY + timedelta(seconds=2))
        wheel.set("a", DAY + timedelta(seconds=3))
        assert wheel.next() == DAY + timedelta(seconds=2)
        assert wheel.due(DAY + timedelta(seconds=3), 9) == ["b", "a"]
        wheel.set("b", None)
        assert wheel.due(DAY + timedelta(seconds=3), 9) == ["a"]
        assert wheel.due(DAY + timedelta(seconds=3), 9) == ["a"]  # until it is set again
        assert len(wheel) == 1

    def test_the_same_wish_again_is_one(self):
        wheel = Wheel()
        for at in (DAY, DAY + timedelta(seconds=1), DAY):
            wheel.set("a", at)
        assert wheel.due(DAY, 9) == ["a"]
        wheel.set("a", None)
        assert wheel.next() is None
