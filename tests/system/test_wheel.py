"""What `pip install .` gives: a command that works from any folder, with all that it needs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel, built from this tree with the build tools at hand."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check"),
            *("--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT)),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    (built,) = folder.glob("*.whl")
    return built


def test_sec_28_built_twice_it_is_the_same_byte_by_byte(tmp_path):
    """From two copies in other folders, made at other times."""
    wheels = []
    for number in (1, 2):
        copy = tmp_path / f"copy-{number}"
        left_out = shutil.ignore_patterns(".*", "tests", "benchmarks", "var", "__pycache__")
        shutil.copytree(ROOT if number == 1 else tmp_path / "copy-1", copy, ignore=left_out)
        for path in copy.rglob("*"):
            os.utime(path, (number * 500_000_000, number * 500_000_000))
        folder = tmp_path / f"wheel-{number}"
        subprocess.run(
            [
                *(sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check"),
                *("--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(copy)),
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )
        wheels += folder.glob("*.whl")
    first, second = wheels
    assert first.name == second.name
    assert first.read_bytes() == second.read_bytes()


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """A folder that holds the wheel's content and nothing of the tree."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(folder)
    return folder


def run(installed: Path, cwd: Path, *words: str) -> subprocess.CompletedProcess[str]:
    program = "import gateway.cli.main as m; m.main()"
    return subprocess.run(
        [sys.executable, "-c", program, *words],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def test_it_carries_tables_schemas_examples_and_no_tests(wheel):
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
    for wanted in ("configs/demo.toml", "configs/station/mosquitto.acl", "gateway/py.typed"):
        assert wanted in names
    assert any(name.startswith("gateway/normalise/tables/") for name in names)
    assert any(name.startswith("gateway/journal/schema/001") for name in names)
    assert any(
        name.startswith("simulators/scenarios/") and name.endswith(".toml") for name in names
    )
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/"))]


def test_the_code_that_runs_is_the_installed_one(installed, tmp_path):
    where = subprocess.run(
        [sys.executable, "-c", "import gateway; print(gateway.__file__)"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(where.stdout.strip()).is_relative_to(installed)


def test_the_demo_runs_from_another_folder(installed, tmp_path):
    ran = run(installed, tmp_path, "demo", "--seconds", "5", "--json")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert len(set(json.loads(ran.stdout).values())) == 1


def test_decode_explains_a_frame_from_another_folder(installed, tmp_path):
    frame = r"\nCE110032\"SIA-DCS\"9876R579BDFL789ABC#12345A[#12345A|NFA129]\r".replace('\\"', '"')
    ran = run(installed, tmp_path, "decode", "--json", frame)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "Fire alarm" in ran.stdout


def test_schema_prints_the_contract_from_another_folder(installed, tmp_path):
    ran = run(installed, tmp_path, "schema")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert json.loads(ran.stdout)["$schema"].startswith("https://json-schema.org/")


def test_the_decision_core_brings_its_rules_packs_pages_and_scenarios(wheel, installed, tmp_path):
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
    for suffix in (".sql", ".html", ".css", ".js", ".toml"):
        assert any(name.startswith("decision/") and name.endswith(suffix) for name in names)
    ran = run(installed, tmp_path, "decision", "check", "--shipped")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "0 differ" in ran.stdout
    ran = run(installed, tmp_path, "decision", "packs", "check")
    assert ran.returncode == 0, ran.stdout + ran.stderr
