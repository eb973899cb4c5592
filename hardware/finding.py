"""What a session sees of a codec that finds out for itself which family it hears."""

from __future__ import annotations

from typing import Protocol


class FoundFamily(Protocol):
    """A family that a link was found to speak."""

    @property
    def family(self) -> str:
        """Registry name."""
        ...

    @property
    def words(self) -> str:
        """What is heard, for the operator."""
        ...


class Finding(Protocol):
    """A connection of which ``LinkTools.finds_out`` is said."""

    def news(self) -> FoundFamily | None:
        """Hand out what was found since the last call; None for nothing new."""
        ...
