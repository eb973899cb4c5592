"""P4 and the slow disk: how long one panel waits, and many on a disk that flushes slowly."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks import goals, loadgen, programs
from benchmarks.busy import orders
from benchmarks.compiling import compiled
from benchmarks.goals import Row
from benchmarks.machine import flush_p50_us
from benchmarks.programs import Program, ProgramError
from benchmarks.station import Gateway

FLUSH_MS: Final = 5
RATE: Final = 1000
RATE_PANELS: Final = 500
_SHIM: Final = Path(__file__).with_name("slowflush.c")
_ECHO, _GATEWAY, _FLUSH = "echo", "gateway", "flush"


class _Panel:
    """Asks one program again and again, and never sends the same report twice."""

    def __init__(self) -> None:
        self._first = 0

    def p50_us(self, program: Program, seconds: float) -> float:
        mode = "echo" if program.name == _ECHO else "report"
        result = loadgen.run(
            port=program.port, mode=mode, seconds=seconds, first=self._first, is_stamped=True
        )
        self._first += result.sent + 1
        _all_answered(program, result)
        return result.p50_us


def _all_answered(program: Program, result: loadgen.Result) -> None:
    if result.acked != result.sent or not result.sent:
        raise ProgramError(f"{program.name}: {result.sent} sent, {result.acked} acknowledged")


def run(folder: Path, *, seconds: float, rounds: int, say: Callable[[str], None]) -> list[Row]:
    """Measure P4: one panel, one report after the other; the disk's flush in the same round."""
    folder = folder / "lone"
    folder.mkdir()
    found: dict[str, list[float]] = {_ECHO: [], _GATEWAY: [], _FLUSH: []}
    panel = _Panel()
    with programs.echo(folder) as echo, Gateway(folder, accounts=1) as gateway:
        for program in (echo, gateway):
            panel.p50_us(program, seconds / 4)  # warm-up
        for number, order in enumerate(orders(tuple(found), rounds)):
            say(f"P4, round {number + 1} of {rounds}")
            for name in order:
                if name == _FLUSH:
                    found[name].append(flush_p50_us(folder, seconds=seconds / 2))
                else:
                    program = echo if name == _ECHO else gateway
                    found[name].append(panel.p50_us(program, seconds / 2))
    ratios = tuple(
        ours / (bare + flush)
        for bare, ours, flush in zip(found[_ECHO], found[_GATEWAY], found[_FLUSH], strict=True)
    )
    return [
        Row(
            goal=goals.P4,
            measured=f"{median(found[_GATEWAY]):.0f} us",
            against=f"echo {median(found[_ECHO]):.0f} + flush {median(found[_FLUSH]):.0f} us",
            figure=median(ratios),
            rounds=ratios,
        )
    ]


def run_slow(folder: Path, *, seconds: float, say: Callable[[str], None]) -> list[Row]:
    """Measure the ACK at 1,000 events/s while every flush takes at least 5 ms.

    Raises:
        ProgramError: A report was not acknowledged, or the flushes were not slowed.
    """
    folder = folder / "slow"
    folder.mkdir()
    say(f"slow-flush: {RATE} events/s, {FLUSH_MS} ms a flush")
    environment = {
        "LD_PRELOAD": str(compiled(_SHIM, "-shared", "-fPIC", "-ldl")),
        "SLOW_FLUSH_US": str(FLUSH_MS * 1000),
    }
    panel = _Panel()
    with Gateway(folder, accounts=RATE_PANELS, environment=environment) as gateway:
        lone_ms = panel.p50_us(gateway, max(0.3, seconds / 4)) / 1000
        if lone_ms < FLUSH_MS:
            raise ProgramError(
                f"a lone panel had its ACK in {lone_ms:.1f} ms although a flush takes "
                f"{FLUSH_MS} ms: the flushes were not slowed, or the ACK did not wait for one"
            )
        result = loadgen.run(
            port=gateway.port,
            connections=RATE_PANELS,
            rate=RATE,
            seconds=seconds,
            first=1_000_000,
            is_stamped=True,
        )
        _all_answered(gateway, result)
    return [
        Row(
            goal=goals.SLOW_FLUSH,
            measured=f"{result.p99_us / 1000:.1f} ms",
            against=f"lone panel's p50 {lone_ms:.1f} ms",
            figure=result.p99_us / 1000,
            details={
                "p50_ms": result.p50_us / 1000,
                "max_ms": result.max_us / 1000,
                "per_s": result.per_s,
                "late": result.late,
            },
        )
    ]
