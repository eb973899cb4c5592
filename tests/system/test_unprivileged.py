"""SEC-24: everything works without any right. Where the tests run as root, some run again without.

The same as the service unit asks for, by hand (docs/operations.md says it too)::

    setpriv --reuid nobody --regid nogroup --clear-groups --no-new-privs \
        --bounding-set=-all --inh-caps=-all .venv/bin/python -m pytest tests/system
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.system

ROOT = Path(__file__).resolve().parents[2]
NOBODY = 65_534
TESTS = (
    "tests/system/test_wire.py::test_a_report_is_acknowledged_and_stands_in_the_journal",
    "tests/system/test_wire.py::test_the_same_report_over_the_other_path_makes_no_second_event",
    "tests/system/test_wire.py::test_a_panel_never_seen_before_is_added_by_one_edit_and_sighup",
    "tests/system/test_wire.py::test_what_the_journal_folder_holds_is_nobody_elses",
    "tests/system/test_tls.py::test_an_account_that_names_its_certificate_is_heard_with_no_other",
    "tests/hardware/test_serial_link.py::TestPty::test_a_report_is_answered",
    "tests/gateway/test_control.py",
)
"""The main path over TCP, UDP, TLS and a serial line, reload, control socket and key files."""

_WITHOUT = (
    "setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups", "--no-new-privs",
    "--bounding-set=-all", "--inh-caps=-all",
)  # fmt: skip


_PROBE = (
    "import subprocess, sys, pytest, cryptography;"
    "subprocess.run([sys.executable, '-c', 'import msgspec'], check=True)"
)


def _interpreters() -> Iterator[tuple[str, dict[str, str]]]:
    """This Python; and the system's with our packages, where ours is hidden in root's home."""
    yield sys.executable, {}
    system = f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"
    yield system, {"PYTHONPATH": sysconfig.get_path("purelib")}


def _found() -> tuple[str, dict[str, str]] | None:
    """An interpreter that nobody can run, with the environment that it needs."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        return None
    for program, environment in _interpreters():
        if not Path(program).exists():
            continue
        ran = subprocess.run(
            [*_WITHOUT, program, "-c", _PROBE], env={"PATH": os.environ["PATH"], **environment},
            capture_output=True, check=False, cwd="/", timeout=60,
        )  # fmt: skip
        if ran.returncode == 0:
            return program, environment
    return None


@pytest.fixture
def home():
    """A folder of nobody's own; pytest's are closed to him."""
    with tempfile.TemporaryDirectory(prefix="alarm-gateway-") as folder:
        os.chown(folder, NOBODY, NOBODY)
        yield Path(folder)


def test_the_main_path_works_without_rights(home):
    found = _found()
    if found is None:
        pytest.skip("not root, or nobody cannot run this Python")
    program, environment = found
    ran = subprocess.run(
        [*_WITHOUT, program, "-m", "pytest", "-q", f"--basetemp={home / 't'}", *TESTS],
        cwd=ROOT,
        env={
            **environment,
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "PYTHONDONTWRITEBYTECODE": "1",
            "HYPOTHESIS_STORAGE_DIRECTORY": str(home),
        },
        capture_output=True, text=True, check=False, timeout=180,
    )  # fmt: skip
    said = ran.stdout[-3000:] + ran.stderr[-1000:]
    assert ran.returncode == 0, said
    passed = re.search(r"(\d+) passed", said)
    assert passed, said
    assert int(passed[1]) >= len(TESTS)
    assert "skipped" not in said
