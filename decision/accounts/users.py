"""The users file: who may sign in, with which roles. Written whole, readable by its owner only.

A file and not facts: a fact can never be taken back, and an old password's hash should be.
What was done with accounts is told as facts besides (``decision/audit.py``).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from decision.roles import STATION, RoleTable

_ID: Final = re.compile(r"[a-z][a-z0-9._-]{1,31}")


class UsersFileError(ValueError):
    """The users file cannot be read; the message names file, what was seen and what to do."""


class UserError(ValueError):
    """A change to a user makes no sense; the message says why."""


class User(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One person with an account on the console."""

    id: Annotated[str, Meta(pattern="^[a-z][a-z0-9._-]{1,31}$")]
    """Short name typed at sign-in; also the operator id of facts and training records."""
    name: Annotated[str, Meta(min_length=1, max_length=100)]
    roles: tuple[str, ...]
    password: str | None = None
    """Stored form (``passwords.hashed``); None: cannot sign in until one is set."""
    is_disabled: bool = False

    def __repr__(self) -> str:
        """Show nothing of the password."""
        return f"User(id={self.id!r}, name={self.name!r}, roles={self.roles!r})"


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    version: int
    users: tuple[User, ...]


class Users:
    """All users, in memory; ``save`` puts them into the file and swaps it in at once."""

    def __init__(self, users: Iterable[User] = (), *, path: Path | None = None) -> None:
        self._by_id = {user.id: user for user in users}
        self._path = path

    @classmethod
    def load(cls, path: Path) -> Users:
        """Read the file; one that does not exist holds nobody. Raises ``UsersFileError``."""
        try:
            text = path.read_bytes()
        except FileNotFoundError:
            return cls(path=path)
        except OSError as error:
            raise UsersFileError(f"users file {path}: {error.strerror}") from error
        if os.name == "posix" and path.stat().st_mode & 0o077:
            raise UsersFileError(
                f"users file {path} can be read by others; run: chmod 600 {path.name}"
            )
        try:
            content = msgspec.json.decode(text, type=_File)
        except msgspec.DecodeError as error:
            raise UsersFileError(f"users file {path}: {error}") from error
        return cls(content.users, path=path)

    def save(self) -> None:
        """Write the file whole, mode 0600, and swap it in; raises OSError."""
        if self._path is None:
            return
        content = _File(version=1, users=tuple(self._by_id[key] for key in sorted(self._by_id)))
        text = msgspec.json.format(msgspec.json.encode(content), indent=2)
        beside = self._path.with_name(self._path.name + ".new")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(text + b"\n")
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._path)

    @property
    def all(self) -> Mapping[str, User]:
        """Every user by id."""
        return self._by_id

    def get(self, user_id: str) -> User | None:
        """The user with this id, signed in or not, disabled or not."""
        return self._by_id.get(user_id)

    def put(self, user: User, *, roles: RoleTable = STATION) -> None:
        """Add or replace; raises ``UserError`` for a wrong id or a role nobody knows."""
        if not _ID.fullmatch(user.id):
            raise UserError(
                f"user id {user.id!r}: expected 2 to 32 of a-z, 0-9, '.', '_', '-', a letter first"
            )
        unknown = sorted(set(user.roles) - set(roles.names))
        if unknown:
            known = ", ".join(roles.names)
            raise UserError(f"role {unknown[0]!r} is not known; there are: {known}")
        self._by_id[user.id] = user
