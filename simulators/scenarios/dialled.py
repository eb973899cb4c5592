"""What one character means in formats that have no more: the table ``dialled_codes.toml``.

The wire of such a format does not say it, so a gateway has to be told: ``rows`` are the
``[[pulse_codes]]`` of its configuration that fit the simulated panels.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Annotated, Literal

import msgspec
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from simulators.scenarios.meaning import meanings

Spelling = Literal["character", "three", "pair"]
"""How a dialect writes a code: one character, three digits, or the pair of letters of SIA."""


class DialledCode(BaseModel):
    """One code; the fields are told in the table."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    digit: Annotated[str, Field(pattern=r"^[0-9B-F]$")]
    kind: str
    category: str
    address: Literal["zone", "user", "none"]
    state: Annotated[str, Field(pattern=r"^[1-6]$")] = ""
    status: Annotated[str, Field(pattern=r"^[1-9]$")] = ""
    words: Annotated[str, Field(min_length=3)]

    @property
    def three(self) -> str:
        """The same in three digits."""
        return f"00{self.digit}"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One ``[[pulse_codes]]`` of a gateway's configuration."""

    group: str
    code: str
    kind: str
    category: str
    name: str
    address: str


@cache
def dialled_codes() -> Mapping[str, DialledCode]:
    """Read the table that travels with the program, by the character."""
    text = resources.files(__package__).joinpath("dialled_codes.toml").read_text(encoding="utf-8")
    return TypeAdapter(dict[str, DialledCode]).validate_python(tomllib.loads(text))


def rows(spelling: Spelling, *, group: str = "main") -> list[Row]:
    """Say what a gateway has to be told of the codes of simulated panels, each code once."""
    found: dict[str, Row] = {}
    for code, what in _spelled(spelling):
        found.setdefault(
            code,
            Row(
                group=group,
                code=code,
                kind=what.kind,
                category=what.category,
                name=what.words,
                address=what.address,
            ),
        )
    return list(found.values())


def _spelled(spelling: Spelling) -> Iterator[tuple[str, DialledCode]]:
    if spelling == "pair":
        for meaning in meanings().values():
            yield meaning.sia, dialled_codes()[meaning.pulse]
        return
    for character, what in dialled_codes().items():
        if spelling == "three":
            yield what.three, what
        else:
            yield character, what
            yield what.digit, what


def as_toml(found: list[Row]) -> str:
    """Write rows as they stand in a configuration."""
    blocks = []
    for row in found:
        said = msgspec.to_builtins(row)
        blocks.append(
            "[[pulse_codes]]\n" + "\n".join(f'{name} = "{said[name]}"' for name in said) + "\n"
        )
    return "\n".join(blocks)
