"""``decision explain`` and ``decision replay`` over a real log, through the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from decision.cli.main import app
from decision.config import load_sites
from decision.engine import Profiles
from decision.facts import (
    Actor,
    ContactAttempted,
    ManualDispatchRequested,
    NoteAdded,
    RequestSent,
    TimerFired,
)
from decision.packs import shipped
from decision.vocabulary import CallEnding, Channel
from tests.support.core import Core, core
from tests.support.incidents import OPERATOR, at, signal

SITES = """
[[site]]
account = "1234"
name = "Harbour Street Hardware"
address = "5 Harbour Street"
time_zone = "America/Moncton"
jurisdiction = "ca-nb-saint-john"
response_mode = "STANDARD"
has_audio = false
contacts = [
    { id = "anna", name = "Anna", phone = "+15065550101" },
    { id = "ben", name = "Ben", phone = "+15065550102" },
]
"""
CONFIG = """
site = "site-a"
[store]
directory = "store"
[mqtt]
broker = "mqtt://127.0.0.1:1883"
[sites]
file = "sites.toml"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "core.toml").write_text(CONFIG)
    (tmp_path / "sites.toml").write_text(SITES)
    return tmp_path


def one(folder: Path) -> Core:
    profiles = Profiles(sites=load_sites(folder / "sites.toml"), packs=shipped())
    return core(folder / "store", profiles=profiles)


def unanswered(station: Core, *, event: str = "e1", sent: bool = True) -> None:
    """WE-1 with two contacts: nobody answers, responders are asked."""
    clock = station.clock
    clock.at = at("02:00:00")
    station.engine.take([signal(event_id=event, received_at=clock.at)])
    subject = f"incident/{event}"
    for contact in ("anna", "ben", "anna", "ben"):
        clock.move(seconds=30)
        fact = ContactAttempted(contact=contact, ending=CallEnding.NO_ANSWER)
        station.engine.record(subject, fact, OPERATOR)
    if sent:
        clock.move(seconds=10)
        station.engine.record(subject, RequestSent(request=f"R-{event}"), OPERATOR)


def command(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "-c", str(folder / "core.toml")])


class TestExplain:
    """Facts, decisions, rule ids, the three inputs of DISP-3, evidence."""

    def test_the_story_is_told_in_local_time_with_rules_inputs_and_evidence(self, folder) -> None:
        with one(folder) as station:
            unanswered(station)
            told = command(folder, "explain", "e1")  # the core is still running
        assert told.exit_code == 0, told.output
        for words in (
            "Incident e1 of Harbour Street Hardware (main.1234)",
            "jurisdiction: ca-nb-saint-john",
            "22:02:00  ben called: no answer",
            "=> Decided: DISPATCH / CONTACTS_EXHAUSTED [DISP-S2",
            "(a) configured response: STANDARD",
            "(b) customer's answer: EXHAUSTED",
            "(c) local requirement: ",
            "evidence: 02:00:30Z call to Anna",
            "DISP-S2: Two attempts for each contact without an answer lead to dispatch",
        ):
            assert words in told.output, told.output

    def test_json_holds_the_same(self, folder) -> None:
        with one(folder) as station:
            unanswered(station)
        told = json.loads(command(folder, "explain", "e1", "--json").output)
        made = [d for h in told["happenings"] for d in h["decisions"]]
        (dispatch,) = [d for d in made if d["action"].startswith("DISPATCH")]
        assert dispatch["action"] == "DISPATCH/CONTACTS_EXHAUSTED"
        assert dispatch["response_mode"] == "STANDARD"
        assert "DISP-S2" in [rule for rule, _meaning in told["rules"]]

    def test_a_refused_fact_says_by_which_rule_it_changes_nothing(self, folder) -> None:
        with one(folder) as station:
            unanswered(station, sent=False)
            station.clock.move(hours=4)
            station.fire_all()
            fact = ManualDispatchRequested(channel=Channel.LINK, user="olivia")
            station.engine.record("incident/e1", fact, Actor(kind="contact", id="olivia"))
        told = command(folder, "explain", "e1")
        assert "ACTIVE_WINDOW_EXPIRED" in told.output
        assert (
            "changes nothing: the alarm is not active (EXPIRED): no dispatch [DISP-M4]"
            in told.output
        )

    @pytest.mark.parametrize(
        ("name", "said"),
        [("e9", "there is no incident 'e9'"), ("e", "2 incidents begin with 'e': e1, e2")],
    )
    def test_an_incident_that_is_not_there_or_not_one(self, folder, name, said) -> None:
        with one(folder) as station:
            unanswered(station, event="e1")
            station.clock.move(hours=9)
            station.fire_all()
            unanswered(station, event="e2")
        told = command(folder, "explain", name)
        assert told.exit_code == 2
        assert said in told.stderr

    def test_the_beginning_of_an_id_will_do(self, folder) -> None:
        with one(folder) as station:
            unanswered(station, event="abcdef")
        assert command(folder, "explain", "abc").exit_code == 0

    def test_without_a_log_it_says_so(self, folder) -> None:
        told = command(folder, "explain", "e1")
        assert told.exit_code == 2
        assert "there is no fact log" in told.stderr


