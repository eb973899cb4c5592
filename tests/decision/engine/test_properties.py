"""Whatever happens in whatever order: memory is what the log gives, and every event stands once."""

from __future__ import annotations

import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from decision import facts as f
from decision import incidents, packs
from decision.engine import Profiles
from decision.facts import Actor
from decision.store import codec, verify
from decision.vocabulary import (
    AccessOutcome,
    AccessStep,
    Audibility,
    Channel,
    ContactResult,
    HumanActivity,
    SiteCheckOutcome,
    ThreatJudgement,
)
from tests.support.core import Core, TestClock
from tests.support.incidents import OPERATOR, signal, silent_site, site

DESK = Actor(kind="responder", id="desk")
SITES = {
    "main.1": site(account="1", jurisdiction="ca-nb-saint-john"),
    "main.2": silent_site(account="2", response_mode="IMMEDIATE", jurisdiction="nowhere"),
    "main.3": silent_site(account="3", jurisdiction="ca-nb-saint-john", alarm_system="main.1"),
}
FACTS = st.sampled_from(
    [
        (f.Listened(audibility=Audibility.DISCERNIBLE), OPERATOR),
        (f.HumanActivityAssessed(activity=HumanActivity.HUMAN), OPERATOR),
        (f.ThreatAssessed(judgement=ThreatJudgement.TL2, description="steps"), OPERATOR),
        (f.ThreatAssessed(judgement=ThreatJudgement.TL3, description="breaking"), OPERATOR),
        (
            f.AudioAccessAttempted(step=AccessStep.ACCESS_B, outcome=AccessOutcome.NO_ACCESS),
            OPERATOR,
        ),
        (f.SiteCheckedByVideo(outcome=SiteCheckOutcome.NOT_AVAILABLE), OPERATOR),
        *(
            (f.ContactAttempted(contact=name, result=result), OPERATOR)
            for name in "ABC"
            for result in (
                ContactResult.NO_ANSWER, ContactResult.APPROVE, ContactResult.CANCEL,
            )
        ),
        (f.RequestSent(request="r"), OPERATOR),
        (f.RequestAccepted(request="r", number="7"), DESK),
        (f.RequestClosed(request="r", disposition="No Report - False Alarm"), DESK),
        (f.Resolved(channel=Channel.LINK, user="A"), Actor(kind="contact", id="A")),
        (f.ManualDispatchRequested(channel=Channel.LINK, user="A"), Actor(kind="contact", id="A")),
        (f.NoteAdded(text="words"), OPERATOR),
    ]
)  # fmt: skip
EVENTS = st.builds(
    lambda number, account, category, kind: (f"e-{number}", account, category, kind),
    st.integers(0, 25),
    st.sampled_from(["1", "2", "3", "99"]),
    st.sampled_from(["burglary", "fire", "panic", "tamper"]),
    st.sampled_from(["alarm", "alarm", "restoral", "open", "close", "cancel"]),
)
ACTS = st.one_of(
    st.tuples(st.just("events"), st.lists(EVENTS, min_size=1, max_size=4)),
    st.tuples(st.just("fact"), st.tuples(st.integers(0, 5), FACTS)),
    st.tuples(st.just("time"), st.integers(1, 20_000)),
    st.tuples(st.just("restart"), st.none()),
)


def play(core: Core, acts) -> tuple[Core, set[str]]:
    said: dict[str, object] = {}
    for kind, what in acts:
        if kind == "events":
            batch = []
            for event_id, account, category, form in what:
                # The same id is the same event, whenever it comes again.
                batch.append(
                    said.setdefault(
                        event_id,
                        signal(
                            event_id=event_id,
                            account=account,
                            category=category,
                            kind=form,
                            received_at=core.clock.at,
                        ),
                    )
                )
            assert not core.engine.take(batch).failed
        elif kind == "fact":
            number, (fact, actor) = what
            known = core.engine.open_incidents()
            if known:
                core.engine.record(f"incident/{known[number % len(known)].id}", fact, actor)
        elif kind == "time":
            core.clock.move(seconds=what)
            core.fire_all()
        else:
            core = core.again()
        assert not core.engine.faults
    return core, set(said)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ACTS, min_size=1, max_size=25))
def test_memory_is_what_the_log_gives(acts):
    profiles = Profiles(sites=SITES, packs=packs.shipped())
    clock = TestClock(datetime(2025, 3, 1, 12, tzinfo=UTC))
    with tempfile.TemporaryDirectory() as folder:
        core, said = play(Core(Path(folder), profiles, clock), acts)
        try:
            rows = list(core.store.rows())
            assert Counter(row.event_id for row in rows if row.event_id) == Counter(said)
            assert verify(iter(rows))[2] is None
            opened = core.engine.open_incidents()
            for state in opened:
                log = core.engine.history(codec.INCIDENT + state.id)
                assert incidents.fold(log) == state
            systems = [core.engine.system(name) for name in ("main.1", "main.3")]
            # In the end a new process knows the same, timers included.
            due = core.engine.next_due()
            core = core.again()
            assert core.engine.open_incidents() == opened
            assert core.engine.next_due() == due
            assert [core.engine.system(name) for name in ("main.1", "main.3")] == systems
        finally:
            core.engine.stop()
