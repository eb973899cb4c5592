"""The table of all commands in docs/commands.md, out of the commands themselves.

``python -m gateway.cli.document`` writes it; a test fails when it is stale, so that there is no
command that the documentation does not know (SEC-26).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import typer

DOCUMENT: Final = "docs/commands.md"
_BEGIN: Final = "<!-- begin commands -->\n"
_END: Final = "<!-- end commands -->"


def commands() -> dict[str, str]:
    """Every command by its words, hidden ones too, with what it does."""
    from gateway.cli.main import app  # noqa: PLC0415  it imports the commands on demand

    root = typer.main.get_command(app)
    return dict(_walk(root, "alarm-gateway"))


def _walk(command: Any, words: str) -> Iterator[tuple[str, str]]:
    """``Any`` stands for the click types, which typer keeps to itself."""
    names = getattr(command, "commands", None)
    if names is None and not hasattr(command, "list_commands"):
        yield words, command.get_short_help_str(120)
        return
    for name in names or command.list_commands(None):
        yield from _walk(command.get_command(None, name), f"{words} {name}")


def filled(document: str) -> str:
    """The document with its table made new."""
    before, _, rest = document.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    rows = "\n".join(f"| `{words}` | {text} |" for words, text in commands().items())
    return f"{before}{_BEGIN}\n| command | what it does |\n| --- | --- |\n{rows}\n\n{_END}{after}"


if __name__ == "__main__":
    path = Path(__file__).parents[2] / DOCUMENT
    path.write_text(filled(path.read_text(encoding="utf-8")), encoding="utf-8")
