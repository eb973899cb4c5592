"""Events: one effect each, however often and in whatever batches they come."""

from __future__ import annotations

import random

import pytest

from decision.engine import Engine, UnknownSubject
from decision.facts import NoteAdded
from decision.store import StoreError
from tests.support.core import Core
from tests.support.incidents import DAY, OPERATOR, signal


@pytest.fixture
def core(tmp_path):
    one = Core(tmp_path)
    yield one
    one.engine.stop()


def alarm(number, **changes):
    return signal(event_id=f"e-{number}", account=f"{1000 + number}", **changes)


class TestOneEffect:
    def test_an_alarm_opens_an_incident_of_its_own_id(self, core):
        taken = core.engine.take([alarm(1)])
        assert taken.confirm == ("e-1",)
        assert taken.fresh == 1
        assert core.engine.incident("e-1").site == "main.1001"
        assert core.kinds("incident/e-1") == ["ContextTaken", "EventReceived"]
        assert core.store.event("e-1").subject == "incident/e-1"

    def test_a_known_event_is_confirmed_again_and_does_nothing(self, core):
        core.engine.take([alarm(1)])
        before = core.engine.head()
        taken = core.engine.take([alarm(1)])
        assert (taken.confirm, taken.fresh) == (("e-1",), 0)
        assert core.engine.head() == before

    def test_twice_in_one_batch_is_once(self, core):
        taken = core.engine.take([alarm(1), alarm(2), alarm(1)])
        assert taken.fresh == 2
        assert len(core.engine.open_incidents()) == 2

    def test_also_after_a_restart(self, core):
        core.engine.take([alarm(1)])
        after = core.again()
        assert after.engine.take([alarm(1)]).fresh == 0
        assert [one.id for one in after.engine.open_incidents()] == ["e-1"]
        after.engine.stop()

    def test_what_belongs_to_no_incident_stands_in_the_log_of_its_site(self, core):
        core.engine.take([signal(event_id="t-1", kind="test", category="test")])
        assert core.store.event("t-1").subject == "site/main.1234"
        assert core.engine.open_incidents() == ()

    def test_a_second_alarm_joins_and_carries_its_own_id(self, core):
        core.engine.take([signal(event_id="e-1"), signal(event_id="e-2", zone="6")])
        assert core.store.event("e-2").subject == "incident/e-1"
        assert len(core.engine.incident("e-1").signals) == 2

    def test_what_bears_on_two_incidents_carries_its_id_once(self, core):
        core.engine.take([signal(event_id="e-1"), signal(event_id="f-1", category="fire")])
        core.engine.take([signal(event_id="c-1", kind="cancel", category="cancel", area=None)])
        carrying = [row for row in core.store.rows() if row.event_id == "c-1"]
        assert len(carrying) == 1
        for incident in ("e-1", "f-1"):
            assert core.engine.incident(incident).others[-1].event_id == "c-1"

    @pytest.mark.parametrize("seed", range(5))
    def test_any_order_of_batches_and_repeats(self, core, seed):
        dice = random.Random(seed)
        events = [alarm(n % 7, received_at=DAY) for n in range(7)] + [
            signal(event_id=f"x-{n}", account=str(1000 + n % 7), kind="restoral") for n in range(20)
        ]
        delivered = events * 3
        dice.shuffle(delivered)
        while delivered:
            size = dice.randint(1, 9)
            core.engine.take(delivered[:size])
            delivered = delivered[size:]
        carrying = [row.event_id for row in core.store.rows() if row.event_id]
        assert sorted(carrying) == sorted(one.event_id for one in events)


class TestRunaway:
    """A detector that chatters for hours does not make its incident slow to decide."""

    def test_the_same_of_the_same_zone_stays_in_the_log_of_the_site(self, core):
        core.engine.take([signal(event_id=f"e-{n}") for n in range(70)])
        core.engine.take([signal(event_id="other-zone", zone="9")])
        core.engine.take([signal(event_id="verified", is_verified=True)])
        state = core.engine.incident("e-0")
        assert len(state.signals) == 52
        assert [one.event_id for one in state.signals[-2:]] == ["other-zone", "verified"]
        assert core.store.event("e-69").subject == "site/main.1234"
        assert core.engine.take([signal(event_id="e-69")]).fresh == 0

    def test_also_its_restorals(self, core):
        core.engine.take([signal(event_id="e-0")])
        core.engine.take([signal(event_id=f"r-{n}", kind="restoral") for n in range(70)])
        assert len(core.engine.incident("e-0").others) == 50


class TestArming:
    def test_an_opening_is_remembered_for_the_next_alarm(self, core):
        opening = signal(event_id="o-1", kind="open", category="open_close")
        core.engine.take([opening])
        core.engine.take([signal(event_id="e-1")])
        assert core.engine.incident("e-1").is_armed is False

    def test_also_across_a_restart_and_when_it_went_to_an_incident(self, core):
        core.engine.take([signal(event_id="e-1")])
        core.engine.take([signal(event_id="o-1", kind="close", category="open_close")])
        assert core.kinds("site/main.1234") == ["EventReceived"]
        after = core.again()
        after.clock.move(hours=1)
        late = after.clock.at
        after.engine.take([signal(event_id="e-2", received_at=late)])
        assert after.engine.incident("e-2").is_armed is True
        after.engine.stop()


