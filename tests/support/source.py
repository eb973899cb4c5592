"""The product's own source, parsed, for rules that hold over all of it."""

from __future__ import annotations

import ast
import gc
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def modules(*folders: str) -> list[Path]:
    """The modules below these folders, in order."""
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


@lru_cache(maxsize=1024)
def tree_of(path: Path) -> ast.Module:
    """A module as its tree.

    No garbage is collected meanwhile: what goes then may log a traceback, which parses as well,
    and the parser of Python 3.11 cannot be entered twice (it says "recursion depth mismatch").
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        return ast.parse(path.read_text(encoding="utf-8"))
    finally:
        if was_on:
            gc.enable()
