"""How each dialect says what can happen at a premises: the table ``meanings.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

AddressKind = Literal["zone", "user", "none"]


class Meaning(BaseModel):
    """One thing that can happen, in the words of every dialect."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cid: Annotated[str, Field(pattern=r"^[ER][0-9]{3}$")]
    sia: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    pulse: Annotated[str, Field(pattern=r"^[0-9A-Z]$")]
    address: AddressKind
    sia_id: bool = False
    """In SIA the user stands in the ``id`` modifier, since the code's own number is a zone."""
    words: Annotated[str, Field(min_length=3)]

    @property
    def qualifier(self) -> str:
        """The Contact ID digit: ``"1"`` new or opening, ``"3"`` restore or closing."""
        return "1" if self.cid[0] == "E" else "3"

    @property
    def event(self) -> str:
        """The three digits of Contact ID."""
        return self.cid[1:]


@cache
def meanings() -> Mapping[str, Meaning]:
    """Read the table that travels with the program."""
    text = resources.files(__package__).joinpath("meanings.toml").read_text(encoding="utf-8")
    return TypeAdapter(dict[str, Meaning]).validate_python(tomllib.loads(text))