class TestOneBadEventAmongGood:
    def test_it_is_left_unconfirmed_and_the_others_go_on(self, core, monkeypatch):
        from decision.engine import placing

        place = placing.place

        def fails(draft, one, actor):
            place(draft, one, actor)
            if one.event_id == "e-2":
                raise ZeroDivisionError("a fault of the rules")

        monkeypatch.setattr("decision.engine.engine.placing.place", fails)
        taken = core.engine.take([alarm(1), alarm(2), alarm(3)])
        assert taken.confirm == ("e-1", "e-3")
        assert taken.failed == {"e-2": "ZeroDivisionError: a fault of the rules"}
        assert core.engine.incident("e-2") is None
        monkeypatch.undo()
        assert core.engine.take([alarm(2)]).fresh == 1


class TestRecording:
    def test_nothing_is_recorded_of_an_incident_that_is_not_there(self, core):
        with pytest.raises(UnknownSubject, match="no incident 'e-9'"):
            core.engine.record("incident/e-9", NoteAdded(text="x"), OPERATOR)
        assert core.engine.head() == 0

    def test_facts_that_belong_together_are_all_there_or_none(self, core):
        core.engine.take([alarm(1)])
        before = core.engine.head()
        with pytest.raises(UnknownSubject):
            core.engine.record_all(
                [("incident/e-1", NoteAdded(text="x")), ("incident/e-9", NoteAdded(text="y"))],
                OPERATOR,
            )
        assert core.engine.head() == before
        assert core.engine.incident("e-1").notes == ()

    def test_a_subject_that_nobody_knows(self, core):
        with pytest.raises(ValueError, match="no facts stand under"):
            core.engine.record("weather/today", NoteAdded(text="x"), OPERATOR)

    def test_subscribers_hear_after_the_commit_and_may_record(self, core):
        engine = core.engine
        heard = []

        def listen(changes):
            heard.extend(change.recorded.seq for change in changes)
            assert engine.head() >= heard[-1]
            if type(changes[-1].recorded.fact).__name__ == "EventReceived":
                engine.record("incident/e-1", NoteAdded(text="seen"), OPERATOR)

        engine.subscribe(listen)
        engine.take([alarm(1)])
        assert heard == [1, 2, 3]
        assert [change.recorded.seq for change in core.told] == [1, 2, 3]

    def test_a_subscriber_that_fails_takes_nobody_along(self, core):
        def fails(_changes):
            raise RuntimeError

        core.engine.subscribe(fails)
        heard = []
        core.engine.subscribe(heard.extend)
        core.engine.take([alarm(1)])
        assert len(heard) == 2

    def test_a_clock_that_steps_back_a_little_keeps_the_order(self, core):
        core.engine.take([alarm(1)])
        core.clock.move(seconds=-5)
        core.engine.record("incident/e-1", NoteAdded(text="x"), OPERATOR)
        times = [one.at for one in core.engine.history("incident/e-1")]
        assert times == sorted(times)

    async def test_from_a_coroutine(self, core):
        core.engine.take([alarm(1)])
        change = await core.engine.submit("incident/e-1", NoteAdded(text="x"), OPERATOR)
        assert change.incident.state.notes == ("x",)


class FailingOnce:
    """A store whose next append fails, before or after it is on disk."""

    def __init__(self, store, *, is_stored):
        self._store = store
        self._is_stored = is_stored
        self.is_armed = False

    def __getattr__(self, name):
        return getattr(self._store, name)

    def append(self, facts, marks=()):
        if self.is_armed:
            self.is_armed = False
            if self._is_stored:
                self._store.append(facts, marks)
            raise StoreError("disk I/O error")
        return self._store.append(facts, marks)


class TestStoreFails:
    @pytest.mark.parametrize("is_stored", [False, True])
    def test_memory_and_log_stay_the_same(self, tmp_path, is_stored):
        base = Core(tmp_path)
        base.engine.stop()
        store = FailingOnce(base.store, is_stored=is_stored)
        engine = Engine(store, base.clock)
        engine.start()
        engine.take([alarm(1)])
        store.is_armed = True
        with pytest.raises(StoreError):
            engine.take([alarm(2)])
        assert engine.incident("e-2") is None or is_stored
        taken = engine.take([alarm(2), alarm(3)])
        assert set(taken.confirm) == {"e-2", "e-3"}
        assert {one.id for one in engine.open_incidents()} == {"e-1", "e-2", "e-3"}
        carrying = [row.event_id for row in store.rows() if row.event_id]
        assert sorted(carrying) == ["e-1", "e-2", "e-3"]
        engine.stop()
