"""How secrets are read: from a file that only the service may read, or a credential (SEC-18)."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

_MODES: Final = frozenset({0o600, 0o400})
_SIZE_MAX: Final = 256 * 1024 * 1024  # bytes; a keyring of a million accounts takes 60 MiB
_OTHERS: Final = 0o007
CREDENTIALS_VARIABLE: Final = "CREDENTIALS_DIRECTORY"  # set by systemd, see systemd.exec(5)


class SecretError(Exception):
    """A secret cannot be taken from where it stands.

    Example situations: the file is readable by others, it belongs to someone else, it is
    missing, the service unit names no such credential.

    Attributes:
        found: What was found.
        allowed: What is allowed.
        hint: What to try.
    """

    def __init__(self, found: str, allowed: str, hint: str = "") -> None:
        super().__init__(f"{found}; allowed: {allowed}")
        self.found = found
        self.allowed = allowed
        self.hint = hint


def read_secret(path: Path) -> bytes:
    """The content of a secret file.

    Raises:
        SecretError: when it cannot be read, or others could read it as well.
    """
    try:
        with path.open("rb") as file:
            _refuse_if_open_to_others(path, os.fstat(file.fileno()))
            return file.read(_SIZE_MAX)
    except FileNotFoundError:
        raise SecretError(f"there is no file {path}", "a file with mode 0600 or 0400") from None
    except OSError as error:
        raise SecretError(
            f"{path} cannot be read: {error.strerror}", "a file that the service user may read"
        ) from None


def check_secret(path: Path) -> None:
    """Refuse a secret file as ``read_secret`` would, without taking its content.

    Raises:
        SecretError: when it cannot be read, or others could read it as well.
    """
    read_secret(path)


def read_credential(name: str) -> bytes:
    """The content of a systemd credential (``LoadCredential=name:/path`` in the unit).

    Raises:
        SecretError: when the service has no such credential.
    """
    path = credential_path(name)
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & _OTHERS:
                raise SecretError(f"everybody may read the credential {name!r}", "mode 0400")
            return file.read(_SIZE_MAX)
    except OSError as error:
        raise SecretError(
            f"the credential {name!r} cannot be read: {error.strerror}",
            "a credential that the unit names",
            f"in the unit: LoadCredential={name}:/etc/alarm-gateway/{name}",
        ) from None


def credential_path(name: str) -> Path:
    """Where a systemd credential stands, for what reads files only.

    Raises:
        SecretError: when the service has no credentials at all.
    """
    folder = os.environ.get(CREDENTIALS_VARIABLE)
    if folder is None:
        raise SecretError(
            f"there are no credentials, so not {name!r} either",
            f"a credential of the service ({CREDENTIALS_VARIABLE} is not set)",
            f"in the unit: LoadCredential={name}:/etc/alarm-gateway/{name}",
        )
    return Path(folder) / name


def _refuse_if_open_to_others(path: Path, found: os.stat_result) -> None:
    mode = stat.S_IMODE(found.st_mode)
    if not stat.S_ISREG(found.st_mode):
        raise SecretError(f"{path} is no file", "a file with mode 0600 or 0400")
    if mode not in _MODES:
        raise SecretError(f"{path} has mode {mode:04o}", "mode 0600 or 0400", f"chmod 600 {path}")
    if found.st_uid != os.geteuid():
        raise SecretError(
            f"{path} belongs to user {found.st_uid}, the gateway runs as user {os.geteuid()}",
            "a file of the user that runs the gateway",
            f"chown it, or give it as a systemd credential: LoadCredential={path.stem}:{path}",
        )
