"""The documents lead somewhere: every relative link, and to every page of a dialect."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.source import ROOT

INDEX = ROOT / "docs" / "protocols" / "index.md"
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "benchmarks" / "README.md"]
)


def _links(document: Path) -> list[str]:
    targets = re.findall(r"\]\(([^)\s]+)\)", document.read_text())
    paths = [each.partition("#")[0] for each in targets if not re.match(r"[a-z]+:", each)]
    return [each for each in paths if each]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_relative_link_leads_to_a_file(document):
    assert [each for each in _links(document) if not (document.parent / each).exists()] == []


def test_the_index_of_dialects_leads_to_every_page_beside_it():
    pages = {path.name for path in INDEX.parent.glob("*.md")} - {INDEX.name}
    assert pages <= set(_links(INDEX))
