"""P7: 2,000 panels that lost their connections come back at once, while others go on reporting."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks import goals, loadgen, programs
from benchmarks.busy import orders
from benchmarks.goals import Row
from benchmarks.programs import BASE_ACCOUNT, Program, ProgramError
from benchmarks.station import Gateway

PANELS: Final = 2_000
OTHERS: Final = 100
OTHERS_PER_S: Final = 500
_STORM_S: Final = 20.0
_BEFORE_S: Final = 0.5
_ECHO, _GATEWAY = "asyncio", "gateway"


def _last_first_ack_ms(program: Program, mode: loadgen.Mode, number: int) -> float:
    """Have them all come at once; gives the time until the last one had its first answer."""
    running = subprocess.Popen(
        loadgen.command(
            port=program.port, mode=mode, connections=OTHERS, rate=OTHERS_PER_S,
            seconds=_STORM_S, first=1_000 * (number + 1), is_stamped=True,
        ),
        stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        # A lone panel for a moment: by then the others are well under way.
        lone = {"connections": 1, "base_account": BASE_ACCOUNT + OTHERS, "first": 9_000 * number}
        loadgen.run(port=program.port, mode=mode, seconds=_BEFORE_S, **lone)
        result = loadgen.run(
            port=program.port, mode=mode, connections=PANELS, count=PANELS, seconds=_STORM_S,
            first=number + 1, base_account=BASE_ACCOUNT + OTHERS + 1, is_stamped=True,
            is_once=True,
        )  # fmt: skip
    finally:
        running.terminate()
        running.communicate()
    if result.first_acks < PANELS:
        raise ProgramError(
            f"{program.name}: of {PANELS} panels {result.first_acks} had an answer in "
            f"{_STORM_S:.0f} s"
        )
    return result.last_first_ack_us / 1000


def run(folder: Path, *, rounds: int, say: Callable[[str], None]) -> list[Row]:
    """Measure P7."""
    folder = folder / "storm"
    folder.mkdir()
    took: dict[str, list[float]] = {_ECHO: [], _GATEWAY: []}
    with (
        programs.echo(folder, is_plain=True) as echo,
        Gateway(folder, accounts=OTHERS + 1 + PANELS) as gateway,
    ):
        pair: dict[str, tuple[Program, loadgen.Mode]] = {
            _ECHO: (echo, "echo"),
            _GATEWAY: (gateway, "report"),
        }
        # Whoever comes back was there before: the first coming is not measured.
        for program, mode in pair.values():
            _last_first_ack_ms(program, mode, 0)
        for number, order in enumerate(orders(tuple(pair), rounds), start=1):
            say(f"P7, round {number} of {rounds}")
            for name in order:
                program, mode = pair[name]
                took[name].append(_last_first_ack_ms(program, mode, number))
    ratios = tuple(g / e for e, g in zip(took[_ECHO], took[_GATEWAY], strict=True))
    return [
        Row(
            goal=goals.P7,
            measured=f"{median(took[_GATEWAY]):.0f} ms",
            against=f"asyncio, storing nothing {median(took[_ECHO]):.0f} ms",
            figure=median(ratios),
            rounds=ratios,
        )
    ]