class TestReplay:
    """The same facts under today's settings, sites and packs."""

    def test_nothing_differs_while_nothing_was_changed(self, folder) -> None:
        with one(folder) as station:
            unanswered(station)
            station.clock.move(hours=5)
            station.fire_all()
        told = command(folder, "replay", "e1")
        assert told.exit_code == 0, told.output
        assert "1 incidents replayed, 0 would differ" in told.output

    def test_a_setting_that_would_ask_for_more_attempts(self, folder) -> None:
        with one(folder) as station:
            unanswered(station)
        with (folder / "core.toml").open("a") as config:
            config.write("[settings]\nattempts_per_contact = 3\n")
        told = command(folder, "replay", "--all")
        assert told.exit_code == 1
        assert "then: DISPATCHED, DISPATCH/CONTACTS_EXHAUSTED" in told.output
        assert "now:  OPEN" in told.output
        assert "responders were asked, which these rules do not ask for" in told.output

    def test_a_site_profile_that_gained_a_response_mode(self, folder) -> None:
        with one(folder) as station:
            unanswered(station)
        sites = folder / "sites.toml"
        sites.write_text(sites.read_text().replace('"STANDARD"', '"IMMEDIATE"'))
        told = command(folder, "replay", "e1", "--json")
        assert told.exit_code == 1
        (run,) = json.loads(told.output)
        assert run["then"].startswith("DISPATCHED")
        assert run["now"] == "OPEN"

    def test_a_pack_that_would_warn_today(self, folder) -> None:
        with one(folder) as station:
            unanswered(station)
        packs = folder / "packs"
        packs.mkdir()
        text = (
            Path(__file__).parents[2] / "decision/packs/shipped/ca-nb-saint-john.toml"
        ).read_text()
        changed = text.replace("is_required = false", "is_required = true", 1)
        assert changed != text
        (packs / "ca-nb-saint-john.toml").write_text(changed)
        with (folder / "core.toml").open("a") as config:
            config.write('[packs]\ndirectory = "packs"\n')
        told = command(folder, "replay", "e1")
        assert told.exit_code == 1, told.output
        assert "GATE_WARNING/WARN" in told.output

    def test_a_shorter_window_ends_the_alarm_sooner(self, folder) -> None:
        with one(folder) as station:
            unanswered(station)
            station.clock.move(hours=2)
            station.engine.record("incident/e1", NoteAdded(text="all quiet"), OPERATOR)
        with (folder / "core.toml").open("a") as config:
            config.write("[settings]\nactive_window_s = 3600\n")
        told = command(folder, "replay", "e1")
        assert "now:  EXPIRED" in told.output
        assert "CLOSE/ACTIVE_WINDOW_EXPIRED" in told.output

    def test_the_log_is_not_written_to(self, folder) -> None:
        with one(folder) as station:
            unanswered(station)
            before = station.engine.head()
            assert command(folder, "replay", "--all").exit_code == 0
            assert station.engine.head() == before

    def test_timers_of_the_log_are_not_counted_twice(self, folder) -> None:
        with one(folder) as station:
            unanswered(station)
            station.clock.move(hours=5)
            station.fire_all()
            facts = [r.fact for r in station.engine.history("incident/e1")]
            assert any(isinstance(fact, TimerFired) for fact in facts)
        assert command(folder, "replay", "e1").exit_code == 0

    def test_either_one_incident_or_all(self, folder) -> None:
        assert command(folder, "replay").exit_code == 2
        assert command(folder, "replay", "e1", "--all").exit_code == 2

    def test_since_leaves_older_ones_out(self, folder) -> None:
        with one(folder) as station:
            unanswered(station)
        told = command(folder, "replay", "--all", "--since", "2026-03-03")
        assert "0 incidents replayed" in told.output


class TestCheck:
    """``decision check``: exit 0, 1, 2."""

    SCENARIO = """
title = "Nobody is called"
proves = ["DISP-S1"]
[given]
pack = "ca-nb-saint-john"
[given.site]
contacts = ["anna"]
[[step]]
at = 2025-03-10T02:00:00
says = "motion"
event = {}
expect = { has_actions = ["CALL_CONTACT/anna"] }
"""

    def check(self, tmp_path: Path, text: str, *more: str) -> Result:
        (tmp_path / "night.toml").write_text(text)
        return CliRunner().invoke(app, ["check", str(tmp_path), *more])

    def test_0_when_all_is_as_expected(self, tmp_path) -> None:
        told = self.check(tmp_path, self.SCENARIO)
        assert told.exit_code == 0, told.output
        assert "1 scenarios run, 0 differ" in told.output

    def test_1_with_the_step_and_the_rule_that_decided(self, tmp_path) -> None:
        told = self.check(tmp_path, self.SCENARIO.replace("CALL_CONTACT/anna", "DISPATCH/TL3"))
        assert told.exit_code == 1
        assert "step 1, 2025-03-10 02:00:00  motion" in told.output
        assert (
            "has_actions: expected DISPATCH/TL3; found NON_AUDIO, CALL_CONTACT/anna" in told.output
        )
        assert "XS-11: A site without audio equipment starts without audio" in told.output

    def test_2_with_file_key_and_reason(self, tmp_path) -> None:
        told = self.check(tmp_path, self.SCENARIO.replace("expect =", "expects ="))
        assert told.exit_code == 2
        assert "step[1].expects: there is no such key; did you mean 'expect'?" in told.stderr

    def test_json(self, tmp_path) -> None:
        told = self.check(tmp_path, self.SCENARIO, "--json")
        (scenario,) = json.loads(told.stdout)["scenarios"]
        assert scenario["as_expected"]
        assert scenario["steps"][0]["actions"] == ["NON_AUDIO", "CALL_CONTACT/anna"]

    def test_without_files_it_asks_for_some(self) -> None:
        told = CliRunner().invoke(app, ["check"])
        assert told.exit_code == 2
        assert "--shipped" in told.stderr

    def test_the_shipped_ones_run_from_the_command_line(self) -> None:
        told = CliRunner().invoke(app, ["check", "--shipped"])
        assert told.exit_code == 0, told.output
