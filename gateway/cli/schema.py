"""``alarm-gateway schema``: the MQTT contract as JSON Schema and AsyncAPI."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli import CliError
from gateway.contract.schema import ASYNCAPI_FILE, MESSAGES, documents

app = typer.Typer()


@app.command(
    epilog="Examples: alarm-gateway schema event  |  alarm-gateway schema --write docs/contract"
)
def schema(
    name: Annotated[
        str, typer.Argument(help="Which one: a message of --list, or asyncapi.")
    ] = "event",
    names: Annotated[bool, typer.Option("--list", help="List the messages and end.")] = False,
    write: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write all of them into this folder.")
    ] = None,
    check: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Exit 1 when what lies there is not what this makes."),
    ] = None,
) -> None:
    """Print a schema of the MQTT contract, or write all of them."""
    if names:
        for message in MESSAGES:
            print(f"{message.name:14} {message.schema_id:32} {message.topic}")
        print(f"{'asyncapi':14} {'the whole contract':32} AsyncAPI 3")
        return
    texts = documents()
    if write is not None:
        _write(texts, write)
        return
    if check is not None:
        _check(texts, check)
        return
    file = ASYNCAPI_FILE if name == "asyncapi" else f"{name}.schema.json"
    if file not in texts:
        known = ", ".join([*(message.name for message in MESSAGES), "asyncapi"])
        raise CliError(f"there is no schema {name!r}; there are: {known}")
    print(texts[file], end="")


def _write(texts: dict[str, str], directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for file, text in texts.items():
            (directory / file).write_text(text, encoding="utf-8")
    except OSError as error:
        raise CliError(f"cannot write the schemas: {error}") from error
    print(f"{len(texts)} files written to {directory}")


def _check(texts: dict[str, str], directory: Path) -> None:
    stale = [
        file
        for file, text in texts.items()
        if not (directory / file).is_file()
        or (directory / file).read_text(encoding="utf-8") != text
    ]
    if stale:
        print(
            f"stale in {directory}: {', '.join(stale)}; "
            f"say: alarm-gateway schema --write {directory}"
        )
        sys.exit(1)
    print(f"{len(texts)} files in {directory} are fresh")
