"""Builds and runs the C load generator (``loadgen.c``): cheap enough not to be the bottleneck."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path
from typing import Final, Literal

import msgspec

from benchmarks.compiling import CompileError, compiled

SOURCE: Final = Path(__file__).with_name("loadgen.c")
GRACE_S: Final = 15.0  # beyond --seconds and --drain; then the generator is ended and told of

Mode = Literal["report", "null", "echo", "idle"]


class LoadgenError(Exception):
    """The generator could not be built or did not give its figures."""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What one run measured; times in microseconds unless the name says otherwise."""

    sent: int
    """Frames, repeats after a timeout not counted."""
    acked: int
    refused: int
    """Answered with something that is no ACK."""
    retries: int
    unanswered: int
    late: int
    """With a rate: frames written more than 1 ms after they were due, for want of a free panel."""
    ignored: int
    """Answers that nobody waited for."""
    lost_connections: int
    connected: int
    first_acks: int
    """Connections that got at least one ACK."""
    last_first_ack_us: int
    """From the start until the last connection had its first ACK (the reconnect storm)."""
    seconds: float
    per_s: float
    p50_us: int
    p99_us: int
    p999_us: int
    max_us: int


def build() -> Path:
    """Compile the generator unless this very source was compiled before; return the program.

    Raises:
        LoadgenError: There is no C compiler, or it refused the source.
    """
    try:
        return compiled(SOURCE)
    except CompileError as error:
        raise LoadgenError(str(error)) from error


def command(  # noqa: PLR0913  one argument for each option of the program
    *,
    port: int,
    host: str = "127.0.0.1",
    mode: Mode = "report",
    transport: Literal["tcp", "udp"] = "tcp",
    payload: Literal["sia", "cid"] = "sia",
    connections: int = 1,
    accounts: int | None = None,
    base_account: int = 100_000,
    first: int = 0,
    seconds: float = 5.0,
    count: int | None = None,
    rate: float | None = None,
    timeout_ms: int = 5000,
    drain_s: float = 2.0,
    is_stamped: bool = False,
    is_once: bool = False,
    ledger: Path | None = None,
    source: str | None = None,
    redial: int | None = None,
) -> list[str]:
    """Build the program and put its command line together.

    Args:
        port: Where the receiver listens.
        host: IPv4 address of the receiver.
        mode: ``report`` sends events, ``null`` link tests; ``echo`` takes any answer up to CR;
            ``idle`` sends one link test per connection and then only stays connected.
        transport: ``tcp`` or ``udp``.
        payload: SIA or Contact ID reports.
        connections: Stop-and-wait panels.
        accounts: How many accounts they share; by default one each.
        base_account: The first account, in decimal digits.
        first: Where the running numbers start, so that a second run repeats nothing.
        seconds: The run ends after this time, at the latest.
        count: The run ends after this many frames.
        rate: Frames a second; as fast as answers come when None.
        timeout_ms: A frame without an answer is sent again after this time.
        drain_s: How long to wait for the last answers.
        is_stamped: Reports carry the time at which they were built.
        is_once: Each connection sends one frame.
        ledger: A file that gets one line ``account sequence zone`` per acknowledged report.
        source: IPv4 address from which the first connection calls; the others count on from it.
        redial: A panel hangs up after so many ACKs and calls again for its next report.

    Returns:
        Arguments for ``subprocess``.
    """
    arguments: dict[str, object] = {
        "host": host, "port": port, "mode": mode, "transport": transport, "payload": payload,
        "connections": connections, "accounts": accounts, "base-account": base_account,
        "first": first, "seconds": seconds, "count": count, "rate": rate,
        "timeout-ms": timeout_ms, "drain": drain_s, "ledger": ledger,
        "stamp": int(is_stamped), "once": int(is_once), "source": source, "redial": redial,
    }  # fmt: skip
    line = [str(build())]
    for name, value in arguments.items():
        if value is not None:
            line += [f"--{name}", str(value)]
    return line


def _result(stdout: bytes, stderr: bytes, returncode: int | None) -> Result:
    if returncode not in (0, 1):
        raise LoadgenError(f"the load generator ended with status {returncode}: {stderr.decode()}")
    return msgspec.json.decode(stdout, type=Result)


def run(**options: object) -> Result:
    """Run the generator to its end; options as ``command`` takes them.

    Raises:
        LoadgenError: It could not be built, refused its options or did not end in time.
    """
    line = command(**options)  # type: ignore[arg-type]  # checked by command itself
    limit = float(options.get("seconds", 5.0)) + float(options.get("drain_s", 2.0)) + GRACE_S  # type: ignore[arg-type]
    try:
        done = subprocess.run(line, capture_output=True, timeout=limit, check=False)
    except subprocess.TimeoutExpired as error:
        raise LoadgenError(f"the load generator did not end within {limit:.0f} s") from error
    return _result(done.stdout, done.stderr, done.returncode)


async def run_async(**options: object) -> Result:
    """Run the generator beside the event loop; as ``run``."""
    line = await asyncio.to_thread(lambda: command(**options))  # type: ignore[arg-type]
    process = await asyncio.create_subprocess_exec(
        *line, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        stdout, stderr = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    return _result(stdout, stderr, process.returncode)
