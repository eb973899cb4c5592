"""All checks that need no running program: style, types, imports, freshness, size of files.

``python -m tests.check`` runs every one, tells all that failed, and ends with status 1 if any did.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MAX_LINES = 600  # a longer file answers a second question, unless it is a table


def _tool(*command: str) -> Callable[[], list[str]]:
    """Make a check of a command of this environment; its output is the complaint."""

    def check() -> list[str]:
        scripts = sysconfig.get_path("scripts")
        program = shutil.which(command[0], path=scripts) or command[0]
        ran = subprocess.run(
            [program, *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False
        )
        return [] if ran.returncode == 0 else [(ran.stdout + ran.stderr).strip()]

    return check


def _sources() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py", "*.c"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).exists()]


def _long_files() -> list[str]:
    complaints = []
    for path in _sources():
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > MAX_LINES:
            complaints.append(f"{path.relative_to(ROOT)}: {lines} lines, at most {MAX_LINES}")
    return complaints


def _empty_exports() -> list[str]:
    """``__all__`` names what is there: a stale name would break ``from x import *``."""
    import importlib

    complaints = []
    for path in (ROOT / "protocols").rglob("__init__.py"):
        name = ".".join(path.relative_to(ROOT).parent.parts)
        module = importlib.import_module(name)
        complaints += [
            f"{name}.__all__ names {word!r}, which is not there"
            for word in getattr(module, "__all__", ())
            if not hasattr(module, word)
        ]
    return complaints


CHECKS: dict[str, Callable[[], list[str]]] = {
    "ruff check": _tool("ruff", "check", "--no-cache", "."),
    "ruff format": _tool("ruff", "format", "--no-cache", "--check", "."),
    "mypy strict": _tool("mypy", "--no-error-summary"),
    "import contracts": _tool("lint-imports", "--no-cache"),
    "spelling": _tool("codespell"),
    "schemas are fresh": _tool("alarm-gateway", "schema", "--check", "docs/contract"),
    "files of at most 600 lines": _long_files,
    "exports": _empty_exports,
}


def main() -> int:
    """Run all checks and report."""
    failed = 0
    for name, check in CHECKS.items():
        complaints = check()
        print(f"{'ok  ' if not complaints else 'FAIL'}  {name}", flush=True)
        for complaint in complaints:
            failed += 1
            print("\n".join(f"      {line}" for line in complaint.splitlines()), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
