"""The demo as a stranger sees it: it ends by itself, its sums agree, and nothing stays behind."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEMO = (sys.executable, "-m", "gateway.cli.main", "demo")

pytestmark = [pytest.mark.system, pytest.mark.alone]


def environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "TMPDIR": str(folder), "COLUMNS": "140"}


def test_it_ends_by_itself_with_equal_sums_and_leaves_nothing(tmp_path):
    ran = subprocess.run(
        [*DEMO, "--seconds", "9"],
        cwd=ROOT,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stderr == ""
    for word in ("SECURED", "COMMON", "UNSECURED", "tcp none", "udp aes-128", "serial none"):
        assert word in ran.stdout, ran.stdout
    sums = re.search(r"confirmed\n\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)", ran.stdout)
    assert len(set(sums.groups())) == 1
    assert int(sums[1]) >= 6
    assert "all equal" in ran.stdout
    assert list(tmp_path.iterdir()) == []


def test_its_sums_can_be_read_by_a_program(tmp_path):
    ran = subprocess.run(
        [*DEMO, "--seconds", "5", "--json"],
        cwd=ROOT,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    sums = json.loads(ran.stdout)
    assert list(sums) == ["sent", "acknowledged", "journalled", "published", "confirmed"]
    assert len(set(sums.values())) == 1


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_leaves_no_process_and_no_lock(tmp_path, name):
    with subprocess.Popen(
        DEMO,
        cwd=ROOT,
        env={**environment(tmp_path), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as demo:
        # Once the first event is shown, everybody is on stage.
        for line in demo.stdout:
            if "SECURED" in line:
                break
        demo.send_signal(name)
        rest = demo.stdout.read()
        assert demo.wait(30) == 0, rest
    assert "all equal" in rest
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ProcessLookupError):  # nobody of its session is left
        os.killpg(demo.pid, 0)
