"""The command ``accounts``: import, list, show and remove accounts; keys are never shown."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from gateway.accounts.account import Account
from gateway.accounts.database import AccountsDatabase
from gateway.accounts.ids import canonical
from gateway.accounts.importing import Imported, Importer
from gateway.accounts.keys import KeyRef
from gateway.accounts.model import AccountRecord
from gateway.accounts.toml_file import read_accounts
from gateway.cli import CliError
from gateway.config import Config, ConfigError, parse, read_toml

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Import, list, show and remove accounts.",
    context_settings={"help_option_names": ["-h", "--help"]},
)

_USUAL = Path("gateway.toml")
_TOLD_MAX = 50  # mistakes shown; all of them with --json

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", help=f"The configuration file ({_USUAL} when it is here)."),
]
DatabaseOption = Annotated[
    Path | None, typer.Option("--database", help="The accounts database, without a configuration.")
]
GroupOption = Annotated[str | None, typer.Option("--group", "-g", help="Only this group.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")]


class _Listed(msgspec.Struct, frozen=True):
    """An account and where it stands."""

    record: AccountRecord
    key_ref: KeyRef | None
    source: str


@app.command(
    "import", epilog="Example: alarm-gateway accounts import accounts.csv zones.csv -c config.toml"
)
def import_(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="accounts, areas, zones, users (.csv) or .toml"),
    ],
    config: ConfigOption = None,
    database: DatabaseOption = None,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave out bad lines instead of refusing all.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Import accounts into the database: all of it, or nothing when a line is bad.

    A CSV file is told by its heading. Accounts: id,group,name,area_class,key_file ... (the names
    of the TOML file). Zones: account,group,zone,name,area,class,sensor,location. Areas and users
    likewise. What is there already is replaced, account by account and zone by zone.
    """
    path = _database(config, database)
    try:
        with closing(AccountsDatabase(path, make=True)) as opened, _progress(files) as progress:
            done = Importer(opened, skip_bad=skip_bad, progress=progress).run(files)
    except ConfigError as error:
        _refuse(error, as_json=as_json)
        return
    if as_json:
        print(msgspec.json.encode({"database": str(path), **msgspec.to_builtins(done)}).decode())
        return
    _print_done(done, path)


@app.command("list", epilog="Example: alarm-gateway accounts list --group north")
def list_(
    config: ConfigOption = None,
    database: DatabaseOption = None,
    group: GroupOption = None,
    limit: Annotated[int, typer.Option(help="Show at most so many; 0 for all.")] = 200,
    as_json: JsonOption = False,
) -> None:
    """List the accounts of the database and of the configuration's files."""
    listed = _told(_listed(config, database, group))
    if as_json:
        for one in listed:
            print(msgspec.json.encode(_plain(one)).decode())
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in (
        "group",
        "account",
        "name",
        "class",
        "areas",
        "zones",
        "key",
        "supervised",
        "in",
    ):
        table.add_column(heading, header_style="dim", no_wrap=heading != "name")
    count = 0
    for one in listed:
        count += 1
        if not limit or count <= limit:
            table.add_row(*map(Text, _row(one)))
    console = _console()
    console.print(table)
    more = f", {count - limit:,} more with --limit 0" if limit and count > limit else ""
    console.print(Text(f"{count:,} account{'' if count == 1 else 's'}{more}", "dim"))


