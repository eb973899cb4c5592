"""How secrets are read: from a file that only the service may read, or a systemd credential."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

_MODES: Final = frozenset({0o600, 0o400})
_OTHERS: Final = 0o007
_BYTES_MOST: Final = 65_536
CREDENTIALS_VARIABLE: Final = "CREDENTIALS_DIRECTORY"  # set by systemd, see systemd.exec(5)


class SecretError(Exception):
    """A secret cannot be taken from where it stands: missing, or open to others."""


def read_secret(path: Path) -> bytes:
    """The content of a secret file; raises ``SecretError``."""
    try:
        with path.open("rb") as file:
            found = os.fstat(file.fileno())
            mode = stat.S_IMODE(found.st_mode)
            if mode not in _MODES:
                raise SecretError(
                    f"{path} has mode {mode:04o}; allowed: 0600 or 0400. Try: chmod 600 {path}"
                )
            if found.st_uid != os.geteuid():
                raise SecretError(
                    f"{path} belongs to user {found.st_uid}, the core runs as user {os.geteuid()}"
                )
            return file.read(_BYTES_MOST)
    except OSError as error:
        raise SecretError(f"{path} cannot be read: {error.strerror}") from None


def read_credential(name: str) -> bytes:
    """The content of a systemd credential (``LoadCredential=``); raises ``SecretError``."""
    folder = os.environ.get(CREDENTIALS_VARIABLE)
    if folder is None:
        raise SecretError(
            f"there are no credentials, so not {name!r} either ({CREDENTIALS_VARIABLE} is not "
            f"set). In the unit: LoadCredential={name}:/etc/alarm-gateway/{name}"
        )
    path = Path(folder) / name
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & _OTHERS:
                raise SecretError(f"everybody may read the credential {name!r}")
            return file.read(_BYTES_MOST)
    except OSError as error:
        raise SecretError(f"the credential {name!r} cannot be read: {error.strerror}") from None


def first_line(content: bytes) -> str:
    """A password as it stands in a file."""
    return content.decode("utf-8", "replace").split("\n", 1)[0].rstrip("\r")
