"""Which dialects are listened for: each family, and each of its forms that has another codec."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from protocols._core import Connection, Keys, Pad
from protocols.registry import PROTOCOLS


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """One form of one family."""

    family: str
    """Registry name."""
    options: Mapping[str, object] = {}
    """What an input would be set to for it."""
    is_proven: bool = False
    """A check value or parity stands in every frame, so that a sound envelope alone tells it."""

    @property
    def link(self) -> str:
        """``panel`` or ``receiver``."""
        return PROTOCOLS[self.family].link

    @property
    def words(self) -> str:
        """Its options as a person would write them; empty without any."""
        return ", ".join(f"{name} {value}" for name, value in self.options.items())

    def connect(self, *, keys: Keys, pad: Pad) -> Connection:
        """Make a codec that reads it."""
        return PROTOCOLS[self.family].connect(keys=keys, pad=pad, options=self.options)


VARIANTS: Final = (
    Variant(family="dc09", is_proven=True),
    # Its receiver would have to speak first for the scrambled form; only the plain one is heard.
    Variant(family="osborne-hoffman", options={"cipher": "none"}),
    Variant(family="sia-dc03"),
    Variant(family="surgard"),
    Variant(family="ademco685", options={"format": "685"}),
    Variant(family="ademco685", options={"format": "caps"}),
    Variant(family="ademco685", options={"format": "cp220"}),
    Variant(family="mx8000", options={"output": "ae8000"}),
    Variant(family="mx8000", options={"output": "sk9000"}),
    Variant(family="iti", options={"output": "generic"}),
    Variant(family="iti", options={"output": "computer"}),
    Variant(family="pima"),
    Variant(family="bosch6500", options={"mode": "d6500"}),
    Variant(family="bosch6500", options={"mode": "sia"}),
    Variant(family="dc07"),
    Variant(family="dtmf"),
    Variant(family="fsk-router"),
    Variant(family="mcdi"),
)
"""In order of preference where several read the same bytes and none of them is the default."""
