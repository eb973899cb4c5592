"""Story files: the ones that travel with the program, and a technician's own."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from simulators.scenarios.story import Story

_TABLES: Final = frozenset({"meanings.toml", "dialled_codes.toml"})
"""No stories, but the words that they are told in."""


class StoryError(Exception):
    """A story cannot be played; ``mistakes`` holds all that is wrong with it, one line each."""

    def __init__(self, where: str, mistakes: list[str]) -> None:
        super().__init__("\n".join(f"{where}: {mistake}" for mistake in mistakes))
        self.where = where
        self.mistakes = mistakes


def parse(text: str, *, where: str) -> Story:
    """Read a story from TOML text.

    Raises:
        StoryError: With all mistakes at once, each with the key path where it stands.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise StoryError(where, [f"is no TOML: {error}"]) from error
    try:
        return Story.model_validate(content)
    except ValidationError as error:
        mistakes = []
        for item in error.errors(include_url=False):
            place = _path(item["loc"])
            message = item["msg"].removeprefix("Value error, ")
            mistakes.append(f"{place}: {message}" if place else message)
        raise StoryError(where, mistakes) from error


def _path(keys: tuple[int | str, ...]) -> str:
    """Spell a key path as it is counted in the file: ``steps[2].zone`` is the second step."""
    place = ""
    for key in keys:
        if isinstance(key, int):
            place += f"[{key + 1}]"
        else:
            place += f".{key}" if place else key
    return place


def names() -> list[str]:
    """The stories that travel with the program."""
    folder = resources.files(__package__)
    return sorted(
        entry.name.removesuffix(".toml")
        for entry in folder.iterdir()
        if entry.name.endswith(".toml") and entry.name not in _TABLES
    )


def load(name: str) -> Story:
    """Read a story by its name, or by the path of a file that ends in ``.toml``.

    Raises:
        StoryError: There is no such story, or the file has mistakes.
    """
    if name.endswith(".toml"):
        path = Path(name)
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise StoryError(name, [f"cannot be read: {error}"]) from error
        return parse(text, where=name)
    if name not in names():
        raise StoryError(
            name,
            [f"no story has this name; there are {', '.join(names())}, or give a .toml file"],
        )
    text = resources.files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return parse(text, where=f"{name}.toml")
