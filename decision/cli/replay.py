"""``alarm-gateway decision replay``: past incidents once more, under today's configuration."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from decision.cli.past import incident_of, open_log
from decision.cli.refusing import refuse
from decision.config import ConfigError, load, load_profiles
from decision.facts import Recorded
from decision.replay import Replay, Side, todays
from decision.replay import replay as run_again
from decision.store import LogReader, codec


def replay(
    config: Annotated[Path, typer.Option("--config", "-c", help="Configuration file (TOML).")],
    incident: Annotated[
        str | None, typer.Argument(help="Id of the incident, or its beginning.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every incident of the log.")] = False,
    since: Annotated[
        datetime | None, typer.Option(help="With --all: those opened since this UTC time.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Run past incidents again under today's rules, settings, sites and packs; tell what differs.

    The facts stay as they were; the ledger's standing stays that of then. Works while the core
    runs, and changes nothing.

    Exit: 0 nothing differs, 1 something does, 2 a mistake.

    Example: alarm-gateway decision replay --all --since 2026-11-01 -c core.toml
    """
    if (incident is None) != every:
        refuse("name one incident, or give --all")
    try:
        profiles = load_profiles(load(config))
    except ConfigError as error:
        refuse(error)
    today = todays(profiles)
    runs: list[Replay] = []
    with open_log(config) as log:
        logs = [incident_of(log, incident)] if incident is not None else _all(log, since)
        for recorded in logs:
            try:
                runs.append(run_again(recorded, today))
            except ValueError as error:
                refuse(f"{recorded[0].subject}: {error}")
    differing = [run for run in runs if not run.is_same]
    if as_json:
        print(msgspec.json.format(msgspec.json.encode(runs)).decode())
    else:
        for run in runs if incident is not None else differing:
            for line in lines(run):
                print(line)
        print(f"{len(runs)} incidents replayed, {len(differing)} would differ")
    if differing:
        raise typer.Exit(1)


def _all(log: LogReader, since: datetime | None) -> Iterator[list[Recorded]]:
    first = None if since is None else since.replace(tzinfo=since.tzinfo or UTC)
    for subject in log.subjects(codec.INCIDENT):
        mark = log.mark(subject)
        if first is not None and mark is not None and mark.first_us < codec.micros(first):
            continue
        yield [codec.decode(row) for row in log.facts(subject)]


def lines(run: Replay) -> Iterator[str]:
    """Tell one incident to a person."""
    mark = "same   " if run.is_same else "DIFFERS"
    yield f"{mark} {run.incident}, opened {run.opened_at:%Y-%m-%d %H:%M:%S} UTC"
    yield f"  then: {run.then}"
    if run.is_same:
        return
    yield f"  now:  {run.now}"
    for one in run.differences:
        yield f"  fact {one.seq}, {one.at:%H:%M:%S}: {one.fact}"
        if one.note:
            yield f"    {one.note}"
        yield f"    then: {_side(one.then)}"
        yield f"    now:  {_side(one.now)}"


def _side(side: Side) -> str:
    told = ", ".join(side.actions) or "nothing"
    rules = f" [{', '.join(side.rules)}]" if side.rules else ""
    return f"{told}{rules}" + (f"; refused: {side.refusal}" if side.refusal else "")
