"""Import into the accounts database: all or nothing, all bad lines told with their numbers."""

from __future__ import annotations

from contextlib import closing

import pytest

from gateway.accounts.database import AccountsDatabase
from gateway.accounts.importing import MISTAKES_MAX, Importer
from gateway.accounts.keys import KeyRef
from gateway.config import ConfigError


@pytest.fixture
def bench(tmp_path):
    class Bench:
        folder = tmp_path

        def write(self, name, text):
            (tmp_path / name).write_text(text, encoding="utf-8")
            return tmp_path / name

        def run(self, *files, skip_bad=False):
            with closing(AccountsDatabase(tmp_path / "a.db", make=True)) as opened:
                return Importer(opened, skip_bad=skip_bad).run(files)

        def told(self, *files):
            with pytest.raises(ConfigError) as caught:
                self.run(*files)
            return [(one.key, one.line) for one in caught.value.mistakes], str(caught.value)

        def all(self):
            with closing(AccountsDatabase(tmp_path / "a.db")) as opened:
                return {(one.group, one.id): one for one, _ in opened.accounts()}

        def ref(self, account_id):
            with closing(AccountsDatabase(tmp_path / "a.db")) as opened:
                return opened.find("main", account_id)[1]

    return Bench()


def test_accounts_with_every_kind_of_cell(bench):
    path = bench.write(
        "accounts.csv",
        "group,id,aliases,name,premise_type,time_zone,profile,encryption,sources,supervision_s,"
        "past_s,address_base,modifiers_trail,area_class,inner_account\n"
        'North,00a1,"A1 77","Shop, corner",COMPANY,Europe/Berlin,galaxy,,192.0.2.0/24;10.0.0.1,90,'
        "60.5,16,yes,COMMON,any\n"
        ",2,,,,,,,,,,,,,\n\n",
    )
    done = bench.run(path)
    assert (done.added, done.replaced) == (2, 0)
    first = bench.all()["north", "00a1"]
    assert (first.aliases, first.name) == (("A1", "77"), "Shop, corner")
    assert (first.sources, first.supervision_s) == (("192.0.2.0/24", "10.0.0.1/32"), 90)
    assert (first.past_s, first.address_base, first.modifiers_trail) == (60.5, 16, True)
    assert (first.area_class, first.inner_account_any) == ("COMMON", True)
    assert bench.all()["main", "2"].time_zone == "UTC"


def test_zones_areas_and_users_join_their_accounts(bench):
    done = bench.run(
        bench.write("accounts.csv", "id\n1\n2\n"),
        bench.write("areas.csv", "account,area,name,class\n1,1,Shop,SECURED\n"),
        bench.write("zones.csv", "account,zone,name,area,class,sensor\n1,001,Door,1,,door\n"
                    "2,1,Yard,7,UNSECURED,camera\n1,002,Hall,,COMMON,\n"),
        bench.write("users.csv", "account,user,name\n1,3,Anna\n"),
    )  # fmt: skip
    assert (done.added, done.zones, done.areas, done.users) == (2, 3, 1, 1)
    one, two = bench.all()["main", "1"], bench.all()["main", "2"]
    assert [(zone.id, zone.name, zone.area) for zone in one.zones] == [
        ("001", "Door", "1"), ("002", "Hall", None),
    ]  # fmt: skip
    assert one.areas[0].area_class == "SECURED"
    assert one.users[0].name == "Anna"
    assert [area.id for area in two.areas] == ["7"]


def test_importing_again_replaces_account_by_account_and_zone_by_zone(bench):
    accounts = bench.write("accounts.csv", "id,name\n1,old\n")
    bench.run(accounts, bench.write("zones.csv", "account,zone,name\n1,001,old\n1,2,stays\n"))
    bench.write("accounts.csv", "id,name\n1,new\n")
    bench.write("zones.csv", "account,zone,name\n1,1,new\n")
    done = bench.run(accounts, bench.folder / "zones.csv")
    assert (done.added, done.replaced) == (0, 1)
    one = bench.all()["main", "1"]
    assert one.name == "new"
    assert [(zone.id, zone.name) for zone in one.zones] == [("1", "new"), ("2", "stays")]


BAD = (
    "id,supervision_s,sources,encryption\n"  # 1
    "1,90,,\n"
    "x y,abc,,\n"  # 3
    "3,2,300.1.1.1,\n"  # 4
    "1,,,\n"  # 5
    "5,,,required\n"  # 6
    "6,,,,,surplus\n"  # 7
)


