"""SEC-28: dependencies are few, each one version, each with the hashes of what may be installed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
RUN_COUNT_MAX = 50
"""Everything that runs in production, with what that needs; raise it knowingly."""

_PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)(?: ; .*)? \\$")


def pins(name: str) -> dict[str, list[str]]:
    """Requirement -> its hashes."""
    found: dict[str, list[str]] = {}
    current = ""
    for line in (ROOT / "requirements" / name).read_text().splitlines():
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if text.startswith("--hash="):
            found[current].append(text.removesuffix(" \\"))
            continue
        pin = _PIN.match(line)
        assert pin, f"{name}: {line!r} is no exact version with hashes"
        current = pin[1]
        found[current] = []
    return found


@pytest.mark.parametrize("name", ["run.lock", "dev.lock"])
def test_every_dependency_is_one_version_with_hashes(name):
    found = pins(name)
    assert len(found) > 5
    for requirement, hashes in found.items():
        assert hashes, requirement
        assert all(one.startswith("--hash=sha256:") for one in hashes), requirement


def test_what_runs_in_production_is_few():
    assert len(pins("run.lock")) <= RUN_COUNT_MAX


def test_an_installation_takes_nothing_without_its_hash():
    lines = [line for line in (ROOT / "Makefile").read_text().splitlines() if "pip install" in line]
    assert len(lines) >= 3
    for line in lines:
        assert "--require-hashes" in line or "--no-deps" in line, line
