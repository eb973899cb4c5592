"""``alarm-gateway journal``: what stands in the journal, beside the gateway that writes it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table

from gateway.cli import CliError
from gateway.cli._journal.opened import (
    AccountOption,
    ConfigOption,
    DirectoryOption,
    FromOption,
    JsonOption,
    Opened,
    SinceOption,
    ToOption,
    UntilOption,
    as_dict,
    config_of,
    ms_of,
    time_text,
)
from gateway.cli._journal.upkeep import backup, export, verify
from gateway.control import ControlError, ask
from gateway.journal.entry import Record

PAGE: Final = 1000  # outstanding events read at once

app = typer.Typer(
    no_args_is_help=True,
    help="""List, show, republish, verify, export and copy journaled events, while the gateway runs.

    Examples:

      alarm-gateway journal list --config gateway.toml --account 1234

      alarm-gateway journal show 48211 --config gateway.toml

      alarm-gateway journal outstanding --config gateway.toml

      alarm-gateway journal republish 48200 48300 --config gateway.toml
    """,
)

app.command()(verify)
app.command()(export)
app.command()(backup)


@app.command("list")
def list_events(
    config: ConfigOption = None,
    directory: DirectoryOption = None,
    account: AccountOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    from_seq: FromOption = 0,
    to_seq: ToOption = None,
    limit: Annotated[int, typer.Option("--limit", "-n", help="At most so many.")] = 50,
    oldest_first: Annotated[bool, typer.Option("--oldest-first", help="Oldest on top.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List events, the newest first.

    Example: alarm-gateway journal list -c gateway.toml --account 1234 --limit 20
    """
    with Opened(config, directory) as reader:
        records = reader.list(
            from_seq=from_seq,
            to_seq=to_seq,
            account=account.upper() if account else None,
            since_ms=ms_of(since),
            until_ms=ms_of(until),
            limit=limit,
            newest_first=not oldest_first,
        )
    _show_list(records, as_json=as_json)


@app.command()
def show(
    which: Annotated[str, typer.Argument(help="Journal number or event id.")],
    config: ConfigOption = None,
    directory: DirectoryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one event whole: how it came, its raw bytes, the JSON as published.

    Example: alarm-gateway journal show 48211 -c gateway.toml
    """
    with Opened(config, directory) as reader:
        record = reader.show(int(which) if which.isdecimal() else which)
    if record is None:
        raise CliError(f"no event {which} in this journal; 'journal list' shows what there is")
    if as_json:
        print(json.dumps(as_dict(record)))
        return
    console = Console()
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for name, value in as_dict(record).items():
        if name != "event":
            table.add_row(name, str(value))
    console.print(table)
    console.print_json(record.json.decode())


@app.command()
def outstanding(
    config: ConfigOption = None,
    directory: DirectoryOption = None,
    limit: Annotated[int, typer.Option("--limit", "-n", help="At most so many.")] = 50,
    as_json: JsonOption = False,
) -> None:
    """List what waits for a confirm, the oldest first.

    Exit status 1 when anything does.

    Example: alarm-gateway journal outstanding -c gateway.toml
    """
    with Opened(config, directory) as reader:
        total = reader.count_outstanding()
        waiting = reader.outstanding(0, min(limit, PAGE))
        records = [record for one in waiting if (record := reader.show(one.seq)) is not None]
    _show_list(records, as_json=as_json)
    if not as_json:
        print(f"{total} outstanding")
    if total:
        raise typer.Exit(1)


@app.command()
def republish(
    from_seq: Annotated[int, typer.Argument(help="First journal number.")],
    to_seq: Annotated[int, typer.Argument(help="Last journal number.")],
    config: ConfigOption = None,
    socket: Annotated[
        Path | None, typer.Option(help="Control socket of the running gateway, instead.")
    ] = None,
) -> None:
    """Have the running gateway publish these events again, byte for byte.

    Example: alarm-gateway journal republish 48200 48300 -c gateway.toml
    """
    path = socket or config_of(config).control.socket
    try:
        answer = ask(path, {"do": "republish", "from": from_seq, "to": to_seq})
    except ControlError as error:
        raise CliError(str(error)) from None
    print(f"{answer['events']} events are published again")


def _show_list(records: Sequence[Record], *, as_json: bool) -> None:
    if as_json:
        for record in records:
            print(json.dumps(as_dict(record)))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("seq", justify="right", no_wrap=True)
    for name in ("received (UTC)", "account", "class", "code"):
        table.add_column(name, no_wrap=True, max_width=16)
    table.add_column("what")  # the one that gives way on a narrow terminal
    table.add_column("area", no_wrap=True, max_width=20)
    table.add_column("state", no_wrap=True)
    for record in records:
        data = json.loads(record.json)["data"]
        code, area = data["code"], data["area"]
        is_own = code["format"] == "gateway"
        table.add_row(
            str(record.seq),
            time_text(record.received_ms)[5:19].replace("T", " "),
            record.account,
            record.class_,
            "-" if is_own else code["value"],
            (data["text"] if is_own else code["name"]) or "unknown code",
            f"{area['class']} {area['name'] or area['id'] or ''}".rstrip(),
            "done" if record.is_done else "[yellow]waits[/]",
        )
    Console().print(table)
