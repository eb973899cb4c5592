"""``journal verify``, ``export`` and ``backup``: for auditors, beside a gateway that writes."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import typer
from rich.console import Console
from rich.progress import Progress

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
    directory_of,
    ms_of,
)
from gateway.journal.backup import BackupError
from gateway.journal.backup import backup as copy
from gateway.journal.store import StoreError
from gateway.journal.verify import Verified, Verifier

SHOWN_MOST: Final = 100  # findings told to people; --json tells all
EXPORT_STEP: Final = 500  # records read at once
PROGRESS_AFTER_S: Final = 2.0

TargetArgument = Annotated[Path, typer.Argument(help="File of the copy; it must not exist yet.")]
HeadOption = Annotated[
    str | None,
    typer.Option("--head", help="A head as a journal_sealed event told it: it must be there."),
]
FileOption = Annotated[
    Path | None, typer.Option("--file", help="File of a backup, instead of a folder.")
]
OutputOption = Annotated[
    Path | None, typer.Option("--output", "-o", help="New file to write to, instead of the screen.")
]


def verify(
    config: ConfigOption = None,
    directory: DirectoryOption = None,
    file: FileOption = None,
    head: HeadOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check every record, key, form, mark and hash of the journal, while the gateway runs.

    Exit status 0 when all of it is whole, 1 when anything is not (the first lines name it), 2 when
    it cannot be read. Compare the head that it prints with the one your consumer was last told.

    Example: alarm-gateway journal verify -c gateway.toml
    """
    told = _verified(file or directory_of(config, directory), head)
    if as_json:
        for finding in told.findings:
            print(json.dumps(msgspec.structs.asdict(finding)))
        summary = {k: v for k, v in msgspec.structs.asdict(told).items() if k != "findings"}
        print(json.dumps({"what": "verified", "found": len(told.findings), **summary}))
    else:
        _show(told)
    if told.findings:
        raise typer.Exit(1)


def _verified(path: Path, head: str | None) -> Verified:
    with _progress("verifying") as progress:
        try:
            with contextlib.closing(Verifier(path, head=head, progress=progress)) as verifier:
                return verifier.run()
        except StoreError as error:
            raise CliError(str(error)) from None


def _show(told: Verified) -> None:
    for finding in told.findings[:SHOWN_MOST]:
        print(f"{finding.what}: {finding.words}")
    if len(told.findings) > SHOWN_MOST:
        print(f"and {len(told.findings) - SHOWN_MOST} more; --json names all")
    print(
        f"{told.records} records, {told.forms} forms, {told.pages} pages of what is done, "
        f"{told.blocks} blocks of the chain; {told.gaps} numbers stand for no event"
    )
    if told.removed:
        print(f"{told.removed} old events were removed before")
    print(f"head {told.head}; the last {told.unsealed} records are not sealed yet")
    print("whole" if not told.findings else f"{len(told.findings)} findings")


def export(
    config: ConfigOption = None,
    directory: DirectoryOption = None,
    account: AccountOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    from_seq: FromOption = 0,
    to_seq: ToOption = None,
    output: OutputOption = None,
) -> None:
    """Write events as JSON lines, the oldest first, with their raw bytes; for auditors.

    The last line on the error output tells how many there are and the SHA-256 of all lines. Exit
    status 1 when records were damaged: these are left out and named.

    Example: alarm-gateway journal export -c gateway.toml --since 2026-11-01 -o november.jsonl
    """
    opened = Opened(config, directory)
    count, digest, at = 0, sha256(), from_seq
    with opened as reader, _output(output) as write:
        while True:
            damaged = opened.damaged
            records = reader.list(
                from_seq=at,
                to_seq=to_seq,
                account=account.upper() if account else None,
                since_ms=ms_of(since),
                until_ms=ms_of(until),
                limit=EXPORT_STEP,
                newest_first=False,
            )
            for record in records:
                line = json.dumps(as_dict(record)) + "\n"
                write(line)
                digest.update(line.encode())
            count += len(records)
            if records:
                at = records[-1].seq + 1
            elif opened.damaged > damaged:  # all of them were damaged: go on behind
                at = opened.last_damaged + 1
            else:
                break
    print(f"{count} events, SHA-256 {digest.hexdigest()}", file=sys.stderr)
    if opened.damaged:
        raise typer.Exit(1)


@contextlib.contextmanager
def _output(path: Path | None) -> Iterator[Callable[[str], Any]]:
    if path is None:
        yield sys.stdout.write
        return
    try:
        with path.open("x", encoding="utf-8") as file:
            yield file.write
    except FileExistsError:
        raise CliError(f"{path} is there already; name a new file") from None
    except OSError as error:
        raise CliError(f"{path} cannot be written: {error}") from None


def backup(
    target: TargetArgument,
    config: ConfigOption = None,
    directory: DirectoryOption = None,
) -> None:
    """Copy the journal to one file, as it stands now, while the gateway runs; then verify the copy.

    To go on from it, put it as journal.db into an empty folder and start the gateway on that.
    Exit status 1 when the copy shows damage, which the journal then has as well.

    Example: alarm-gateway journal backup /mnt/backup/journal-2026-11-20.db -c gateway.toml
    """
    try:
        with _progress("copying") as progress:
            size = copy(directory_of(config, directory), target, progress=progress)
    except (StoreError, BackupError) as error:
        raise CliError(str(error)) from None
    told = _verified(target, None)
    print(f"{target}: {size} bytes, readable by anybody who may read the file")
    _show(told)
    if told.findings:
        raise typer.Exit(1)


@contextlib.contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show progress on a terminal, once it takes longer."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _done, _all: None
        return
    began = time.monotonic()
    with Progress(console=console, transient=True) as shown:
        task = shown.add_task(what, visible=False)

        def tell(done: int, total: int) -> None:
            is_long = time.monotonic() - began > PROGRESS_AFTER_S
            shown.update(task, completed=done, total=total, visible=is_long)

        yield tell
