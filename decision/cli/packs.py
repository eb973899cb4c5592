"""``alarm-gateway decision packs``: which jurisdictions there are, and whether they are right."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from decision.cli.refusing import refuse
from decision.ledger.examples import check as run_examples
from decision.packs import Pack, PackError, load, load_file

app = typer.Typer(no_args_is_help=True, help="Jurisdiction packs.")

FolderOption = Annotated[
    Path | None, typer.Option("--packs", help="Folder of the station's own packs.")
]


def _load(folder: Path | None) -> Mapping[str, Pack]:
    try:
        return load(folder)
    except PackError as error:
        refuse(error)


@app.command("list")
def list_(
    packs: FolderOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """List the packs: shipped ones, and those of a folder.

    Example: alarm-gateway decision packs list --packs /etc/alarm-gateway/packs
    """
    found = _load(packs)
    if as_json:
        told = [
            {
                "id": pack.id,
                "version": pack.version,
                "name": pack.metadata.name,
                "authority": pack.metadata.authority,
                "time_zone": pack.time_zone,
                "is_example": pack.metadata.is_example,
                "examples": len(pack.example),
            }
            for pack in found.values()
        ]
        print(json.dumps(told, indent=2))
        return
    for pack in found.values():
        mark = "  (an example, for no real site)" if pack.metadata.is_example else ""
        print(f"{pack.id:28} {pack.version:12} {pack.metadata.name}{mark}")


@app.command()
def check(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Pack files; without any, the shipped ones.")
    ] = None,
) -> None:
    """Read packs, tell every mistake with file, key and reason, and run their worked examples.

    Exit: 0 all are good, 1 an example differs, 2 a file has a mistake.

    Example: alarm-gateway decision packs check packs/my-city.toml
    """
    found: list[Pack] = []
    is_broken = False
    for file in files or ():
        try:
            found.append(load_file(file))
        except PackError as error:
            print(error)
            is_broken = True
    if not files:
        found = list(_load(None).values())
    differs = False
    for pack in found:
        differences = list(run_examples(pack))
        differs = differs or bool(differences)
        print(f"{pack.id}: {len(pack.example)} worked examples, {len(differences)} differ")
        for one in differences:
            print(f"  {one}")
    if is_broken:
        raise typer.Exit(2)
    if differs:
        raise typer.Exit(1)
