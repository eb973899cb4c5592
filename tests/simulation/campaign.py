"""Many seeds, in several processes, in the order of their numbers."""

from __future__ import annotations

import gc
import multiprocessing
import signal
from collections.abc import Iterator, Sequence
from functools import partial

from tests.simulation.faults import planted
from tests.simulation.simulation import Result, Simulation

CHUNK = 4  # seeds that a process takes at once


def run(seed: int, *, fault: str | None = None, keeps_all: bool = False) -> Result:
    """Run one seed, with one fault planted or none."""
    with planted(fault):
        return Simulation(seed, keeps_all=keeps_all).run()


def run_all(seeds: Sequence[int], *, fault: str | None = None, jobs: int = 1) -> Iterator[Result]:
    """Run these seeds; results come in their order."""
    one = partial(run, fault=fault)
    if jobs <= 1:
        yield from map(one, seeds)
        return
    # Not forked: no thread or lock of whoever asks goes along.
    with multiprocessing.get_context("spawn").Pool(jobs, _begin) as pool:
        yield from pool.imap(one, seeds, chunksize=CHUNK)


def first_that_finds(fault: str, *, first: int = 0, most: int = 2_000) -> Result | None:
    """The first seed under which the fault is seen; None when none of them does."""
    for seed in range(first, first + most):
        result = run(seed, fault=fault)
        if not result.holds:
            return result
    return None


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends it
    gc.freeze()
