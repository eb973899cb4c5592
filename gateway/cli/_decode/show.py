"""Frames on the screen: the bytes, the fields, what they say, the event, the answer."""

from __future__ import annotations

from typing import Final

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from gateway.cli._decode import words
from gateway.cli._decode.told import Answer, Broken, Field, Said, Told, escaped
from gateway.contract.event import Attributes
from gateway.normalise import Meaning

_ROW_BYTES: Final = 16
_MAX_SHOWN_BYTES: Final = 4096
_COLOURS: Final = ("cyan", "green", "magenta", "yellow", "blue")
_WRONG: Final = "bold white on red"
_STATUS: Final = {
    "decoded": ("decoded", "bold green"),
    "unreadable": ("partly unreadable", "bold yellow"),
    "broken": ("broken", "bold red"),
}
_AREA_CLASS: Final = {
    "SECURED": "bold green",
    "UNSECURED": "bold yellow",
    "COMMON": "bold yellow",
    "UNKNOWN": "bold magenta",
}
_URGENT: Final = 9
"""Severities up to this are alarms."""


def show(console: Console, frames: list[Told]) -> None:
    """Print every frame, one below the other."""
    for number, told in enumerate(frames, 1):
        console.print(_headline(told, number, len(frames)))
        sections = [
            _broken(told.broken) if told.broken else None,
            _section("Bytes", _dump(told)),
            _section("Fields", _fields(told.fields)) if told.fields else None,
            _section("Decrypted", _fields(told.inside)) if told.inside else None,
            _section("It says", _says(told.says)) if told.says else None,
            _section("Left the standard", _quirks(told)) if told.quirks else None,
            _section("Notes", _notes(told)) if told.notes else None,
            *(_event(event, at, told) for at, event in enumerate(told.events, 1)),
            _answer(told.answer) if told.answer else None,
        ]
        for section in sections:
            if section is not None:
                console.print(section)
        console.print()


def _headline(told: Told, number: int, count: int) -> Text:
    word, style = _STATUS[told.status]
    which = f"Frame {number} of {count}  " if count > 1 else ""
    size = f"{len(told.raw)} byte{'s' if len(told.raw) != 1 else ''}"
    return Text.assemble(
        (which, "bold"),
        (told.title, "bold"),
        (f"  {size}  ", "dim"),
        (word, style),
    )


def _section(title: str, body: RenderableType) -> RenderableType:
    return Group(Text(f"\n{title}", "bold dim"), Padding(body, (0, 0, 0, 2)))


def _broken(broken: Broken) -> RenderableType:
    clause = f" ({broken.clause})" if broken.clause else ""
    lines = [
        Text.assemble((f"{broken.rule} at byte {broken.offset}", "bold red"), clause),
        Text(f"{broken.reason}."),
    ]
    if broken.hint:
        lines.append(Text(broken.hint, "dim"))
    return Panel(Group(*lines), border_style="red", expand=False)


def _grid(*styles: str) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for style in styles:
        table.add_column(style=style, overflow="fold")
    return table


def _style(field: Field, number: int) -> str:
    return _WRONG if field.is_wrong else _COLOURS[number % len(_COLOURS)]


def _dump(told: Told) -> RenderableType:
    raw = told.raw[:_MAX_SHOWN_BYTES]
    styles = [""] * len(raw)
    for number, field in enumerate(told.fields):
        for at in range(field.offset, min(field.end, len(raw))):
            styles[at] = _COLOURS[number % len(_COLOURS)]
    if told.broken is not None and told.broken.offset < len(raw):
        styles[told.broken.offset] = _WRONG
    lines: list[Text] = []
    for start in range(0, len(raw), _ROW_BYTES):
        row = range(start, min(start + _ROW_BYTES, len(raw)))
        line = Text(f"{start:4d}  ", "dim")
        for at in row:
            line.append(f"{raw[at]:02x}", styles[at])
            line.append("  " if at % 8 == 7 else " ")  # noqa: PLR2004 - two halves of a row
        line.append(" " * (3 * (_ROW_BYTES - len(row)) + (len(row) <= 7) + 1))  # noqa: PLR2004 - see above
        for at in row:
            line.append(chr(raw[at]) if 0x20 <= raw[at] < 0x7F else "·", styles[at])  # noqa: PLR2004 - printable ASCII
        lines.append(line)
    if len(told.raw) > len(raw):
        lines.append(Text(f"... and {len(told.raw) - len(raw)} bytes more", "dim"))
    return Group(*lines) if lines else Text("none", "dim")


