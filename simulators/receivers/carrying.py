"""What each dialect can carry: asked before a story begins, so that none stops half-way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from simulators.receivers.dialect import Dialect, UnsayableError
from simulators.scenarios import Happening, Story


def carries(dialect: Dialect, token: str, happening: Happening) -> bool:
    """Whether a dialect, saying things as ``token``, has a word for what happened."""
    try:
        dialect.ids[token](happening, "1234")
    except UnsayableError:
        return False
    return True


def mute(dialect: Dialect, token: str, story: Story) -> list[str]:
    """Name what happens in a story and has no word there; empty: all of it can be told."""
    names = {each.name: each for each in _happenings(story)}
    return [name for name, each in names.items() if not carries(dialect, token, each)]


def told_by(dialect: Dialect, story: Story) -> list[str]:
    """Name the ids of a dialect that can tell a whole story."""
    return [token for token in dialect.ids if not mute(dialect, token, story)]


def mistakes(
    name: str, dialect: Dialect, tokens: Iterable[str], stories: Mapping[str, Story]
) -> list[str]:
    """Say in words which stories cannot be told so, and with which ids they can."""
    found = []
    for token in tokens:
        for title, story in stories.items():
            if missing := mute(dialect, token, story):
                able = ", ".join(told_by(dialect, story)) or "none"
                found.append(
                    f"{name} as {token} has no word for {', '.join(missing)} in the story "
                    f"{title!r}; --ids that tell all of it: {able}"
                )
    return found


def _happenings(story: Story) -> Iterator[Happening]:
    for moment in story.moments():
        if isinstance(moment.what, Happening):
            yield moment.what
