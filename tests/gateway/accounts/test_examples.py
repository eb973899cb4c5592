"""Every shipped example can be used as it stands, once the secrets that it names are there."""

from __future__ import annotations

import re
import secrets
import shutil
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from gateway.accounts import load_accounts
from gateway.accounts.checkup import remarks
from gateway.accounts.database import AccountsDatabase
from gateway.accounts.importing import Importer
from gateway.config import load, parse

CONFIGS = Path(__file__).parents[3] / "configs"
SECRET = re.compile(r"\b[0-9A-Fa-f]{32,}\b|BEGIN [A-Z ]*PRIVATE KEY")


@pytest.fixture
def copied(tmp_path):
    shutil.copytree(CONFIGS, tmp_path / "configs")
    return tmp_path / "configs"


def closed(path, text):
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(0o600)


def test_the_demo(copied):
    closed(copied / "demo.key", secrets.token_hex(16))
    config = load(copied / "demo.toml")
    accounts = load_accounts(config)
    assert accounts.groups() == {"main": 2, "north": 1}
    assert accounts.keyed() == 1
    assert accounts.lookup("main", "1234").place("015", "01")[0].class_ == "SECURED"
    assert {one.protocol for one in config.inputs.values()} == {"dc09", "surgard"}
    assert config.mqtt.is_embedded
    assert config.mqtt.resend_s == 2.0


def test_the_bench(copied):
    config = load(copied / "bench/gateway.toml")
    accounts = load_accounts(config)
    assert len(accounts) == 1
    assert [one.key for one in remarks(config, accounts)] == ["mqtt.broker", "mqtt.confirm_by"]


def test_the_station(copied):
    for name in ("ca.crt", "gateway.crt", "gateway.key"):
        closed(copied / "station/tls" / name, "PEM")
    config = load(copied / "station/gateway.toml")
    accounts = load_accounts(config)
    assert accounts.groups() == {"main": 2, "north": 1}
    assert accounts.lookup("main", "a1f7").zone_info.key == "Europe/Berlin"
    assert config.mqtt.uses_tls
    assert config.mqtt.confirm_by == ("core-1",)
    assert config.inputs["rx-1"].group_of("01", "3") == "north"


def test_the_lists_of_the_station_can_be_imported(copied):
    names = ("accounts.csv", "areas.csv", "zones.csv", "users.csv")
    with closing(AccountsDatabase(copied / "accounts.db", make=True)) as opened:
        done = Importer(opened).run([copied / "station" / name for name in names])
    assert (done.added, done.areas, done.zones, done.users) == (3, 3, 5, 2)
    inputs = {"i": {"protocol": "dc09", "tcp": "h:1"}}
    tables = {"site": "a", "inputs": inputs, "accounts": {"database": "accounts.db"}}
    accounts = load_accounts(parse(tables, file=copied / "gateway.toml"))
    assert accounts.lookup("main", "002002").place("2", None)[0].class_ == "UNSECURED"
    assert accounts.lookup("main", "2001").place("2", None)[0].class_ == "COMMON"


def test_no_example_holds_a_secret():
    shipped = [path for path in CONFIGS.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    tracked = [path for path in shipped if "run" not in path.parts and path.suffix != ".key"]
    assert len(tracked) > 10
    for path in tracked:
        assert not SECRET.search(path.read_text(encoding="utf-8")), path


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
@pytest.mark.parametrize("unit", ["alarm-gateway.service", "alarm-core.service"])
def test_the_unit_is_closed_enough(unit):
    """SEC-24: exposure at most 2.0."""
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager",
         str(CONFIGS / "station" / unit)],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-400:] + done.stderr
