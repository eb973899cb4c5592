"""SEC-19: no key and no password in anything that a gateway lets out, however it is spelled.

A whole run with everything that could let one slip: the finest log, wrong keys, weak keys, broken
files, refusals, a reload, commands, a stop; then all of its outputs are searched.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import sys
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from urllib.parse import quote

import aiomqtt
import pytest

from protocols.dc09 import build_frame
from tests.support.mosquitto import Mosquitto, find_mosquitto
from tests.support.running import TcpPanel
from tests.support.station import Station, free_port, until

KEYS = {name: Random(name).randbytes(16) for name in ("5678", "hex", "ring", "new")}
TYPED = "Kz7!qwPm#2vXe9Lr"
WEAK = b"abcdabcdabcdabcd"
PASSWORD = "correct-horse-battery-staple-42"  # of the broker
COMMANDS = (
    ("check-config", "{config}"), ("check-config", "{config}", "--json"),
    ("accounts", "list", "-c", "{config}"), ("accounts", "show", "5678", "-c", "{config}"),
    ("accounts", "show", "9999", "-c", "{config}"), ("journal", "list", "-c", "{config}"),
    ("journal", "verify", "-c", "{config}"), ("journal", "show", "1", "-c", "{config}"),
    ("journal", "outstanding", "-c", "{config}"),
)  # fmt: skip

pytestmark = [
    pytest.mark.system,
    pytest.mark.mosquitto,
    pytest.mark.skipif(find_mosquitto() is None, reason="mosquitto is not installed"),
]


def spellings(secret: bytes) -> set[bytes]:
    """How a secret could stand in an output: text, raw, hex, base64, escaped, in a URL."""
    hexed = secret.hex().encode()
    shown = {secret, hexed, hexed.upper(), secret.hex(" ").encode(), secret.hex(":").encode()}
    for one in (secret, hexed, hexed.upper()):
        for cut in range(3):  # wherever in a longer text it begins
            shown.add(base64.b64encode(one[cut : len(one) - (len(one) - cut) % 3]))
    shown |= {base64.urlsafe_b64encode(secret).rstrip(b"="), repr(secret)[2:-1].encode()}
    shown |= {quote(secret).encode(), json.dumps(secret.decode("latin-1"))[1:-1].encode()}
    return {one for one in shown if len(one) >= 8}


def found(secrets: dict[str, bytes], outputs: dict[str, bytes]) -> list[str]:
    """Which secret stands in which output."""
    return [
        f"{name} in {where}"
        for name, secret in secrets.items()
        for spelled in spellings(secret)
        for where, said in outputs.items()
        if spelled in said
    ]


SECRETS = KEYS | {"typed": TYPED.encode(), "weak": WEAK, "password": PASSWORD.encode()}


@pytest.mark.parametrize("spelled", sorted(spellings(KEYS["5678"])))
def test_the_search_finds_each_spelling(spelled):
    assert found(SECRETS, {"log": b"before " + spelled + b" after"})


def _closed(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o600)
    return path


def _write_accounts(station: Station, *, key: bytes) -> None:
    folder = station.folder
    ring = f'[main]\n"0003" = "{KEYS["ring"].hex()}"\n'
    files = {
        "5678": (_closed(folder / "a.key", f"{key.hex()}\n"), ""),
        "0001": (_closed(folder / "b.key", f"{KEYS['hex'].hex().upper()}\n"), ""),
        "0002": (_closed(folder / "c.key", f"{TYPED}\n"), 'key_format = "ascii"\n'),
        "0003": (_closed(folder / "ring.toml", ring), ""),
        "0004": (_closed(folder / "d.key", f"{WEAK.hex()}\n"), "allow_weak_key = true\n"),
    }
    station.accounts_file.write_text(
        "".join(
            f'[[account]]\nid = "{name}"\nkey_file = "{path}"\n{more}'
            for name, (path, more) in files.items()
        )
        + '[[account]]\nid = "1234"\n'
    )


class Run:
    """One gateway from start to stop, with all that it says."""

    def __init__(self, folder: Path, broker: Mosquitto) -> None:
        self.folder = folder
        self.metrics = free_port()
        self.outputs: dict[str, bytes] = {}
        self.station = Station(
            folder, broker=f"mqtt://127.0.0.1:{broker.port}",
            extra='[log]\nlevel = "debug"\nformat = "json"\n'
            f'[metrics]\nlisten = "127.0.0.1:{self.metrics}"\n',
        )  # fmt: skip
        _closed(folder / "mqtt.password", PASSWORD)
        text = self.station.config.read_text()
        self.station.config.write_text(
            text.replace(
                "[mqtt]", f'[mqtt]\nusername = "gw"\npassword_file = "{folder / "mqtt.password"}"'
            )
        )
        _write_accounts(self.station, key=KEYS["5678"])

    async def program(self, *arguments: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "gateway.cli.main", *arguments,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            cwd=Path(__file__).resolve().parents[2], env={**os.environ},
        )  # fmt: skip

    async def command(self, *arguments: str) -> None:
        process = await self.program(*(one.format(config=self.station.config) for one in arguments))
        out, err = await process.communicate()
        self.outputs[" ".join(arguments)] = out + err
        assert b"Traceback" not in err

    def files(self) -> None:
        """Everything on the disk that is no secret file itself."""
        for path in self.folder.rglob("*"):
            is_secret = path.suffix in {".key", ".password"} or path.name == "ring.toml"
            if path.is_file() and not is_secret:
                self.outputs[str(path.relative_to(self.folder))] = path.read_bytes()


def _frame(account: str, key: bytes | None, sequence: int) -> bytes:
    return build_frame(
        "ADM-CID", account=account, data=b"#%b|1131 01 015" % account.encode(), key=key,
        sequence=f"{sequence:04d}", timestamp=datetime.now(UTC), pad=Random(sequence).randbytes,
    )  # fmt: skip


async def _talk(station: Station) -> None:
    """Right and wrong keys, plain text where it must not be, and junk."""
    sent = [("5678", KEYS["5678"]), ("0001", KEYS["hex"]), ("0002", TYPED.encode()),
            ("0003", KEYS["ring"]), ("0004", WEAK)]  # fmt: skip
    for number, (account, key) in enumerate(sent, 1):
        async with TcpPanel(station.port) as panel:
            panel.send(_frame(account, key, number))
            assert b'"*ACK"' in await panel.answer()
    for number, (account, key) in enumerate(sent, 11):
        async with TcpPanel(station.port) as panel:
            panel.send(_frame(account, key[::-1], number) + b"junk\r")
            panel.send(_frame(account, None, number))
            assert await panel.is_silent()


async def test_sec_19_nothing_that_a_gateway_lets_out_holds_a_secret(tmp_path):
    broker_folder = tmp_path / "broker"
    broker_folder.mkdir()
    folder = tmp_path / "station"
    folder.mkdir()
    broker = Mosquitto(broker_folder)
    await broker.start()
    run = Run(folder, broker)
    station, outputs = run.station, run.outputs
    try:
        async with aiomqtt.Client("127.0.0.1", broker.port, identifier="all") as listener:
            await listener.subscribe("#")
            process = await run.program("run", "--config", str(station.config))
            said = bytearray()
            reading = asyncio.create_task(_drain(process.stderr, said))
            await until(lambda: b"gateway.ready" in said)
            for name in ("cmdline", "environ"):
                outputs[name] = Path(f"/proc/{process.pid}/{name}").read_bytes()
            await _talk(station)
            _write_accounts(station, key=KEYS["new"])
            for request in ("reload", "health", "counters", "ping", "unknown"):
                outputs[f"control {request}"] = json.dumps(await station.ask(do=request)).encode()
            (folder / "a.key").write_text(KEYS["5678"].hex() + "zz")  # no key any more
            outputs["control reload, broken"] = json.dumps(await station.ask(do="reload")).encode()
            await run.command("check-config", "{config}")
            (folder / "a.key").chmod(0o644)
            outputs["control reload, open"] = json.dumps(await station.ask(do="reload")).encode()
            _write_accounts(station, key=KEYS["new"])
            for command in COMMANDS:
                await run.command(*command)
            url = f"http://127.0.0.1:{run.metrics}/metrics"
            outputs["metrics"] = await asyncio.to_thread(lambda: urllib.request.urlopen(url).read())
            process.terminate()
            assert await process.wait() == 0
            await reading
            outputs["stdout"], outputs["stderr"] = await process.stdout.read(), bytes(said)
            published = [message async for message in _until_offline(listener)]
            outputs["mqtt"] = b"\n".join(
                str(message.topic).encode() + b" " + bytes(message.payload) for message in published
            )
    finally:
        broker.stop()
    run.files()
    # The outputs are what they should be: everybody spoke.
    assert outputs["stderr"].count(b"frame.refused") >= 3  # a line per source and reason
    assert outputs["mqtt"].count(b"/event/alarm/") >= 5  # unconfirmed, they come again
    assert b"report_refused" in outputs["metrics"]
    assert b"not hexadecimal" in outputs["control reload, broken"]
    assert b"0644" in outputs["control reload, open"]
    assert any(name.startswith("journal/journal.db") for name in outputs)
    assert found(SECRETS, outputs) == []


async def _drain(stream: asyncio.StreamReader, into: bytearray) -> None:
    while chunk := await stream.read(65_536):
        into += chunk


async def _until_offline(listener: aiomqtt.Client):
    async with asyncio.timeout(10):
        async for message in listener.messages:
            yield message
            if str(message.topic).endswith("/status") and b"offline" in bytes(message.payload):
                return
