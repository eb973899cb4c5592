"""``alarm-gateway decision check``: runs scenario files and tells step by step what differs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from decision.cli.refusing import refuse
from decision.packs.load import load
from decision.packs.mistakes import PackError, PackMistake
from decision.packs.model import Pack
from decision.rules import ids
from decision.scenarios import Outcome, StepOutcome, load_file, run, shipped


def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Scenario files, or folders of them.")
    ] = None,
    with_shipped: Annotated[
        bool, typer.Option("--shipped", help="The scenarios that come with the product.")
    ] = False,
    packs: Annotated[
        Path | None, typer.Option("--packs", help="Folder of the station's own jurisdiction packs.")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Tell every step.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Run scenario files against today's rules and tell where their outcome differs.

    Exit: 0 all as expected, 1 something differs, 2 a file has a mistake.

    Example: alarm-gateway decision check scenarios/ night-shift.toml
    """
    files = [*_files(paths or []), *(shipped() if with_shipped else ())]
    if not files:
        refuse("no scenario files: name some, or give --shipped")
    try:
        known = load(packs)
    except PackError as error:
        refuse(error)
    outcomes, mistakes = _run(files, known)
    if as_json:
        told = [_as_data(one) for one in outcomes]
        wrong = [{"file": m.file, "key": m.key, "reason": m.reason} for m in mistakes]
        print(json.dumps({"scenarios": told, "mistakes": wrong}, indent=2, ensure_ascii=False))
    else:
        for outcome in outcomes:
            for line in lines(outcome, verbose=verbose):
                print(line)
        for mistake in mistakes:
            print(mistake, file=sys.stderr)
        differing = sum(not one.is_as_expected for one in outcomes)
        print(f"{len(outcomes)} scenarios run, {differing} differ", end="")
        print(f", {len(files) - len(outcomes)} files with mistakes" if mistakes else "")
    if mistakes:
        raise typer.Exit(2)
    if not all(one.is_as_expected for one in outcomes):
        raise typer.Exit(1)


def _files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(path.rglob("*.toml"))
        else:
            yield path


def _run(files: list[Path], packs: Mapping[str, Pack]) -> tuple[list[Outcome], list[PackMistake]]:
    outcomes: list[Outcome] = []
    mistakes: list[PackMistake] = []
    for path in files:
        try:
            prepared = load_file(path, packs=packs)
        except PackError as error:
            mistakes.extend(error.mistakes)
        else:
            outcomes.append(run(prepared))
    return outcomes, mistakes


def lines(outcome: Outcome, *, verbose: bool = False) -> Iterator[str]:
    """Tell one scenario: one line when all is as expected, else every step that differs."""
    mark = "ok     " if outcome.is_as_expected else "DIFFERS"
    yield f"{mark} {outcome.file}: {outcome.title}"
    for step in outcome.steps:
        if verbose or not step.is_as_expected:
            yield from _step(step)


def _step(step: StepOutcome) -> Iterator[str]:
    said = f"  {step.says}" if step.says else ""
    yield f"  step {step.number}, {step.at:%Y-%m-%d %H:%M:%S}{said}"
    for one in step.differences:
        yield f"    {one.key}: expected {one.expected}; found {one.found}"
    if step.actions:
        yield f"    led to {', '.join(step.actions)}"
    for why in step.reasons:
        yield f"    because {why.text}" + (f" [{', '.join(why.rules)}]" if why.rules else "")
    if not step.is_as_expected:
        for rule in step.rules:
            yield f"      {rule}: {ids.meaning(rule)}"


def _as_data(outcome: Outcome) -> dict[str, Any]:
    return {
        "file": outcome.file,
        "title": outcome.title,
        "proves": outcome.proves,
        "as_expected": outcome.is_as_expected,
        "steps": [
            {
                "step": step.number,
                "at": step.at.isoformat(),
                "says": step.says,
                "actions": step.actions,
                "reasons": [{"text": why.text, "rules": why.rules} for why in step.reasons],
                "rules": step.rules,
                "differences": [
                    {"key": one.key, "expected": one.expected, "found": one.found}
                    for one in step.differences
                ],
            }
            for step in outcome.steps
        ],
    }
