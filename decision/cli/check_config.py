"""``alarm-gateway decision check-config``: all mistakes of the core's files at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from decision.config import ConfigError, load, load_profiles, warnings

app = typer.Typer()


@app.command()
def check_config(
    config: Annotated[Path, typer.Argument(help="Configuration file (TOML).")],
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Read configuration, sites and packs and tell all mistakes at once.

    Exit: 0 it can run, 2 it cannot.

    Example: alarm-gateway decision check-config core.toml
    """
    try:
        settings = load(config)
        profiles = load_profiles(settings)
    except ConfigError as error:
        if as_json:
            told = [{"file": m.file, "key": m.key, "reason": m.reason} for m in error.mistakes]
            print(json.dumps({"mistakes": told, "warnings": []}, indent=2))
        else:
            for mistake in error.mistakes:
                print(mistake)
            print(f"{len(error.mistakes)} mistakes: the core would not start")
        raise typer.Exit(2) from None
    notes = warnings(settings, profiles)
    if as_json:
        print(json.dumps({"mistakes": [], "warnings": notes}, indent=2))
        return
    for note in notes:
        print(f"note: {note}")
    print(
        f"{config}: good; {len(profiles.sites)} sites, packs: {', '.join(sorted(profiles.packs))}"
    )
