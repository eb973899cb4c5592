"""Where packs come from: those that ship with the product, and those of a station's folder."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from pydantic import ValidationError

from decision.packs.mistakes import PackError, PackMistake, near, of_validation, spell
from decision.packs.model import Pack
from decision.packs.rules import broken_rules

SHIPPED: Final = "shipped"
"""Folder of the packs that come with the product, below this package."""


def parse(text: str, *, file: str, name: str | None = None) -> Pack:
    """Make a pack from the text of a file; ``name`` is what its id must be.

    Raises:
        PackError: with all mistakes, each with file, key path and reason.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PackError([PackMistake(file=file, reason=f"no valid TOML: {error}")]) from None
    return of_data(data, file=file, name=name)


def of_data(data: Mapping[str, Any], *, file: str, name: str | None = None) -> Pack:
    """Make a pack from what was read.

    Raises:
        PackError: with all mistakes.
    """
    try:
        pack = Pack.model_validate(data)
    except ValidationError as error:
        raise PackError(of_validation(error, Pack, data, file)) from None
    mistakes = [
        PackMistake(file=file, key=spell(path), reason=reason)
        for path, reason in broken_rules(pack)
    ]
    if name is not None and pack.id != name:
        reason = f"must be {name!r}, as the file is named so; found {pack.id!r}"
        mistakes.insert(0, PackMistake(file=file, key="id", reason=reason))
    if mistakes:
        raise PackError(mistakes)
    return pack


def load_file(path: Path) -> Pack:
    """Read one pack; its id is the name of the file without ``.toml``.

    Raises:
        PackError: also where the file cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise PackError([PackMistake(file=str(path), reason="there is no such file")]) from None
    except (OSError, UnicodeDecodeError) as error:
        reason = f"cannot be read: {error}"
        raise PackError([PackMistake(file=str(path), reason=reason)]) from error
    return parse(text, file=str(path), name=path.stem)


def shipped() -> Mapping[str, Pack]:
    """The packs that come with the product, by id."""
    found = {}
    folder = files("decision.packs").joinpath(SHIPPED)
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        if entry.name.endswith(".toml"):
            text = entry.read_text(encoding="utf-8")
            pack = parse(text, file=entry.name, name=entry.name.removesuffix(".toml"))
            found[pack.id] = pack
    return MappingProxyType(found)


def load(folder: Path | None = None) -> Mapping[str, Pack]:
    """The shipped packs and those of a station's folder; a station's own replaces a shipped one.

    Raises:
        PackError: with the mistakes of all files together.
    """
    packs = dict(shipped())
    mistakes: list[PackMistake] = []
    if folder is not None:
        if not folder.is_dir():
            raise PackError([PackMistake(file=str(folder), reason="there is no such folder")])
        for path in sorted(folder.glob("*.toml")):
            try:
                packs[path.stem] = load_file(path)
            except PackError as error:
                mistakes.extend(error.mistakes)
    if mistakes:
        raise PackError(mistakes)
    return MappingProxyType(packs)


def unknown(jurisdiction: str | None, packs: Mapping[str, Pack]) -> str:
    """What to say of a site whose jurisdiction has no pack; empty where it has one.

    The caller's gate answers with ``WARN`` (AMB-D9): nothing is known of what police require.
    """
    if jurisdiction in packs:
        return ""
    if not jurisdiction:
        return "no jurisdiction is named: requirements and false-alarm policy are not known"
    return (
        f"there is no pack for {jurisdiction!r}{near(jurisdiction, packs)}: "
        "requirements and false-alarm policy are not known"
    )
