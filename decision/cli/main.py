"""``alarm-gateway decision``: finds the module of a command and runs it."""

from __future__ import annotations

import importlib
from typing import Any, Final

import typer
from typer.core import TyperGroup

COMMANDS: Final[dict[str, str]] = {
    "run": "Run the decision core: events in, decisions, console and API.",
    "check-config": "Read configuration, sites and packs and tell all mistakes at once.",
    "user": "Keep the accounts of the console.",
    "packs": "List jurisdiction packs; check them by their worked examples.",
    "check": "Run scenario files against the rules.",
    "explain": "Tell the story of an incident: what happened, what was decided and why.",
    "replay": "Run past incidents again under today's rules and tell what differs.",
    "log": "Prove that the fact log is whole; back it up while the core runs.",
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
        """Import the command's module: it holds ``app``, or a function of the command's name."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        name = cmd_name.replace("-", "_")
        module = importlib.import_module(f"decision.cli.{name}")
        app = getattr(module, "app", None)
        if app is None:
            app = typer.Typer()
            app.command()(getattr(module, name))
        command = typer.main.get_command(app)
        command.name = cmd_name
        command.short_help = COMMANDS[cmd_name]
        return command


app: Final = typer.Typer(
    cls=_LazyGroup,
    help="The decision core: whether and how responders are called, and why.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def _root() -> None:
    """Decide, with the operator, whether and how responders are called; and say why."""
