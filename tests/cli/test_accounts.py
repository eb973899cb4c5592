"""The command accounts: import, list, show, remove, as a technician and a program use them."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from gateway.cli import CliError
from gateway.cli.accounts import app

CONFIG = """\
site = "a"
[accounts]
files = ["accounts.toml"]
database = "accounts.db"
[inputs.ip-1]
protocol = "dc09"
tcp = "0.0.0.0:12000"
"""


@pytest.fixture
def site(tmp_path):
    class Site:
        config = tmp_path / "gateway.toml"

        def write(self, name, text):
            (tmp_path / name).write_text(text)
            return str(tmp_path / name)

        def say(self, *words, config=True):
            options = ["--config", str(self.config)] if config else []
            return CliRunner().invoke(app, [*words, *options])

    site = Site()
    site.write("gateway.toml", CONFIG)
    site.write("accounts.toml", '[[account]]\nid = "7"\nname = "In TOML"\n')
    site.write(
        "accounts.csv", "id,group,name,aliases,area_class\n1,,Shop,,SECURED\n1,north,School,8312,\n"
    )
    site.write("zones.csv", "account,group,zone,name,area,class\n1,north,001,Door,2,COMMON\n")
    return site


@pytest.fixture
def filled(site):
    folder = site.config.parent
    result = site.say("import", str(folder / "accounts.csv"), str(folder / "zones.csv"))
    assert (result.exit_code, "2 new, 0 replaced, 1 zones" in result.stdout) == (0, True)
    return site


def lines(result):
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_list_shows_database_and_files(filled):
    text = filled.say("list").stdout
    for word in ("Shop", "School", "In TOML", "accounts.db", "accounts.toml", "3 accounts"):
        assert word in text
    assert [one["id"] for one in lines(filled.say("list", "--group", "North", "--json"))] == ["1"]
    assert "2 more with --limit 0" in filled.say("list", "--limit", "1").stdout


def test_show_finds_by_alias_in_every_group(filled):
    text = filled.say("show", "8312").stdout
    for word in ("north/1", "School", "Door", "COMMON", "8312"):
        assert word in text
    assert [one["group"] for one in lines(filled.say("show", "1", "--json"))] == ["main", "north"]
    assert [one["in"] for one in lines(filled.say("show", "7", "--json"))] == ["accounts.toml"]


def test_show_of_nobody_says_so(filled):
    result = filled.say("show", "99")
    assert result.exit_code == 1
    assert "there is no account 99" in result.stderr


def test_a_bad_line_refuses_the_import_and_is_told(site):
    path = site.write("bad.csv", "id,supervision_s\n1,90\nx y,1\n")
    result = site.say("import", path)
    assert result.exit_code == 1
    assert "bad.csv:3: id: found 'x y'" in result.stderr
    assert "nothing was imported" in result.stderr
    told = json.loads(site.say("import", path, "--json").stdout)
    assert [one["line"] for one in told["mistakes"]] == [3, 3]
    assert site.say("import", path, "--skip-bad").exit_code == 0
    assert [one["id"] for one in lines(site.say("list", "--json"))] == ["7", "1"]


def test_remove_takes_out_of_the_database(filled):
    assert filled.say("remove", "1", "--group", "north").exit_code == 0
    assert filled.say("remove", "1", "--group", "north").exit_code == 1
    assert filled.say("show", "8312").exit_code == 1


def test_without_a_configuration_it_asks_for_one(site, monkeypatch, tmp_path):
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    for words in (["list"], ["show", "1"], ["import", "x.csv"], ["remove", "1"]):
        result = site.say(*words, config=False)
        assert isinstance(result.exception, CliError)
        assert "--config" in str(result.exception)


def test_in_its_folder_the_configuration_is_found(filled, monkeypatch):
    monkeypatch.chdir(filled.config.parent)
    assert "Shop" in filled.say("list", config=False).stdout


def test_a_configuration_without_a_database_says_what_to_add(site):
    site.write("gateway.toml", CONFIG.replace('database = "accounts.db"\n', ""))
    result = site.say("import", site.write("a.csv", "id\n1\n"))
    assert 'database = "accounts.db"' in str(result.exception)
