"""The command check-config: what a technician sees, and what a program reads."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from gateway.cli import CliError
from gateway.cli.check_config import app

GOOD = """\
site = "a"
[accounts]
files = ["accounts.toml"]
[inputs.ip-1]
protocol = "dc09"
tcp = "0.0.0.0:12000"
udp = "0.0.0.0:12000"
[inputs.rx-1]
protocol = "surgard"
serial = "rfc2217://192.0.2.9:4001"
group = "north"
[mqtt]
broker = "mqtt://127.0.0.1"
confirm_by = ["core-1"]
"""
ACCOUNTS = '[[account]]\nid = "1"\nsupervision_s = 90\n[[account]]\nid = "1"\ngroup = "north"\n'
KEY = "00112233445566778899aabbccddeeff"


@pytest.fixture
def check(tmp_path):
    def run(text=GOOD, accounts=ACCOUNTS, *options):
        (tmp_path / "gateway.toml").write_text(text)
        (tmp_path / "accounts.toml").write_text(accounts)
        result = CliRunner().invoke(app, [str(tmp_path / "gateway.toml"), *options])
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result.exit_code, result.stdout

    return run


def test_a_good_configuration_is_summed_up(check):
    status, text = check()
    assert status == 0
    for word in (
        "OK", "site a", "ip-1", "listen tcp 0.0.0.0:12000", "listen udp 0.0.0.0:12000",
        "rfc2217://192.0.2.9:4001", "2 (main 1, north 1)", "1 supervised", "confirmed by core-1",
    ):  # fmt: skip
        assert word in text
    assert "remark" not in text


def test_what_deserves_a_word_gets_one(check, tmp_path):
    (tmp_path / "w.key").write_text(KEY)
    (tmp_path / "w.key").chmod(0o600)
    text = GOOD.split("[mqtt]", maxsplit=1)[0].replace('"north"', '"nrth"')
    accounts = ACCOUNTS + 'key_file = "w.key"\nallow_weak_key = true\n'
    status, out = check(text, accounts, "--json")
    told = json.loads(out)
    assert (status, told["ok"]) == (0, True)
    assert [one["key"] for one in told["warnings"]] == [
        "mqtt.broker", "mqtt.confirm_by", "north/1", "inputs.rx-1.group", "group north",
    ]  # fmt: skip
    assert KEY not in out
    assert "did you mean" in told["warnings"][3]["hint"]


def test_mistakes_of_all_files_are_told_together(check):
    status, text = check(
        GOOD.replace("dc09", "dc9") + "[lgo]\n", ACCOUNTS + f'key = "{KEY}"\narea_class = "SAFE"\n'
    )
    assert status == 1
    for word in ("inputs.ip-1.protocol", "'dc09'", "lgo", "'log'", "account[2].key", "SECURED"):
        assert word in text
    assert "4 mistakes; nothing would start" in text
    assert KEY not in text


def test_a_program_reads_the_mistakes_as_json(check):
    status, out = check(GOOD.replace("0.0.0.0:12000", "nowhere", 1), ACCOUNTS, "--json")
    told = json.loads(out)
    assert (status, told["ok"], told["summary"]) == (1, False, None)
    assert [(one["key"], one["line"]) for one in told["mistakes"]] == [("inputs.ip-1.tcp", 6)]


def test_no_such_file_is_the_users_mistake(tmp_path):
    result = CliRunner().invoke(app, [str(tmp_path / "none.toml")])
    assert isinstance(result.exception, CliError)


def test_help_has_an_example():
    assert "Example: alarm-gateway check-config" in CliRunner().invoke(app, ["--help"]).stdout
