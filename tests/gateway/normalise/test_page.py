"""``docs/events.md`` names every word that an integrator can meet, and is fresh
(``python -m gateway.normalise.document`` writes its tables anew)."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from gateway.contract.event import Attributes, Category, Kind
from gateway.normalise import profile_names, tables
from gateway.normalise.document import filled

PAGE = (Path(__file__).parents[3] / "docs" / "events.md").read_text()
WORDS = (
    *get_args(Category),
    *get_args(Kind),
    *Attributes.__struct_fields__,
    *profile_names(),
    *(
        word
        for word in get_args(tables.AddressType)
        if word not in ("zone", "user", "area", "none")
    ),
    "review",
    "qualifier_unexpected",
    "time_unreadable",
    "media_refused",
)


@pytest.mark.parametrize("word", WORDS)
def test_the_page_names(word: str) -> None:
    assert f"`{word}`" in PAGE


def test_the_tables_of_what_each_profile_changes_are_fresh() -> None:
    assert filled(PAGE) == PAGE
