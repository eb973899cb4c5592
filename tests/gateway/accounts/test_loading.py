"""Accounts out of TOML files and database together; every mistake of all of them at once."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from gateway.accounts import AccountRecord, load_accounts
from gateway.accounts.database import AccountsDatabase, save_learnt
from gateway.accounts.keys import KeyRef
from gateway.config import ConfigError, parse

GOOD = "8f1da03c77429be611d85af306ce942b"
INPUTS = {"ip": {"protocol": "dc09", "tcp": "h:1"}}
PANEL = """
[[account]]
id = "1234"
name = "Harbour Street 5"
area_class = "SECURED"
[account.areas]
1 = {name = "Stockroom", class = "SECURED"}
[account.zones]
15 = {name = "Rear door", area = "1", sensor = "door", location = "north wall"}
16 = "Window"
[account.users]
2 = "Anna"
"""


@pytest.fixture
def site(tmp_path):
    class Site:
        folder: Path = tmp_path
        database = tmp_path / "accounts.db"

        def toml(self, text, name="accounts.toml"):
            (tmp_path / name).write_text(text, encoding="utf-8")

        def store(self, *records, ref=None):
            with closing(AccountsDatabase(self.database, make=True)) as opened, opened.writing():
                for record in records:
                    opened.put(record, ref)

        def config(self, **accounts):
            accounts = accounts or {"files": ["accounts.toml"], "database": "accounts.db"}
            if not self.database.exists():
                accounts.pop("database", None)
            return parse(
                {"site": "a", "inputs": INPUTS, "accounts": accounts},
                file=tmp_path / "gateway.toml",
            )

        def load(self, **accounts):
            return load_accounts(self.config(**accounts))

        def told(self, **accounts):
            with pytest.raises(ConfigError) as caught:
                self.load(**accounts)
            return [(one.key, one.line) for one in caught.value.mistakes], str(caught.value)

    return Site()


def test_a_panel_is_a_table_in_a_toml_file(site):
    site.toml(PANEL)
    account = site.load().lookup("main", "1234")
    area, zone = account.place("015", "01")
    assert (area.id, area.name, area.class_) == ("1", "Stockroom", "SECURED")
    assert (zone.name, zone.sensor, zone.location) == ("Rear door", "door", "north wall")
    assert account.place("16", None)[1].name == "Window"
    assert account.user("02").name == "Anna"


def test_no_accounts_at_all_is_allowed(site):
    assert len(site.load(files=[])) == 0


def test_all_mistakes_of_all_files_are_told_at_once(site):
    site.toml(
        "[[account]]\n"  # 1
        'id = "12 4"\n'  # 2
        'naem = "x"\n'  # 3
        'time_zone = "Mars/Base"\n'  # 4
        'profile = "ajaxx"\n'  # 5
        'sources = ["1.2.3.4", "300.0.0.1"]\n'  # 6
        "supervision_s = 1\n"  # 7
        "[account.areas]\n"
        '1 = {class = "secured"}\n'  # 9
        "[account.zones]\n"
        '1 = {area = "2"}\n'  # 11
        '01 = "twice"\n'  # 12
    )
    site.toml('[[account]]\nid = "1"\n[[accounts]]\nid = "2"\n', "more.toml")
    keys, text = site.told(files=["accounts.toml", "more.toml", "none.toml"])
    assert set(keys) == {
        ("account[1].id", 2), ("account[1].naem", 3), ("account[1].time_zone", 4),
        ("account[1].profile", 5), ("account[1].sources[2]", 6), ("account[1].supervision_s", 7),
        ("account[1].areas.1.class", 9), ("account[1].zones.1.area", 11),
        ("account[1].zones.01", 12), ("accounts", 3), ("", 0),
    }  # fmt: skip
    assert "did you mean 'SECURED'" in text
    assert "did you mean 'ajax'" in text
    assert "none.toml: there is no such file" in text


def test_a_key_in_the_accounts_file_is_refused_and_not_repeated(site):
    site.toml(f'[[account]]\nid = "1"\nkey = "{GOOD}"\n')
    keys, text = site.told()
    assert keys == [("account[1].key", 3)]
    assert GOOD not in text
    assert "key_file" in text


def test_an_account_stands_once_in_its_group_whatever_the_file(site):
    site.toml('[[account]]\nid = "a1"\naliases = ["77"]\n[[account]]\ngroup = "north"\nid = "A1"\n')
    site.toml('[[account]]\nid = "A1"\n\n[[account]]\nid = "77"\n', "more.toml")
    keys, text = site.told(files=["accounts.toml", "more.toml"])
    assert keys == [("account[1].id", 2), ("account[2].id", 5)]
    assert "stands already in" in text
    assert "accounts.toml:1" in text


def test_keys_are_read_by_reference_beside_the_accounts_file(site):
    (site.folder / "keys").mkdir()
    (site.folder / "keys/1.key").write_text(GOOD)
    (site.folder / "keys/1.key").chmod(0o600)
    site.toml('[[account]]\nid = "1"\nkey_file = "keys/1.key"\n')
    accounts = site.load()
    assert accounts.keys("main")("1") == (bytes.fromhex(GOOD),)
    assert accounts.lookup("main", "1").encryption == "required"


def test_bad_keys_are_told_beside_all_else(site):
    (site.folder / "open.key").write_text(GOOD)
    (site.folder / "open.key").chmod(0o644)
    site.toml(
        '[[account]]\nid = "1"\nkey_file = "open.key"\n'
        '[[account]]\nid = "2"\nkey_credential = "none"\n'
        '[[account]]\nid = "3"\nencryption = "required"\n'
        '[[account]]\nid = "4"\nkey_format = "ascii"\n'
    )
    keys, text = site.told()
    assert keys == [
        ("account[1].key_file", 3), ("account[2].key_credential", 6), ("account[3].encryption", 9),
        ("account[4].key_format", 12),
    ]  # fmt: skip
    assert "mode 0644" in text


def test_the_database_is_read_beside_the_files(site):
    site.store(
        AccountRecord(id="00ff", aliases=("ff",), supervision_s=90, time_zone="Europe/Berlin"),
        AccountRecord(id="1", group="north"),
    )
    site.toml(PANEL)
    accounts = site.load()
    assert accounts.groups() == {"main": 2, "north": 1}
    assert accounts.lookup("main", "FF").key == ("main", "00FF")
    assert accounts.lookup("main", "ff").zone_info.key == "Europe/Berlin"
    assert list(accounts.supervised()) == [(("main", "00FF"), 90)]


def test_an_account_in_both_places_is_a_mistake(site):
    site.store(AccountRecord(id="9", aliases=("1234",)))
    site.toml(PANEL)
    keys, text = site.told()
    assert keys == [("account[1].id", 3)]
    assert "accounts remove 9" in text


def test_a_learnt_account_gives_way_to_one_that_was_written(site):
    assert save_learnt(site.database, [AccountRecord(id="1234", known=False)]) == 1
    assert not site.load(database="accounts.db").lookup("main", "1234").contract.known
    site.toml(PANEL)
    accounts = site.load()
    assert len(accounts) == 1
    assert accounts.lookup("main", "1234").contract.known


def test_learning_twice_writes_once_and_never_over_a_known_one(site):
    site.store(AccountRecord(id="1", name="known"))
    learnt = [AccountRecord(id="1", known=False), AccountRecord(id="2", known=False)]
    assert save_learnt(site.database, learnt) == 1
    assert save_learnt(site.database, learnt) == 0
    assert site.load(database="accounts.db").lookup("main", "1").contract.name == "known"


def test_keys_of_the_database_are_counted_from_its_folder(site):
    (site.folder / "ring.csv").write_text(f"main,1,{GOOD}\n")
    (site.folder / "ring.csv").chmod(0o600)
    site.store(AccountRecord(id="1"), ref=KeyRef("ring.csv"))
    assert site.load(database="accounts.db").keys("main")("1") == (bytes.fromhex(GOOD),)
    site.store(AccountRecord(id="2"), ref=KeyRef("ring.csv"))
    keys, text = site.told(database="accounts.db")
    assert keys == [("main/2", 0)]
    assert "no key for main/2" in text


def test_a_weak_key_that_is_allowed_is_listed(site):
    (site.folder / "w.key").write_text("00" * 16)
    (site.folder / "w.key").chmod(0o600)
    site.toml('[[account]]\nid = "1"\nkey_file = "w.key"\nallow_weak_key = true\n')
    assert [one[:2] for one in site.load().weak_keys] == [("main", "1")]


@pytest.mark.parametrize(
    "content", [b"no database at all, but long enough to look at", b"\x00" * 4096]
)
def test_another_file_is_no_database(site, content):
    site.database.write_bytes(content)
    _, text = site.told(database="accounts.db")
    assert "accounts.db" in text
    assert site.database.read_bytes() == content


def test_a_newer_database_is_refused_and_left_alone(site):
    site.store(AccountRecord(id="1"))
    with closing(AccountsDatabase(site.database)) as opened:
        opened._db.execute("PRAGMA user_version = 99")
    before = site.database.read_bytes()
    assert "newer alarm-gateway" in site.told(database="accounts.db")[1]
    assert site.database.read_bytes() == before


def test_a_missing_database_is_told(site):
    config = parse(
        {"site": "a", "inputs": INPUTS, "accounts": {"database": "x.db"}},
        file=site.folder / "gateway.toml",
    )  # fmt: skip
    with pytest.raises(ConfigError, match="no such file"):
        load_accounts(config)
    assert not (site.folder / "x.db").exists()
