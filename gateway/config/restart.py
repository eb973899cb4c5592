"""Which changed settings a running gateway cannot take up by itself (SIGHUP names them)."""

from __future__ import annotations

from pydantic import BaseModel

from gateway.config.model import Config


def changes_needing_restart(old: Config, new: Config) -> list[str]:
    """Key paths of the settings that differ and that only a restart applies, in file order."""
    return list(_changes(old, new, ""))


def _changes(old: BaseModel, new: BaseModel, before: str) -> list[str]:
    changed: list[str] = []
    for name, field in type(old).model_fields.items():
        left, right = getattr(old, name), getattr(new, name)
        if left == right:
            continue
        if isinstance(left, BaseModel) and isinstance(right, BaseModel):
            changed += _changes(left, right, f"{before}{name}.")
        elif isinstance(left, dict) and isinstance(right, dict) and name == "inputs":
            changed += _input_changes(left, right)
        elif isinstance(field.json_schema_extra, dict) and field.json_schema_extra["needs_restart"]:
            changed.append(f"{before}{name}")
    return changed


def _input_changes(old: dict[str, BaseModel], new: dict[str, BaseModel]) -> list[str]:
    changed: list[str] = []
    for name in {**old, **new}:
        if name in old and name in new:
            changed += _changes(old[name], new[name], f"inputs.{name}.")
        else:
            changed.append(f"inputs.{name}")
    return changed
