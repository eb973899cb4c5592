"""``alarm-gateway journal``: what stands in the journal, beside the gateway that writes it."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from gateway.cli import CliError
from gateway.config import Config, ConfigError, load
from gateway.control import ControlError, ask
from gateway.journal.entry import Record
from gateway.journal.reader import Reader
from gateway.journal.store import StoreError

PAGE: Final = 1000  # outstanding events read at once

app = typer.Typer(
    no_args_is_help=True,
    help="""List, show and republish journaled events; works while the gateway runs.

    Examples:

      alarm-gateway journal list --config gateway.toml --account 1234

      alarm-gateway journal show 48211 --config gateway.toml

      alarm-gateway journal outstanding --config gateway.toml

      alarm-gateway journal republish 48200 48300 --config gateway.toml
    """,
)

ConfigOption = Annotated[
    Path | None, typer.Option("--config", "-c", help="Configuration of the gateway.")
]
DirectoryOption = Annotated[
    Path | None, typer.Option("--directory", "-d", help="Folder of the journal, instead.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object per line.")]


@app.command("list")
def list_events(
    config: ConfigOption = None,
    directory: DirectoryOption = None,
    account: Annotated[
        str | None, typer.Option(help="Account as in the topic: 1234, or north.1234.")
    ] = None,
    since: Annotated[
        datetime | None, typer.Option(help="Received at or after this time (UTC).")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(help="Received at or before this time (UTC).")
    ] = None,
    from_seq: Annotated[int, typer.Option("--from", help="First journal number.")] = 0,
    to_seq: Annotated[int | None, typer.Option("--to", help="Last journal number.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", help="At most so many.")] = 50,
    oldest_first: Annotated[bool, typer.Option("--oldest-first", help="Oldest on top.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List events, the newest first.

    Example: alarm-gateway journal list -c gateway.toml --account 1234 --limit 20
    """
    with _Open(config, directory) as reader:
        records = reader.list(
            from_seq=from_seq,
            to_seq=to_seq,
            account=account.upper() if account else None,
            since_ms=_ms(since),
            until_ms=_ms(until),
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
    with _Open(config, directory) as reader:
        record = reader.show(int(which) if which.isdecimal() else which)
    if record is None:
        raise CliError(f"no event {which} in this journal; 'journal list' shows what there is")
    if as_json:
        print(json.dumps(_as_dict(record)))
        return
    console = Console()
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for name, value in _as_dict(record).items():
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
    with _Open(config, directory) as reader:
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
    path = socket or _config(config).control.socket
    try:
        answer = ask(path, {"do": "republish", "from": from_seq, "to": to_seq})
    except ControlError as error:
        raise CliError(str(error)) from None
    print(f"{answer['events']} events are published again")


class _Open:
    """The journal that the options name, opened for reading."""

    def __init__(self, config: Path | None, directory: Path | None) -> None:
        self._directory = directory or _config(config).journal.directory
        self._corrupt: list[int] = []

    def __enter__(self) -> Reader:
        try:
            self._reader = Reader(self._directory, corrupt=self._corrupt.append)
        except StoreError as error:
            raise CliError(str(error)) from None
        return self._reader

    def __exit__(self, *_what: object) -> None:
        self._reader.close()
        if self._corrupt:
            numbers = ", ".join(str(seq) for seq in sorted(set(self._corrupt))[:20])
            print(f"damaged records (checksum does not hold): {numbers}", file=sys.stderr)


def _config(path: Path | None) -> Config:
    if path is None:
        raise CliError("say which gateway: --config gateway.toml")
    try:
        return load(path)
    except ConfigError as error:
        raise CliError(str(error)) from None


def _ms(time: datetime | None) -> int | None:
    return None if time is None else int(time.replace(tzinfo=UTC).timestamp() * 1000)


def _as_dict(record: Record) -> dict[str, Any]:
    return {
        "seq": record.seq,
        "id": record.event_id,
        "account": record.account,
        "class": record.class_,
        "priority": record.is_priority,
        "received": _time(record.received_ms),
        "input": record.input,
        "peer": record.peer,
        "report": record.report_id,
        "index": record.index,
        "count": record.count,
        "done": record.is_done,
        "intact": record.is_intact,
        "raw_hex": record.raw.hex(" "),
        "event": json.loads(record.json),
    }


def _time(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")


def _show_list(records: Sequence[Record], *, as_json: bool) -> None:
    if as_json:
        for record in records:
            print(json.dumps(_as_dict(record)))
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
            _time(record.received_ms)[5:19].replace("T", " "),
            record.account,
            record.class_,
            "-" if is_own else code["value"],
            (data["text"] if is_own else code["name"]) or "unknown code",
            f"{area['class']} {area['name'] or area['id'] or ''}".rstrip(),
            "done" if record.is_done else "[yellow]waits[/]",
        )
    Console().print(table)
