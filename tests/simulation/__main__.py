"""``python -m tests.simulation``: run seeds, replay one, look for planted faults.

python -m tests.simulation --seeds 2000 --jobs 2     seeds 0 to 1999
python -m tests.simulation --seed 141                one seed, with the end of its trace
python -m tests.simulation --seed 141 --trace all    the same, with all of it
python -m tests.simulation --fault early-ack         the first seed that sees this fault
python -m tests.simulation --pin --jobs 2            the same for all, written to pinned.json
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from hashlib import blake2b

from tests.simulation import pinned
from tests.simulation.campaign import first_that_finds, run, run_all
from tests.simulation.faults import FAULTS
from tests.simulation.simulation import Result

TAIL = 40  # lines of the trace that are shown of a broken seed
SHOWN_MOST = 3  # broken seeds whose trace is shown
TOLD_EVERY_S = 10.0


def main() -> int:
    """Do what the command line says; 0 when every promise was kept."""
    asked = _arguments()
    if asked.pin:
        lost = pinned.write(jobs=asked.jobs)
        return 1 if lost else 0
    if asked.seed is not None:
        result = run(asked.seed, fault=asked.fault, keeps_all=asked.trace == "all")
        _show(result, lines=len(result.tail) if asked.trace == "all" else TAIL)
        return 0 if result.holds else 1
    if asked.fault is not None:
        found = first_that_finds(asked.fault, first=asked.first, most=asked.seeds)
        if found is None:
            print(f"{asked.fault}: not seen in {asked.seeds} seeds")
            return 1
        _show(found, lines=TAIL)
        return 0
    return _campaign(asked)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.simulation",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seeds", type=int, default=200, help="how many seeds (200)")
    parser.add_argument("--first", type=int, default=0, help="the first of them (0)")
    parser.add_argument("--seed", type=int, help="run this one alone and show its trace")
    parser.add_argument("--fault", choices=sorted(FAULTS), help="plant this fault in the gateway")
    parser.add_argument("--pin", action="store_true", help="find every fault, rewrite pinned.json")
    parser.add_argument("--trace", choices=("tail", "all"), default="tail", help="how much of it")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1), help="processes")
    return parser.parse_args()


def _campaign(asked: argparse.Namespace) -> int:
    began, told = time.monotonic(), time.monotonic()
    digest, broken, events, lives, cpu_s = blake2b(digest_size=12), [], 0, 0, 0.0
    seeds = range(asked.first, asked.first + asked.seeds)
    for number, result in enumerate(run_all(seeds, jobs=asked.jobs), 1):
        digest.update(f"{result.seed} {result.hash}\n".encode())
        events += result.events
        lives += result.lives
        cpu_s += result.cpu_s
        if not result.holds:
            broken.append(result.seed)
            if len(broken) <= SHOWN_MOST:
                _show(result, lines=TAIL)
            else:
                print(f"seed {result.seed}: {result.broken[0]}", flush=True)
        if sys.stderr.isatty() and time.monotonic() - told > TOLD_EVERY_S:
            told = time.monotonic()
            print(f"{number} of {len(seeds)} seeds, {len(broken)} broken", file=sys.stderr)
    wall_s = time.monotonic() - began
    print(
        f"{len(seeds)} seeds, {len(broken)} broken, {events} events, {lives} lives, "
        f"{wall_s:.1f} s ({cpu_s / max(1, len(seeds)):.3f} s of CPU a seed, {asked.jobs} jobs), "
        f"hash {digest.hexdigest()}"
    )
    if broken:
        print(f"replay one: python -m tests.simulation --seed {broken[0]}")
    return 1 if broken else 0


def _show(result: Result, *, lines: int) -> None:
    for line in result.tail[-lines:]:
        print(line)
    verdict = "kept its promise" if result.holds else "BROKE ITS PROMISE"
    print(
        f"seed {result.seed} {verdict}: {result.events} events, {result.lives} lives, "
        f"{result.simulated_s:.0f} simulated seconds, {result.cpu_s:.2f} s of CPU, "
        f"hash {result.hash}"
    )
    for words in result.broken:
        print(f"  {words}")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
