"""Writes the reference of all keys of a pack into docs/decision/packs.md from the model itself."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from decision.packs import Pack, Permission, Topic

PAGE = Path(__file__).parents[2] / "docs" / "decision" / "packs.md"
START = "<!-- reference: written by `python -m tests.support.pack_reference` -->"


def rows(model: type[BaseModel], path: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        key = f"{path}{name}"
        extra = field.json_schema_extra
        rules = ", ".join(extra.get("rules", [])) if isinstance(extra, dict) else ""
        inner = inner_model(field.annotation)
        default = "must be given" if field.is_required() else written(field.default)
        shown = "" if inner is not None and not field.is_required() else default
        kind = words(field.annotation)
        yield f"| `{key}` | {kind} | {shown} | {field.description} | {rules} |"
        if inner is not None:
            mark = {"list": "[]", "table of tables": ".<name>"}.get(shape(field.annotation), "")
            yield from rows(inner, f"{key}{mark}.")


def inner_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for one in get_args(annotation):
        found = inner_model(one)
        if found is not None:
            return found
    return None


def shape(annotation: Any) -> str:
    origin = get_origin(annotation)
    if origin is tuple:
        return "list"
    if origin is dict:
        return "table of tables" if inner_model(annotation) else "table"
    return next((found for one in get_args(annotation) if (found := shape(one))), "")


def words(annotation: Any) -> str:  # noqa: PLR0911  one for each shape
    """The type in the words of TOML."""
    origin = get_origin(annotation)
    if origin in (Union, UnionType):
        return " or ".join(words(one) for one in get_args(annotation) if one is not type(None))
    if origin is Literal:
        return ", ".join(f"`{written(one)}`" for one in get_args(annotation))
    if origin is tuple:
        return f"list of {words(get_args(annotation)[0])}"
    if origin is dict:
        return shape(annotation)
    if hasattr(annotation, "__metadata__"):
        return words(get_args(annotation)[0])
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "table"
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return ", ".join(f"`{one.value}`" for one in annotation)
    names = {"str": "text", "int": "number", "bool": "true or false", "date": "day"}
    return names.get(annotation.__name__, annotation.__name__) if annotation is not Any else "any"


def written(value: object) -> str:
    if value is PydanticUndefined or value is None or value in ((), {}, ""):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return str(value)


def reference() -> str:
    lines = [
        START,
        "",
        "| key | type | default | meaning | rules |",
        "| --- | --- | --- | --- | --- |",
        *rows(Pack),
        "",
        "Permissions of a role (`roles.who.<name>.may`): "
        + ", ".join(f"`{one.value}`" for one in Permission)
        + ".",
        "",
        "Reasons of `[cites]`: " + ", ".join(f"`{one.value}`" for one in Topic) + ".",
        "",
    ]
    return "\n".join(lines)


def page() -> str:
    return PAGE.read_text(encoding="utf-8").partition(START)[0] + reference()


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
