"""P1 to P3: 500 stop-and-wait panels against the echo server, the gateway and the peer.

Every round measures each of them once, started afresh, in turning order, so that a machine that
gets slower or faster meanwhile does so to all of them. The reports carry a timestamp, as those of
most panels in the field do. The gateway is killed (kill -9) after its last answer, and its
journal must hold every report that it acknowledged.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from statistics import median
from typing import Final, TypeAlias

import msgspec

from benchmarks import goals, loadgen, programs
from benchmarks.goals import Row
from benchmarks.programs import Program, ProgramError
from benchmarks.station import Gateway, forwarding, missing

PANELS: Final = 500
WARM_UP_S: Final = 0.3
_WARM: Final = 0
_MEASURED: Final = 1_000_000  # where the running numbers go on: the warm-up is not repeated

Contestant: TypeAlias = Callable[[Path], AbstractContextManager[Program]]


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One contestant in one round."""

    per_s: float
    p50_us: int
    p99_us: int
    cpu_us: float
    """Processor time per event, all threads of the process."""
    confirmed: float | None = None
    """Share of the events that the consumer had confirmed when the load ended."""


def _echo(folder: Path) -> AbstractContextManager[Program]:
    return programs.echo(folder)


def _peer(folder: Path) -> AbstractContextManager[Program]:
    return programs.peer(folder, accounts=PANELS)


def _idle(folder: Path) -> AbstractContextManager[Program]:
    return Gateway(folder, accounts=PANELS)


def _running(folder: Path) -> AbstractContextManager[Program]:
    return forwarding(folder, accounts=PANELS)


ECHO, IDLE, PEER, RUNNING = "echo", "gateway", "pysiaalarm", "gateway, outbox running"
_CONTESTANTS: Final[Mapping[str, Contestant]] = {
    ECHO: _echo,
    IDLE: _idle,
    PEER: _peer,
    RUNNING: _running,
}


def orders(names: tuple[str, ...], rounds: int) -> Iterator[tuple[str, ...]]:
    """Give the order of each round, forwards and backwards in turn."""
    for _, order in zip(range(rounds), itertools.cycle((names, names[::-1])), strict=False):
        yield order


def measure(name: str, folder: Path, seconds: float) -> Run:
    """Start one contestant, load it, end it and look at what it kept.

    Raises:
        ProgramError: It did not answer every report, or acknowledged what it did not keep.
    """
    folder.mkdir()
    ledger = folder / "ledger"
    mode = "echo" if name == ECHO else "report"
    with _CONTESTANTS[name](folder) as program:
        load = partial(
            loadgen.run, port=program.port, connections=PANELS, mode=mode, is_stamped=True
        )
        warm = load(seconds=WARM_UP_S, first=_WARM)
        before = program.cpu_s()
        result = load(seconds=seconds, first=_MEASURED, ledger=ledger)
        cpu_s = program.cpu_s() - before
        confirmed = None
        if isinstance(program, Gateway):
            acked = warm.acked + result.acked
            confirmed = 1 - program.outstanding() / acked
            program.kill()
            if (lost := missing(program.journal, ledger, acked)) is not None:
                raise ProgramError(f"{name}: {lost}")
    if result.unanswered or result.refused:
        raise ProgramError(
            f"{name}: of {result.sent} reports {result.unanswered} got no answer and "
            f"{result.refused} a wrong one"
        )
    return Run(
        per_s=result.per_s,
        p50_us=result.p50_us,
        p99_us=result.p99_us,
        cpu_us=cpu_s / result.acked * 1e6,
        confirmed=confirmed,
    )


def run(folder: Path, *, seconds: float, rounds: int, say: Callable[[str], None]) -> list[Row]:
    """Measure P1, P2 and P3."""
    runs: dict[str, list[Run]] = {name: [] for name in _CONTESTANTS}
    for number, order in enumerate(orders(tuple(_CONTESTANTS), rounds)):
        for place, name in enumerate(order):
            say(f"P1 to P3, round {number + 1} of {rounds}: {name}")
            runs[name].append(measure(name, folder / f"busy-{number}-{place}", seconds))
    return _rows(runs)


def _rows(runs: Mapping[str, list[Run]]) -> list[Row]:
    rows = []
    for goal, ours, theirs in (
        (goals.P1, IDLE, PEER),
        (goals.P1_RUNNING, RUNNING, PEER),
        (goals.P2, IDLE, ECHO),
        (goals.P2_RUNNING, RUNNING, ECHO),
    ):
        ratios = _ratios(runs[ours], runs[theirs], lambda one: one.per_s)
        rows.append(
            Row(
                goal=goal,
                measured=f"{_middle(runs[ours], lambda one: one.per_s):,.0f}/s",
                against=f"{theirs} {_middle(runs[theirs], lambda one: one.per_s):,.0f}/s",
                figure=median(ratios),
                rounds=ratios,
                details=_details(runs[ours]),
            )
        )
    ratios = _ratios(runs[IDLE], runs[PEER], lambda one: one.p99_us)
    rows.append(
        Row(
            goal=goals.P3,
            measured=f"{_middle(runs[IDLE], lambda one: one.p99_us) / 1000:.1f} ms",
            against=f"{PEER} {_middle(runs[PEER], lambda one: one.p99_us) / 1000:.1f} ms",
            figure=median(ratios),
            rounds=ratios,
        )
    )
    return rows


def _details(runs: list[Run]) -> dict[str, float | int | str]:
    details: dict[str, float | int | str] = {
        "cpu_us_per_event": round(_middle(runs, lambda one: one.cpu_us), 2)
    }
    if runs[0].confirmed is not None:
        details["confirmed_share"] = round(_middle(runs, lambda one: one.confirmed or 0.0), 3)
    return details


def _middle(runs: list[Run], figure: Callable[[Run], float]) -> float:
    return median(figure(one) for one in runs)


def _ratios(
    ours: list[Run], theirs: list[Run], figure: Callable[[Run], float]
) -> tuple[float, ...]:
    return tuple(figure(one) / figure(two) for one, two in zip(ours, theirs, strict=True))
