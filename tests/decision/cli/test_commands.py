"""Commands of the core: files checked, accounts kept, packs proved, the log proved and copied."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner

from decision.accounts.users import Users
from decision.cli.main import app
from decision.facts import NoteAdded
from decision.store import LogReader, verify
from tests.support.core import Core
from tests.support.incidents import OPERATOR, signal

LEAST = 'site = "test"\n[mqtt]\nbroker = "mqtt://127.0.0.1:1883"\n'
PASSWORD = "correct horse battery staple"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "core.toml"
    path.write_text(LEAST)
    return path


def run(*arguments: object, said: str | None = None):
    return CliRunner().invoke(app, [str(one) for one in arguments], input=said)


class TestCheckConfig:
    def test_good(self, config):
        result = run("check-config", config)
        assert result.exit_code == 0
        assert "no sites are configured" in result.output

    def test_all_mistakes(self, config):
        config.write_text(LEAST + "colour = 1\n[settings]\nno_human = 3")
        result = run("check-config", config, "--json")
        assert result.exit_code == 2
        assert {one["key"] for one in json.loads(result.output)["mistakes"]} == {
            "mqtt.colour", "settings.no_human",
        }  # fmt: skip


class TestUser:
    def add(self, config, *more):
        return run(
            "user", "add", "anna", "--name", "Anna Berg", "-c", config, *more, said=PASSWORD + "\n"
        )

    def test_added_listed_changed(self, config, tmp_path):
        assert self.add(config, "-r", "operator").exit_code == 0
        assert "Anna Berg" in run("user", "list", "-c", config).output
        result = run("user", "change", "anna", "-r", "supervisor", "--disable", "-c", config)
        assert result.exit_code == 0
        anna = Users.load(tmp_path / "users.json").get("anna")
        assert anna.roles == ("supervisor",)
        assert anna.is_disabled
        assert PASSWORD not in (tmp_path / "users.json").read_text()

    def test_a_role_of_a_pack_is_known(self, config):
        assert self.add(config, "-r", "inspector").exit_code == 0

    @pytest.mark.parametrize(
        ("more", "part"), [(("-r", "wizard"), "'wizard' is not known"), ((), "")]
    )
    def test_what_is_wrong_is_told(self, config, more, part):
        first = self.add(config, *more)
        assert first.exit_code == (2 if part else 0)
        assert part in first.output
        again = self.add(config)
        assert again.exit_code == (0 if part else 2)

    def test_a_weak_password(self, config):
        result = run("user", "add", "anna", "--name", "Anna", "-c", config, said="short\n")
        assert result.exit_code == 2
        assert "at least 12" in result.output


class TestPacks:
    def test_the_shipped_ones_are_good(self):
        result = run("packs", "check")
        assert result.exit_code == 0
        assert "ca-nb-saint-john: 11 worked examples, 0 differ" in result.output

    def test_a_mistake_is_told_with_file_and_key(self, tmp_path):
        broken = tmp_path / "my-city.toml"
        broken.write_text('id = "my-city"\ntime_zone = "Mars"')
        result = run("packs", "check", broken)
        assert result.exit_code == 2
        assert f"{broken}: time_zone" in result.output


class TestLog:
    @pytest.fixture
    def filled(self, config):
        core = Core(config.parent / "core")
        core.engine.take([signal(event_id="e-1")])
        core.engine.record("incident/e-1", NoteAdded(text="x"), OPERATOR)
        yield core
        core.engine.stop()

    def test_whole_while_the_core_runs(self, config, filled):
        result = run("log", "verify", "-c", config, "--json")
        assert result.exit_code == 0
        told = json.loads(result.output)
        assert (told["facts"], told["is_whole"]) == (3, True)
        head = f"3:{told['head']}"
        assert run("log", "verify", "-c", config, "--head", head).exit_code == 0
        assert filled.engine.head() == 3

    def test_a_log_that_was_rewritten_from_the_start_shows_by_its_head(self, config, filled):
        del filled
        result = run("log", "verify", "-c", config, "--head", "2:00ff")
        assert result.exit_code == 1
        assert "rewritten" in result.output
        assert run("log", "verify", "-c", config, "--head", "9:00ff").exit_code == 1

    def test_a_changed_fact(self, config, filled):
        filled.engine.stop()
        with sqlite3.connect(config.parent / "core" / "facts.db") as other:
            other.execute("DROP TRIGGER fact_is_never_changed")
            other.execute("UPDATE fact SET at_us = at_us + 1 WHERE seq = 2")
        other.close()
        result = run("log", "verify", "-c", config)
        assert result.exit_code == 1
        assert "BROKEN: fact 2" in result.output

    def test_a_copy_while_the_core_runs(self, config, filled, tmp_path):
        (tmp_path / "backup").mkdir()
        copy = tmp_path / "backup" / "facts.db"
        assert "3 facts" in run("log", "backup", copy, "-c", config).output
        reader = LogReader(copy.parent)
        assert verify(reader.rows())[0] == 3
        reader.close()
        assert run("log", "backup", copy, "-c", config).exit_code == 2
        assert filled.engine.head() == 3
