"""`python -m benchmarks` runs, measures what it says and ends with the status that it promises."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import goals
from benchmarks.compiling import compiler
from benchmarks.goals import Row, Unit, written
from benchmarks.machine import Machine
from benchmarks.table import as_json, cells, keep

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 60.0

MACHINE = Machine(
    processor="P", cores=2, load=0.0, system="Linux", python="3.11", uvloop="0", flush_p50_us=150.0
)


def bench(*arguments: str, directory: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", "--directory", str(directory), *arguments],
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONWARNINGS": "default"},
    )


def row(goal: goals.Goal, figure: float) -> Row:
    return Row(goal=goal, measured="m", against="a", figure=figure)


@pytest.mark.system
@pytest.mark.alone
@pytest.mark.skipif(compiler() is None, reason="no C compiler for the load generator")
def test_cheapest_items_are_measured_and_nothing_is_left_behind(tmp_path: Path) -> None:
    done = bench(
        "--only", "P3,P4,P5,P6,P7,P8,P9,P10,P11,slow-flush,idle", "--seconds", "0.1",
        "--rounds", "1", "--panels", "50", "--scale", "0.02", "--json", directory=tmp_path,
    )  # fmt: skip
    assert done.returncode in {0, 1}, done.stderr
    result = json.loads(done.stdout)
    assert [one["id"] for one in result["rows"]] == [
        "P3", "P4", *["P5"] * 5, *["P6"] * 2, "P7", "slow-flush", "idle", "P8",
        "P8", "P9", "P10", "P11",
    ]  # fmt: skip
    assert all(one["figure"] > 0 for one in result["rows"])
    fails = [one for one in result["rows"] if one["verdict"] == "FAILS"]
    assert done.returncode == bool(fails)
    assert list(tmp_path.iterdir()) == []


def test_unknown_item_is_a_mistake_that_names_the_known_ones(tmp_path: Path) -> None:
    done = bench("--only", "P99", directory=tmp_path)
    assert done.returncode == 2
    assert "P1, P2" in done.stderr


class TestVerdict:
    def test_more_is_better(self) -> None:
        assert row(goals.P1, 10.0).verdict == "aim"
        assert row(goals.P1, 5.0).verdict == "must"
        assert row(goals.P1, 4.9).verdict == "FAILS"

    def test_less_is_better(self) -> None:
        assert row(goals.P3, 0.1).verdict == "aim"
        assert row(goals.P3, 0.3).verdict == "must"
        assert row(goals.P3, 0.31).verdict == "FAILS"

    def test_rows_that_are_only_shown_never_fail(self) -> None:
        assert row(goals.P1_RUNNING, 0.1).verdict == "below"


def test_figures_are_written_with_their_unit() -> None:
    assert written(9.64, Unit.TIMES) == "9.6x"
    assert written(0.416, Unit.SHARE) == "42 %"
    assert written(0.123, Unit.RATIO) == "0.12"
    assert cells(row(goals.P2, 0.416))[4:7] == ("42 %", ">= 30 %", ">= 55 %")


def test_kept_numbers_stand_between_the_marks_and_replace_the_older(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("head\n<!-- kept numbers: begin -->\n<!-- kept numbers: end -->\ntail\n")
    keep([row(goals.P1, 9.0)], MACHINE, page)
    keep([row(goals.P1, 8.0)], MACHINE, page)
    text = page.read_text()
    assert text.startswith("head\n")
    assert text.endswith("\ntail\n")
    assert "8x" in text
    assert "9x" not in text


def test_json_tells_every_round() -> None:
    one = Row(goal=goals.P1, measured="m", against="a", figure=9.0, rounds=(8.0, 9.0, 10.0))
    told = json.loads(as_json([one], MACHINE, seconds=1.0))
    assert told["rows"][0]["rounds"] == [8.0, 9.0, 10.0]
