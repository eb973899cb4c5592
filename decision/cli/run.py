"""``alarm-gateway decision run``: the decision core itself."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from decision import logs
from decision.cli.refusing import refuse
from decision.clock import FastClock
from decision.config import ConfigError, load
from decision.daemon import DaemonError
from decision.daemon import run as run_daemon

app = typer.Typer()


@app.command()
def run(
    config: Annotated[Path, typer.Option("--config", "-c", help="Configuration file (TOML).")],
    faster: Annotated[
        float,
        typer.Option(min=1.0, hidden=True, help="Demonstrations: time runs so much faster."),
    ] = 1.0,
) -> None:
    """Run the decision core until SIGTERM or Ctrl-C; SIGHUP reads sites, packs, users again.

    Example: alarm-gateway decision run --config core.toml
    """
    try:
        settings = load(config)
    except ConfigError as error:
        refuse(error)
    logs.set_up(settings.log.level, settings.log.format)
    clock = None if faster == 1.0 else FastClock(datetime.now(UTC), faster)
    try:
        run_daemon(settings, config, clock=clock)
    except DaemonError as error:
        refuse(error)