def _fields(fields: tuple[Field, ...]) -> RenderableType:
    standards = {field.clause.partition(" ")[0] for field in fields}
    standards.discard("")
    is_cited = any(" " in field.clause for field in fields)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("byte", justify="right", style="dim", no_wrap=True)
    table.add_column("sent", overflow="fold", max_width=38)
    table.add_column("field", no_wrap=True)
    table.add_column("meaning", overflow="fold")
    if is_cited:
        table.add_column("/".join(sorted(standards)), style="dim", no_wrap=True)
    for number, field in enumerate(fields):
        is_pad = field.name == "pad"
        sent = f"{len(field.raw)} bytes" if is_pad else escaped(field.raw)
        wrong = "bold red" if field.is_wrong else ""
        cells: list[RenderableType] = [
            str(field.offset),
            Text(sent, _style(field, number)),
            Text(field.name, wrong),
            Text(field.meaning, wrong),
        ]
        if is_cited:
            cells.append(field.clause.partition(" ")[2])
        table.add_row(*cells)
    return table


def _says(says: tuple[Said, ...]) -> RenderableType:
    table = _grid("dim", "cyan", "")
    for number, one in enumerate(says, 1):
        for at, (sent, meaning) in enumerate(one.words):
            label = f"{number}" if at == 0 and len(says) > 1 else ""
            table.add_row(label, Text(escaped(sent.encode("utf-8", "replace"))), Text(meaning))
    return table


def _quirks(told: Told) -> RenderableType:
    table = _grid("yellow", "")
    for quirk in told.quirks:
        table.add_row(Text(quirk.name), Text(quirk.words))
    return table


def _notes(told: Told) -> RenderableType:
    return Group(*(Text(note) for note in told.notes))


def _event(event: Meaning, number: int, told: Told) -> RenderableType:
    count = len(told.events)
    title = f"Event {number} of {count}" if count > 1 else "Event"
    table = _grid("dim", "")
    for name, value in _event_rows(event, told.account):
        table.add_row(name, value)
    return _section(title, table)


def _event_rows(event: Meaning, account: str | None) -> list[tuple[str, Text]]:
    urgent = "bold red" if event.severity <= _URGENT else "bold"
    rows = [
        (
            "what",
            Text.assemble(
                (f"{event.category} {event.kind}", urgent),
                f"   class {event.class_}, severity {event.severity} of 19, {event.alarm_type}",
            ),
        ),
        ("code", _code(event)),
        ("account", Text(account or "none")),
        ("area", _area(event)),
    ]
    if event.zone is not None:
        zone = event.zone
        rows.append(("zone", _joined(zone.id, zone.name, zone.sensor, zone.location)))
    if event.user is not None:
        rows.append(("user", _joined(event.user.id, event.user.name)))
    if event.address is not None:
        rows.append((event.address.type, Text(event.address.id)))
    if event.occurred_at is not None:
        rows.append(("happened", Text(event.occurred_at)))
    attributes = _attributes(event.attributes)
    if attributes:
        rows.append(("attributes", Text(attributes)))
    if event.text is not None:
        rows.append(("text", Text(escaped(event.text.encode("utf-8", "replace")), "cyan")))
    rows.extend(("media", Text(link.url)) for link in event.media)
    if event.position is not None:
        place = (event.position.x, event.position.y, event.position.z)
        rows.append(("position", Text("  ".join(one for one in place if one))))
    if event.follow_on is not None:
        kind, seconds = event.follow_on
        for_s = "" if seconds is None else f" for {seconds} s"
        rows.append(("follows", Text(f"{kind}{for_s}: do not hang up")))
    rows.extend(("flag", Text(f"{flag}: {words.FLAGS.get(flag, '')}")) for flag in event.flags)
    return rows


def _code(event: Meaning) -> Text:
    code = event.code
    shown = escaped(code.value.encode("latin-1", "replace"))
    line = Text(f"{code.format} {shown}" if shown else code.format)
    if code.qualifier is not None:
        line.append(f" ({code.qualifier})")
    if code.name:
        line.append(f"  {code.name}")
    if not code.known:
        line.append("  unknown code", "bold magenta")
    return line


def _area(event: Meaning) -> Text:
    area = event.area
    line = _joined(area.id or "not told", area.name)
    return line.append("   ").append(area.class_, _AREA_CLASS[area.class_])


def _joined(*words_: str | None) -> Text:
    return Text("  ".join(word for word in words_ if word))


def _attributes(attributes: Attributes) -> str:
    told: list[str] = []
    for name in attributes.__struct_fields__:
        value = getattr(attributes, name)
        if value is None:
            continue
        shown = str(value).lower() if isinstance(value, bool) else value
        told.append(f"{name}={'|'.join(shown) if isinstance(shown, tuple) else shown}")
    return ", ".join(told)


def _answer(answer: Answer) -> RenderableType:
    line = Text.assemble((answer.verdict, "bold"), f"  {answer.why}")
    if not answer.raw:
        return _section("We would answer", line)
    sent = Text(escaped(answer.raw), "cyan")
    return _section("We would answer", Group(line, sent, _fields(answer.fields)))
