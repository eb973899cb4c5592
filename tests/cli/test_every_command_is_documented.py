"""SEC-26: no undocumented command or request; no default account, password, key or certificate."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

import pytest

from gateway.cli.document import DOCUMENT, commands, filled
from gateway.config import load
from gateway.daemon import Daemon, real_world
from gateway.daemon.requests import Requests
from tests.support.station import free_port

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / DOCUMENT).read_text()


def test_the_table_is_what_the_program_offers():
    assert filled(TEXT) == TEXT, "python -m gateway.cli.document writes it"
    assert len(commands()) > 30


def test_every_command_says_what_it_does():
    assert all(text.endswith((".", "..", "?")) and len(text) > 10 for text in commands().values())


def test_every_request_of_the_control_socket_is_documented():
    part = TEXT.partition("## Requests")[2].partition("## Signals")[0]
    assert set(re.findall(r"^\| `([a-z-]+)` \|", part, re.MULTILINE)) == set(
        Requests(None).handlers
    )


async def _ran(folder: Path, *arguments: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway.cli.main", *arguments, cwd=folder,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
    )  # fmt: skip
    out, err = await process.communicate()
    return process.returncode, (out + err).decode()


@pytest.mark.system
async def test_sec_26_in_an_empty_directory_it_finds_nothing_of_its_own_to_start_with(tmp_path):
    status, said = await _ran(tmp_path, "run", "--config", "gateway.toml")
    assert status == 2
    assert "there is no file" in said or "no such file" in said.lower()
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []
    status, said = await _ran(tmp_path, "run")
    assert status == 2
    assert list(tmp_path.iterdir()) == []


async def test_sec_26_the_least_configuration_has_no_account_key_or_consumer(tmp_path):
    port = free_port()
    (tmp_path / "gateway.toml").write_text(
        f'site = "a"\n[mqtt]\nbroker = "mqtt://127.0.0.1:{port}"\n'
        "[clock]\nmust_be_synchronised = false\n"
        '[inputs.ip-1]\nprotocol = "dc09"\ntcp = "127.0.0.1:0"\n'
    )
    config = load(tmp_path / "gateway.toml")
    daemon = Daemon(config, real_world())
    await daemon.start()
    try:
        assert len(daemon.accounts) == 0
        assert daemon.accounts.keyed() == 0
        assert [*daemon.addresses()] == ["ip-1"]
        assert config.inputs["ip-1"].unknown_account == "silent"
        assert config.mqtt.confirm_by == ()
        assert config.mqtt.username is None
        assert config.mqtt.password() is None
        assert config.metrics.listen is None
        made = sorted(path.name for path in tmp_path.rglob("*") if not path.is_dir())
        assert [name for name in made if re.search(r"key|cert|pem|password", name)] == []
    finally:
        await daemon.stop("test")


def test_sec_26_no_secret_is_shipped():
    """In nothing that travels: no private key, and no key file that an example would start with."""
    travels = [
        path
        for top in ("protocols", "hardware", "gateway", "decision", "simulators", "configs")
        for path in (ROOT / top).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and ".git" not in path.parts
    ]
    assert [path for path in travels if path.suffix in {".key", ".pem", ".crt", ".p12"}] == []
    for path in travels:
        assert b"PRIVATE KEY-----" not in path.read_bytes(), path
