"""Every rule id that a decision may carry, with its meaning in one line.

The ids are those of the sources: ``DISP`` dispatch criteria, ``PPVAR`` audio verification, ``SJ``
the Saint John policy, ``XS`` the composition of the three, ``AMB`` resolved ambiguities. The
meanings stand in ``catalogue/*.toml`` in our own words.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

SOURCES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "DISP": "dispatch criteria",
        "PPVAR": "audio verification",
        "SJ": "false alarm policy of Saint John",
        "XS": "composition of the three",
        "AMB": "resolved ambiguities",
    }
)
"""Prefix of an id -> what its rules are about; in the order of the documents."""


@cache
def meanings() -> Mapping[str, str]:
    """Id -> what it means, in the order of the sources. Raises ValueError for an id told twice."""
    told: dict[str, str] = {}
    folder = files("decision.rules") / "catalogue"
    for prefix in SOURCES:
        text = (folder / f"{prefix.lower()}.toml").read_text("utf-8")
        for rule_id, meaning in tomllib.loads(text).items():
            if not rule_id.startswith(f"{prefix}-") or not isinstance(meaning, str):
                raise ValueError(f"{prefix.lower()}.toml: {rule_id!r} is no rule of {prefix}")
            told[rule_id] = meaning
    return MappingProxyType(told)


def is_known(rule_id: str) -> bool:
    """Whether the id stands in the catalogue."""
    return rule_id in meanings()


def meaning(rule_id: str) -> str:
    """What an id means; an id of another pack or an older version is told as unknown."""
    return meanings().get(rule_id, "not in the catalogue of this version")
