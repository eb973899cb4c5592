"""Run figures and print them: ``python -m tests.harness crash --size short``."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from tests.harness.figure import Figure, Size
from tests.harness.figures import FIGURES


def _chosen(command: str, only: str) -> list[Figure]:
    ids = set(only.split(",")) if only else set()
    known = {each.id for each in FIGURES}
    if ids - known:
        sys.exit(
            f"{', '.join(sorted(ids - known))} seen; expected some of {', '.join(sorted(known))}"
        )
    return [each for each in FIGURES if each.command in {command, each.command * (command == "all")}
            and (not ids or each.id in ids)]  # fmt: skip


def main() -> int:
    """Run what was asked for; status 1 when a promise was broken."""
    said = argparse.ArgumentParser(
        prog="python -m tests.harness",
        description="Hold the gateway to its promise, from outside.",
        epilog="example: python -m tests.harness crash --size short --only A1,A3",
    )
    said.add_argument("command", choices=["crash", "storm", "soak", "all"])
    said.add_argument("--size", choices=[size.value for size in Size], default="short")
    said.add_argument("--only", default="", help="some figures, by comma")
    said.add_argument("--folder", type=Path, help="where runs are kept (default: thrown away)")
    said.add_argument("--json", action="store_true", help="one JSON object a line, for a program")
    asked = said.parse_args()
    broken = 0
    for figure in _chosen(asked.command, asked.only):
        with tempfile.TemporaryDirectory(prefix="alarm-gateway-") as thrown_away:
            folder = (asked.folder or Path(thrown_away)) / figure.id
            folder.mkdir(parents=True, exist_ok=True)
            began = time.monotonic()
            outcome = figure.run(Size(asked.size), folder)
            took_s = time.monotonic() - began
        broken += not outcome.holds
        if asked.json:
            said_of = {"id": figure.id, "title": figure.title, "size": asked.size,
                       "said": outcome.said, "holds": outcome.holds, "faults": outcome.faults,
                       "took_s": round(took_s, 1)}  # fmt: skip
            print(json.dumps(said_of), flush=True)
            continue
        verdict = "holds " if outcome.holds else "BROKEN"
        print(
            f"{verdict} {figure.id:<8} {asked.size:<5} {took_s:6.1f} s  {outcome.said}", flush=True
        )
        for fault in outcome.faults[:20]:
            print(f"         {fault}", flush=True)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
