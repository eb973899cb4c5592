"""SEC-18: a secret comes from a file that only the service user may read, or from a credential."""

from __future__ import annotations

import os

import pytest

from gateway.config import SecretError, read_credential, read_secret


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "one.key"
    path.write_text("0123")
    return path


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_closed_files_are_read(secret, mode):
    secret.chmod(mode)
    assert read_secret(secret) == b"0123"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o700, 0o620, 0o602, 0o777])
def test_wider_modes_are_refused_with_what_to_do(secret, mode):
    secret.chmod(mode)
    with pytest.raises(SecretError, match=f"{mode:04o}") as caught:
        read_secret(secret)
    assert caught.value.hint == f"chmod 600 {secret}"


def test_a_missing_file_or_a_folder_is_refused(tmp_path):
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(SecretError):
            read_secret(path)


def test_a_file_of_somebody_else_is_refused(secret, monkeypatch):
    secret.chmod(0o600)
    owner = secret.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    with pytest.raises(SecretError, match="belongs to user"):
        read_secret(secret)


def test_a_credential_is_read_from_the_services_folder(secret, monkeypatch):
    secret.chmod(0o440)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(secret.parent))
    assert read_credential("one.key") == b"0123"
    with pytest.raises(SecretError, match="cannot be read"):
        read_credential("other")
    secret.chmod(0o444)
    with pytest.raises(SecretError, match="everybody"):
        read_credential("one.key")


def test_without_credentials_the_unit_line_is_shown(monkeypatch):
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    with pytest.raises(SecretError) as caught:
        read_credential("panel-1")
    assert "LoadCredential=panel-1:" in caught.value.hint
