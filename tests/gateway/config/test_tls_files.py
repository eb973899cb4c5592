"""SEC-10, SEC-18: certificates of an input are looked at before it starts, the key's mode too."""

from __future__ import annotations

import pytest

from gateway.config import ConfigError, load
from gateway.config.load import examine
from gateway.config.secret_files import CREDENTIALS_VARIABLE
from hardware.tls import read_identity
from tests.support.certificates import Authority

FILES = 'cert_file = "gateway.crt"\nkey_file = "gateway.key"\n'


@pytest.fixture
def folder(tmp_path):
    Authority(tmp_path).issue("gateway", server=True)
    return tmp_path


def written(folder, files=FILES):
    path = folder / "gateway.toml"
    path.write_text(
        'site = "a"\n[inputs.ip-1]\nprotocol = "dc09"\ntls = "127.0.0.1:12001"\n' + files
    )
    return path


def mistakes(folder, files=FILES):
    _, found = examine(written(folder, files))
    return [(one.key, one.found, one.hint) for one in found]


def test_files_that_fit_are_no_mistake_and_are_counted_from_the_configuration(folder):
    config = load(written(folder, FILES + 'client_ca_file = "authority.crt"\n'))
    identity = read_identity(config.inputs["ip-1"].tls_files())
    assert identity.subject == "CN=gateway"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_key_that_others_may_read_is_refused(folder, mode):
    (folder / "gateway.key").chmod(mode)
    ((key, found, hint),) = mistakes(folder)
    assert key == "inputs.ip-1.key_file"
    assert f"{mode:04o}" in found
    assert "chmod 600" in hint


def test_all_that_is_missing_is_told_at_once(folder):
    files = 'cert_file = "none.crt"\nkey_file = "none.key"\nclient_ca_file = "none.ca"\n'
    assert [key for key, _, _ in mistakes(folder, files)] == [
        "inputs.ip-1.cert_file",
        "inputs.ip-1.client_ca_file",
        "inputs.ip-1.key_file",
    ]


def test_a_key_of_another_certificate_is_told(folder):
    Authority(folder, "other").issue("gateway-2", server=True)
    ((key, found, _),) = mistakes(folder, FILES.replace("gateway.key", "gateway-2.key"))
    assert key == "inputs.ip-1.cert_file"
    assert "KEY_VALUES_MISMATCH" in found


def test_the_key_may_be_a_systemd_credential(folder, monkeypatch):
    files = FILES.replace('key_file = "gateway.key"', 'key_credential = "panels-key"')
    ((key, _, hint),) = mistakes(folder, files)
    assert key == "inputs.ip-1.key_credential"
    assert "LoadCredential=panels-key" in hint

    (folder / "gateway.key").rename(folder / "panels-key")
    monkeypatch.setenv(CREDENTIALS_VARIABLE, str(folder))
    config = load(written(folder, files))
    assert config.inputs["ip-1"].tls_files().key_file == folder / "panels-key"


def test_no_key_is_ever_shown(folder):
    secret = (folder / "gateway.key").read_text()
    (folder / "gateway.crt").write_text(secret)  # the wrong file in the wrong place
    with pytest.raises(ConfigError) as raised:
        load(written(folder))
    assert secret.splitlines()[1] not in str(raised.value)
