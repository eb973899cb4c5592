"""Nothing but its own error leaves a parser (SEC-15): what fuzzing kept, and real frames."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.targets import KEPT, TARGETS, kept, seeds

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", TARGETS)
def test_what_fuzzing_kept_and_every_real_frame_harms_nothing(name):
    run = TARGETS[name]
    for data in (*kept(name), *seeds(name)):
        run(data)


@pytest.mark.parametrize("name", TARGETS)
def test_every_target_has_kept_inputs(name):
    assert kept(name), f"none in {KEPT.name}/{name}.txt: run python -m tests.fuzz --keep"


def test_no_inputs_are_kept_of_a_target_that_is_gone():
    assert {path.stem for path in KEPT.glob("*.txt")} <= set(TARGETS)


def test_an_exception_of_a_parser_is_a_finding(tmp_path):
    pytest.importorskip("atheris", reason="atheris is made for Linux only")
    artifacts = f"-artifact_prefix={tmp_path}/"
    script = (
        "import sys; import tests.fuzz.targets as targets\n"
        "def broken(data):\n"
        "    if data[:1] == b'x': raise ValueError(data)\n"
        "targets.TARGETS = {'broken': broken}\n"
        f"sys.argv = ['child', 'broken', '-runs=200000', '{artifacts}', '-seed=1']\n"
        "from tests.fuzz.child import main; main()\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, check=False, timeout=120
    )
    assert ran.returncode != 0
    assert b"ValueError: b'x" in ran.stdout + ran.stderr
    (artifact,) = tmp_path.iterdir()
    assert artifact.read_bytes()[:1] == b"x"
