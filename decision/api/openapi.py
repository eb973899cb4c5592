"""Writes the OpenAPI 3.1 document from the table of operations; a test fails when it is stale."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from decision.api.operations import ROOT, Nothing, Operation
from decision.roles import roles_with
from decision.web.routes import CSRF_HEADER, Open

_PARAMETER: Final = re.compile(r"\{(\w+)(?::\w+)?\}")


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why a request was not carried out (problem details, RFC 9457)."""

    title: str
    status: int


def document(operations: Sequence[Operation], *, version: str) -> dict[str, Any]:
    """Describe all operations."""
    types = [Refusal]
    for operation in operations:
        types += [one for one in (operation.body, operation.result) if one is not Nothing]
    schemas, components = msgspec.json.schema_components(
        types, ref_template="#/components/schemas/{name}"
    )
    by_type = {_key(one): schema for one, schema in zip(types, schemas, strict=True)}
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        path = ROOT + _PARAMETER.sub(r"{\1}", operation.path)
        paths.setdefault(path, {})[operation.method.lower()] = _described(operation, by_type)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Alarm Gateway: decision core",
            "version": version,
            "description": "Incidents, ledgers, training and audit of one station. Sign in with "
            f"POST {ROOT}/session; send the csrf of its answer as {CSRF_HEADER} with every change.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": {name: _cleaned(components[name]) for name in sorted(components)},
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "alarm-core"},
                "csrf": {"type": "apiKey", "in": "header", "name": CSRF_HEADER},
            },
        },
    }


def text(operations: Sequence[Operation], *, version: str) -> str:
    """The document as it is kept in the documentation."""
    return json.dumps(document(operations, version=version), indent=2, ensure_ascii=False) + "\n"


def _key(one: Any) -> str:
    return repr(one)


def _described(operation: Operation, by_type: dict[str, Any]) -> dict[str, Any]:
    refusal = {"application/problem+json": {"schema": by_type[_key(Refusal)]}}
    answers: dict[str, Any] = {}
    if operation.result is Nothing:
        answers["204"] = {"description": "Done"}
    else:
        content = {"application/json": {"schema": by_type[_key(operation.result)]}}
        answers[str(operation.status)] = {"description": "Done", "content": content}
    is_public = isinstance(operation.access, Open)
    codes = {"401": "Not signed in", "403": "Not allowed"} if not is_public else {}
    if _PARAMETER.search(operation.path):
        codes["404"] = "There is no such thing"
    if operation.body is not Nothing:
        codes["409"] = "The state has moved on; ask again"
        codes["422"] = "The body does not fit"
    for code, words in codes.items():
        answers[code] = {"description": words, "content": refusal}
    described: dict[str, Any] = {
        "operationId": operation.id,
        "summary": operation.summary,
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in _PARAMETER.findall(operation.path)
        ]
        + [
            {"name": name, "in": "query", "description": words, "schema": {"type": "string"}}
            for name, words in operation.query
        ],
        "responses": answers,
    }
    if operation.body is not Nothing:
        described["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": by_type[_key(operation.body)]}},
        }
    if isinstance(operation.access, Open):
        described["security"] = []
    else:
        is_change = operation.method != "GET" and not operation.is_csrf_free
        described["security"] = [{"session": [], "csrf": []} if is_change else {"session": []}]
        described["x-permission"] = str(operation.access)
        described["x-roles"] = [str(role) for role in roles_with(operation.access)]
    return described


def _cleaned(schema: dict[str, Any]) -> dict[str, Any]:
    if "description" in schema:
        schema["description"] = " ".join(inspect.cleandoc(schema["description"]).split())
    return schema
