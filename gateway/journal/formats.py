"""Which format a journal file has, and how an older one becomes the present one (REL-21)."""

from __future__ import annotations

import sqlite3
from importlib import resources
from pathlib import Path
from typing import Final

APPLICATION_ID: Final = 0x414C474A
"""``ALGJ`` in the header of the file: what ``file`` and we know it by."""
FORMAT: Final = 2
"""The newest numbered schema file."""


class FormatError(Exception):
    """The file is no journal, or one that this program must not touch."""


def format_of(connection: sqlite3.Connection, path: Path) -> int:
    """Give the format of an open journal; 0 for an empty file.

    Raises:
        FormatError: It is somebody else's database, or newer than this program.
    """
    number = int(connection.execute("PRAGMA user_version").fetchone()[0])
    owner = int(connection.execute("PRAGMA application_id").fetchone()[0])
    if owner != APPLICATION_ID and (owner or number or _has_tables(connection)):
        raise FormatError(f"{path} is a database, but not a journal of alarm-gateway")
    if number > FORMAT:
        raise FormatError(
            f"{path} has format {number} and this program knows up to {FORMAT}: it was written "
            "by a newer alarm-gateway. Install that one; the file was not touched"
        )
    return number


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the file to the present format, one numbered file after the other.

    Each is one transaction together with its number, so that a crash leaves a whole format.

    Raises:
        FormatError: As ``format_of``.
    """
    for number in range(format_of(connection, path) + 1, FORMAT + 1):
        connection.executescript(
            f"BEGIN IMMEDIATE;\n{_schema(number)}\n"
            f"PRAGMA application_id = {APPLICATION_ID};\nPRAGMA user_version = {number};\nCOMMIT;"
        )


def _schema(number: int) -> str:
    for file in resources.files("gateway.journal.schema").iterdir():
        if file.name.startswith(f"{number:03d}_"):
            return file.read_text(encoding="utf-8")
    raise FormatError(f"schema file {number:03d}_*.sql is missing from the installation")


def _has_tables(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
