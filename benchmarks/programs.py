"""The programs that are measured: each on a free port, waited for, and ended by its own id."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, Self

ROOT: Final = Path(__file__).resolve().parents[1]
HOST: Final = "127.0.0.1"
BASE_ACCOUNT: Final = 100_000
READY_S: Final = 30.0
END_S: Final = 10.0
_LOOK_EVERY_S: Final = 0.01
_CLOCK_TICKS_S: Final = os.sysconf("SC_CLK_TCK")


class ProgramError(Exception):
    """A program did not start or did not do its part; the text has the end of its output."""


def free_port() -> int:
    """Find a TCP port that nobody has."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


class Program:
    """One process of ours. A context: started and ready inside, gone outside."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        output: Path,
        port: int,
        ready: bytes | None = b"ready",
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """``ready`` is what its output must hold; with None its port must answer."""
        self.name = output.stem
        self.port = port
        self._command = command
        self._output = output
        self._ready = ready
        self._environment = {**os.environ, **(environment or {})}
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                self._command,
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                cwd=ROOT,
                env=self._environment,
            )
        try:
            self.until(self._is_ready, "get ready")
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        process = self._started
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(END_S)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """End it as kill -9 does, at once."""
        self._started.kill()
        self._started.wait()

    @property
    def _started(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "not started"
        return self._process

    def until(self, condition: Callable[[], bool], what: str, *, limit_s: float = READY_S) -> None:
        """Wait until a condition holds.

        Raises:
            ProgramError: It did not within the limit, or the program ended.
        """
        give_up = time.monotonic() + limit_s
        while not condition():
            status = self._started.poll()
            if status is not None:
                raise ProgramError(f"{self.name} ended with status {status}: {self._tail()}")
            if time.monotonic() > give_up:
                raise ProgramError(f"{self.name} did not {what} in {limit_s:.0f} s: {self._tail()}")
            time.sleep(_LOOK_EVERY_S)

    def _is_ready(self) -> bool:
        if self._ready is not None:
            return self._ready in self._output.read_bytes()
        with socket.socket() as probe:
            probe.settimeout(1.0)
            return probe.connect_ex((HOST, self.port)) == 0

    def _tail(self) -> str:
        return self._output.read_text(errors="replace")[-2000:]

    def cpu_s(self) -> float:
        """Processor time that it took so far, in all its threads."""
        stat = Path(f"/proc/{self._started.pid}/stat").read_text()
        fields = stat.rpartition(")")[2].split()  # the name before it may hold blanks
        return (int(fields[11]) + int(fields[12])) / _CLOCK_TICKS_S

    def rss_bytes(self) -> int:
        """Memory that it holds now."""
        for line in Path(f"/proc/{self._started.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise ProgramError(f"{self.name}: its /proc status names no VmRSS")


def echo(folder: Path, *, is_plain: bool = False) -> Program:
    """Make the bare echo server on uvloop, the ceiling, or on plain asyncio."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.echo_server", str(port)]
    if is_plain:
        command.append("plain")
    return Program(command, output=folder / "echo.out", port=port)


def peer(folder: Path, *, accounts: int) -> Program:
    """Make pysiaalarm's server: the peer."""
    port = free_port()
    words = [str(port), str(BASE_ACCOUNT), str(accounts)]
    command = [sys.executable, "-m", "benchmarks.peer_pysiaalarm", *words]
    return Program(command, output=folder / "pysiaalarm.out", port=port)


def mosquitto_binary() -> str | None:
    """Find Mosquitto; Debian puts it where a plain user's PATH does not look."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")


def mosquitto(folder: Path, binary: str) -> Program:
    """Make a broker that keeps nothing on disk."""
    port = free_port()
    config = folder / "mosquitto.conf"
    lines = [f"listener {port} {HOST}", "allow_anonymous true", "max_inflight_messages 100"]
    if os.getuid() == 0:
        lines.append("user root")  # else it would give its rights up and not read its file
    config.write_text("\n".join([*lines, "log_type error", ""]))
    command = [binary, "-c", str(config)]
    return Program(command, output=folder / "mosquitto.out", port=port, ready=None)


def consumer(folder: Path, *, broker_port: int, site: str, name: str) -> Program:
    """Make the consumer that confirms what a gateway publishes."""
    words = ["--broker", f"mqtt://{HOST}:{broker_port}", "--site", site, "--name", name]
    command = [sys.executable, "-m", "gateway.contract.consumer", *words]
    return Program(
        command, output=folder / "consumer.out", port=broker_port, ready=b"is subscribed"
    )
