"""Which incident an event belongs to: XS-10, XS-12, DISP-J9; and the arm state."""

from __future__ import annotations

from datetime import timedelta

import pytest

from decision.actions import Dispatch, ForwardUpdate
from decision.facts import EventReceived
from decision.rules.arming import ArmState, armed
from decision.rules.grouping import RouteKind, route
from decision.site import Zone
from decision.vocabulary import Channel, ThreatJudgement
from tests.support.incidents import DAY, Story, context, signal, silent_site, site


def routed(event, *stories, given=None, scope=()):
    return route(
        event,
        incidents=[s.state for s in stories],
        context=given or context(),
        test_scope=scope,
    )


@pytest.mark.parametrize(
    ("changes", "seconds", "kind"),
    [
        ({}, 0, "JOINS"),
        ({}, 599, "JOINS"),
        ({}, 600, "JOINS"),
        ({}, 601, "OPENS"),
        ({"zone": "9"}, 60, "JOINS"),
        ({"area": "2"}, 60, "OPENS"),
        ({"category": "fire"}, 60, "OPENS"),
        ({"category": "tamper"}, 60, "OPENS"),
        ({"account": "9999"}, 60, "OPENS"),
        ({"group": "north"}, 60, "OPENS"),
        ({"area": "2", "companion_of": "e1"}, 60, "JOINS"),
    ],
)
def test_xs_12(changes, seconds, kind):
    story = Story(context(), opened="02:00:00")
    later = story.now + timedelta(seconds=seconds)
    (one,) = routed(signal(event_id="e2", received_at=later, **changes), story)
    assert one.kind == kind
    assert one.incident == ("e1" if kind == "JOINS" else "e2")


def test_xs_12_counts_from_the_last_alarm_and_the_window_is_a_setting():
    story = Story(context(), opened="02:00:00")
    second = signal(event_id="e2", received_at=story.now + timedelta(seconds=500))
    story.tell(EventReceived(signal=second))
    third = signal(event_id="e3", received_at=second.received_at + timedelta(seconds=500))
    assert routed(third, story)[0].kind is RouteKind.JOINS
    given = context(grouping_window_s=300)
    assert routed(third, story, given=given)[0].kind is RouteKind.OPENS


def test_xs_12_an_incident_that_is_over_is_not_joined():
    story = Story(context())
    from decision.facts import Resolved

    story.tell(Resolved(channel=Channel.LINK, user="A"))
    (one,) = routed(signal(event_id="e2", received_at=story.now), story)
    assert one.kind is RouteKind.OPENS


@pytest.mark.parametrize(
    ("category", "scope", "kind", "is_exception"),
    [
        ("burglary", (), "NOTHING", False),
        ("tamper", (), "NOTHING", False),
        ("environment", (), "NOTHING", False),
        ("fire", (), "OPENS", True),
        ("gas", (), "OPENS", True),
        ("medical", (), "OPENS", True),
        ("hold_up", (), "OPENS", True),
        ("panic", (), "OPENS", True),
        ("fire", ("fire",), "NOTHING", False),
        ("hold_up", ("fire",), "OPENS", True),
    ],
)
def test_xs_10(category, scope, kind, is_exception):
    (one,) = routed(signal(category=category, is_on_test=True), scope=scope)
    assert one.kind == kind
    assert (one.fact is not None and one.fact.is_test_exception) is is_exception


@pytest.mark.parametrize(
    ("is_layered", "is_verified", "kind"),
    [
        (False, None, "OPENS"),
        (True, None, "NOTHING"),
        (True, False, "NOTHING"),
        (True, True, "OPENS"),
    ],
)
def test_disp_j9_only_sustained_presence_enters_the_workflow(is_layered, is_verified, kind):
    given = context(site(zones=(Zone(id="5", is_layered=is_layered),)))
    (one,) = routed(signal(is_verified=is_verified), given=given)
    assert one.kind == kind


@pytest.mark.parametrize(
    ("changes", "bears"),
    [
        ({"kind": "restoral"}, True),
        ({"kind": "restoral", "category": "fire"}, False),
        ({"kind": "restoral", "area": "2"}, False),
        ({"kind": "cancel", "category": "cancel"}, True),
        ({"kind": "cancel", "category": "cancel", "area": None}, True),
        ({"kind": "cancel", "category": "cancel", "is_on_test": True}, False),
        ({"kind": "open", "category": "open_close"}, True),
        ({"kind": "open", "category": "open_close", "area": "2"}, False),
        ({"kind": "trouble", "category": "tamper"}, True),
        ({"kind": "trouble", "category": "tamper", "zone": "9"}, False),
        ({"kind": "info", "category": "listen_in", "follow_on": "audio"}, True),
        ({"kind": "info", "category": "information"}, False),
        ({"kind": "test", "category": "test"}, False),
    ],
)
def test_what_bears_on_an_open_incident(changes, bears):
    story = Story(context())
    (one,) = routed(signal(event_id="e2", **changes), story)
    assert one.kind == ("BEARS_ON" if bears else "NOTHING")


def test_a_cancel_bears_on_every_open_incident_of_its_area():
    stories = (Story(context()), Story(context(), category="fire", event_id="f1"))
    cancel = signal(event_id="e2", kind="cancel", category="cancel")
    assert [one.incident for one in routed(cancel, *stories)] == ["e1", "f1"]


class TestJoined:
    def joined(self, **changes):
        story = Story(context(silent_site()), severity=8)
        story.tell(EventReceived(signal=signal(event_id="e2", severity=6, **changes)))
        return story

    def test_is_kept_with_the_best_rank(self):
        story = self.joined(zone="6")
        assert [s.event_id for s in story.state.signals] == ["e1", "e2"]
        assert story.state.severity == 6

    def test_the_same_event_has_one_effect(self):
        story = self.joined()
        told = story.tell(EventReceived(signal=signal(event_id="e2")))
        assert told.refusal is not None
        assert len(story.state.signals) == 2

    def test_after_the_dispatch_it_is_an_update(self):
        story = Story(context())
        story.threat(ThreatJudgement.TL3)
        step = story.tell(EventReceived(signal=signal(event_id="e2", zone="6")))
        assert [type(a) for a in step.actions][:1] == [ForwardUpdate]
        assert len(story.of(Dispatch)) == 1


@pytest.mark.parametrize(
    ("events", "area", "state"),
    [
        ([], "1", None),
        ([("close", "1")], "1", True),
        ([("close", "1")], "2", None),
        ([("close", None)], "2", True),
        ([("close", None), ("open", "1")], "1", False),
        ([("close", None), ("open", "1")], "2", True),
        ([("open", "1"), ("close", None)], "1", True),
    ],
)
def test_arming(events, area, state):
    told = ArmState()
    for kind, where in events:
        told = armed(told, signal(kind=kind, category="open_close", area=where))
    assert told.of(area) is state


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "open", "category": "schedule"},
        {"kind": "cancel", "category": "cancel"},
        {"kind": "restoral"},
    ],
)
def test_arming_is_changed_by_openings_and_closings_only(changes):
    assert armed(ArmState(), signal(**changes)) == ArmState()


def test_opened_at_is_when_the_gateway_received_it():
    assert Story(context(), opened="00:00:00").state.opened_at == DAY
