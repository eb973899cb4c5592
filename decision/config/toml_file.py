"""Reads a TOML file, or says in words why it cannot be read."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from decision.config.mistakes import ConfigError, Mistake


def read_toml(path: Path) -> dict[str, Any]:
    """The content of a TOML file; raises ``ConfigError``."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        reason = "there is no such file"
    except (OSError, UnicodeDecodeError) as error:
        reason = f"cannot be read: {error}"
    except tomllib.TOMLDecodeError as error:
        reason = f"no valid TOML: {error}"
    raise ConfigError([Mistake(file=str(path), reason=reason)])
