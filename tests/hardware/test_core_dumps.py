"""SEC-19: a gateway that crashes leaves no image of its memory, whoever asks for one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

_CRASH = """
import ctypes, os, resource, signal
{before}
from hardware.core_dumps import forbid_core_dumps
forbid_core_dumps()
print(*resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3), flush=True)
os.kill(os.getpid(), signal.SIGABRT)
"""
_LIMITED = "resource.setrlimit(resource.RLIMIT_CORE, (0, 0))"


def _crashed(folder: Path, before: str) -> tuple[int, int, int]:
    """Soft limit, hard limit, and whether it was dumpable, of a process that crashed."""
    done = subprocess.run(
        [sys.executable, "-c", _CRASH.format(before=before)],
        cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(Path.cwd()), "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert done.returncode == -signal.SIGABRT, done.stderr
    assert list(folder.iterdir()) == []
    soft, hard, is_dumpable = map(int, done.stdout.split())
    return soft, hard, is_dumpable


def test_sec_19_a_crash_writes_no_core_and_feeds_no_handler(tmp_path):
    """A limit of 1 and not 0: with 0 the kernel still pipes the image to a handler."""
    soft, hard, _ = _crashed(tmp_path, "")
    assert (soft, hard) in {(1, 1), (0, 0)}


def test_sec_19_where_the_limit_may_not_be_raised_the_process_is_not_dumpable(tmp_path):
    soft, hard, is_dumpable = _crashed(tmp_path, _LIMITED)
    assert (soft, hard, is_dumpable) in {(0, 0, 0), (1, 1, 1)}  # the latter for root
