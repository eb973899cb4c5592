"""How mistakes in a pack are told: all at once, each with file, key path and reason."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
from pydantic import BaseModel, ValidationError

_SHOWN_MAX: Final = 60  # characters of a found value; longer ones are cut


class PackMistake(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong in a pack."""

    file: str
    key: str = ""
    """Path of the key, e.g. ``thresholds.steps[2].count``; empty: the file as a whole."""
    reason: str

    def __str__(self) -> str:
        """Tell it in one line."""
        return f"{self.file}: {self.key + ': ' if self.key else ''}{self.reason}"


class PackError(Exception):
    """A pack cannot be used as it is.

    Example situations: an unknown key, a threshold that leads to a suspension in a pack without
    suspension, a notice text without its effective date, two packs of one id.

    Attributes:
        mistakes: All of them, in the order of files and keys.
    """

    def __init__(self, mistakes: Iterable[PackMistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(map(str, self.mistakes)))


def spell(path: Sequence[object]) -> str:
    """Spell a key path; the first of a list is 1: ``thresholds.steps[1].count``."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def near(word: str, known: Iterable[str]) -> str:
    """A hint with the known word that is nearest, or nothing."""
    found = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {found[0]!r}?" if found else ""


def of_validation(
    error: ValidationError, model: type[BaseModel], data: Mapping[str, Any], file: str
) -> list[PackMistake]:
    """Turn what pydantic found into our words."""
    mistakes = []
    for one in error.errors(include_url=False):
        path = [part for part in one["loc"] if part not in ("[key]", "tuple", "nullable")]
        if "[key]" in one["loc"]:
            allowed = str(one.get("ctx", {}).get("expected", "")) or one["msg"]
            hint = near(str(path[-1]), allowed.replace("'", "").replace(" or ", ", ").split(", "))
            reason = f"there is no such key{hint}; allowed: {allowed}"
        elif one["type"] == "extra_forbidden":
            known = _keys_at(model, path[:-1])
            reason = f"there is no such key{near(str(path[-1]), known)}"
            reason += f" (known here: {', '.join(sorted(known))})" if known else ""
        elif one["type"] == "missing":
            reason = "must be given"
        else:
            reason = f"{one['msg'][:1].lower()}{one['msg'][1:]}{_found(data, path)}"
        mistakes.append(PackMistake(file=file, key=spell(path), reason=reason))
    return mistakes


def _found(data: object, path: Sequence[object]) -> str:
    for part in path:
        try:
            data = data[part]  # type: ignore[index]  # what is no table or list ends the walk
        except (KeyError, IndexError, TypeError):
            return ""
    if isinstance(data, Mapping | list):
        return f"; found a {'table' if isinstance(data, Mapping) else 'list'}"
    text = repr(data) if isinstance(data, str) else str(data).lower()
    return f"; found {text if len(text) <= _SHOWN_MAX else text[:_SHOWN_MAX] + ' ...'}"


def _keys_at(model: type[BaseModel], path: Sequence[object]) -> list[str]:
    """The keys that the table at a path may have; empty where that cannot be told."""
    here: type[BaseModel] | None = model
    for part in path:
        if here is None:
            return []
        if isinstance(part, int):
            continue
        field = here.model_fields.get(str(part))
        if field is None:
            continue  # a name in a table of tables (roles.who.inspector)
        here = _model_in(field.annotation)
    return list(here.model_fields) if here else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        found = _model_in(inner)
        if found is not None:
            return found
    return None
