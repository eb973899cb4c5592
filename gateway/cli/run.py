"""``alarm-gateway run``: the gateway itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway import logs
from gateway.cli import CliError
from gateway.config import ConfigError, load
from gateway.daemon import DaemonError
from gateway.daemon import run as run_daemon

app = typer.Typer()


@app.command()
def run(
    config: Annotated[Path, typer.Option("--config", "-c", help="Configuration file (TOML).")],
) -> None:
    """Run the gateway until SIGTERM or Ctrl-C; SIGHUP reads accounts, keys and log level again.

    Example: alarm-gateway run --config gateway.toml
    """
    try:
        settings = load(config)
    except ConfigError as error:
        raise CliError(str(error)) from None
    logs.set_up(settings.log.level, settings.log.format)
    try:
        run_daemon(settings, config)
    except DaemonError as error:
        raise CliError(str(error)) from None
