"""From the file to the model: reads TOML, tells all mistakes at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from gateway.config.mistakes import ConfigError, Mistake, Source, of_validation
from gateway.config.model import Config
from gateway.config.named_files import check_named_files
from gateway.config.rules import broken_rules
from gateway.config.toml_lines import toml_lines

_AT_LINE: Final = re.compile(r"\s*\(at line (\d+), column (\d+)\)$")


def load(path: Path | str) -> Config:
    """Read a configuration file; the files that it names must be there and closed to others.

    Raises:
        ConfigError: with all mistakes of the file.
    """
    config, mistakes = examine(Path(path))
    if config is None or mistakes:
        raise ConfigError(mistakes)
    return config


def examine(path: Path) -> tuple[Config | None, list[Mistake]]:
    """Read a configuration file as far as it goes; for whoever wants to go on looking.

    Returns:
        The configuration, although files that it names may be missing, and all mistakes. When
        only its accounts can be made out, a configuration with nothing else in it.
    """
    try:
        data, lines = read_toml(path)
    except ConfigError as error:
        return None, list(error.mistakes)
    try:
        config = parse(data, file=path, lines=lines)
    except ConfigError as error:
        return _accounts_alone(data, path), list(error.mistakes)
    return config, check_named_files(config, file=path, lines=lines)


def _accounts_alone(data: Mapping[str, Any], path: Path) -> Config | None:
    some = {"site": "none", "inputs": {"none": {"protocol": "dc09", "tcp": "127.0.0.1:0"}}}
    try:
        return parse({**some, "accounts": data.get("accounts", {})}, file=path)
    except ConfigError:
        return None


def parse(
    data: Mapping[str, Any], *, file: Path, lines: Mapping[tuple[str, ...], int] | None = None
) -> Config:
    """Make the model from what was read; relative paths are counted from the folder of ``file``.

    Raises:
        ConfigError: with all mistakes.
    """
    source = Source(file=str(file), lines=lines or {}, data=data)
    mistakes: list[Mistake] = []
    config: Config | None = None
    try:
        config = Config.model_validate(data, context={"directory": file.absolute().parent})
    except ValidationError as error:
        mistakes = of_validation(error, Config, source)
    mistakes += [source.mistake(*broken) for broken in broken_rules(data)]
    if mistakes or config is None:
        raise ConfigError(sorted(mistakes, key=lambda mistake: mistake.line))
    return config


def read_toml(path: Path) -> tuple[dict[str, Any], dict[tuple[str, ...], int]]:
    """Read a TOML file, with the line of each key.

    Raises:
        ConfigError: when it cannot be read or is no TOML, with the line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        near = (
            f"files here: {', '.join(sorted(found.name for found in path.parent.glob('*.toml')))}"
            if path.parent.is_dir()
            else f"the folder {path.parent} does not exist"
        )
        raise ConfigError(
            [Mistake(file=str(path), found="there is no such file", hint=near)]
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([Mistake(file=str(path), found=f"cannot be read: {error}")]) from error
    try:
        return tomllib.loads(text), toml_lines(text)
    except tomllib.TOMLDecodeError as error:
        at = _AT_LINE.search(str(error))
        line = int(at[1]) if at else text.count("\n") + 1
        rows = text.splitlines()
        seen = rows[line - 1].strip() if 0 < line <= len(rows) else "the end of the file"
        column = f", column {at[2]}" if at else ""
        raise ConfigError(
            [
                Mistake(
                    file=str(path),
                    line=line,
                    found=f"no valid TOML{column}: {_AT_LINE.sub('', str(error))}",
                    hint=f"the line reads: {_without_secret(seen)}",
                )
            ]
        ) from None


def _without_secret(line: str) -> str:
    """The line up to its value, when the value may be a secret."""
    name, equals, _ = line.partition("=")
    return (
        f"{name}= (value not shown)"
        if equals and re.search("key|password|secret", name, re.IGNORECASE)
        else line
    )
