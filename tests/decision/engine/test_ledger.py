"""Dispositions of responders become facts of the ledger in the same transaction (XS-7)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from decision import packs
from decision.daemon.publishing import suspended_rows
from decision.engine import Profiles
from decision.facts import Actor, ContactAttempted, RequestAccepted, RequestClosed, RequestSent
from decision.ledger import SystemStatus
from decision.ledger.facts import NoticeApproved, NoticeDrafted, NoticeIssued
from decision.packs import NoticeKind
from decision.store import StoreError
from decision.vocabulary import ContactResult, GateResult
from tests.support.core import Core, TestClock
from tests.support.incidents import OPERATOR, signal, silent_site

DESK = Actor(kind="responder", id="pscc")
OFFICE = Actor(kind="ledger", id="inspector")
FALSE = "No Report - False Alarm"
SHOP = silent_site(
    jurisdiction="ca-nb-saint-john", time_zone="America/Moncton", alarm_business="Example Alarms"
)


@pytest.fixture
def core(tmp_path):
    profiles = Profiles(sites={SHOP.id: SHOP}, packs=packs.shipped())
    one = Core(tmp_path, profiles, TestClock(datetime(2025, 1, 15, 18, tzinfo=UTC)))
    yield one
    one.engine.stop()


def alarm_with_police(core, number, disposition=FALSE):
    """One alarm from its event to the closing disposition."""
    engine, incident = core.engine, f"e-{number}"
    engine.take([signal(event_id=incident, received_at=core.clock.at)])
    subject = f"incident/{incident}"
    engine.record(subject, ContactAttempted(contact="A", result=ContactResult.APPROVE), OPERATOR)
    engine.record(subject, RequestSent(request=f"r-{number}"), OPERATOR)
    engine.record(subject, RequestAccepted(request=f"r-{number}", number=f"CAD-{number}"), DESK)
    core.clock.move(minutes=30)
    engine.record(subject, RequestClosed(request=f"r-{number}", disposition=disposition), DESK)
    core.clock.move(hours=5)
    core.fire_all()


class TestFeed:
    def test_a_closing_disposition_counts(self, core):
        alarm_with_police(core, 1)
        system = core.engine.system("main.1234")
        assert system.count == 1
        assert system.calls[0].incident == "e-1"
        assert system.calls[0].occurrence == "CAD-1"
        assert system.registration.business_name == "Example Alarms"
        assert core.kinds("system/main.1234")[:4] == [
            "SystemRegistered", "PoliceCall", "PoliceCall", "PoliceCall",
        ]  # fmt: skip

    def test_any_other_text_counts_nothing(self, core):
        alarm_with_police(core, 1, "Report taken")
        assert core.engine.system("main.1234").count == 0

    def test_in_the_same_transaction(self, core, monkeypatch):
        engine = core.engine
        engine.take([signal(event_id="e-1", received_at=core.clock.at)])
        engine.record(
            "incident/e-1", ContactAttempted(contact="A", result=ContactResult.APPROVE), OPERATOR
        )
        appended = []
        append = core.store.append

        def look(facts, marks=()):
            appended.append([fact.subject for fact in facts])
            return append(facts, marks)

        monkeypatch.setattr(core.store, "append", look)
        engine.record("incident/e-1", RequestSent(request="r-1"), OPERATOR)
        assert appended == [["incident/e-1", "system/main.1234", "system/main.1234"]]

        def fails(_facts, _marks=()):
            raise StoreError("disk full")

        monkeypatch.setattr(core.store, "append", fails)
        with pytest.raises(StoreError):
            engine.record("incident/e-1", RequestClosed(disposition=FALSE), DESK)
        monkeypatch.undo()
        assert engine.system("main.1234").count == 0
        assert engine.incident("e-1").request.disposition == ""

    def test_after_a_restart_the_ledger_is_the_same(self, core):
        alarm_with_police(core, 1)
        alarm_with_police(core, 2)
        before = core.engine.system("main.1234")
        after = core.again()
        assert after.engine.system("main.1234").calls == before.calls
        assert after.engine.system("main.1234").is_cautioned == before.is_cautioned
        after.engine.stop()


def suspend(core):
    """Four false alarms, the notice, its 14 days (SJ-E1)."""
    for number in range(1, 5):
        alarm_with_police(core, number)
        core.clock.move(days=1)
    engine, subject = core.engine, "system/main.1234"
    today = core.clock.at.date()
    for fact in (
        NoticeDrafted(notice="n-1", kind=NoticeKind.SUSPENSION),
        NoticeApproved(notice="n-1", on=today),
        NoticeIssued(notice="n-1", on=today),
    ):
        step = engine.record(subject, fact, OFFICE).system
        assert not step.is_refused, step.reasons
    core.clock.move(days=15)
    core.fire_all()


class TestSuspended:
    def test_time_alone_suspends_and_lists(self, core):
        suspend(core)
        system = core.engine.system("main.1234")
        assert system.state is SystemStatus.SUSPENDED
        assert core.kinds("system/main.1234")[-1] == "DayCame"
        assert [row.address for row in suspended_rows(core.engine)] == ["12 Water Street"]

    def test_the_next_alarm_meets_the_gate(self, core):
        """XS-5: BLOCK for burglar alarms."""
        suspend(core)
        core.engine.take([signal(event_id="e-9", received_at=core.clock.at)])
        assert core.engine.context("e-9").standing.state == "SUSPENDED"
        step = core.engine.record(
            "incident/e-9", ContactAttempted(contact="A", result=ContactResult.APPROVE), OPERATOR
        ).incident
        assert step.state.verdict.result is GateResult.BLOCK
        assert step.state.request is None

    def test_across_a_restart_and_without_the_site_file(self, core):
        """A site that was taken out of the file stays on the list of its police."""
        suspend(core)
        core.engine.stop()
        core.profiles = Profiles(packs=packs.shipped())
        after = Core(core.folder, core.profiles, core.clock)
        assert [row.system for row in suspended_rows(after.engine)] == ["main.1234"]
        after.clock.move(days=366)
        after.fire_all()
        assert after.engine.system("main.1234").state is SystemStatus.DEFERRED
        after.engine.stop()

    def test_the_review_comes_a_year_later_through_restarts(self, core):
        suspend(core)
        for _ in range(4):
            core.clock.move(days=100)
            core.engine.stop()
            core = Core(core.folder, core.profiles, core.clock)
            core.fire_all()
        assert core.engine.system("main.1234").state is SystemStatus.DEFERRED
        core.engine.stop()


class TestUnknownJurisdiction:
    def test_calls_are_kept_and_folded_when_the_pack_comes(self, core):
        core.engine.reload(Profiles(sites={SHOP.id: SHOP}))
        alarm_with_police(core, 1)
        assert core.engine.system("main.1234") is None
        assert core.engine.context("e-1").requirements is None
        core.engine.reload(Profiles(sites={SHOP.id: SHOP}, packs=packs.shipped()))
        assert core.engine.system("main.1234").count == 1
        assert not core.engine.faults

    def test_a_suspension_whose_pack_is_gone_is_told(self, core):
        suspend(core)
        core.engine.reload(Profiles(sites={SHOP.id: SHOP}))
        assert "no pack" in core.engine.faults["system/main.1234"]
        core.engine.reload(Profiles(sites={SHOP.id: SHOP}, packs=packs.shipped()))
        assert not core.engine.faults
        assert [row.system for row in suspended_rows(core.engine)] == ["main.1234"]


class TestContext:
    def test_what_changed_is_kept_before_the_next_fact(self, core):
        """The same facts give the same state on any later day."""
        core.engine.take([signal(event_id="e-1", received_at=core.clock.at)])
        assert core.kinds("incident/e-1") == ["ContextTaken", "EventReceived"]
        moved = silent_site(jurisdiction="ca-nb-saint-john", address="99 New Street")
        core.engine.reload(Profiles(sites={moved.id: moved}, packs=packs.shipped()))
        core.clock.move(seconds=5)
        core.engine.record(
            "incident/e-1", ContactAttempted(contact="A", result=ContactResult.UNDECIDED), OPERATOR
        )
        assert core.kinds("incident/e-1")[2:] == ["ContextTaken", "ContactAttempted"]
        assert core.engine.history("incident/e-1")[2].fact.site.address == "99 New Street"

    def test_sites_of_an_hour_of_wrong_clock(self, core):
        """A clock that was years ahead and is set right does not freeze time."""
        core.engine.take([signal(event_id="e-1", received_at=core.clock.at)])
        core.clock.move(days=-400)
        right = core.clock.at
        core.engine.take([signal(event_id="e-2", account="5", received_at=right)])
        assert core.engine.history("incident/e-2")[0].at == right
        assert right + timedelta(days=400) == core.engine.history("incident/e-1")[0].at
