"""What does a process take of the machine: memory, descriptors, processor time?"""

from __future__ import annotations

import os
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICK = os.sysconf("SC_CLK_TCK")
MIB = 1_048_576


def resident_bytes(pid: int) -> int:
    """Memory that is its own now: resident, without what it shares (mapped files, libraries)."""
    pages = Path(f"/proc/{pid}/statm").read_text().split()
    return (int(pages[1]) - int(pages[2])) * _PAGE


def descriptors(pid: int) -> int:
    """How many files, sockets and pipes it holds."""
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


def cpu_s(pid: int) -> float:
    """Processor time of all its threads, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK
