"""``make fuzz SECONDS=60``: every target for that long, as many at once as there are cores.

What reached new code stays in ``var/fuzz/``; ``--keep`` takes some of it into ``tests/fuzz/kept``,
which the test run replays.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.fuzz.targets import KEPT, TARGETS, kept, seeds

ROOT: Final = Path(__file__).resolve().parents[2]
WORK: Final = ROOT / "var" / "fuzz"
LONGEST_BYTES: Final = 4_096
KEPT_BYTES: Final = 512  # a longer input is not kept: the run must stay readable and small
KEPT_MOST: Final = 60
TIMEOUT_S: Final = 5
_EXECUTIONS: Final = re.compile(rb"Done (\d+) runs|stat::number_of_executed_units: (\d+)")


@dataclass(frozen=True)
class Found:
    """What a run of one target gave."""

    target: str
    executions: int
    crashes: list[bytes]
    output: str


def _child(target: str, *options: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "tests.fuzz.child", target, *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=False)


def _write(folder: Path, inputs: Sequence[bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for each in inputs:
        (folder / hashlib.sha1(each, usedforsecurity=False).hexdigest()).write_bytes(each)


def fuzz(target: str, seconds: int) -> Found:
    """Fuzz one target for that long, from what is kept and from real frames."""
    corpus = WORK / target
    _write(corpus, [*kept(target), *seeds(target)])
    with tempfile.TemporaryDirectory() as name:
        ran = _child(
            target, str(corpus), f"-max_total_time={seconds}", f"-max_len={LONGEST_BYTES}",
            f"-timeout={TIMEOUT_S}", f"-artifact_prefix={name}/", "-print_final_stats=1",
            "-reload=0",
        )  # fmt: skip
        crashes = [path.read_bytes() for path in sorted(Path(name).iterdir())]
    counts = [int(one or two) for one, two in _EXECUTIONS.findall(ran.stderr)]
    if ran.returncode and not crashes:
        crashes = [b""]  # it ended before it began
    return Found(target, max(counts, default=0), crashes, ran.stderr.decode(errors="replace"))


def keep(target: str) -> int:
    """Keep some of the inputs that reached new code, short and long; gives how many."""
    known = set(seeds(target))
    found = {path.read_bytes() for path in (WORK / target).iterdir()} - known
    short = sorted((each for each in found if len(each) <= KEPT_BYTES), key=lambda b: (len(b), b))
    chosen = short[:: max(1, -(-len(short) // KEPT_MOST))]
    KEPT.mkdir(exist_ok=True)
    lines = "".join(f"{each.hex()}\n" for each in chosen)
    (KEPT / f"{target}.txt").write_text(lines, encoding="ascii")
    return len(chosen)


def main() -> int:
    """Fuzz what was asked for; status 1 when something was found."""
    said = argparse.ArgumentParser(
        prog="python -m tests.fuzz",
        description="Fuzz every parser and session with coverage as the guide (atheris).",
        epilog="example: python -m tests.fuzz --seconds 3600 --target dc09,surgard --keep",
    )
    said.add_argument("--seconds", type=int, default=60, help="for each target (default: 60)")
    said.add_argument("--target", default="", help=f"some of {', '.join(TARGETS)}, by comma")
    said.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="at once")
    said.add_argument("--keep", action="store_true", help="keep some of what reached new code")
    said.add_argument("--replay", metavar="HEX", help="run one input against the target, and end")
    asked = said.parse_args()
    names = asked.target.split(",") if asked.target else list(TARGETS)
    if unknown := set(names) - set(TARGETS):
        said.error(f"{', '.join(sorted(unknown))} seen; there are {', '.join(TARGETS)}")
    if asked.replay is not None:
        for name in names:
            TARGETS[name](bytes.fromhex(asked.replay))
        return 0
    is_bad = False
    with ThreadPoolExecutor(asked.jobs) as pool:
        for found in pool.map(lambda name: fuzz(name, asked.seconds), names):
            is_bad |= bool(found.crashes)
            verdict = "FOUND" if found.crashes else "clean"
            print(f"{verdict}  {found.target:<18} {found.executions:>12,} executions", flush=True)
            for crash in found.crashes:
                print(f"       python -m tests.fuzz --target {found.target} --replay {crash.hex()}")
                print("\n".join(f"       {line}" for line in found.output.splitlines()[-25:]))
    if asked.keep:
        for name in names:
            print(f"kept   {name:<18} {keep(name):>12,} inputs", flush=True)
    return 1 if is_bad else 0


if __name__ == "__main__":
    sys.exit(main())
