"""A decision core for system tests: a real process on free ports, that may be killed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import textwrap
from collections import deque
from collections.abc import Iterable
from pathlib import Path

from decision.store import LogReader, Row

READY_S = 30.0  # a core that is not ready by then never will be
END_S = 10.0
LAUNCH = (sys.executable, "-m", "gateway.cli.main")
ROOT = Path(__file__).resolve().parents[2]


class CoreProcess:
    """The files of one core, and the process that runs on them."""

    def __init__(
        self,
        folder: Path,
        *,
        broker: str,
        site: str = "test",
        sites: str = "",
        extra: str = "",
        http: bool = False,
        launch: Iterable[str] = LAUNCH,
    ):
        self.folder = folder
        self.launch = tuple(launch)
        self.store = folder / "store"
        self.config = folder / "core.toml"
        self.process: asyncio.subprocess.Process | None = None
        self.log: deque[dict] = deque(maxlen=2000)
        self._reader: asyncio.Task | None = None
        self._ready = asyncio.Event()
        (folder / "sites.toml").write_text(sites)
        self.config.write_text(
            textwrap.dedent(f"""
                site = "{site}"
                [store]
                directory = "{self.store}"
                [mqtt]
                broker = "{broker}"
                name = "core-1"
                [sites]
                file = "sites.toml"
                [http]
                is_enabled = {"true" if http else "false"}
                listen = "127.0.0.1:0"
                [log]
                format = "json"
                {extra}
            """)
        )

    async def start(self) -> None:
        """Start the core and wait until it says that it is ready."""
        self._ready = asyncio.Event()
        self.process = await asyncio.create_subprocess_exec(
            *self.launch,
            "decision",
            "run",
            "--config",
            str(self.config),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            cwd=ROOT,
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
            raise AssertionError(f"the core did not get ready: {list(self.log)[-20:]}")
        ended.cancel()

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        while line := await process.stderr.readline():
            try:
                record = json.loads(line)
            except ValueError:
                record = {"event": "?", "text": line.decode("utf-8", "replace").rstrip()}
            self.log.append(record)
            if record.get("event") == "core.ready":
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

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def logged(self, event: str) -> list[dict]:
        return [record for record in self.log if record.get("event") == event]

    def rows(self) -> list[Row]:
        """All facts, read beside the process or after it."""
        reader = LogReader(self.store)
        try:
            return list(reader.rows())
        finally:
            reader.close()
