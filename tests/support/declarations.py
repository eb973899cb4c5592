"""Every wire format that the protocols declare, found and not listed, each with a recogniser.

A declaration is a ``Struct`` that a module of ``protocols`` holds, or that one of the functions
in ``MADE`` returns. ``unmade`` names the functions that return one and are not there: a new one
has no oracle until it stands in ``MADE``.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Final

import msgspec
from construct import Renamed, Struct

import protocols
from protocols._core.fields import Ahead, Literal, unnamed
from protocols._core.recogniser import Recogniser
from protocols._core.words import Unfollowed
from protocols.ademco685 import frame as ademco685
from protocols.bosch6500 import frame as bosch6500
from protocols.bosch6500.session import MAX_CHECK_DIGITS
from protocols.iti import frame as iti
from protocols.mx8000 import frame as mx8000
from protocols.surgard import frame as surgard
from protocols.surgard import layouts as surgard_layouts

_CORE: Final = "protocols._core"
_HEADERS: Final = (surgard.AUTO, "RRL", "RRLLL", surgard.FORMS[-1])
_MARKS_685: Final = [(b"\n", b"\r"), (b"\x02", b"A")]
_MARKS_D6500: Final[list[tuple[Any, ...]]] = [(b" ", b"\x14"), (b"\n", b"\r")]
_CHECK_DIGITS: Final = (1, 4, MAX_CHECK_DIGITS)
_SURGARD_IDS: Final = "".join(
    map(chr, sorted(surgard_layouts.layouts(surgard.AUTO).by_id))
)  # those that are decoded

MADE: Final[Mapping[Callable[..., Any], list[tuple[Any, ...]]]] = {
    ademco685.frames: [(kind, *marks) for kind, marks in product(ademco685.FORMATS, _MARKS_685)],
    ademco685.envelope: [(kind, *marks) for kind, marks in product(ademco685.FORMATS, _MARKS_685)],
    bosch6500.d6500: _MARKS_D6500,
    bosch6500.d6500_envelope: _MARKS_D6500,
    bosch6500.sia_mode: [(width,) for width in _CHECK_DIGITS],
    bosch6500.sia_mode_envelope: [(width,) for width in _CHECK_DIGITS],
    iti.frames: [(output,) for output in iti.OUTPUTS],
    iti.envelope: [(output,) for output in iti.OUTPUTS],
    mx8000.frames: [(kind,) for kind in mx8000.KINDS],
    mx8000.envelope: [(kind,) for kind in mx8000.KINDS],
    mx8000.exact: [(b"\x03C\r",)],
    surgard.frames: [(header,) for header in _HEADERS],
}
"""Function to the arguments it is called with: one call for each option that changes the bytes."""

MADE_BY_NAME: Final[Mapping[Callable[..., Any], list[dict[str, Any]]]] = {
    surgard.envelope: [
        {"ids": ids, "header": header, "least": least}
        for header in _HEADERS
        for ids, least in (
            (_SURGARD_IDS, surgard_layouts.LEAST_BODY_BYTES),
            (surgard.OTHER_IDS, surgard_layouts.LEAST_OTHER_BYTES),
        )
    ],
}
"""The same for functions that take their arguments by name."""


@dataclass(frozen=True)
class Declaration:
    """One declaration and what was generated from it: a struct with a field for every name."""

    name: str
    recogniser: Recogniser[Any]

    def __str__(self) -> str:
        """The test's id."""
        return self.name

    @property
    def can_build(self) -> bool:
        """Whether every byte that it describes has a name or is fixed."""
        return all(_is_told(part) for part in self.recogniser.declaration.subcons)


def _is_told(part: Any) -> bool:
    inner = unnamed(part)
    if isinstance(inner, Struct):
        return all(map(_is_told, inner.subcons))
    return bool(part.name) or isinstance(inner, Literal | Ahead | Unfollowed)


def modules() -> Iterator[Any]:
    """Every module of the protocols but the words that declarations are made of."""
    for found in pkgutil.walk_packages(protocols.__path__, "protocols."):
        if not found.name.startswith(_CORE):
            yield importlib.import_module(found.name)


def _structs(name: str, value: Any) -> Iterator[tuple[str, Struct]]:
    if isinstance(value, Struct):
        yield name, value
    elif isinstance(value, Renamed):
        yield from _structs(name, value.subcon)
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _structs(f"{name}[{key}]", each)
    elif isinstance(value, tuple | list | frozenset | set):
        for number, each in enumerate(value):
            yield from _structs(f"{name}[{number}]", each)


def _named() -> Iterator[tuple[str, Struct]]:
    for module in modules():
        for attribute, value in vars(module).items():
            yield from _structs(f"{module.__name__}.{attribute}", value)
    for function, calls in MADE.items():
        for given in calls:
            said = ", ".join(map(repr, given))
            name = f"{function.__module__}.{function.__name__}({said})"
            yield from _structs(name, function(*given))
    for function, named in MADE_BY_NAME.items():
        for each in named:
            said = ", ".join(f"{name}={value!r}" for name, value in each.items())
            name = f"{function.__module__}.{function.__name__}({said})"
            yield from _structs(name, function(**each))


def _into(declaration: Struct) -> type[msgspec.Struct]:
    names = list(dict.fromkeys(_names(declaration)))
    return msgspec.defstruct("All", names)


def _names(declaration: Struct) -> Iterator[str]:
    for part in declaration.subcons:
        inner = unnamed(part)
        if isinstance(part, Renamed) and part.name:
            yield part.name
        if isinstance(inner, Struct):
            yield from _names(inner)


def declarations() -> list[Declaration]:
    """Find them all; the same object under several names is one."""
    once: dict[int, tuple[str, Struct]] = {}
    for name, declaration in _named():
        once.setdefault(id(declaration), (name.removeprefix("protocols."), declaration))
    return [
        Declaration(name, Recogniser(declaration, _into(declaration)))
        for name, declaration in once.values()
    ]


def unmade() -> list[str]:
    """Name the functions that make a declaration for others and have no oracle."""
    known = {(each.__module__, each.__name__) for each in (*MADE, *MADE_BY_NAME)}
    found = []
    for module in modules():
        tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
        for node in tree.body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                continue  # a private one makes what a public one or the module holds
            says = node.returns is not None and "Struct" in ast.unparse(node.returns)
            makes = any(
                isinstance(each, ast.Call) and ast.unparse(each.func) == "Struct"
                for each in ast.walk(node)
            )
            if (says or makes) and (module.__name__, node.name) not in known:
                found.append(f"{module.__name__}.{node.name}")
    return found
