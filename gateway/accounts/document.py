"""The tables of docs/configuration.md and the JSON Schemas under configs/, out of the models.

``python -m gateway.accounts.document`` writes them; a test fails when they are stale.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from gateway.accounts.tables import AccountFile, AccountTable, AreaTable, UserTable, ZoneTable
from gateway.config import Config, InputConfig, LineRange, PulseCode
from gateway.config.fields import Settings

DOCUMENT: Final = "docs/configuration.md"
_GROUPED_FROM: Final = 10_000  # longer numbers are written 10_000
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_INNER: Final[tuple[tuple[str, type[Settings]], ...]] = (
    ("[inputs.<name>]", InputConfig),
    ("one of ranges", LineRange),
    ("[[pulse_codes]]", PulseCode),
)
_ACCOUNT: Final[tuple[tuple[str, type[Settings]], ...]] = (
    ("[[account]]", AccountTable),
    ("[account.areas]", AreaTable),
    ("[account.zones]", ZoneTable),
    ("[account.users]", UserTable),
)


def schemas() -> dict[str, str]:
    """The JSON Schemas by file name under configs/."""
    return {
        "config.schema.json": _schema(Config, "Alarm Gateway configuration"),
        "accounts.schema.json": _schema(AccountFile, "Alarm Gateway accounts"),
    }


def tables() -> dict[str, str]:
    """The tables of the document by the name of their place in it."""
    sections = [
        (f"[{name}]", field.annotation)
        for name, field in Config.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, Settings)
    ]
    top = "\n".join(_rows("(top)", Config, skip_tables=True))
    blocks = [_HEAD + top, *(_section(name, model) for name, model in (*_INNER, *sections))]
    return {
        "settings": "\n\n".join(blocks),
        "accounts": "\n\n".join(_section(name, model) for name, model in _ACCOUNT),
    }


def filled(document: str) -> str:
    """The document with its tables made new."""
    for name, table in tables().items():
        begin, end = f"<!-- begin {name} -->\n", f"<!-- end {name} -->"
        before, _, rest = document.partition(begin)
        _, _, after = rest.partition(end)
        document = f"{before}{begin}\n{table}\n\n{end}{after}"
    return document


def write(root: Path) -> None:
    """Write schemas and tables into a checkout."""
    for name, text in schemas().items():
        (root / "configs" / name).write_text(text, encoding="utf-8")
    path = root / DOCUMENT
    path.write_text(filled(path.read_text(encoding="utf-8")), encoding="utf-8")


_HEAD: Final = "| setting | meaning | allowed | default |\n| --- | --- | --- | --- |\n"


def _schema(model: type[BaseModel], title: str) -> str:
    schema = {"$schema": _DIALECT, **model.model_json_schema(by_alias=True), "title": title}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _section(name: str, model: Any) -> str:
    words = (model.__doc__ or "").strip().split("\n", 1)[0]
    return f"### `{name}`\n\n{words}\n\n{_HEAD}" + "\n".join(_rows(name, model))


def _rows(name: str, model: type[BaseModel], *, skip_tables: bool = False) -> Iterator[str]:
    del name
    for key, field in model.model_fields.items():
        if skip_tables and field.examples == []:
            continue
        extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        restart = (
            ""
            if extra.get("needs_restart") or model.__module__.endswith("tables")
            else " Taken up on SIGHUP."
        )
        cells = (
            f"`{field.alias or key}`",
            f"{field.description}{restart}",
            _allowed(field, extra),
            _default(field),
        )
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _allowed(field: FieldInfo, extra: Any) -> str:
    words = _literals(field.annotation)
    if words:
        return ", ".join(f"`{word}`" for word in words)
    limits = {type(one).__name__: one for one in field.metadata}
    low = next(
        (
            f"{'from' if name == 'Ge' else 'above'} {getattr(limits[name], name.lower()):,}"
            for name in ("Ge", "Gt")
            if name in limits
        ),
        "",
    )
    high = f"to {limits['Le'].le:,}" if "Le" in limits else ""
    bounds = " ".join(filter(None, (low, high, str(extra.get("unit", "")))))
    if bounds:
        return bounds
    examples = [one for one in field.examples or () if one is not ... and one != field.default]
    return ", ".join(f"`{_toml(one)}`" for one in examples[:3])


def _literals(annotation: Any) -> list[str]:
    """The words of a Literal, alone or with None."""
    if "Literal" in str(annotation) and "tuple" not in str(annotation):
        found = [one for one in _flat(annotation) if isinstance(one, str | int)]
        return [str(one) for one in found]
    return []


def _flat(annotation: Any) -> Iterator[Any]:
    for one in get_args(annotation):
        if get_args(one):
            yield from _flat(one)
        else:
            yield one


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "must be given"
    if field.default is None:
        return "-"
    return f"`{_toml(field.default)}`"


def _toml(value: Any) -> str:
    """Spell a value as the file does."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value:_}" if value >= _GROUPED_FROM else str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return f'"{value}"'


if __name__ == "__main__":
    write(Path(__file__).parents[2])
