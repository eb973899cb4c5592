"""What the figures were measured on: processors, interpreter, event loop, flush time."""

from __future__ import annotations

import os
import platform
import resource
import statistics
import time
from importlib import metadata
from pathlib import Path
from typing import Final

import msgspec

_BLOCK: Final = bytes(4096)


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """The facts that stand below the table."""

    processor: str
    cores: int
    load: float
    """The load average when the run began: what else the machine had to do."""
    system: str
    python: str
    uvloop: str
    flush_p50_us: float


def machine(folder: Path) -> Machine:
    """Look at this machine; ``folder`` is where the journals will be."""
    try:
        uvloop = metadata.version("uvloop")
    except metadata.PackageNotFoundError:
        uvloop = "none"
    return Machine(
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)),
        load=os.getloadavg()[0],
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        uvloop=uvloop,
        flush_p50_us=flush_p50_us(folder, seconds=0.3),
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def flush_p50_us(folder: Path, *, seconds: float) -> float:
    """Measure how long one fdatasync takes behind 4 KiB appended, as a journal's log grows."""
    path = folder / "flush.bin"
    spent: list[float] = []
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        end = time.monotonic() + seconds
        while time.monotonic() < end or len(spent) < 10:
            os.write(descriptor, _BLOCK)
            began = time.perf_counter()
            os.fdatasync(descriptor)
            spent.append(time.perf_counter() - began)
    finally:
        os.close(descriptor)
        path.unlink()
    return statistics.median(spent) * 1e6


def raise_file_limit() -> int:
    """Let this process and those it starts open as many files as the system allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard
