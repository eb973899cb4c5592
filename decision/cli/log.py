"""``alarm-gateway decision log``: whether the fact log is whole, and a copy of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from decision.cli.refusing import refuse
from decision.config import ConfigError, load
from decision.store import LogReader, StoreError, verify

app = typer.Typer(no_args_is_help=True, help="The fact log.")

ConfigOption = Annotated[Path, typer.Option("--config", "-c", help="Configuration file (TOML).")]


def _open(config: Path) -> LogReader:
    try:
        return LogReader(load(config).store.directory)
    except (ConfigError, StoreError) as error:
        refuse(error)


@app.command("verify")
def verify_(
    config: ConfigOption,
    head: Annotated[
        str | None,
        typer.Option(help="SEQ:DIGEST as it was told on MQTT or in a log once; must still hold."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Walk the chain of digests over all facts; works while the core runs.

    Exit: 0 it is whole, 1 it was changed.

    Example: alarm-gateway decision log verify -c core.toml
    """
    reader = _open(config)
    try:
        count, last, broken = verify(reader.rows())
        why = "" if broken is None else f"fact {broken.seq}: {broken.why}"
        if not why and head is not None:
            why = _compare(reader, head)
    except StoreError as error:
        refuse(error)
    finally:
        reader.close()
    if as_json:
        print(json.dumps({"facts": count, "head": last.hex(), "is_whole": not why, "why": why}))
    else:
        print(f"{count} facts hold, the last digest is {last.hex()}")
        if why:
            print(f"BROKEN: {why}")
    if why:
        raise typer.Exit(1)


def _compare(reader: LogReader, head: str) -> str:
    number, _, digest = head.partition(":")
    if not number.isdigit() or not digest:
        refuse(f"--head {head!r}: expected SEQ:DIGEST, for example 812:9f2c...")
    seq = int(number)
    row = next(reader.rows(after_seq=seq - 1, up_to_seq=seq), None)
    if row is None:
        return f"fact {seq}: it is missing; it was there once"
    if not row.digest.hex().startswith(digest.lower()):
        return f"fact {seq}: its digest was {digest} once and is {row.digest.hex()}: rewritten"
    return ""


@app.command()
def backup(
    target: Annotated[Path, typer.Argument(help="File to write; must not exist.")],
    config: ConfigOption,
) -> None:
    """Copy the log as of now into one file; works while the core runs.

    Example: alarm-gateway decision log backup /backup/facts-2026-11-20.db -c core.toml
    """
    reader = _open(config)
    try:
        count = reader.copy_to(target)
    except (StoreError, OSError) as error:
        refuse(error)
    finally:
        reader.close()
    print(f"{target}: {count} facts")
