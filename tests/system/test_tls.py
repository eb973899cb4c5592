"""SEC-10 end to end: panels over TLS against a real gateway process."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path

import pytest

from gateway.journal import Reader
from protocols.dc09 import build_frame
from tests.support.certificates import Authority, panel_context
from tests.support.station import Station, free_port, until

pytestmark = pytest.mark.system


class TlsStation(Station):
    """A station whose input listens for TLS beside TCP and UDP, for panels with certificates."""

    def __init__(self, folder, *, days: float = 90, wants: str = "required") -> None:
        super().__init__(folder, accounts=("1234", "5678"))
        self.authority = Authority(folder)
        self.own = self.authority.issue("gateway", server=True, days=days)
        self.tls_port = free_port()
        config = self.config.read_text().replace(
            f'udp = "127.0.0.1:{self.port}"\n',
            f'udp = "127.0.0.1:{self.port}"\n'
            f'tls = "127.0.0.1:{self.tls_port}"\n'
            'cert_file = "gateway.crt"\nkey_file = "gateway.key"\n'
            f'client_ca_file = "authority.crt"\nclient_certificate = "{wants}"\n',
        )
        self.config.write_text(config)
        accounts = self.accounts_file.read_text()
        self.accounts_file.write_text(
            accounts.replace('id = "5678"', 'id = "5678"\ncertificates = ["cn:panel-5678"]')
        )

    def events(self) -> list[dict]:
        reader = Reader(self.journal)
        try:
            return [json.loads(one.json)["data"] for one in reader.list(newest_first=False)]
        finally:
            reader.close()

    def codes(self) -> list[str]:
        return [event["code"]["value"] for event in self.events()]

    async def counters(self) -> dict[str, int]:
        return (await self.ask(do="counters"))["counters"]

    async def report(self, identity, *, account="1234", sequence="0001", port=None) -> bytes:
        """Send one report as that panel; what came back, empty when nothing did."""
        frame = build_frame(
            "ADM-CID", account=account, data=f"#{account}|1131 01 015".encode(),
            sequence=sequence, pad=bytes,
        )  # fmt: skip
        context = None if port else panel_context(self.authority, identity)
        reader, writer = await asyncio.open_connection(
            "localhost" if context else "127.0.0.1", port or self.tls_port, ssl=context
        )
        try:
            writer.write(frame)
            async with asyncio.timeout(0.5):
                return await reader.readuntil(b"\r")
        except (TimeoutError, asyncio.IncompleteReadError, OSError):
            return b""
        finally:
            writer.transport.abort()


@pytest.fixture
async def station(tmp_path):
    station = TlsStation(tmp_path)
    await station.start()
    yield station
    await station.stop()


async def test_a_simulated_panel_plays_a_story_over_tls(station, tmp_path):
    cert_file, key_file = station.authority.issue("panel-5678")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway.cli.main", "simulate", "panel",
        "--to", f"localhost:{station.tls_port}", "--account", "5678", "--story", "burglary",
        "--speed", "1000", "--json", "--tls", "--ca", str(station.authority.ca_file),
        "--cert", str(cert_file), "--cert-key", str(key_file),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, cwd=tmp_path,
    )  # fmt: skip
    async with asyncio.timeout(30):
        said, wrong = await process.communicate()
    assert process.returncode == 0, (said, wrong)
    events = [event for event in station.events() if event["class"] != "system"]
    assert events
    for event in events:
        assert event["account"]["id"] == "5678"
        assert event["origin"]["transport"] == "tls"
        assert event["trust"] == {
            "confidentiality": "tls",
            "integrity": "tls",
            "authenticity": "certificate",
            "replay_checked": False,
        }


async def test_a_simulated_panel_that_trusts_somebody_else_is_told_so_in_words(station, tmp_path):
    other = Authority(tmp_path, "other")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway.cli.main", "simulate", "panel",
        "--to", f"localhost:{station.tls_port}", "--tls", "--ca", str(other.ca_file),
        "--tries", "1", "--timeout", "1",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, cwd=tmp_path,
    )  # fmt: skip
    async with asyncio.timeout(30):
        said, _ = await process.communicate()
    assert process.returncode == 1
    assert b"not trusted" in said.replace(b"\n", b" ")
    assert b"Traceback" not in said


async def test_an_account_that_names_its_certificate_is_heard_with_no_other(station):
    mine, other = station.authority.issue("panel-5678"), station.authority.issue("panel-1234")
    assert await station.report(mine, account="5678")
    assert not await station.report(other, account="5678", sequence="0002")
    assert not await station.report(None, account="5678", sequence="0003", port=station.port)
    # One that names none is heard over TLS and in clear; its certificate proves nothing of it.
    assert await station.report(other)
    assert (await station.counters())["report_refused:certificate_refused"] == 2
    assert "certificate_refused" in station.codes()
    trust = [event["trust"] for event in station.events() if event["account"]["id"] == "1234"]
    assert [(one["integrity"], one["authenticity"]) for one in trust] == [("tls", "none")]


async def test_panels_without_expired_and_foreign_certificates_never_reach_a_parser(
    station, tmp_path_factory
):
    old = station.authority.issue("old", days=-1, since_days=9)
    foreign = Authority(tmp_path_factory.mktemp("foreign"), "authority").issue("panel-1234")
    for identity in (None, old, foreign):
        assert not await station.report(identity)
    counters = await station.counters()
    assert counters["tls_refused:certificate_missing"] == 1
    assert counters["tls_refused:certificate_expired"] == 1
    assert counters["tls_refused:certificate_untrusted"] == 1
    assert counters["frame_rejected:tls_certificate_expired"] == 1
    assert set(station.codes()) == {"gateway_started"}
    refused = [line for line in station.log if "certificate" in json.dumps(line)]
    assert "has expired" in json.dumps(refused)


async def test_sighup_takes_up_a_new_certificate_and_keeps_the_old_one_when_it_is_broken(station):
    identity = station.authority.issue("panel-5678")
    assert await station.report(identity, account="5678")
    good = station.own[0].read_bytes()
    station.own[0].write_text("broken")
    station.process.send_signal(signal.SIGHUP)
    await until(lambda: station.logged("config.refused"))
    assert "gateway.crt" in json.dumps(station.logged("config.refused"))
    assert await station.report(identity, account="5678", sequence="0002")

    station.own[0].write_bytes(good)
    station.authority.issue("gateway", server=True, days=10)
    station.process.send_signal(signal.SIGHUP)
    await until(lambda: station.logged("config.reloaded"))
    assert await station.report(identity, account="5678", sequence="0003")
    await until(lambda: "certificate_expiring" in station.codes())
    degraded = (await station.ask(do="health"))["degraded"]
    assert "ends in 9 days" in degraded["certificate:ip-1"]


async def test_a_certificate_that_ends_within_30_days_is_an_event_at_start(tmp_path):
    station = TlsStation(tmp_path, days=29.5)
    await station.start()
    try:
        await until(lambda: "certificate_expiring" in station.codes())
        event = next(
            event for event in station.events() if event["code"]["value"] == "certificate_expiring"
        )
        assert event["kind"] == "trouble"
        assert "of input ip-1 ends in 29 days" in event["text"]
    finally:
        await station.stop()


async def test_sec_25_only_what_is_configured_listens_and_nothing_below_1024(station):
    """SEC-25: a port scan of a running gateway, as the kernel tells it."""
    listening = set()
    for name in ("tcp", "tcp6", "udp", "udp6"):
        listening |= _sockets_of(station.process.pid, name)
    assert listening == {
        ("tcp", station.port),
        ("udp", station.port),
        ("tcp", station.tls_port),
    }
    assert all(port >= 1024 for _, port in listening)


def _sockets_of(pid: int, name: str) -> set[tuple[str, int]]:
    """The listening sockets of a process: proc(5), net/tcp and net/udp, by inode."""
    inodes = set()
    for one in Path(f"/proc/{pid}/fd").iterdir():
        target = str(one.readlink()) if one.is_symlink() else ""
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    found = set()
    for line in Path(f"/proc/{pid}/net/{name}").read_text().splitlines()[1:]:
        fields = line.split()
        state, inode = fields[3], fields[9]
        # 0A: LISTEN; a bound UDP socket is in state 07 and has no far end.
        if inode in inodes and state == ("0A" if name.startswith("tcp") else "07"):
            found.add((name[:3], int(fields[1].rpartition(":")[2], 16)))
    return found
