"""``alarm-gateway decision explain``: the story of an incident, with the rules that decided."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
import typer

from decision import explain as story
from decision.cli.past import incident_of, open_log
from decision.cli.refusing import refuse


def explain(
    incident: Annotated[
        str, typer.Argument(help="Id of the incident: the event that opened it, or its beginning.")
    ],
    config: Annotated[Path, typer.Option("--config", "-c", help="Configuration file (TOML).")],
    time_zone: Annotated[
        str | None, typer.Option(help="IANA time zone of the times; the site's when not given.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Tell an incident: facts, decisions, the three inputs, evidence, rules and what they mean.

    Works while the core runs.

    Example: alarm-gateway decision explain 0199c2f4 -c core.toml
    """
    with open_log(config) as log:
        recorded = incident_of(log, incident)
    try:
        told = story.explain(recorded)
        zone = ZoneInfo(time_zone) if time_zone else story.zone_of(recorded)
    except (ZoneInfoNotFoundError, ValueError) as error:
        refuse(error)
    if as_json:
        print(msgspec.json.format(msgspec.json.encode(told)).decode())
        return
    for line in story.lines(told, zone):
        print(line)
