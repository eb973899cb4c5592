"""The command ``alarm-gateway``: finds the module of a command and runs it."""

from __future__ import annotations

import importlib
import sys
from typing import Any, Final

import typer
from typer.core import TyperGroup

from gateway.cli import CliError

COMMANDS: Final[dict[str, str]] = {
    "run": "Run the gateway.",
    "demo": "Show the whole path: panels, receiver, gateway, broker, confirming consumer.",
    "check-config": "Read a configuration and tell all mistakes at once.",
    "decode": "Explain a frame field by field, with the event and the answer it gives.",
    "listen": "Show live events from the broker.",
    "accounts": "Import, list and show accounts.",
    "test-mode": "Put an account or a zone on test, end it, list what is.",
    "journal": "List, show, republish, verify, export and back up journaled events.",
    "capture": "Write down what an input hears and says, byte for byte.",
    "replay": "Play a capture or transcript into a gateway, a port or a file.",
    "doctor": "Name what is likely wrong with a panel or a line, and what to do about it.",
    "simulate": "Be a panel, a receiver or a load of panels.",
    "decision": "The decision core: run it, check its rules, explain what it decided.",
    "schema": "Print or write the JSON Schema and AsyncAPI of the MQTT contract.",
}


class _LazyGroup(TyperGroup):
    """Imports the module of a command only when that command is asked for.

    ``Any`` stands for the click types, which typer keeps to itself.
    """

    def list_commands(self, ctx: Any) -> list[str]:
        """Name the commands in the order in which a newcomer needs them."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import the command's module and hand out what it holds."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"gateway.cli.{cmd_name.replace('-', '_')}")
        command = typer.main.get_command(module.app)
        command.name = cmd_name
        command.short_help = COMMANDS[cmd_name]
        return command


app = typer.Typer(
    cls=_LazyGroup,
    name="alarm-gateway",
    help="Alarm receiver and panel-protocol gateway.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(value: bool) -> None:
    if value:
        from importlib.metadata import version  # noqa: PLC0415  only when asked for

        print(version("alarm-gateway"))
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(
        False, "--version", help="Show the version.", callback=_version, is_eager=True
    ),
) -> None:
    """Alarm receiver and panel-protocol gateway."""


def main() -> None:
    """Run the command line; the console script ``alarm-gateway`` points here."""
    try:
        app()
    except CliError as mistake:
        print(f"alarm-gateway: {mistake}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:
        sys.exit(1)


if __name__ == "__main__":
    main()