def test_one_bad_line_and_nothing_is_imported_and_all_are_told(bench):
    bench.run(bench.write("first.csv", "id\nkeep\n"))
    keys, text = bench.told(bench.write("accounts.csv", BAD))
    assert sorted(keys, key=lambda one: (one[1], one[0])) == [
        ("id", 3), ("supervision_s", 3), ("sources[1]", 4), ("supervision_s", 4), ("id", 5),
        ("encryption", 6), ("(cells beyond the heading)", 7),
    ]  # fmt: skip
    assert "accounts.csv:2" in text
    assert list(bench.all()) == [("main", "keep")]


def test_bad_lines_can_be_left_out(bench):
    done = bench.run(bench.write("accounts.csv", BAD), skip_bad=True)
    assert done.added == 1
    assert len(done.skipped) == 7
    assert list(bench.all()) == [("main", "1")]


def test_a_zone_needs_its_account(bench):
    zones = bench.write("zones.csv", "account,zone\n1,1\n9,1\n9,2\n,3\n1,\n1,a/b\n")
    keys, _ = bench.told(bench.write("accounts.csv", "id\n1\n"), zones)
    assert keys == [("account", 3), ("account", 4), ("account", 5), ("zone", 6), ("zone", 7)]


def test_an_alias_is_nobody_elses_number(bench):
    bench.run(bench.write("a.csv", "id,aliases\n1,77\n"))
    keys, text = bench.told(bench.write("b.csv", "id,aliases\n77,\n3,1\n"))
    assert keys == [("id", 2), ("aliases", 3)]
    assert "alias of 1 in the database" in text
    assert bench.run(bench.write("b.csv", "id,aliases\n1,88\n77,\n")).added == 1


@pytest.mark.parametrize(
    ("text", "word"),
    [("", "heading"), ("number,name\n1,x\n", "heading"), ("id,namex\n1,x\n", "did you mean 'name'"),
     ("id,id\n1,1\n", "twice"), ("account,zone,key\n1,1,1\n", "unknown column")],
)  # fmt: skip
def test_a_wrong_heading_is_told(bench, text, word):
    _, said = bench.told(bench.write("x.csv", text))
    assert word in said


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_seen_in_the_heading(bench, separator):
    text = "\ufeffid,name\r\n1,Müller\r\n".replace(",", separator)
    bench.run(bench.write("x.csv", text))
    assert bench.all()["main", "1"].name == "Müller"


def test_a_quoted_cell_may_span_lines_and_numbers_still_fit(bench):
    keys, _ = bench.told(bench.write("x.csv", 'id,name\n1,"two\nlines"\nx y,\n'))
    assert keys == [("id", 4)]


def test_key_files_are_stored_by_name_and_never_read(bench):
    bench.run(
        bench.write("x.csv", "id,key_file,key_format,key_credential\n1,keys/1.key,ascii,\n2,,,p2\n")
    )
    assert bench.ref("1") == KeyRef("keys/1.key", None, "ascii")
    assert bench.ref("2") == KeyRef(None, "p2")
    bench.run(bench.write("z.csv", "account,zone\n1,1\n"))
    assert bench.ref("1") == KeyRef("keys/1.key", None, "ascii")


def test_toml_is_imported_as_well(bench):
    text = (
        '[[account]]\nid = "1"\nkey_file = "k"\n[account.zones]\n1 = "Door"\n'
        '[[account]]\nid = "x y"\n'
    )
    keys, _ = bench.told(bench.write("x.toml", text))
    assert keys == [("account[2].id", 7)]
    bench.run(bench.write("x.toml", text.replace("x y", "2")))
    assert bench.all()["main", "1"].zones[0].name == "Door"
    assert bench.ref("1") == KeyRef("k")


def test_a_file_of_another_kind_altogether_is_given_up_early(bench):
    keys, _ = bench.told(bench.write("x.csv", "id\n" + "not an id\n" * 5_000))
    assert len(keys) == MISTAKES_MAX


def test_missing_and_unreadable_files_are_told_together(bench):
    (bench.folder / "latin.csv").write_bytes("id,name\n1,Müller\n".encode("latin-1"))
    _, text = bench.told(bench.folder / "none.csv", bench.folder / "latin.csv")
    assert "no such file" in text
    assert "UTF-8" in text
