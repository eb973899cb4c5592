"""The simulated station as a stranger sees it: every branch, equal sums, nothing left behind."""

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
STATION = (sys.executable, "-m", "gateway.cli.main", "demo", "--station")

pytestmark = [pytest.mark.system, pytest.mark.alone]


def environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "TMPDIR": str(folder), "COLUMNS": "140"}


def play(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """As fast as it goes."""
    return subprocess.run(
        [*STATION, "--seconds", "3", *options],
        cwd=ROOT,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    folder = tmp_path_factory.mktemp("played")
    return folder, play(folder)


def test_it_tells_the_whole_story_and_leaves_nothing(played):
    folder, ran = played
    assert ran.returncode == 0, ran.stdout[-6000:] + ran.stderr
    assert ran.stderr == ""
    assert "MISSING" not in ran.stdout
    for word in (
        "DISPATCH / TL3",
        "DISPATCH / TL2_SECURED_UNVERIFIED",
        "DISPATCH / IMMEDIATE_VERIFIED",
        "DISPATCH / CONTACTS_EXHAUSTED",
        "DISPATCH / LIFE_SAFETY",
        "DISPATCH / HOLD_UP",
        "DISPATCH / MANUAL_REQUEST",
        "CLOSE / TL2_NOT_SECURED",
        "CLOSE / ACTIVE_WINDOW_EXPIRED",
        "gate BLOCK",
        "SUSPENSION_PENDING -> SUSPENDED",
        "REINSTATEMENT_PENDING -> ACTIVE",
    ):
        assert word in ran.stdout, word
    sums = re.search(r"incidents closed\n((?:\s*\d+){6})", ran.stdout)
    sent, journalled, confirmed, with_effect, opened, closed = map(int, sums[1].split())
    assert sent == journalled == confirmed == with_effect >= 45
    assert opened == closed >= 45
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_leaves_no_process_and_no_file(tmp_path, name):
    with subprocess.Popen(
        STATION,
        cwd=ROOT,
        env={**environment(tmp_path), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as demo:
        # Once an incident is open, everybody is on stage.
        for line in demo.stdout:
            if "opens the incident" in line:
                break
        demo.send_signal(name)
        rest = demo.stdout.read()
        assert demo.wait(60) == 0, rest
    assert "no event lost" in rest
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ProcessLookupError):  # nobody of its session is left
        os.killpg(demo.pid, 0)


def test_it_is_the_same_each_time(played, tmp_path):
    _, first = played
    again = play(tmp_path)
    assert again.stdout.partition("The night")[2] == first.stdout.partition("The night")[2] != ""


def test_a_program_can_read_how_it_went(tmp_path):
    ran = play(tmp_path, "--json")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    told = json.loads(ran.stdout)
    assert told["missing"] == []
    assert told["mistakes"] == []
