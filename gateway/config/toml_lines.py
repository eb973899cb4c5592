"""On which line of a TOML file a key stands; the standard reader does not say.

Works on files that the standard reader accepted, and only for messages: a key that it does not
find (inside an inline table or a multi-line value) is shown with the line of the table around.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

_PART: Final = r"""(?:"(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+)"""
_DOTTED: Final = rf"{_PART}(?:\s*\.\s*{_PART})*"
_LINE: Final = re.compile(rf"\s*(?:(\[\[?)\s*({_DOTTED})\s*\]\]?|({_DOTTED})\s*=)")
_PARTS: Final = re.compile(_PART)


def toml_lines(text: str) -> dict[tuple[str, ...], int]:
    """Line numbers (1 for the first) by key path; in the n-th table of an array ``str(n)``."""
    lines: dict[tuple[str, ...], int] = {}
    counts: Counter[tuple[str, ...]] = Counter()
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        match = _LINE.match(line)
        if match is None:
            continue
        path = tuple(part.strip("\"'") for part in _PARTS.findall(match[2] or match[3]))
        if match[1] is None:
            lines.setdefault(table + path, number)
            continue
        table = _counted(path, counts)
        if match[1] == "[[":
            lines.setdefault(table, number)
            table = (*table, str(counts[path]))
            counts[path] += 1
        lines.setdefault(table, number)
    return lines


def _counted(path: tuple[str, ...], counts: Counter[tuple[str, ...]]) -> tuple[str, ...]:
    """Put the running number behind every array of tables that the path goes through."""
    out: tuple[str, ...] = ()
    for length in range(1, len(path) + 1):
        out = (*out, path[length - 1])
        if length < len(path) and counts[path[:length]]:
            out = (*out, str(counts[path[:length]] - 1))
    return out
