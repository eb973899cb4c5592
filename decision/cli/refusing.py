"""A user's mistake on the command line: told without a traceback, exit status 2."""

from __future__ import annotations

import sys
from typing import NoReturn

import typer


def refuse(message: object) -> NoReturn:
    """Tell what is wrong and end."""
    print(f"alarm-gateway decision: {message}", file=sys.stderr)
    raise typer.Exit(2)
