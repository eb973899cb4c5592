"""Which branches the story took: one row for each row of PPVAR 6.2, and for what else it promises.

Read out of the core's own log, by folding it again: what is counted here is on record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Generic, TypeAlias, TypeVar

import msgspec

from decision import facts as f
from decision.actions import (
    Close,
    Dispatch,
    Escalate,
    ForwardUpdate,
    GateWarning,
    NotifyContacts,
    OperatorRequired,
)
from decision.incidents import Told
from decision.ledger import facts as lf
from decision.ledger.actions import DiscontinuedChanged, StatusChanged, TaskOpened
from decision.ledger.words import SystemStatus, TaskKind
from decision.state import Transition
from decision.vocabulary import (
    NO_REPORT_FALSE_ALARM,
    NO_RESPONSE_POST_SUSPENSION,
    AccessOutcome,
    AreaClass,
    Audibility,
    CallOffStatus,
    Channel,
    CloseReason,
    ContactResult,
    DispatchReason,
    GateResult,
    HumanActivity,
    Ppvar,
    SiteCheckOutcome,
    Task,
    ThreatJudgement,
)
from gateway.cli._station.ledger_story import Passed

Test: TypeAlias = Callable[[Told], bool]
P: TypeAlias = Ppvar


T = TypeVar("T")


class Branch(msgspec.Struct, Generic[T], frozen=True):
    """One thing that the story has to show."""

    group: str
    text: str
    rule: str
    is_taken: Callable[[T], bool]


def _moves(told: Told) -> Sequence[Transition]:
    """The transitions of the audio verification that this fact led to."""
    known = len(told.before.trail) if told.before is not None else 0
    return [one for one in told.state.trail[known:] if one.region == "ppvar"]


def _moved(before: Ppvar, after: Ppvar, fact: type[Any] | None = None, **said: object) -> Test:
    """Whether this fact, which says so, led from one state to another."""

    def test(told: Told) -> bool:
        given = told.recorded.fact
        return (
            any(one.before == before and one.after == after for one in _moves(told))
            and (fact is None or isinstance(given, fact))
            and all(getattr(given, name, None) == value for name, value in said.items())
        )

    return test


def _dispatched(reason: DispatchReason, test: Test | None = None) -> Test:
    def both(told: Told) -> bool:
        return any(isinstance(one, Dispatch) and one.reason is reason for one in told.actions) and (
            test is None or test(told)
        )

    return both


def _closed(reason: CloseReason, test: Test | None = None) -> Test:
    def both(told: Told) -> bool:
        return any(isinstance(one, Close) and one.reason is reason for one in told.actions) and (
            test is None or test(told)
        )

    return both


def _in_area(area: AreaClass, test: Test) -> Test:
    def both(told: Told) -> bool:
        signal = told.state.signals[0]
        return (told.state.area_class or signal.area_class) is area and test(told)

    return both


def _dispatch_comes_first(told: Told) -> bool:
    kinds = [type(one) for one in told.actions if isinstance(one, Dispatch | NotifyContacts)]
    return kinds == [Dispatch, NotifyContacts]


def _did(action: type[Any]) -> Test:
    return lambda told: any(isinstance(one, action) for one in told.actions)


def _asked(task: Task) -> Test:
    return lambda told: any(
        isinstance(one, OperatorRequired) and one.task is task for one in told.actions
    )


def _warned(result: GateResult, rule: str) -> Test:
    return lambda told: any(
        isinstance(one, GateWarning)
        and one.verdict.result is result
        and rule in {found.rule for found in one.verdict.findings}
        for one in told.actions
    )


def _said(fact: type[Any], test: Callable[[Any], bool] = lambda _fact: True) -> Test:
    return lambda told: isinstance(told.recorded.fact, fact) and test(told.recorded.fact)


_HUMAN = f.HumanActivityAssessed
_LEVEL = f.ThreatAssessed
_VIDEO, _PERSON = f.SiteCheckedByVideo, f.SiteCheckedByPerson
_CALL = f.ContactAttempted
_S, _C, _D = SiteCheckOutcome, ContactResult, DispatchReason
_SITE, _CONTACT = Ppvar.VERIFY_SITE, Ppvar.VERIFY_CONTACT


def _61(text: str, rule: str, test: Test) -> Branch[Told]:
    return Branch("PPVAR 6.2", text, rule, test)


PPVAR: Final = (
    _61("RECEIVED: instructions reviewed, then listen", "PPVAR-6.1.1",
        _moved(P.RECEIVED, P.LISTEN_INITIAL, f.InstructionsReviewed)),
    _61("RECEIVED: no audio equipment, without audio", "XS-11", _moved(P.RECEIVED, P.NON_AUDIO)),
    _61("LISTEN: no audio", "PPVAR-6.2.1",
        _moved(P.LISTEN_INITIAL, P.ACCESS_A, f.Listened, audibility=Audibility.NO_AUDIO)),
    _61("LISTEN: not discernible", "PPVAR-6.2.1.1",
        _moved(P.LISTEN_INITIAL, P.ACCESS_A, f.Listened, audibility=Audibility.NOT_DISCERNIBLE)),
    _61("LISTEN: discernible", "PPVAR-6.2.1.2", _moved(P.LISTEN_INITIAL, P.ASSESS)),
    _61("LISTEN: a crime in the first sounds", "PPVAR-5.1",
        _moved(P.LISTEN_INITIAL, P.DISPATCH, _LEVEL)),
    _61("ACCESS_A: cannot be accessed", "PPVAR-6.2.1.1.2",
        _moved(P.ACCESS_A, P.NON_AUDIO, outcome=AccessOutcome.NO_ACCESS)),
    _61("ACCESS_A: nothing actionable", "PPVAR-6.2.1.1.2",
        _moved(P.ACCESS_A, P.NON_AUDIO, outcome=AccessOutcome.NOTHING_ACTIONABLE)),
    _61("ACCESS_A: actionable, threat level", "PPVAR-6.2.1.1.1", _moved(P.ACCESS_A, P.THREAT)),
    _61("ASSESS: human activity", "PPVAR-6.2.1.2.1",
        _moved(P.ASSESS, P.THREAT, _HUMAN, activity=HumanActivity.HUMAN)),
    _61("ASSESS: recent human activity", "PPVAR-6.2.1.2.1",
        _moved(P.ASSESS, P.THREAT, _HUMAN, activity=HumanActivity.RECENT)),
    _61("ASSESS: none, closed by policy", "PPVAR-6.2.1.2.2",
        _closed(CloseReason.NO_HUMAN_ACTIVITY, _moved(P.NO_HUMAN, P.CLOSE, _HUMAN))),
    _61("ASSESS: none, the operator goes on without audio", "PPVAR-6.2.1.2.2",
        _moved(P.NO_HUMAN, P.NON_AUDIO, f.OperatorDecided)),
    _61("THREAT: TL3, dispatched", "PPVAR-6.2.2.1.1",
        _dispatched(_D.TL3, _moved(P.THREAT, P.DISPATCH))),
    _61("THREAT: TL2", "PPVAR-6.2.2.2",
        _moved(P.THREAT, P.ACCESS_B, _LEVEL, judgement=ThreatJudgement.TL2)),
    _61("THREAT: TL1, as no human activity; the operator closes", "PPVAR-3.19.3",
        _moved(P.THREAT, P.NO_HUMAN)),
    _61("THREAT: cannot be settled, as TL2", "AMB-P11",
        _moved(P.THREAT, P.ACCESS_B, _LEVEL, judgement=ThreatJudgement.UNSETTLED)),
    _61("ACCESS_B: raised to TL3, dispatched", "PPVAR-6.2.2.2.1",
        _dispatched(_D.TL3, _moved(P.ACCESS_B, P.DISPATCH))),
    _61("ACCESS_B: cannot be accessed", "PPVAR-6.2.2.2.2",
        _moved(P.ACCESS_B, _SITE, outcome=AccessOutcome.NO_ACCESS)),
    _61("ACCESS_B: not raised", "PPVAR-6.2.2.2.2",
        _moved(P.ACCESS_B, _SITE, outcome=AccessOutcome.NOT_RAISED)),
    _61("VERIFY 1: video, authorised", "PPVAR-6.2.2.2.2.1",
        _moved(_SITE, P.CLOSE, _VIDEO, outcome=_S.AUTHORIZED)),
    _61("VERIFY 1: somebody on site, authorised", "PPVAR-6.2.2.2.2.1",
        _moved(_SITE, P.CLOSE, _PERSON, outcome=_S.AUTHORIZED)),
    _61("VERIFY 1: video shows a crime", "PPVAR-5.3",
        _dispatched(_D.ACTIVITY_NOT_AUTHORIZED,
                    _moved(_SITE, P.DISPATCH, _VIDEO, outcome=_S.CRIME))),
    _61("VERIFY 1: somebody on site, not authorised", "PPVAR-5.2",
        _dispatched(_D.ACTIVITY_NOT_AUTHORIZED,
                    _moved(_SITE, P.DISPATCH, _PERSON, outcome=_S.NOT_AUTHORIZED))),
    _61("VERIFY 1: cannot verify, a contact next", "PPVAR-6.2.2.2.2", _moved(_SITE, _CONTACT)),
    _61("VERIFY 2: a contact authorises", "PPVAR-6.2.2.2.2.1",
        _moved(_CONTACT, P.CLOSE, _CALL, result=_C.AUTHORIZED_ACTIVITY)),
    _61("VERIFY 2: a contact does not authorise, common area", "AMB-P2",
        _in_area(AreaClass.COMMON, _dispatched(
            _D.ACTIVITY_NOT_AUTHORIZED,
            _moved(_CONTACT, P.DISPATCH, _CALL, result=_C.NOT_AUTHORIZED)))),
    _61("VERIFY 2: a contact approves", "DISP-S3",
        _moved(_CONTACT, P.DISPATCH, _CALL, result=_C.APPROVE)),
    _61("VERIFY 2: a contact cancels", "DISP-S4",
        _moved(_CONTACT, P.CLOSE, _CALL, result=_C.CANCEL)),
    _61("VERIFY: a cancellation by the panel, confirmed", "AMB-P12",
        _closed(CloseReason.AUTHORIZED, _said(f.OperatorDecided))),
    _61("VERIFY: cannot be verified, the area decides", "PPVAR-6.2.2.2.2.2",
        _moved(_CONTACT, P.AREA)),
    _61("AREA: secured, dispatched", "PPVAR-6.2.2.2.2.2.1",
        _in_area(AreaClass.SECURED,
                 _dispatched(_D.TL2_SECURED_UNVERIFIED, _moved(P.AREA, P.DISPATCH, _CALL)))),
    _61("AREA: common, closed by policy", "PPVAR-6.2.2.2.2.2.3",
        _in_area(AreaClass.COMMON,
                 _closed(CloseReason.TL2_NOT_SECURED, _moved(P.NOT_SECURED, P.CLOSE, _CALL)))),
    _61("AREA: unsecured, closed by policy", "PPVAR-6.2.2.2.2.2.3",
        _in_area(AreaClass.UNSECURED,
                 _closed(CloseReason.TL2_NOT_SECURED, _moved(P.NOT_SECURED, P.CLOSE, _CALL)))),
    _61("AREA: unknown, a person must classify it", "AMB-P3", _asked(Task.CLASSIFY_AREA)),
    _61("AREA: unknown, classified as secured, dispatched", "AMB-P3",
        _moved(P.AREA, P.DISPATCH, f.AreaClassified)),
    _61("AREA: not secured, the operator is asked", "PPVAR-6.2.2.2.2.2.3",
        _moved(P.NOT_SECURED, P.CLOSE, f.OperatorDecided)),
    _61("AREA: not secured, follows the response mode", "XS-3",
        _dispatched(_D.CONTACTS_EXHAUSTED, _moved(P.NOT_SECURED, P.DISPATCH))),
    _61("NOTIFY: after the dispatch, never before", "PPVAR-6.2.2.1.2", _dispatch_comes_first),
    _61("Any, after dispatch: new information is forwarded", "PPVAR-5.8", _did(ForwardUpdate)),
)  # fmt: skip
"""Every row of the state machine of 2.8."""


def _more(group: str, text: str, rule: str, test: Test) -> Branch[Told]:
    return Branch(group, text, rule, test)


_IMMEDIATE, _STANDARD, _URGENT, _LOCAL = (
    "Immediate response", "Standard response", "Life safety, hold-up, customer", "Gate",
)  # fmt: skip

RESPONSES: Final = (
    _more(_IMMEDIATE, "verified by other means, dispatched", "DISP-I1",
          _dispatched(_D.IMMEDIATE_VERIFIED)),
    _more(_IMMEDIATE, "a contact cancels: call-off asked for, refused", "DISP-I4",
          _said(f.CallOffResult, lambda fact: fact.result is CallOffStatus.REFUSED)),
    _more(_IMMEDIATE, "expired at exactly 4 h", "DISP-I5",
          _closed(CloseReason.ACTIVE_WINDOW_EXPIRED)),
    _more(_IMMEDIATE, "not to be verified: the call list", "XS-4",
          _said(f.OperatorDecided, lambda fact: fact.task is Task.VERIFY_OTHERWISE)),
    _more(_STANDARD, "list exhausted, dispatched", "DISP-S2",
          _dispatched(_D.CONTACTS_EXHAUSTED, _said(_CALL))),
    _more(_STANDARD, "a contact approves, dispatched", "DISP-S3",
          _dispatched(_D.CONTACT_APPROVED)),
    _more(_STANDARD, "a contact cancels, closed", "DISP-S4",
          _closed(CloseReason.CONTACT_CANCELLED)),
    _more(_STANDARD, "resolved by the link after the dispatch: call-off confirmed", "DISP-I6",
          _said(f.CallOffResult, lambda fact: fact.result is CallOffStatus.CONFIRMED)),
    _more(_URGENT, "fire and medical: at once", "XS-9", _dispatched(_D.LIFE_SAFETY)),
    _more(_URGENT, "hold-up and panic: at once", "XS-8", _dispatched(_D.HOLD_UP)),
    _more(_URGENT, "the customer asks by the link, dispatched", "DISP-M1",
          _dispatched(_D.MANUAL_REQUEST, _said(
              f.ManualDispatchRequested, lambda fact: fact.channel is Channel.LINK))),
    _more(_URGENT, "a second request is an update", "AMB-D8",
          lambda told: _said(f.ManualDispatchRequested)(told) and _did(ForwardUpdate)(told)),
    _more(_URGENT, "nobody answers in time: a supervisor is called", "AMB-P3", _did(Escalate)),
    _more(_LOCAL, "unknown jurisdiction: warned", "DISP-J1",
          _warned(GateResult.WARN, "DISP-J1")),
    _more(_LOCAL, "no key holder yet: warned", "DISP-J3", _warned(GateResult.WARN, "DISP-J3")),
    _more(_LOCAL, "no permit where one is required: blocked", "DISP-J2",
          _warned(GateResult.BLOCK, "DISP-J2")),
    _more(_LOCAL, "police decline, and are asked again", "DISP-J10", _said(f.RequestRejected)),
    _more(_LOCAL, "suspension pending: warned", "XS-6", _warned(GateResult.WARN, "XS-6")),
    _more(_LOCAL, "suspended: blocked", "XS-5", _warned(GateResult.BLOCK, "XS-5")),
)  # fmt: skip
"""What else the night promises; the last two need the year."""


def _kept(text: str, rule: str, test: Callable[[Passed], bool]) -> Branch[Passed]:
    return Branch("False-alarm ledger", text, rule, test)


def _became(after: SystemStatus) -> Callable[[Passed], bool]:
    return lambda passed: any(
        isinstance(one, StatusChanged) and one.after is after for one in passed.step.actions
    )


def _closed_as(disposition: str, *states: SystemStatus) -> Callable[[Passed], bool]:
    return lambda passed: (
        isinstance(passed.fact, lf.PoliceCall)
        and passed.fact.disposition == disposition
        and passed.before.state in states
    )


def _discontinued(*, is_on: bool) -> Callable[[Passed], bool]:
    return lambda passed: any(
        isinstance(one, DiscontinuedChanged) and one.is_discontinued is is_on
        for one in passed.step.actions
    )


def _drafts(kind: str) -> Callable[[Passed], bool]:
    return lambda passed: any(
        isinstance(one, TaskOpened)
        and one.task.kind is TaskKind.DRAFT_NOTICE
        and one.task.about.startswith(kind)
        for one in passed.step.actions
    )


_ST: Final = SystemStatus
LEDGER: Final = (
    _kept("2 in the year: a caution is drafted", "SJ-D1", _drafts("CAUTION")),
    _kept("4 in the year: a suspension is drafted", "SJ-E1", _drafts("SUSPENSION")),
    _kept("notices are approved before their issue", "SJ-C4e",
          lambda passed: isinstance(passed.fact, lf.NoticeApproved)),
    _kept("issued: pending for 14 days", "AMB-S3", _became(_ST.SUSPENSION_PENDING)),
    _kept("a false alarm in the lead time: counted, no fee", "AMB-S8",
          _closed_as(NO_REPORT_FALSE_ALARM, _ST.SUSPENSION_PENDING)),
    _kept("effective: suspended, on the list", "SJ-C7", _became(_ST.SUSPENDED)),
    _kept("a post-suspension request is refused", "SJ-C2c-i",
          _closed_as(NO_RESPONSE_POST_SUSPENSION, _ST.SUSPENDED)),
    _kept("one is accepted and found false: invoiced $100.00", "SJ-$1",
          lambda passed: isinstance(passed.fact, lf.InvoiceIssued)),
    _kept("one is accepted and valid: no fee", "SJ-$2",
          _closed_as("Report Taken", _ST.SUSPENDED)),
    _kept("three invoices past due: discontinued", "SJ-E1c", _discontinued(is_on=True)),
    _kept("paid, and cleared by the Inspector", "AMB-S6", _discontinued(is_on=False)),
    _kept("one year over: review due, deferred without a notice", "SJ-F2", _became(_ST.DEFERRED)),
    _kept("the review directs reinstatement", "SJ-E3",
          lambda passed: isinstance(passed.fact, lf.ReviewDecided)),
    _kept("reinstatement issued: pending for 14 days", "SJ-F1",
          _became(_ST.REINSTATEMENT_PENDING)),
    _kept("response resumes", "SJ-F1", _became(_ST.ACTIVE)),
)  # fmt: skip
"""What the year of one alarm system shows."""


class Found(msgspec.Struct, frozen=True):
    """One row of the table at the end."""

    branch: Branch[Any]
    times: int


def count(branches: Sequence[Branch[T]], stories: Iterable[Iterable[T]]) -> list[Found]:
    """How often each branch was taken in these incidents."""
    times = dict.fromkeys(range(len(branches)), 0)
    for story in stories:
        for told in story:
            for number, branch in enumerate(branches):
                times[number] += branch.is_taken(told)
    return [Found(branch, times[number]) for number, branch in enumerate(branches)]
