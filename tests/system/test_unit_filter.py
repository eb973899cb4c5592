"""SEC-24: what the gateway asks of the kernel is what its unit allows.

Without a booted systemd the unit itself cannot run; its system-call filter and its socket families
are compared with what a whole life of the gateway (start, panels over TCP, UDP and TLS, a serial
line, reload, control socket, stop) asks for under strace.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from protocols.dc09 import build_frame
from tests.support.certificates import Authority, panel_context
from tests.support.station import LAUNCH, Station, free_port, until

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(
        not (shutil.which("strace") and shutil.which("systemd-analyze")),
        reason="strace or systemd-analyze is not installed",
    ),
]

UNIT = Path(__file__).resolve().parents[2] / "configs" / "station" / "alarm-gateway.service"

_OF_STRACE = {"execve"}
"""The launch itself, which systemd does before the filter holds."""

_OF_ROOT = {"fchown"} if os.geteuid() == 0 else set()
"""SQLite gives its files back to their owner when it runs as root (robustFchown); nobody else."""

_FAMILY = re.compile(r"\bsocket\((AF_[A-Z0-9]+)")
_CALL = re.compile(r"^(?:\d+ +)?([a-z_0-9]+)\(")


def unit() -> dict[str, list[str]]:
    """The settings of the unit; one that stands twice has two values."""
    found: dict[str, list[str]] = {}
    for line in UNIT.read_text().splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


def call_sets() -> dict[str, set[str]]:
    """Systemd's sets of system calls, as ``systemd-analyze`` tells them."""
    said = subprocess.run(
        ["systemd-analyze", "syscall-filter", "--no-pager"],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    sets: dict[str, set[str]] = {}
    current: set[str] = set()
    for line in said.stdout.splitlines():
        if line.startswith("@"):
            current = sets[line.strip()] = set()
        elif line.startswith(" ") and not line.strip().startswith("#"):
            current.add(line.strip())
        elif line.startswith("#"):
            break  # calls of this kernel that stand in no set
    return sets


def members(name: str, sets: dict[str, set[str]]) -> set[str]:
    """The calls in a set, with those of the sets in it."""
    if not name.startswith("@"):
        return {name}
    return set().union(*(members(one, sets) for one in sets[name]))


def allowed() -> set[str]:
    """What ``SystemCallFilter=`` of the unit leaves."""
    sets = call_sets()
    calls: set[str] = set()
    for line in unit()["SystemCallFilter"]:
        names = set().union(*(members(one, sets) for one in line.removeprefix("~").split()))
        calls = calls - names if line.startswith("~") else calls | names
    return calls | members("@default", sets)


@pytest.fixture
async def lived(tmp_path) -> str:
    """What strace wrote about a whole life of a gateway."""
    trace = tmp_path / "trace"
    master, slave = os.openpty()
    authority = Authority(tmp_path)
    authority.issue("gateway", server=True)
    tls_port = free_port()
    station = Station(tmp_path, accounts=("1234",), serial=Path(os.ttyname(slave)))
    station.config.write_text(
        station.config.read_text().replace(
            "[inputs.ip-1]\n",
            f'[inputs.ip-1]\ntls = "127.0.0.1:{tls_port}"\n'
            'cert_file = "gateway.crt"\nkey_file = "gateway.key"\n',
        )
    )
    station.launch = ("strace", "-f", "-qq", "-s", "0", "-o", str(trace), *LAUNCH)
    await station.start()
    children = Path(f"/proc/{station.process.pid}/task/{station.process.pid}/children")
    (pid,) = map(int, children.read_text().split())
    try:
        for sequence, port, tls in ((1, station.port, None), (2, tls_port, authority)):
            context = None if tls is None else panel_context(tls)
            reader, writer = await asyncio.open_connection("localhost", port, ssl=context)
            writer.write(_frame(sequence))
            async with asyncio.timeout(10):
                await reader.readuntil(b"\r")
            writer.transport.abort()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.settimeout(10)
            udp.sendto(_frame(3), ("127.0.0.1", station.port))
            await asyncio.to_thread(udp.recv, 1024)
        os.kill(pid, signal.SIGHUP)
        await until(lambda: station.logged("config.reloaded"))
        assert (await station.ask(do="ping"))["version"]
    finally:
        os.kill(pid, signal.SIGTERM)
        await station.ended()
        os.close(master)
        os.close(slave)
    return trace.read_text(errors="replace")


def _frame(sequence: int) -> bytes:
    return build_frame(
        "ADM-CID", account="1234", data=b"#1234|1131 01 015", sequence=f"{sequence:04}", pad=bytes
    )


async def test_every_system_call_and_socket_family_is_allowed_by_the_unit(lived):
    calls = {found[1] for line in lived.splitlines() if (found := _CALL.match(line))}
    assert {"fdatasync", "accept4", "epoll_wait"} & calls  # it was traced indeed
    assert calls - allowed() - _OF_STRACE - _OF_ROOT == set()
    families = set(_FAMILY.findall(lived))
    assert families <= set(unit()["RestrictAddressFamilies"][0].split())
    # MemoryDenyWriteExecute: nothing is mapped, or made, writable and executable.
    assert not re.search(r"PROT_WRITE\|PROT_EXEC", lived)
