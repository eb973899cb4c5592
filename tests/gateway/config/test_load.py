"""Reading a configuration: every mistake is told, each with its place and what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config import Address, Config, ConfigError, load, parse

SMALL = 'site = "a"\n[inputs.ip-1]\nprotocol = "dc09"\ntcp = "0.0.0.0:12000"\n'
FILE = Path("/nowhere/gateway.toml")


def told(path: Path) -> list[tuple[str, int, str]]:
    with pytest.raises(ConfigError) as caught:
        load(path)
    return [
        (one.key, one.line, f"{one.found} / {one.allowed} / {one.hint}")
        for one in caught.value.mistakes
    ]


@pytest.fixture
def written(tmp_path):
    def write(text: str) -> Path:
        path = tmp_path / "gateway.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_the_smallest_configuration_has_safe_defaults(written):
    config = load(written(SMALL))
    assert config.inputs["ip-1"].tcp == Address("0.0.0.0", 12000)
    assert config.inputs["ip-1"].unknown_account == "silent"
    assert config.mqtt.is_embedded
    assert (config.ingest.duplicate_window_s, config.ingest.link_repeat_s) == (600, 15)
    assert (config.limits.connections, config.limits.per_address) == (15_000, 50)
    assert config.metrics.listen is None
    assert config.mqtt_client_id == "alarm-gateway-a"


def test_paths_are_counted_from_the_file(written):
    path = written(
        SMALL + '[journal]\ndirectory = "j"\n[accounts]\nfiles = ["a.toml", "/etc/b.toml"]\n'
    )
    config = load(path)
    assert config.journal.directory == path.parent / "j"
    assert config.accounts.files == (path.parent / "a.toml", Path("/etc/b.toml"))
    assert config.control.socket == path.parent / "control.sock"


def test_a_relative_serial_port_is_counted_from_the_file_and_a_url_is_not():
    ports = {"a": "receiver", "b": "/dev/ttyS0", "c": "rfc2217://192.0.2.1:4001"}
    inputs = {name: {"protocol": "surgard", "serial": port} for name, port in ports.items()}
    config = parse({"site": "a", "inputs": inputs}, file=FILE)
    assert [config.inputs[name].serial for name in "abc"] == [
        "/nowhere/receiver", "/dev/ttyS0", "rfc2217://192.0.2.1:4001",
    ]  # fmt: skip


def test_all_mistakes_are_told_at_once_each_with_its_line(written):
    text = (
        'site = "not good"\n'  # 1
        "[inputs.ip-1]\n"
        'protocol = "dc9"\n'  # 3
        'tpc = "0.0.0.0:12000"\n'  # 4
        'udp = "0.0.0.0:70000"\n'  # 5
        "[inputs.rx-1]\n"
        'protocol = "surgard"\n'
        'serial = "/dev/ttyS0"\n'
        'parity = "X"\n'  # 9
        "[log]\n"
        'level = "loud"\n'  # 11
        "[journals]\n"  # 12
    )
    mistakes = told(written(text))
    assert [(key, line) for key, line, _ in mistakes] == [
        ("site", 1), ("inputs.ip-1.protocol", 3), ("inputs.ip-1.tpc", 4), ("inputs.ip-1.udp", 5),
        ("inputs.rx-1.parity", 9), ("log.level", 11), ("journals", 12),
    ]  # fmt: skip
    words = {key: text for key, _, text in mistakes}
    assert "did you mean 'dc09'" in words["inputs.ip-1.protocol"]
    assert "did you mean 'tcp'" in words["inputs.ip-1.tpc"]
    assert "found 'loud'" in words["log.level"]
    assert "debug, info, warning, error" in words["log.level"]
    assert "did you mean 'journal'" in words["journals"]


def test_a_mistake_between_settings_is_told_beside_one_within(written):
    keys = [key for key, _, _ in told(written(SMALL + 'udp = "x"\nbaud = 9600\n'))]
    assert keys == ["inputs.ip-1.udp", "inputs.ip-1.baud"]


def test_what_is_no_toml_is_told_with_its_line_and_text(written):
    [(_, line, text)] = told(written('site = "a"\n[inputs.ip-1\ntcp = 1\n'))
    assert line == 2
    assert "[inputs.ip-1" in text


def test_a_line_that_may_hold_a_secret_is_not_shown(written):
    [(_, _, text)] = told(written('site = "a"\nkey = "00112233445566778899\n'))
    assert "0011" not in text


def test_a_secret_in_the_file_is_refused_and_not_repeated(written):
    mistakes = told(written(SMALL + '[mqtt]\npassword = "hunter2"\n'))
    assert "hunter2" not in str(mistakes)
    assert "password_file" in mistakes[0][2]


def test_a_missing_file_names_those_that_are_there(written):
    path = written(SMALL)
    [(_, _, text)] = told(path.with_name("gatewy.toml"))
    assert "no such file" in text
    assert "gateway.toml" in text


def test_text_where_a_number_belongs_is_a_mistake(written):
    assert told(written(SMALL + '[limits]\nconnections = "12"\n'))[0][0] == "limits.connections"
    assert told(written(SMALL + "[limits]\nconnections = true\n"))[0][0] == "limits.connections"


def test_files_that_are_named_must_be_there_and_closed_to_others(written, tmp_path):
    (tmp_path / "open.key").write_text("secret")
    (tmp_path / "open.key").chmod(0o644)
    (tmp_path / "c.pem").write_text("certificate")
    mistakes = told(written(
        SMALL + '[mqtt]\nbroker = "mqtts://b.example"\nca_file = "no.pem"\n'
        'cert_file = "c.pem"\nkey_file = "open.key"\n'
    ))  # fmt: skip
    assert [key for key, _, _ in mistakes] == ["mqtt.ca_file", "mqtt.key_file"]
    assert "mode 0644" in mistakes[1][2]


def test_the_password_is_read_from_its_file_and_never_shown(written, tmp_path):
    (tmp_path / "pw").write_text("correct horse\n")
    (tmp_path / "pw").chmod(0o600)
    config = load(written(SMALL + '[mqtt]\nusername = "u"\npassword_file = "pw"\n'))
    assert config.mqtt.password() == "correct horse"
    assert "correct horse" not in repr(config)


def test_the_model_cannot_be_changed(written):
    config = load(written(SMALL))
    with pytest.raises(ValueError, match="frozen"):
        config.site = "b"


def test_every_setting_is_described():
    def walk(model):
        for name, field in model.model_fields.items():
            assert field.title, name
            assert field.description, name
            assert field.examples is not None, name
            assert isinstance(field.json_schema_extra["needs_restart"], bool), name
            if hasattr(field.annotation, "model_fields"):
                walk(field.annotation)

    walk(Config)


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["site", "inputs", "mqtt", "tcp", "ranges", "lines", "broker", "listen",
                         "receiver", "metrics", "options", "protocol", "confirm_by", "accounts"])
        | st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(
    st.dictionaries(st.sampled_from(["site", "inputs", "mqtt", "metrics", "accounts", "log"]), junk)
)
def test_whatever_stands_in_the_file_is_a_configuration_or_mistakes(data):
    try:
        told = [parse(data, file=FILE).site]
    except ConfigError as error:
        told = [str(one) for one in error.mistakes]
    assert all(told)
    assert told
