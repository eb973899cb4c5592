"""``make bench``: measures the gateway against its goals and prints one table.

Everything runs on loopback, in processes of its own, and ends with this program. The exit status
is 0 when every goal that decides is reached, 1 when one is missed, 2 when something could not be
measured.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from rich.console import Console

from benchmarks import busy, codec, growth, idle, lone, publishing, scale, storm, table
from benchmarks.compiling import CompileError
from benchmarks.goals import IDS, Row
from benchmarks.loadgen import LoadgenError
from benchmarks.machine import machine, raise_file_limit
from benchmarks.programs import ROOT, ProgramError

_MISSED: Final = 1
_NOT_MEASURED: Final = 2
Say = Callable[[str], None]


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure the gateway against its goals, on this machine, on loopback.",
        epilog="example: python -m benchmarks --only P1,P2,P3 --seconds 5",
    )
    parser.add_argument("--only", default="", help=f"some of {', '.join(IDS)}, by comma")
    parser.add_argument(
        "--seconds", type=float, default=2.0, help="length of one measurement (default: 2)"
    )
    parser.add_argument("--rounds", type=int, default=5, help="rounds that alternate (default: 5)")
    parser.add_argument("--panels", type=int, default=idle.PANELS, help="idle panels to connect")
    parser.add_argument(
        "--scale", type=float, default=1.0, help="share of P8 to P12's accounts and rows"
    )
    parser.add_argument("--directory", type=Path, help="where journals are put (default: var/)")
    parser.add_argument("--json", action="store_true", help="print JSON in place of the table")
    parser.add_argument("--write", action="store_true", help="keep the table in the README")
    chosen = parser.parse_args(argv)
    chosen.only = [each for each in chosen.only.split(",") if each] or list(IDS)
    known = {each.lower(): each for each in IDS}
    unknown = [each for each in chosen.only if each.lower() not in known]
    if unknown:
        parser.error(f"--only {','.join(unknown)}: there are {', '.join(IDS)}")
    chosen.only = {known[each.lower()] for each in chosen.only}
    if not 0.05 <= chosen.seconds <= 600:
        parser.error("--seconds is 0.05 to 600")
    if not 1 <= chosen.rounds <= 99:
        parser.error("--rounds is 1 to 99")
    if not 0.001 <= chosen.scale <= 1:
        parser.error("--scale is 0.001 to 1")
    if chosen.panels < 1:
        parser.error("--panels is at least 1")
    return chosen


def measured(chosen: argparse.Namespace, folder: Path, say: Say) -> list[Row]:
    """Measure what was asked for, the cheap things first."""
    seconds, rounds = chosen.seconds, chosen.rounds
    parts: tuple[tuple[set[str], Callable[[], list[Row]]], ...] = (
        ({"P1", "P2", "P3"}, lambda: busy.run(folder, seconds=seconds, rounds=rounds, say=say)),
        ({"P4"}, lambda: lone.run(folder, seconds=seconds, rounds=rounds, say=say)),
        ({"P5"}, lambda: codec.run_parse(seconds=2 * seconds, say=say)),
        ({"P6"}, lambda: codec.run_recogniser(seconds=seconds, say=say)),
        ({"SEC-15"}, lambda: growth.run(say=say)),
        ({"P7"}, lambda: storm.run(folder, rounds=rounds, say=say)),
        ({"slow-flush"}, lambda: lone.run_slow(folder, seconds=2 * seconds, say=say)),
        ({"idle", "P8"}, lambda: idle.run(folder, panels=chosen.panels, say=say)),
        ({"P8", "P9", "P10", "P11"}, lambda: _large_station(chosen, folder, say)),
        (
            {"P12"},
            lambda: publishing.run(
                folder, rounds=rounds, events=int(publishing.EVENTS * chosen.scale), say=say
            ),
        ),
    )
    rows = []
    for ids, part in parts:
        if ids & chosen.only:
            rows += [row for row in part() if row.goal.id in chosen.only]
    return rows


def _large_station(chosen: argparse.Namespace, folder: Path, say: Say) -> list[Row]:
    """Measure what needs a million accounts; they are made once."""
    share, seconds = chosen.scale, chosen.seconds
    sizes = scale.Sizes(
        accounts=int(scale.ACCOUNTS * share),
        rows=int(scale.ROWS * share),
        outstanding=int(scale.OUTSTANDING * share),
        few=max(busy.PANELS, int(scale.FEW_ACCOUNTS * share)),
    )
    say(f"{sizes.accounts:,} accounts")
    database = scale.fill("accounts", folder / "accounts.db", sizes.accounts)
    rows: list[Row] = []
    if chosen.only & {"P8", "P9"}:
        rows += scale.run_memory_and_polls(
            folder / "polls", sizes=sizes, seconds=seconds, say=say, database=database
        )
    if "P10" in chosen.only:
        rows += scale.run_rows(
            folder / "rows", sizes=sizes, seconds=seconds, rounds=chosen.rounds, say=say,
            database=database,
        )  # fmt: skip
    if "P11" in chosen.only:
        rows += scale.run_start(
            folder / "start", sizes=sizes, rounds=min(3, chosen.rounds), say=say, database=database
        )
    return rows


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmarks."""
    chosen = arguments(argv)
    # Being ended must end the measured programs too: they are contexts, so raise.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_NOT_MEASURED))
    raise_file_limit()
    directory = chosen.directory or ROOT / "var"
    directory.mkdir(parents=True, exist_ok=True)
    notes = Console(stderr=True)
    began = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="bench-", dir=directory) as name:
            folder = Path(name)
            where = machine(folder)
            with notes.status("benchmarks") as status:
                rows = measured(chosen, folder, status.update)
    except (ProgramError, LoadgenError, CompileError) as error:
        notes.print(f"benchmarks: {error}", style="red", markup=False)
        return _NOT_MEASURED
    seconds = time.monotonic() - began
    if chosen.json:
        print(table.as_json(rows, where, seconds=seconds).decode())
    else:
        console = Console() if sys.stdout.isatty() else Console(width=150)
        table.show(rows, where, seconds=seconds, console=console)
    if chosen.write:
        table.keep(rows, where)
    return _MISSED if any(row.verdict == "FAILS" for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
