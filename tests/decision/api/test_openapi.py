"""The published document is the table of operations, no more and no less."""

import json
from pathlib import Path

from decision.api.resources import document
from decision.roles import Permission

PUBLISHED = Path(__file__).parents[3] / "docs" / "decision" / "openapi.json"


def test_the_published_document_is_fresh():
    stale = "run: python -m decision.api > docs/decision/openapi.json"
    assert PUBLISHED.read_text("utf-8") == document(), stale


def test_it_describes_every_route_and_names_its_permission(core):
    described = json.loads(document())
    assert described["openapi"].startswith("3.1")
    routes = {(r.method.lower(), r.path): r for r in core.app.routes if r.face == "api"}
    told = {
        (method, path): operation
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    }
    assert told.keys() == routes.keys()
    for key, route in routes.items():
        if isinstance(route.access, Permission):
            assert told[key]["x-permission"] == str(route.access)
            assert told[key]["x-roles"]
        else:
            assert told[key]["security"] == []


def test_every_reference_leads_somewhere():
    text = document()
    described = json.loads(text)
    names = set(described["components"]["schemas"])
    found = {part.split('"')[0] for part in text.split('"#/components/schemas/')[1:]}
    assert found <= names


def test_every_operation_has_a_name_of_its_own():
    described = json.loads(document())
    ids = [op["operationId"] for methods in described["paths"].values() for op in methods.values()]
    assert len(ids) == len(set(ids))
