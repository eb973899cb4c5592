"""docs/reliability.md maps every rule of reliability and security to code and proof."""

from __future__ import annotations

import ast
import re
from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/reliability.md"
RULES = [*(f"REL-{n}" for n in range(1, 62)), *(f"SEC-{n}" for n in range(1, 29))]
SHOULD = {"REL-56"}
"""Rules that may stay open; all others must be kept."""
FIGURES = {f"A{n}" for n in range(1, 15)}
COMMANDS = ("make ", "python -m tests.", "pytest ")
TICKED = re.compile(r"`([^`]+)`")


@cache
def tables() -> list[list[list[str]]]:
    """The tables of the page: rows of cells, the head and the line under it left out."""
    found: list[list[list[str]]] = []
    before = ""
    for line in PAGE.read_text("utf-8").splitlines():
        if line.startswith("| ---"):
            found.append([])
        elif line.startswith("| ") and before.startswith("|"):
            found[-1].append([cell.strip() for cell in line.strip("|").split("|")])
        before = line
    return found


@cache
def kept() -> dict[str, list[str]]:
    return {row[0]: row for table in tables() for row in table if len(row) == 4 and row[0] in RULES}


@cache
def open_rules() -> dict[str, str]:
    return {row[0]: row[1] for table in tables() for row in table
            if len(row) == 2 and row[0] in RULES}  # fmt: skip


@cache
def figures() -> list[list[str]]:
    return [row for table in tables() for row in table if len(row) == 7]


@cache
def names(file: Path) -> frozenset[str]:
    """Functions, classes and tests of a Python file, methods with the name of their class."""
    found: set[str] = set()

    def walk(body: list[ast.stmt], prefix: str) -> None:
        for node in body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                found.add(prefix + node.name)
                if isinstance(node, ast.ClassDef):
                    walk(node.body, f"{prefix}{node.name}.")

    walk(ast.parse(file.read_text("utf-8")).body, "")
    return frozenset(found)


def exists(place: str) -> bool:
    """Whether ``file`` or ``file:name`` is there."""
    path, _, name = place.partition(":")
    file = ROOT / path
    return file.exists() and (not name or name in names(file))


def test_every_rule_stands_there_exactly_once() -> None:
    cells = [row[0] for table in tables() for row in table]
    seen = Counter(cell for cell in cells if re.fullmatch(r"(REL|SEC)-\d+", cell))
    assert seen == Counter(RULES)
    assert not kept().keys() & open_rules().keys()


def test_only_what_may_stay_open_is_open_and_says_why() -> None:
    assert open_rules().keys() <= SHOULD
    assert all(len(why) > 20 for why in open_rules().values())


@pytest.mark.parametrize("rule", RULES)
def test_what_a_rule_names_exists(rule: str) -> None:
    if rule in open_rules():
        return
    _, words, code, proof = kept()[rule]
    assert 10 < len(words) <= 160
    for cell in (code, proof):
        places = TICKED.findall(cell)
        assert places, f"{rule}: nothing is named"
        assert [place for place in places if not exists(place)] == []
    assert all(place.startswith(("tests/", "benchmarks/")) for place in TICKED.findall(proof)), (
        f"{rule}: no proof"
    )
    assert any(place.startswith("tests/") for place in TICKED.findall(proof))


def test_a_figure_says_all_that_is_needed_to_run_it_again() -> None:
    for figure, title, size, command, result, day, machine in figures():
        row = f"{figure} {size}"
        assert figure.partition("-")[0] in FIGURES, row
        assert title, row
        assert size in {"smoke", "short", "full"}, row
        assert TICKED.findall(command)[0].startswith(COMMANDS), row
        assert re.search(r"\d", result), row
        assert date.fromisoformat(day) <= date.today(), row  # noqa: DTZ011
        assert len(machine) > 5, row
        for cell in (title, result, machine):
            assert not re.search(r"\b(todo|tbd|to follow)\b|\?\?|\.\.\.$", cell.lower()), row


def test_paths_elsewhere_on_the_page_exist() -> None:
    text = PAGE.read_text("utf-8")
    named = {place for place in TICKED.findall(text) if re.match(r"(tests|gateway)/\S+$", place)}
    assert [place for place in sorted(named) if not exists(place)] == []
