"""How mistakes in the core's files are told: all at once, each with file, key and reason."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec


class Mistake(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong in a file."""

    file: str
    key: str = ""
    reason: str

    def __str__(self) -> str:
        """Tell it in one line."""
        return f"{self.file}: {self.key + ': ' if self.key else ''}{self.reason}"


class ConfigError(Exception):
    """The configuration, the sites or the packs cannot be used as they are.

    Attributes:
        mistakes: All of them, in the order of files.
    """

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(map(str, self.mistakes)))
