"""All mistakes of the core's files are told at once, each with file, key and reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from decision.config import ConfigError, load, load_profiles, warnings
from decision.site import Site

EXAMPLES = Path(__file__).parents[3] / "configs" / "decision"
LEAST = 'site = "test"\n[mqtt]\nbroker = "mqtt://127.0.0.1:1883"\n'


def written(folder: Path, text: str, name: str = "core.toml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def mistakes(act, *arguments) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        act(*arguments)
    return [str(one) for one in caught.value.mistakes]


class TestConfiguration:
    def test_the_least(self, tmp_path):
        config = load(written(tmp_path, LEAST))
        assert config.site == "test"
        assert config.mqtt.name == "core-1"
        assert config.client_id == "alarm-core-test"
        assert config.store.directory == tmp_path / "core"  # counted from the file
        assert config.http.listen.is_loopback

    def test_every_mistake_at_once(self, tmp_path):
        path = written(
            tmp_path,
            """
            site = "a/b"
            sities = 1
            [mqtt]
            broker = "http://x"
            [http]
            listen = "nowhere"
            [station]
            time_zone = "Mars/Olympus"
            [settings]
            call_ordr = "round_robin"
            no_human = "SHRUG"
            """,
        )
        told = mistakes(load, path)
        for key, part in (
            ("site:", "letters, digits"),
            ("sities:", "no such key"),
            ("mqtt.broker:", "mqtt://host:port"),
            ("http.listen:", "host:port"),
            ("station.time_zone:", "IANA"),
            ("settings.call_ordr:", "did you mean 'call_order'"),
            ("settings.no_human:", "SHRUG"),
        ):
            assert any(key in one and part in one and str(path) in one for one in told), key
        assert len(told) == 7

    @pytest.mark.parametrize(
        ("text", "part"),
        [
            ('[http]\nlisten = "0.0.0.0:8642"', "http.listen: 0.0.0.0:8642 can be reached by"),
            ('[http]\ncert_file = "x"', "belong together"),
            ('[desks.default]\ntransport = "http"', "desks.default.url"),
            ('[desks.default]\nurl = "http://x"', "desks.default.url"),
        ],
    )
    def test_what_no_single_key_shows(self, tmp_path, text, part):
        assert part in mistakes(load, written(tmp_path, LEAST + text))[0]

    def test_plain_mqtt_to_another_machine(self, tmp_path):
        text = LEAST.replace("127.0.0.1", "192.0.2.1")
        assert "not encrypted" in mistakes(load, written(tmp_path, text))[0]
        assert load(written(tmp_path, text + "allow_plain = true"))

    def test_a_password_that_others_may_read(self, tmp_path):
        secret = written(tmp_path, "hunter2", "mqtt.password")
        secret.chmod(0o644)
        path = written(tmp_path, LEAST + 'username = "core"\npassword_file = "mqtt.password"')
        told = mistakes(load, path)[0]
        assert "0644" in told
        assert "hunter2" not in told
        secret.chmod(0o600)
        assert load(path).mqtt.address().password == "hunter2"

    def test_a_file_that_is_not_there_or_no_toml(self, tmp_path):
        assert "no such file" in mistakes(load, tmp_path / "core.toml")[0]
        assert "no valid TOML" in mistakes(load, written(tmp_path, "site = "))[0]

    def test_settings_reach_the_rules(self, tmp_path):
        path = written(tmp_path, LEAST + '[settings]\ncall_order = "per_contact"')
        assert load_profiles(load(path)).settings.call_order == "per_contact"


class TestSites:
    def test_every_mistake_of_all_files_at_once(self, tmp_path):
        path = written(tmp_path, LEAST + '[sites]\nfile = "sites.toml"\n[packs]\ndirectory = "p"')
        written(
            tmp_path,
            """
            [[site]]
            account = "1"
            colour = "red"
            [[site]]
            account = "2"
            settings = {no_human = "SHRUG"}
            [[site]]
            account = "3"
            zones = [{id = "1", microphone = "m"}]
            contacts = [{id = "a", name = "A"}, {id = "a", name = "B"}]
            [[site]]
            account = "4"
            [[site]]
            account = "4"
            [[site]]
            account = "5"
            time_zone = "Fundy"
            written_verification = {categories = ["fire", "panic"], seconds = 60, document = "x"}
            """,
            "sites.toml",
        )
        (tmp_path / "p").mkdir()
        written(tmp_path / "p", "id = 3", "my-city.toml")
        told = mistakes(load_profiles, load(path))
        for part in (
            "site[1] (account 1): Object contains unknown field `colour`",
            "site[2] (account 2): settings",
            "site[3] (account 3): contacts: 'a' stands there twice",
            "site[3] (account 3): zones: zone 1 names microphone 'm'",
            "site[5] (account 4): main.4 is there already",
            "site[6] (account 5): time_zone: 'Fundy' is no IANA time zone",
            "site[6] (account 5): written_verification: 'panic' is none of fire, gas, medical",
            "my-city.toml: id:",
        ):
            assert any(part in one for one in told), (part, told)

    def test_an_unknown_jurisdiction_is_a_warning(self, tmp_path):
        """DISP-J1, AMB-D9: it warns and never keeps the core from starting."""
        path = written(tmp_path, LEAST + '[sites]\nfile = "sites.toml"')
        written(tmp_path, '[[site]]\naccount = "1"\njurisdiction = "ca-nb-saint-jon"', "sites.toml")
        config = load(path)
        notes = warnings(config, load_profiles(config))
        assert any("did you mean 'ca-nb-saint-john'" in note for note in notes)


class TestShippedExamples:
    def test_they_load(self, tmp_path):
        text = (EXAMPLES / "core.toml").read_text()
        written(tmp_path, (EXAMPLES / "sites.toml").read_text(), "sites.toml")
        config = load(written(tmp_path, text))
        profiles = load_profiles(config)
        shop = profiles.sites["main.1234"]
        assert isinstance(shop, Site)
        assert shop.zone("001").microphone == "stock-n"
        assert not [n for n in warnings(config, profiles) if "there is no pack" in n]
