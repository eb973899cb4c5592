"""Documentation and schemas are generated; these fail when they are stale (write them anew with
``python -m gateway.accounts.document``)."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest

from gateway.accounts.document import DOCUMENT, filled, schemas

ROOT = Path(__file__).parents[3]


def test_the_page_of_all_settings_is_fresh():
    text = (ROOT / DOCUMENT).read_text(encoding="utf-8")
    assert filled(text) == text


@pytest.mark.parametrize("name", list(schemas()))
def test_the_schemas_are_fresh(name):
    assert (ROOT / "configs" / name).read_text(encoding="utf-8") == schemas()[name]


EXAMPLES = sorted(
    path
    for path in (ROOT / "configs").rglob("*.toml")
    if path.name not in {"core.toml", "sites.toml"}  # the decision core's: tests/decision/config
)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda one: one.name)
def test_the_examples_fit_the_schema_that_editors_use(path):
    kind = "accounts" if "accounts" in path.name else "config"
    schema = json.loads(schemas()[f"{kind}.schema.json"])
    jsonschema.validate(tomllib.loads(path.read_text(encoding="utf-8")), schema)
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert (path.parent / first.removeprefix("#:schema ")).resolve().name == f"{kind}.schema.json"
