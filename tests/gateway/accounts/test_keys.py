"""Keys come from closed files, keyrings or credentials; weak ones are refused (SEC-6, SEC-18)."""

from __future__ import annotations

import secrets

import pytest

from gateway.accounts.keys import KeyReader, KeyRef, weakness
from gateway.config import SecretError

GOOD = "8f1da03c77429be611d85af306ce942b"
OTHER = "e3b0c44298fc1c149afbf4c8996fb924"


def closed(path, text):
    path.write_text(text)
    path.chmod(0o600)
    return str(path)


def keys(ref, group="main", account_id="1234"):
    return KeyReader().keys(ref, group, account_id)


@pytest.mark.parametrize("length", [16, 24, 32])
def test_a_key_in_hex_of_each_length(tmp_path, length):
    key = secrets.token_bytes(length)
    assert keys(KeyRef(closed(tmp_path / "k", key.hex().upper() + "\n"))) == (key,)


def test_a_key_as_typed_into_the_panel(tmp_path):
    assert keys(KeyRef(closed(tmp_path / "k", "Zx9!kq Lm2#vT7bN\n"), format="ascii")) == (
        b"Zx9!kq Lm2#vT7bN",
    )


def test_two_keys_while_a_rotation_overlaps_newest_first(tmp_path):
    found = keys(KeyRef(closed(tmp_path / "k", f"{GOOD}\n{OTHER}\n")))
    assert found == (bytes.fromhex(GOOD), bytes.fromhex(OTHER))


@pytest.mark.parametrize(
    ("text", "format_", "word"),
    [
        ("", "hex", "empty"),
        (GOOD[:-2], "hex", "15 bytes"),
        (GOOD[:-1], "hex", "not hexadecimal"),
        ("Zx9!kq Lm2#vT7b", "ascii", "15 bytes"),
        ("schlüssel-schlüs", "ascii", "not ASCII"),
    ],
)
def test_what_is_no_key_is_refused_and_not_shown(tmp_path, text, format_, word):
    with pytest.raises(SecretError, match=word) as caught:
        keys(KeyRef(closed(tmp_path / "k", text), format=format_))
    assert not text or text not in str(caught.value) + caught.value.hint


WEAK = [
    bytes(16), b"\xff" * 32, b"A" * 16, bytes(range(16)), bytes(range(32, 0, -1)),
    bytes.fromhex("00112233445566778899aabbccddeeff"),
    bytes.fromhex("0123456789abcdef0123456789abcdef"),
    bytes.fromhex("12345678901234567890123456789012"),
    b"1234567890123456", b"0123456789abcdef", b"ABCDEFGHIJKLMNOP", b"abcdefghijklmnopqrstuvwx",
    b"1234123412341234", b"abababababababab", b"passwordpassword", b"PASSWORDPASSWORD",
]  # fmt: skip


@pytest.mark.parametrize("key", WEAK)
def test_a_weak_key_needs_permission_and_is_listed(tmp_path, key):
    path = closed(tmp_path / "k", key.hex())
    with pytest.raises(SecretError, match="weak"):
        keys(KeyRef(path))
    reader = KeyReader()
    assert reader.keys(KeyRef(path, allow_weak=True), "main", "1") == (key,)
    assert [(group, id_) for group, id_, _ in reader.weak] == [("main", "1")]


def test_random_keys_are_not_weak():
    assert not any(weakness(secrets.token_bytes(16)) for _ in range(2_000))


def test_a_keyring_serves_many_accounts(tmp_path):
    text = f'[main]\n"1234" = "{GOOD}"\n00a1 = ["{GOOD}", "{OTHER}"]\n[North]\n1234 = "{OTHER}"\n'
    ref = KeyRef(closed(tmp_path / "ring.toml", text))
    reader = KeyReader()
    assert reader.keys(ref, "main", "1234") == (bytes.fromhex(GOOD),)
    assert reader.keys(ref, "main", "00A1") == (bytes.fromhex(GOOD), bytes.fromhex(OTHER))
    assert reader.keys(ref, "north", "1234") == (bytes.fromhex(OTHER),)
    with pytest.raises(SecretError, match="no key for main/9999"):
        reader.keys(ref, "main", "9999")


def test_a_keyring_of_a_station_is_csv(tmp_path):
    text = f"group,id,key\nmain,1234,{GOOD}\nmain,00a1,{GOOD},{OTHER}\n"
    ref = KeyRef(closed(tmp_path / "ring.csv", text))
    assert keys(ref) == (bytes.fromhex(GOOD),)
    assert keys(ref, account_id="00A1") == (bytes.fromhex(GOOD), bytes.fromhex(OTHER))
    with pytest.raises(SecretError, match="line 1"):
        keys(KeyRef(closed(tmp_path / "bad.csv", "main,1234")))


def test_a_damaged_keyring_does_not_show_its_keys(tmp_path):
    with pytest.raises(SecretError) as caught:
        keys(KeyRef(closed(tmp_path / "ring.toml", f'[main]\n1234 = "{GOOD}" x\n')))
    assert GOOD not in str(caught.value)


def test_a_credential_instead_of_a_file(tmp_path, monkeypatch):
    closed(tmp_path / "panel-1", GOOD)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert keys(KeyRef(credential="panel-1")) == (bytes.fromhex(GOOD),)
