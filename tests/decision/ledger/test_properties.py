"""What must hold for every log of facts, found by hypothesis."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from decision.ledger import apply, due, fold
from decision.ledger.facts import (
    AppealFiled,
    AppealProcessed,
    DayCame,
    DeclaredFalse,
    DiscontinuedCleared,
    InvoiceIssued,
    InvoicePaid,
    NoticeApproved,
    NoticeDrafted,
    NoticeIssued,
    PoliceCall,
    ReviewDecided,
)
from decision.ledger.state import SystemState
from decision.ledger.table import TRANSITIONS
from decision.ledger.words import Counter, ReviewDecision, SystemStatus
from decision.packs import AppealKind, NoticeKind
from tests.support.ledger import FALSE, PACKS, REFUSED, SAINT_JOHN, VALID, utc

START = utc("2024-02-20T12:00")
HOURS = (0, 1, 30, 24 * 7, 24 * 14, 24 * 100)
TYPES = ("BURGLAR", "BURGLAR", "BURGLAR", "BURGLAR", "HOLD_UP", "FIRE", "OTHER", None)
CATEGORIES = (None, None, "burglary", "panic")
PREMISES = ("COMPANY", "COMPANY", "COMPANY", "COMPANY", "SCHOOL", "RESIDENTIAL", None)
ENDINGS = (FALSE, FALSE, FALSE, FALSE, REFUSED, VALID, None)
ACCEPTED = (None, True, True, False)


def pick(values, number):
    return values[number % len(values)]


def police_call(a, b, _on):
    """A call of one of twelve names; ``b`` chooses all the rest of it."""
    return PoliceCall(
        call=str(a % 12),
        alarm_type=pick(TYPES, b),
        category=pick(CATEGORIES, b // 8),
        premise_type=pick(PREMISES, b // 3),
        accepted=pick(ACCEPTED, b // 5),
        disposition=pick(ENDINGS, b // 7),
    )


MAKERS = (
    police_call,
    police_call,
    police_call,
    police_call,
    lambda a, b, _on: NoticeDrafted(notice=f"n{a % 3}", kind=pick(tuple(NoticeKind), b)),
    lambda a, _b, on: NoticeApproved(notice=f"n{a % 3}", on=on),
    lambda a, _b, on: NoticeIssued(notice=f"n{a % 3}", on=on),
    lambda a, b, on: NoticeIssued(
        notice=f"m{a}", on=on, is_received=True, kind=pick(tuple(NoticeKind), b)
    ),
    lambda a, b, on: AppealFiled(
        appeal=f"a{b % 4}", on=on, call=str(a), kind=pick(tuple(AppealKind), b // 4),
        filed_by="alarm_business",
    ),
    lambda _a, b, on: AppealProcessed(appeal=f"a{b % 4}", on=on, is_granted=b % 3 != 0),
    lambda _a, b, on: ReviewDecided(on=on, decision=pick(tuple(ReviewDecision), b)),
    lambda a, _b, on: InvoiceIssued(invoice=f"i{a}", call=str(a), on=on),
    lambda a, _b, on: InvoicePaid(invoice=f"i{a}", on=on),
    lambda _a, _b, on: DiscontinuedCleared(on=on),
    lambda a, _b, on: DeclaredFalse(call=str(a), on=on, by="Chief"),
    lambda _a, _b, _on: DayCame(),
)  # fmt: skip
ASKED = range(len(MAKERS), len(MAKERS) + 8)
"""Choices for which the offices do what is asked of them, so that suspensions come about."""

choices = st.lists(
    st.tuples(
        st.integers(0, len(HOURS) - 1),
        st.integers(0, ASKED[-1]),
        st.integers(0, 11),
        st.integers(0, 200),
        st.integers(0, 20),
    ),
    min_size=25,
    max_size=60,
)


def log_of(chosen):
    """Facts in time: what was chosen, as it can be at that point of the story."""
    now, state, log = START, SystemState(system="s"), []
    for number, (hours, maker, a, b, days_ago) in enumerate(chosen):
        now += timedelta(hours=HOURS[hours])
        on = SAINT_JOHN.calendar.day(now)
        if maker in ASKED:
            fact = what_is_asked(state, on, number)
        else:
            fact = MAKERS[maker](a, b, on - timedelta(days=days_ago))
        log.append((now, fact))
        state = apply(state, fact, now, SAINT_JOHN).state
    return log


def what_is_asked(state, on, number):
    for task in reversed(state.open_tasks):
        if task.kind == "DRAFT_NOTICE":
            return NoticeDrafted(notice=f"d{number}", kind=NoticeKind(task.about.split("/")[0]))
        if task.kind == "APPROVE_NOTICE":
            return NoticeApproved(notice=task.about, on=on)
        if task.kind == "ISSUE_NOTICE":
            return NoticeIssued(notice=task.about, on=on)
        if task.kind == "REVIEW":
            return ReviewDecided(on=on, decision=ReviewDecision.REINSTATE)
        if task.kind in {"TELL_ACCOUNTANT", "ISSUE_INVOICE"}:
            return InvoiceIssued(invoice=f"v{number}", call=task.about, on=on)
    return DayCame()


all_logs = choices.map(log_of)
calls = st.builds(police_call, st.integers(0, 11), st.integers(0, 200), st.none())


def steps(log, pack=SAINT_JOHN):
    state = SystemState(system="s")
    for now, fact in log:
        step = apply(state, fact, now, pack)
        yield state, now, fact, step
        state = step.state


@given(all_logs)
@settings(max_examples=120, deadline=None)
def test_the_same_log_gives_the_same_state(log):
    assert fold("s", log, SAINT_JOHN) == fold("s", log, SAINT_JOHN)


@given(all_logs)
@settings(max_examples=120, deadline=None)
def test_exempt_never_counts_and_never_costs(log):
    """SJ-A2."""
    state = fold("s", log, SAINT_JOHN)
    for call in state.calls:
        scope = SAINT_JOHN.scope(
            alarm_type=call.alarm_type, premise_type=call.premise_type, category=call.category
        )
        if scope.verdict != "APPLIES":
            assert call.counter is Counter.NONE
            assert call.fee == "0.00"


@given(st.lists(calls.map(lambda call: (START, call)), max_size=30))
@settings(max_examples=100, deadline=None)
def test_exempt_alarms_beside_others_change_nothing(log):
    """Leaving them out of the log gives the same count, tasks and state."""

    def is_exempt(fact):
        scope = SAINT_JOHN.scope(
            alarm_type=fact.alarm_type, premise_type=fact.premise_type, category=fact.category
        )
        return scope.verdict == "EXEMPT"

    # Each call is told once here: a second telling may make an exempt one of it.
    once = list({fact.call: (now, fact) for now, fact in log}.values())
    whole = fold("s", once, SAINT_JOHN)
    others = fold("s", [(now, fact) for now, fact in once if not is_exempt(fact)], SAINT_JOHN)
    assert whole.count == others.count
    assert whole.state is others.state
    assert [(t.kind, t.about, t.calls) for t in whole.tasks] == [
        (t.kind, t.about, t.calls) for t in others.tasks
    ]


@given(all_logs)
@settings(max_examples=120, deadline=None)
def test_no_automatic_reinstatement(log):
    """SJ-E3: back to ACTIVE only by an issued SJ-N3, or before a suspension took effect."""
    for before, _, _, step in steps(log):
        if before.is_suspended and step.state.state is SystemStatus.ACTIVE:
            assert step.state.suspension.reinstated_on is not None
            issued = [n for n in step.state.notices if n.kind is NoticeKind.REINSTATEMENT]
            assert any(n.status == "ISSUED" for n in issued)


@given(all_logs)
@settings(max_examples=120, deadline=None)
def test_a_fee_is_only_for_post_suspension_accepted_and_false(log):
    """SJ-$1, SJ-$2."""
    state = fold("s", log, SAINT_JOHN)
    for call in state.calls:
        if call.fee != "0.00":
            assert call.fee == "100.00"
            assert call.counter is Counter.POST_SUSPENSION
            assert call.outcome == "FALSE"
            assert call.accepted is not False
            assert any(
                one.effective <= call.day and (one.resumes is None or call.day < one.resumes)
                for one in state.suspensions
            )


@given(all_logs)
@settings(max_examples=120, deadline=None)
def test_the_dates_of_a_suspension_follow_from_its_papers(log):
    """SJ-E1, SJ-E3, SJ-F1: I+14, E+1 year, R+14."""
    state = fold("s", log, SAINT_JOHN)
    for one in state.suspensions:
        assert one.effective == one.issued_on + timedelta(days=14)
        assert one.term_ends == SAINT_JOHN.calendar.after_years(one.effective, 1)
        if one.reinstated_on is not None:
            assert one.resumes == one.reinstated_on + timedelta(days=14)


@given(all_logs)
@settings(max_examples=120, deadline=None)
def test_the_state_is_that_of_its_dates(log):
    """AMB-S3: whatever the log, the day says what the state is."""
    state = fold("s", log, SAINT_JOHN)
    if state.as_of is None:
        return
    today = SAINT_JOHN.calendar.day(state.as_of)
    one = state.suspension
    expected = SystemStatus.ACTIVE
    if one is not None and one.resumes is not None and one.resumes <= today:
        expected = SystemStatus.ACTIVE
    elif one is not None and one.reinstated_on is not None:
        expected = SystemStatus.REINSTATEMENT_PENDING
    elif one is not None and one.term_ends <= today:
        expected = SystemStatus.DEFERRED
    elif one is not None and one.effective <= today:
        expected = SystemStatus.SUSPENDED
    elif one is not None:
        expected = SystemStatus.SUSPENSION_PENDING
    assert state.state is expected


@given(all_logs)
@settings(max_examples=120, deadline=None)
def test_every_move_is_in_the_table(log):
    for _, _, _, step in steps(log):
        for action in step.actions:
            if type(action).__name__ == "StatusChanged":
                assert action.after in TRANSITIONS[action.before].values()


@given(all_logs)
@settings(max_examples=120, deadline=None)
def test_every_reason_and_action_names_its_rules(log):
    for _, _, _, step in steps(log):
        for one in (*step.reasons, *step.actions):
            assert one.rules, one


@given(all_logs)
@settings(max_examples=120, deadline=None)
def test_a_refused_fact_leaves_the_state_as_time_made_it(log):
    for before, now, _, step in steps(log):
        if step.is_refused:
            assert step.reasons
            assert step.state == apply(before, DayCame(), now, SAINT_JOHN).state


@given(all_logs)
@settings(max_examples=100, deadline=None)
def test_timers_that_fire_change_nothing_but_sooner(log):
    """Woken at every due moment or never: the same state afterwards."""
    woken = SystemState(system="s")
    for now, fact in log:
        while (alarm := due(woken, SAINT_JOHN)) is not None and alarm <= now:
            woken = apply(woken, DayCame(), alarm, SAINT_JOHN).state
        woken = apply(woken, fact, now, SAINT_JOHN).state
    assert woken == fold("s", log, SAINT_JOHN)


@given(all_logs)
@settings(max_examples=100, deadline=None)
def test_what_is_due_lies_ahead(log):
    state = fold("s", log, SAINT_JOHN)
    alarm = due(state, SAINT_JOHN)
    assert alarm is None or alarm > state.as_of


@given(all_logs)
@settings(max_examples=100, deadline=None)
def test_verdicts_are_only_added(log):
    """Append-only: what was once said of an alarm stays."""
    for before, _, _, step in steps(log):
        for call in before.calls:
            after = step.state.call(call.call)
            assert after.verdicts[: len(call.verdicts)] == call.verdicts


@given(all_logs)
@settings(max_examples=100, deadline=None)
def test_discontinued_begins_with_three_past_due(log):
    """SJ-E1c, AMB-S6."""
    for before, _, _, step in steps(log):
        if step.state.is_discontinued and not before.is_discontinued:
            assert sum(one.was_past_due for one in step.state.invoices) >= 3


@given(all_logs)
@settings(max_examples=60, deadline=None)
def test_a_pack_without_suspension_never_leaves_active(log):
    for _, _, _, step in steps(log, PACKS["example-mesa-verde-springs"]):
        assert step.state.state is SystemStatus.ACTIVE
