"""The first seed that finds each planted fault: ``pinned.json``, which this module rewrites."""

from __future__ import annotations

import json
import multiprocessing
from pathlib import Path

from tests.simulation.campaign import first_that_finds
from tests.simulation.faults import FAULTS

FILE = Path(__file__).with_name("pinned.json")
MOST_SEEDS = 2_000


def read() -> dict[str, int]:
    """Fault -> the first seed that finds it."""
    pinned: dict[str, int] = json.loads(FILE.read_text(encoding="utf-8"))
    return pinned


def write(*, jobs: int) -> list[str]:
    """Look for every fault again; gives those that nobody found."""
    found: dict[str, int] = {}
    lost: list[str] = []
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        results = pool.imap(_search, FAULTS)
        for name, result in zip(FAULTS, results, strict=True):
            if result is None:
                lost.append(name)
                print(f"{name:<24} not found in {MOST_SEEDS} seeds", flush=True)
            else:
                found[name] = result[0]
                print(f"{name:<24} seed {result[0]:>4}  {result[1]}", flush=True)
    FILE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return lost


def _search(fault: str) -> tuple[int, str] | None:
    result = first_that_finds(fault, most=MOST_SEEDS)
    return None if result is None else (result.seed, result.broken[0])
