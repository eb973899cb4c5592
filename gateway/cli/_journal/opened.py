"""Which journal do the options name? And how a record looks for programs."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli import CliError
from gateway.config import Config, ConfigError, load
from gateway.journal.entry import Record
from gateway.journal.reader import Reader
from gateway.journal.store import StoreError

ConfigOption = Annotated[
    Path | None, typer.Option("--config", "-c", help="Configuration of the gateway.")
]
DirectoryOption = Annotated[
    Path | None, typer.Option("--directory", "-d", help="Folder of the journal, instead.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object per line.")]
AccountOption = Annotated[
    str | None, typer.Option(help="Account as in the topic: 1234, or north.1234.")
]
SinceOption = Annotated[datetime | None, typer.Option(help="Received at or after this time (UTC).")]
UntilOption = Annotated[
    datetime | None, typer.Option(help="Received at or before this time (UTC).")
]
FromOption = Annotated[int, typer.Option("--from", help="First journal number.")]
ToOption = Annotated[int | None, typer.Option("--to", help="Last journal number.")]


class Opened:
    """The journal that the options name, opened for reading; names what is damaged at the end."""

    def __init__(self, config: Path | None, directory: Path | None) -> None:
        self._directory = directory_of(config, directory)
        self._corrupt: set[int] = set()

    @property
    def damaged(self) -> int:
        """How many damaged records were met."""
        return len(self._corrupt)

    @property
    def last_damaged(self) -> int:
        """The highest number among them."""
        return max(self._corrupt)

    def __enter__(self) -> Reader:
        try:
            self._reader = Reader(self._directory, corrupt=self._corrupt.add)
        except StoreError as error:
            raise CliError(str(error)) from None
        return self._reader

    def __exit__(self, *_what: object) -> None:
        self._reader.close()
        if self._corrupt:
            numbers = ", ".join(str(seq) for seq in sorted(self._corrupt)[:20])
            print(f"damaged records (checksum does not hold): {numbers}", file=sys.stderr)


def directory_of(config: Path | None, directory: Path | None) -> Path:
    """Give the folder of the journal."""
    return directory or config_of(config).journal.directory


def config_of(path: Path | None) -> Config:
    """Read the configuration that was named."""
    if path is None:
        raise CliError("say which gateway: --config gateway.toml")
    try:
        return load(path)
    except ConfigError as error:
        raise CliError(str(error)) from None


def ms_of(time: datetime | None) -> int | None:
    """Give a time of an option, which is UTC, in milliseconds."""
    return None if time is None else int(time.replace(tzinfo=UTC).timestamp() * 1000)


def time_text(ms: int) -> str:
    """Give a time for people and programs."""
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")


def as_dict(record: Record) -> dict[str, Any]:
    """Give a record for programs."""
    return {
        "seq": record.seq,
        "id": record.event_id,
        "account": record.account,
        "class": record.class_,
        "priority": record.is_priority,
        "received": time_text(record.received_ms),
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
