"""How mistakes in a file are told: all at once, each with place, finding, the allowed, a hint."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, get_args

import msgspec
from pydantic import BaseModel, ValidationError

_SHOWN_MAX: Final = 60  # characters of a found value; longer ones are cut
_SECRET_WORDS: Final = ("key", "password", "secret", "psk", "token")
_BY_FILE: Final = {
    "key": 'keys never stand in this file: key_file = "keys/1234.key" (mode 0600)',
    "keys": 'keys never stand in this file: key_file = "keys/1234.key" (mode 0600)',
    "password": 'passwords never stand in this file: password_file = "mqtt.password" (mode 0600)',
}


class Mistake(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is wrong in a file."""

    file: str
    key: str = ""
    """Path of the key, e.g. ``inputs.ip-1.tcp``; empty when the file as a whole is meant."""
    line: int = 0
    """1 for the first; 0 when not known."""
    found: str = ""
    allowed: str = ""
    hint: str = ""

    def __str__(self) -> str:
        """Tell it in one or two lines."""
        where = f"{self.file}:{self.line}" if self.line else self.file
        said = "; ".join(
            part for part in (self.found, self.allowed and f"allowed: {self.allowed}") if part
        )
        text = f"{where}: {self.key + ': ' if self.key else ''}{said}"
        return f"{text}\n    {self.hint}" if self.hint else text


class ConfigError(Exception):
    """The configuration, the accounts or the keys cannot be used as they are.

    Example situations: an unknown key, a port that two inputs share, a key file that others
    may read, an account that stands in two files.

    Attributes:
        mistakes: All of them, in the order of files and lines.
    """

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(map(str, self.mistakes)))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint with the known word that is nearest, or nothing."""
    spelled = {one.lower(): one for one in known}
    near = difflib.get_close_matches(word.lower(), list(spelled), n=1, cutoff=0.6)
    return f"did you mean {spelled[near[0]]!r}?" if near else ""


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """What was validated, and where it stood."""

    file: str
    lines: Mapping[tuple[str, ...], int] = {}
    """Line of each key path."""
    root: tuple[object, ...] = ()
    """Stands before every key path."""
    data: object = None

    @property
    def line(self) -> int:
        """The line on which it begins; 0 when not known."""
        return line_of(self.lines, self.root)

    def mistake(self, path: Sequence[object], found: str, allowed: str, hint: str = "") -> Mistake:
        """A mistake at a key path below ``root``."""
        full = (*self.root, *path)
        return Mistake(
            file=self.file,
            key=spell(full),
            line=line_of(self.lines, full),
            found=found,
            allowed=allowed,
            hint=hint,
        )


def of_validation(error: ValidationError, model: type[BaseModel], source: Source) -> list[Mistake]:
    """Turn what pydantic found into our words."""
    mistakes = []
    for one in error.errors(include_url=False):
        path = [part for part in one["loc"] if part != "[key]"]
        found, allowed, hint = _words(one, model, path, source.data)
        hint = _BY_FILE.get(str(path[-1]) if path else "", hint)
        mistakes.append(source.mistake(path, found, allowed, hint))
    return mistakes


def line_of(lines: Mapping[tuple[str, ...], int], path: Sequence[object]) -> int:
    """The line of a key path, or of the nearest table around it; 0 when nothing is known."""
    keys = tuple(map(str, path))
    while keys and keys not in lines:
        keys = keys[:-1]
    return lines.get(keys, 0)


def spell(path: Sequence[object]) -> str:
    """Spell a key path: ``inputs.ip-1.ranges[2].lines``."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def shown(value: object, key: str) -> str:
    """A found value, cut, and never a secret."""
    if any(word in key.lower() for word in _SECRET_WORDS) and not key.endswith(
        ("_file", "_format")
    ):
        return "a value (not shown)"
    text = repr(value) if isinstance(value, str) else _toml_word(value)
    return text if len(text) <= _SHOWN_MAX else text[:_SHOWN_MAX] + " ..."


def _toml_word(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        words = (repr(one) if isinstance(one, str) else _toml_word(one) for one in value)
        return f"[{', '.join(words)}]"
    return str(value)


def _words(one: Any, model: type[BaseModel], path: list[Any], data: object) -> tuple[str, str, str]:
    """What was found, what is allowed, a hint."""
    key = str(path[-1]) if path else ""
    if one["type"] == "extra_forbidden":
        fields = _model_at(model, path[:-1]).model_fields
        known = sorted(field.alias or name for name, field in fields.items())
        return "unknown key", ", ".join(known), did_you_mean(key, known)
    if one["type"] == "missing":
        field = _model_at(model, path[:-1]).model_fields.get(key)
        return "missing", field.description if field and field.description else "", _example(field)
    value = _value_at(data, path)
    found = f"found {shown(value, key)}"
    if one["type"] == "literal_error":
        words = [
            word.strip("'") for word in one["ctx"]["expected"].replace(" or ", ", ").split(", ")
        ]
        return found, ", ".join(words), did_you_mean(str(value), words)
    return found, one["msg"].removeprefix("Input should be ").removeprefix("Value error, "), ""


def _example(field: Any) -> str:
    if field is None or not field.examples or field.examples == [...]:
        return ""
    return f"for example {field.examples[0]!r}"


def _value_at(data: object, path: list[Any]) -> object:
    for part in path:
        if (isinstance(data, dict) and part in data) or (
            isinstance(data, list) and isinstance(part, int) and part < len(data)
        ):
            data = data[part]
        else:
            break
    return data


def _model_at(model: type[BaseModel], path: Sequence[Any]) -> type[BaseModel]:
    """The model that a key path leads to (through tables, lists of tables and optional ones)."""
    for part in path:
        field = model.model_fields.get(str(part))
        if field is not None:
            model = _model_in(field.annotation) or model
    return model


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)
