"""A station for system tests: a real gateway process, on free ports, that may be killed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
import textwrap
from collections import deque
from collections.abc import Iterable
from pathlib import Path

READY_S = 20.0  # a gateway that is not ready by then never will be
END_S = 10.0

LAUNCH = (sys.executable, "-m", "gateway.cli.main")


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    """A port that nobody has, over TCP or UDP, and that the next caller will not get either."""
    other = socket.SOCK_DGRAM if kind == socket.SOCK_STREAM else socket.SOCK_STREAM
    while True:
        with socket.socket(socket.AF_INET, kind) as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        with socket.socket(socket.AF_INET, other) as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class Station:
    """The files of one gateway, and the process that runs on them."""

    def __init__(
        self,
        folder: Path,
        *,
        accounts: Iterable[str] = (),
        encrypted: Iterable[str] = (),
        key: bytes = b"",
        broker: str = "mqtt://127.0.0.1:9",
        confirm_by: Iterable[str] = ("core-1",),
        serial: Path | None = None,
        ack_timeout_s: float = 4.0,
        limits: str = "per_address = 2000",
        extra: str = "",
        launch: Iterable[str] = LAUNCH,
    ):
        self.folder = folder
        self.port = free_port()
        self.launch = tuple(launch)
        self.control = folder / "c.sock"
        self.journal = folder / "journal"
        self.config = folder / "gateway.toml"
        self.process: asyncio.subprocess.Process | None = None
        self.log: deque[dict] = deque(maxlen=2000)
        self._reader: asyncio.Task | None = None
        self._ready = asyncio.Event()
        self.accounts_file = folder / "accounts.toml"
        self.write_accounts(accounts, encrypted, key)
        receiver = ""
        if serial is not None:
            receiver = f"""
                [inputs.rx-1]
                protocol = "surgard"
                serial = "{serial}"
                heartbeat_s = 2.0
                ack_timeout_s = {ack_timeout_s}
                group = "rx"
            """
        self.config.write_text(
            textwrap.dedent(f"""
                site = "test"
                [journal]
                directory = "{self.journal}"
                reserve_mib = 1
                [accounts]
                files = ["{self.accounts_file}"]
                [inputs.ip-1]
                protocol = "dc09"
                tcp = "127.0.0.1:{self.port}"
                udp = "127.0.0.1:{self.port}"
                {receiver}
                [mqtt]
                broker = "{broker}"
                confirm_by = {json.dumps(list(confirm_by))}
                resend_s = 2.0
                [limits]
                {limits}
                [clock]
                must_be_synchronised = false
                [control]
                socket = "{self.control}"
                {extra}
            """)
        )

    def write_accounts(
        self, accounts: Iterable[str], encrypted: Iterable[str] = (), key: bytes = b""
    ) -> None:
        lines = []
        keyed = set(encrypted)
        if keyed:
            key_file = self.folder / "panel.key"
            key_file.write_text(key.hex())
            key_file.chmod(0o600)
        for account in accounts:
            lines += ["[[account]]", f'id = "{account}"', 'area_class = "SECURED"']
            if account in keyed:
                lines += [f'key_file = "{self.folder / "panel.key"}"', 'key_format = "hex"']
        self.accounts_file.write_text("\n".join(lines) + "\n")

    async def start(self, **environment: str) -> None:
        """Start the gateway and wait until it says that it is ready."""
        self._ready = asyncio.Event()
        self.process = await asyncio.create_subprocess_exec(
            *self.launch,
            "run",
            "--config",
            str(self.config),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            cwd=Path(__file__).resolve().parents[2],
            env={**os.environ, **environment},
            limit=1 << 20,
        )
        self._reader = asyncio.create_task(self._read(self.process))
        ended = asyncio.create_task(self.process.wait())
        ready = asyncio.create_task(self._ready.wait())
        done, _ = await asyncio.wait(
            {ended, ready}, timeout=READY_S, return_when=asyncio.FIRST_COMPLETED
        )
        ready.cancel()
        if ready not in done:
            raise AssertionError(f"the gateway did not get ready: {list(self.log)[-20:]}")
        ended.cancel()

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        while line := await process.stderr.readline():
            try:
                record = json.loads(line)
            except ValueError:
                record = {"event": "?", "text": line.decode("utf-8", "replace").rstrip()}
            self.log.append(record)
            if record.get("event") == "gateway.ready":
                self._ready.set()

    def kill_now(self) -> None:
        """End it as a power cut would end the process: at once, by its id."""
        if self.process is not None and self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process.pid, signal.SIGKILL)

    async def ended(self) -> int:
        """Wait until the process is gone; give its exit status."""
        async with asyncio.timeout(END_S):
            status = await self.process.wait()
            await self._reader
        return status

    async def stop(self) -> int:
        """Ask it to stop, as the service manager does."""
        if self.process is None or self.process.returncode is not None:
            return 0
        self.process.terminate()
        return await self.ended()

    async def ask(self, **request: object) -> dict:
        """Ask over the control socket."""
        reader, writer = await asyncio.open_unix_connection(str(self.control))
        try:
            writer.write(json.dumps(request).encode() + b"\n")
            async with asyncio.timeout(10):
                return json.loads(await reader.readline())
        finally:
            writer.close()

    def logged(self, event: str) -> list[dict]:
        return [record for record in self.log if record.get("event") == event]


async def until(condition, *, timeout_s: float = 20.0, every_s: float = 0.02) -> None:
    """Wait for something that another process does."""
    async with asyncio.timeout(timeout_s):
        while True:
            found = condition()
            if asyncio.iscoroutine(found):
                found = await found
            if found:
                return
            await asyncio.sleep(every_s)
