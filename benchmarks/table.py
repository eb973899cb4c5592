"""How the result is shown: a table for people, JSON for programs, Markdown to keep."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from rich.console import Console
from rich.table import Table

from benchmarks.goals import Row, Unit, written
from benchmarks.machine import Machine

KEPT: Final = Path(__file__).with_name("README.md")
_BEGIN: Final = "<!-- kept numbers: begin -->"
_END: Final = "<!-- kept numbers: end -->"
_COLUMNS: Final = ("id", "what", "measured", "against", "ratio", "must", "aim", "verdict")
_STYLES: Final = {"aim": "green", "must": "green", "below": "yellow", "FAILS": "bold red"}
_IS_RATIO: Final = (Unit.TIMES, Unit.SHARE, Unit.RATIO)


def cells(row: Row) -> tuple[str, ...]:
    """Give the text of a row, column by column."""
    goal = row.goal
    ratio = written(row.figure, goal.unit) if goal.unit in _IS_RATIO else ""
    sign = "<= " if goal.is_lower_better else ">= "
    must, aim = (
        "" if bound is None else sign + written(bound, goal.unit) for bound in (goal.must, goal.aim)
    )
    return (goal.id, goal.what, row.measured, row.against, ratio, must, aim, row.verdict)


def facts(machine: Machine) -> str:
    """Give the machine in one sentence."""
    return (
        f"{machine.cores} cores of {machine.processor}, {machine.system}, Python {machine.python}, "
        f"uvloop {machine.uvloop}; one flush {machine.flush_p50_us:.0f} us (p50), "
        f"load {machine.load:.1f} before the run"
    )


def show(rows: Sequence[Row], machine: Machine, *, seconds: float, console: Console) -> None:
    """Print the table."""
    table = Table(title="Alarm Gateway, benchmarks", title_justify="left")
    for name in _COLUMNS:
        table.add_column(name, justify="right" if name in {"measured", "ratio"} else "left")
    for row in rows:
        *words, verdict = cells(row)
        table.add_row(*words, f"[{_STYLES[verdict]}]{verdict}[/]")
    console.print(table)
    console.print(facts(machine), highlight=False)
    console.print(f"took {seconds:.0f} s", highlight=False)
    for row in rows:
        if row.verdict == "FAILS":
            rounds = ", ".join(written(each, row.goal.unit) for each in row.rounds[:9])
            console.print(
                f"[bold red]{row.goal.id} fails[/]: {row.goal.what}: "
                f"{written(row.figure, row.goal.unit)}"
                + (f" (rounds: {rounds})" if rounds else ""),
                highlight=False,
            )


def as_json(rows: Sequence[Row], machine: Machine, *, seconds: float) -> bytes:
    """Give everything as JSON."""
    shown: list[dict[str, Any]] = [
        {
            "id": row.goal.id,
            "what": row.goal.what,
            "measured": row.measured,
            "against": row.against,
            "figure": row.figure,
            "unit": row.goal.unit.name.lower(),
            "must": row.goal.must,
            "aim": row.goal.aim,
            "is_lower_better": row.goal.is_lower_better,
            "decides": row.goal.decides,
            "verdict": row.verdict,
            "rounds": row.rounds,
            "details": row.details,
        }
        for row in rows
    ]
    made = {"machine": machine, "seconds": round(seconds, 1), "rows": shown}
    return msgspec.json.format(msgspec.json.encode(made), indent=1)


def keep(rows: Sequence[Row], machine: Machine, path: Path = KEPT) -> None:
    """Write the table between the two marks of the page.

    Raises:
        ValueError: The page lost a mark.
    """
    page = path.read_text(encoding="utf-8")
    head, begin, rest = page.partition(_BEGIN)
    _, end, tail = rest.partition(_END)
    if not begin or not end:
        raise ValueError(f"{path.name} must hold the marks {_BEGIN} and {_END}")
    lines = [f"{dt.datetime.now(dt.UTC):%Y-%m-%d}: {facts(machine)}.", ""]
    lines += ["| " + " | ".join(_COLUMNS) + " |", "| " + " | ".join(["---"] * len(_COLUMNS)) + " |"]
    lines += ["| " + " | ".join(cells(row)) + " |" for row in rows]
    made = "\n".join([head + begin, "", *lines, "", end + tail])
    path.write_text(made, encoding="utf-8")
