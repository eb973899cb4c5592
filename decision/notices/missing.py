"""What a paper must say and nobody filed: told by name, all at once, with the rule."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec


class Missing(msgspec.Struct, frozen=True, kw_only=True):
    """One datum that is not there."""

    what: str
    """In words a person can act on."""
    where: str
    """Where it belongs: a fact of the ledger or a key of the pack."""
    rule: str

    def __str__(self) -> str:
        """As told."""
        return f"{self.what} ({self.where}; {self.rule})"


class MissingDatum(ValueError):  # noqa: N818  named after what it tells
    """A paper cannot be made; ``missing`` lists everything it lacks."""

    def __init__(self, paper: str, missing: Iterable[Missing]) -> None:
        self.missing = tuple(missing)
        told = "; ".join(str(one) for one in self.missing)
        super().__init__(f"{paper} lacks: {told}")
