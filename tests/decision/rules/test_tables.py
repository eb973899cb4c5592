"""Every table is complete: every state, token, task and fact has its row."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from decision import facts, incidents
from decision.question_table import TABLE
from decision.rules import call_list, dispatching, incident, on_audio, on_people, ppvar, response
from decision.rules.grouping import PROCEDURES
from decision.rules.ids import meanings
from decision.rules.progress import TEXTS
from decision.rules.site_step import OUTCOMES
from decision.settings import describe
from decision.vocabulary import (
    AccessOutcome,
    AlarmState,
    Audibility,
    ContactResult,
    DispatchReason,
    HumanActivity,
    ListPurpose,
    Ppvar,
    RequestStatus,
    Response,
    SiteCheckOutcome,
    Task,
    ThreatJudgement,
)
from gateway.contract.event import Category

ONE_CALL = set(ContactResult) - {ContactResult.EXHAUSTED}


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        (ppvar.TRANSITIONS, set(Ppvar)),
        (response.TRANSITIONS, set(Response)),
        (incident.ALARM, set(AlarmState)),
        (incident.MANUAL, set(AlarmState)),
        (incident.REQUEST, set(RequestStatus)),
        (call_list.DECISIONS, set(ListPurpose) - {ListPurpose.NOTIFY}),
        (call_list.DECISIONS[ListPurpose.DECIDE], ONE_CALL),
        (call_list.DECISIONS[ListPurpose.VERIFY], ONE_CALL),
        (call_list.DECISIONS[ListPurpose.TELL], ONE_CALL),
        (call_list.AFTERWARDS, ONE_CALL),
        (on_audio.LISTENED, set(Audibility)),
        (on_audio.ACCESSED, set(AccessOutcome)),
        (on_audio.ASSESSED, set(HumanActivity)),
        (on_audio.JUDGED, set(ThreatJudgement)),
        (OUTCOMES, set(SiteCheckOutcome)),
        (PROCEDURES, set(get_args(Category))),
        (incidents.HANDLERS, set(get_args(facts.Fact))),
    ],
)
def test_every_row_is_there_and_no_other(table, rows):
    assert set(table) == rows


def test_every_state_of_audio_verification_leads_to_a_known_state():
    for row in (*ppvar.TRANSITIONS.values(), *response.TRANSITIONS.values()):
        for move in row.values():
            assert move.after in (set(Ppvar) | set(Response))
            assert move.dispatch is None or move.close is None


def test_every_end_of_audio_verification_can_be_reached():
    seen, edge = set(), {Ppvar.RECEIVED}
    while edge:
        seen |= edge
        edge = {m.after for s in edge for m in ppvar.TRANSITIONS[s].values()} - seen
    assert seen == set(Ppvar) - {Ppvar.NOT_USED}


def test_clear_knowledge_dispatches_from_every_open_state():
    for state in ppvar.RUNNING:
        reasons = {move.dispatch for move in ppvar.TRANSITIONS[state].values()}
        assert {DispatchReason.TL3, DispatchReason.ACTIVITY_NOT_AUTHORIZED} <= reasons


def test_the_area_class_has_cells_in_one_state_only():
    having = {
        state
        for state, row in ppvar.TRANSITIONS.items()
        if any(given.startswith("AREA_") for given in row)
    }
    assert having == {Ppvar.AREA}


def test_every_task_can_be_answered():
    answered = {task for task, _ in on_people.CHOICES} | {Task.CLASSIFY_AREA}
    assert answered == set(Task)
    for task, branch in on_people.CHOICES:
        tokens = {a.token for a in TABLE[f"TASK_{task}"].answers}
        assert branch in tokens, (task, branch)


def test_every_branch_that_is_offered_leads_somewhere():
    for task, (_, _, branches) in TEXTS.items():
        for branch in branches:
            assert (task, branch) in on_people.CHOICES


def test_every_waiting_state_has_words():
    assert {*ppvar.WAITS_FOR.values(), *response.WAITS_FOR.values()} <= set(TEXTS)


def test_every_question_of_the_procedure_has_a_row():
    by_file = {Ppvar.NO_HUMAN, Ppvar.AREA, Ppvar.NOT_SECURED, Ppvar.VERIFY_CONTACT}
    for state in ppvar.RUNNING - by_file:
        assert state in TABLE
    for purpose in ListPurpose:
        assert f"CALL_{purpose}" in TABLE
    for row in TABLE.values():
        assert len(row.answers) <= 9, "one key for each answer"
        assert len({a.token for a in row.answers}) == len(row.answers)


def test_every_rule_id_is_one_of_the_sources():
    known = set(meanings())
    used = {rule for row in TABLE.values() for rule in row.rules}
    for table in (ppvar.TRANSITIONS, response.TRANSITIONS):
        used |= {rule for row in table.values() for move in row.values() for rule in move.rules}
    used |= {rule for rules, _ in describe().values() for rule in rules}
    used |= {rule for _, rules, _ in TEXTS.values() for rule in rules}
    assert used <= known, used - known


def test_every_ambiguity_of_dispatch_and_audio_is_a_setting_or_told_to_be_none():
    told = {rule for rules, _ in describe().values() for rule in rules}
    wanted = {f"AMB-D{n}" for n in range(1, 12)} | {f"AMB-P{n}" for n in range(1, 13)}
    # AMB-P9 is an editorial slip of the source: the behaviour is the table's, nothing to choose.
    assert wanted - told == {"AMB-P9"}


def test_kept_tasks_are_tasks():
    assert set(Task) >= dispatching._KEPT


def test_every_rule_id_in_the_code_is_one_of_the_sources():
    quoted = re.compile(r'"((?:DISP|PPVAR|XS|AMB|SJ)-[A-Za-z0-9.$-]*[A-Za-z0-9])"')
    known = set(meanings())
    folder = Path(incidents.__file__).parent
    for path in (*folder.glob("*.py"), *folder.glob("rules/*.py")):
        used = set(quoted.findall(path.read_text("utf-8")))
        assert used <= known, (path.name, used - known)
