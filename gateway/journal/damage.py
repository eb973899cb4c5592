"""Is what SQLite says damage of the file, or did the disk fail just now?"""

from __future__ import annotations

import sqlite3
from typing import Final

_CODES: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_PRIMARY: Final = 0xFF  # extended codes carry more above it


def is_damage(error: BaseException) -> bool:
    """Whether a page cannot be what was written; its neighbours can be read all the same.

    A disk that fails to read looks like damage at times. Who takes damage for a reason to go on
    without some records must not need them for what was promised.
    """
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & _PRIMARY in _CODES