@app.command(epilog="Example: alarm-gateway accounts show 1234 --group north")
def show(
    account: Annotated[str, typer.Argument(metavar="ID", help="Account number or an alias.")],
    config: ConfigOption = None,
    database: DatabaseOption = None,
    group: GroupOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show an account with its areas, zones and users."""
    found = list(_told(_listed(config, database, group, account)))
    if not found:
        where = f" in group {group}" if group else ""
        print(
            f"there is no account {account}{where}; try: alarm-gateway accounts list",
            file=sys.stderr,
        )
        sys.exit(1)
    for one in found:
        if as_json:
            print(msgspec.json.encode(_plain(one)).decode())
        else:
            _print_account(one)


@app.command(epilog="Example: alarm-gateway accounts remove 1234 --group north")
def remove(
    account: Annotated[str, typer.Argument(metavar="ID", help="Account number.")],
    config: ConfigOption = None,
    database: DatabaseOption = None,
    group: GroupOption = None,
) -> None:
    """Take an account out of the database."""
    try:
        with closing(AccountsDatabase(_database(config, database))) as opened, opened.writing():
            gone = opened.remove(group or "main", account)
    except ConfigError as error:
        raise CliError(str(error)) from None
    if not gone:
        print(f"there is no account {group or 'main'}/{account} in the database", file=sys.stderr)
        sys.exit(1)
    print(f"removed {group or 'main'}/{account}; the gateway takes it up on SIGHUP")


def _configuration(path: Path | None) -> tuple[Path, Config] | None:
    if path is None and not _USUAL.is_file():
        return None
    path = path or _USUAL
    try:
        return path, parse(read_toml(path)[0], file=path)
    except ConfigError as error:
        raise CliError(f"the configuration has mistakes:\n{error}") from None


def _database(config: Path | None, database: Path | None) -> Path:
    if database is not None:
        return database
    read = _configuration(config)
    if read is None:
        raise CliError("which database? Say --config CONFIG.toml, or --database accounts.db")
    if read[1].accounts.database is None:
        raise CliError(
            f"{read[0]} names no accounts database; add to it:\n"
            '[accounts]\ndatabase = "accounts.db"'
        )
    return read[1].accounts.database


def _listed(
    config: Path | None, database: Path | None, group: str | None, only: str | None = None
) -> Iterator[_Listed]:
    """All accounts of a group or of all, or those with the id or alias ``only``."""
    read = None if database is not None else _configuration(config)
    if database is None and read is None:
        raise CliError("which accounts? Say --config CONFIG.toml, or --database accounts.db")
    group = group.lower() if group else None
    if read is not None:
        database = read[1].accounts.database
        for path in read[1].accounts.files:
            yield from _in_file(path, group, only)
    if database is not None and (read is None or database.exists()):
        with closing(AccountsDatabase(database)) as opened:
            rows = opened.accounts(group) if only is None else opened.named(only, group)
            for record, ref in rows:
                yield _Listed(record, ref, database.name)


def _in_file(path: Path, group: str | None, only: str | None) -> Iterator[_Listed]:
    found, mistakes = read_accounts(path)
    if mistakes:
        raise ConfigError(mistakes)
    for one in found:
        record = one.record
        if record is None or group not in {None, record.group}:
            continue
        if only is None or canonical(only) in map(canonical, (record.id, *record.aliases)):
            yield _Listed(record, one.key_ref, path.name)


def _told(listed: Iterator[_Listed]) -> Iterator[_Listed]:
    try:
        yield from listed
    except ConfigError as error:
        raise CliError(str(error)) from None


def _plain(one: _Listed) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(one.record)
    plain.pop("keys", None)
    plain = {"group": one.record.group, "id": one.record.id, **plain, "in": one.source}
    if one.key_ref is not None:
        plain["key"] = str(one.key_ref)
    return plain


def _row(one: _Listed) -> tuple[str, ...]:
    record = one.record
    return (
        record.group,
        record.id,
        (record.name or "-") if record.known else "(learnt)",
        record.area_class or "-",
        str(len(record.areas)),
        str(len(record.zones)),
        "yes" if one.key_ref else "-",
        f"{record.supervision_s:,} s" if record.supervision_s else "-",
        one.source,
    )


def _print_account(one: _Listed) -> None:
    record, console = one.record, _console()
    view = Account.of_record(record)
    console.print(
        Text.assemble(
            (f"{record.group}/{record.id}", "bold"), f"  {record.name or ''}  ", (one.source, "dim")
        )
    )
    facts = Table(box=None, show_header=False, pad_edge=True, padding=(0, 2))
    for name, text in _facts(one):
        facts.add_row(Text(name, "dim"), Text(text))
    console.print(facts)
    rows: list[tuple[str, str, str, str | None, str, str]] = []
    rows += [
        ("area", area.id, view.place(None, area.id)[0].class_, area.name, "", "")
        for area in record.areas
    ]
    for zone in record.zones:
        where = ", ".join(filter(None, (zone.sensor, zone.location)))
        class_ = view.place(zone.id, None)[0].class_
        rows.append(("zone", zone.id, class_, zone.name, zone.area or "", where))
    rows += [("user", user.id, "", user.name, "", "") for user in record.users]
    table = Table(box=None, pad_edge=True, padding=(0, 2))
    for heading in ("", "id", "class", "name", "area", "sensor, location"):
        table.add_column(heading, header_style="dim")
    for row in rows:
        table.add_row(*(Text(cell or "") for cell in row))
    if rows:
        console.print(table)


def _facts(one: _Listed) -> list[tuple[str, str]]:
    record = one.record
    facts = [
        ("known", "yes" if record.known else "no: it was learnt from a call"),
        ("aliases", ", ".join(record.aliases)),
        ("premises", record.premise_type or ""),
        ("default class", record.area_class or ""),
        ("key", str(one.key_ref) if one.key_ref else "none"),
        ("encryption", record.encryption or ("required" if one.key_ref else "forbidden")),
        ("sources", ", ".join(record.sources) or "any"),
        ("certificates", ", ".join(record.certificates)),
        ("supervision", f"{record.supervision_s} s" if record.supervision_s else "none"),
        ("timestamps", f"{record.timestamp_check}, -{record.past_s:g} s to +{record.future_s:g} s"),
        ("profile", record.profile),
        ("time zone", record.time_zone),
    ]
    return [(name, text) for name, text in facts if text]


def _console() -> Console:
    """A table that goes into a file or pipe is not folded to a terminal's width."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else 160)


@contextmanager
def _progress(files: list[Path]) -> Iterator[Any]:
    total = sum(path.stat().st_size for path in files if path.is_file())
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _bytes: None
        return
    columns = (TextColumn("importing"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=total)
        before, last = 0, 0

        def read(position: int) -> None:
            nonlocal before, last
            if position < last:  # the next file
                before += last
            last = position
            bar.update(task, completed=before + position)

        yield read


def _refuse(error: ConfigError, *, as_json: bool) -> None:
    if as_json:
        told = [msgspec.to_builtins(one) for one in error.mistakes]
        print(msgspec.json.encode({"ok": False, "mistakes": told}).decode())
    else:
        for one in error.mistakes[:_TOLD_MAX]:
            print(one, file=sys.stderr)
        more = len(error.mistakes) - _TOLD_MAX
        rest = f" ({more} not shown; --json shows them)" if more > 0 else ""
        print(f"{len(error.mistakes)} mistakes{rest}; nothing was imported", file=sys.stderr)
    sys.exit(1)


def _print_done(done: Imported, path: Path) -> None:
    words = [f"{done.added:,} new", f"{done.replaced:,} replaced"]
    words += [
        f"{count:,} {name}"
        for name, count in (("zones", done.zones), ("areas", done.areas), ("users", done.users))
        if count
    ]
    for one in done.skipped[:_TOLD_MAX]:
        print(f"skipped: {one}", file=sys.stderr)
    if done.skipped:
        print(f"{len(done.skipped)} mistakes skipped", file=sys.stderr)
    print(f"{path}: {', '.join(words)}. A running gateway takes them up on SIGHUP.")
