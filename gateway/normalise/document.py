"""The table of docs/events.md that says what each vendor profile changes, out of the data.

``python -m gateway.normalise.document`` writes it; a test fails when it is stale.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from gateway.normalise import tables
from gateway.normalise.tables import ContactIdRow, Row, SiaRow

DOCUMENT: Final = "docs/events.md"
_BEGIN: Final = "<!-- begin profiles -->\n"
_END: Final = "<!-- end profiles -->"
_CLAIMS: Final = (
    "verified", "silent", "exit_error", "recent_close", "after_alarm", "forced", "auto",
    "off_normal",
)  # fmt: skip
_UNKNOWN: Final = "in no table: unknown"


def profiles() -> str:
    """One table for each profile: the code, its meaning with the profile and without it."""
    names = [name for name in tables.profile_names() if name != tables.STANDARD]
    return "\n\n".join(_profile(name) for name in names)


def _profile(name: str) -> str:
    found = tables.profile(name)
    lines = [f"**`{name}`**: {found.title}. {found.notes}".rstrip()]
    rows = list(_rows(name))
    if rows:
        lines += ["", "| code | with the profile | `standard` |", "| --- | --- | --- |", *rows]
    return "\n".join(lines)


def _rows(name: str) -> Iterator[str]:
    found = tables.profile(name)
    for code, row in sorted(found.contact_id.items()):
        yield _line(f"CID {code}", row, tables.contact_id().get(code))
    for code, two_letters in sorted(found.sia.items()):
        yield _line(f"SIA {code}", two_letters, tables.sia().get(code))
    for code, pulse in sorted(found.pulse.items()):
        yield _line(f"pulse {code}", pulse, None)


def _line(code: str, row: Row, standard: Row | None) -> str:
    return f"| {code} | {_words(row)} | {_UNKNOWN if standard is None else _words(standard)} |"


def _words(row: Row) -> str:
    said = [row.category, _kinds(row)]
    if row.address_type != "none":
        said.append(row.address_type)
    said += [f"{name} = {str(value).lower()}" for name in _CLAIMS if (value := getattr(row, name))]
    said += [f"{name} = false" for name in _CLAIMS if getattr(row, name) is False]
    if row.mode is not None:
        said.append(f"mode = {row.mode}")
    if row.restores:
        said.append(f"restores {', '.join(row.restores)}")
    return f"{row.name}: {'; '.join(said)}"


def _kinds(row: Row) -> str:
    if isinstance(row, ContactIdRow):
        return f"{row.new_kind or '-'} / {row.restore_kind or '-'}"
    return row.kind if isinstance(row, SiaRow) else "-"


def filled(document: str) -> str:
    """The document with its tables made new."""
    before, _, rest = document.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}\n{profiles()}\n\n{_END}{after}"


if __name__ == "__main__":
    path = Path(__file__).parents[2] / DOCUMENT
    path.write_text(filled(path.read_text(encoding="utf-8")), encoding="utf-8")
