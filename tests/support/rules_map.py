"""Where each rule of the decision core lives: code, settings, tests and scenarios that name it.

Found by reading the source: a function, class or table that carries the id as a literal or names
it in its docstring. Rules of a jurisdiction are carried by its pack: the functions are then those
that use the pack's topic. What cannot be found so stands in ``docs/decision/rules_by_hand.toml``.

``python -m tests.support.rules_map`` writes ``docs/decision/rules.md`` anew.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from decision import settings
from decision.packs import Pack
from decision.packs import shipped as shipped_packs
from decision.packs.fields import Table
from decision.rules import ids
from decision.scenarios import load_file, shipped

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/decision/rules.md"
BY_HAND = ROOT / "docs/decision/rules_by_hand.toml"
ID = re.compile(r"(DISP|PPVAR|SJ|XS|AMB)-(\$?[A-Z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)")
MORE = re.compile(r"(?:, |/| and |\.\.)([A-Z]?\d[0-9.]*)(?![\d-])")
"""Further ids of one prefix behind the first: ``PPVAR-3.15, 3.21``, ``DISP-I4, I6``."""
SHOWN = 3
"""Entries shown of code and of tests; the ones that carry the id as data come first."""
_WEIGHT_LITERAL, _WEIGHT_DOCSTRING = 2, 1


def named(text: str) -> Iterator[str]:
    """The ids that a text names, whether they exist or not."""
    for found in ID.finditer(text.replace("PPVAR 6.2", "PPVAR-6.2")):
        yield f"{found[1]}-{found[2]}"
        at = found.end()
        while more := MORE.match(text, at):
            yield f"{found[1]}-{more[1].rstrip('.')}"
            at = more.end()


class Places:
    """Rule id -> places, the most telling first."""

    def __init__(self) -> None:
        self._found: dict[str, dict[str, int]] = defaultdict(dict)

    def note(self, text: str, place: str, weight: int) -> None:
        for rule in named(text):
            if rule in ids.meanings():
                here = self._found[rule]
                here[place] = here.get(place, 0) + weight

    def of(self, rule: str) -> list[str]:
        found = self._found.get(rule, {})
        return sorted(found, key=lambda at: (_tier(at), ":" not in at, -found[at], at))


_TIERS = (
    ("decision/rules/message", 1), ("decision/rules/wording", 1), ("decision/rules/validation", 1),
    ("decision/rules/", 0), ("decision/ledger/", 0),
    ("decision/incidents", 1), ("decision/notices/", 1), ("decision/responders/", 1),
    ("decision/engine/", 2), ("decision/store/", 2), ("decision/packs/", 2),
    ("decision/settings", 2), ("decision/facts", 3), ("decision/actions", 3),
    ("decision/state", 3), ("tests/decision/test_properties", -1), ("tests/decision/rules/", 0),
    ("tests/decision/ledger/", 0),
)  # fmt: skip
"""Where a rule is decided comes before where it is shown."""


def _tier(place: str) -> int:
    tier = next((tier for start, tier in _TIERS if place.startswith(start)), 4)
    return tier if ":" in place else tier + 2


def _walk(path: Path, places: Places, topics: dict[str, set[str]] | None) -> None:
    name = path.relative_to(ROOT).as_posix()
    tree = ast.parse(path.read_text("utf-8"))
    own = ""
    for node in tree.body:
        if not isinstance(node, ast.Expr):  # the text below a table belongs to the table
            own = _name_of(node)
        _visit(node, name, own, places, topics)
    if text := ast.get_docstring(tree):
        places.note(text, name, 0)


def _name_of(node: ast.AST) -> str:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return name
        case ast.Assign(targets=[ast.Name(id=name), *_]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
        case _:
            return ""


def _visit(
    node: ast.AST, file: str, own: str, places: Places, topics: dict[str, set[str]] | None
) -> None:
    place = f"{file}:{own}" if own else file
    if isinstance(node, ast.ClassDef):
        if text := ast.get_docstring(node):
            places.note(text, place, _WEIGHT_DOCSTRING)
        for part in node.body:
            inner = _name_of(part)
            is_function = isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)
            _visit(part, file, f"{own}.{inner}" if inner and is_function else own, places, topics)
        return
    docstring = None
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        docstring = ast.get_docstring(node, clean=False)
        if docstring:
            places.note(docstring, place, _WEIGHT_DOCSTRING)
    for part in ast.walk(node):
        match part:
            case ast.Constant(value=str(text)) if text != docstring:
                exact = text in ids.meanings()
                places.note(text, place, _WEIGHT_LITERAL if exact else _WEIGHT_DOCSTRING)
            case ast.Attribute(value=ast.Name(id="Topic"), attr=topic) if topics is not None:
                topics[topic].add(place)
            case _:
                pass


@cache
def code() -> Places:
    """The code of the decision core that carries each rule."""
    places, topics = Places(), defaultdict(set)
    for path in sorted((ROOT / "decision").rglob("*.py")):
        _walk(path, places, topics)
    for pack in shipped_packs().values():
        for topic, rules in pack.cites.items():
            for place in topics[topic.name]:
                places.note(" ".join(rules), place, _WEIGHT_DOCSTRING)
    return places


@cache
def tests() -> Places:
    """The tests that name each rule."""
    places = Places()
    for path in sorted((ROOT / "tests/decision").rglob("test_*.py")):
        if path.name not in {"test_rules_map.py", "test_load.py"}:
            _walk(path, places, None)
    return places


@cache
def scenarios() -> dict[str, list[str]]:
    """Rule id -> the shipped scenarios that prove it."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in shipped():
        for rule in load_file(path).scenario.proves:
            found[rule].append(f"{path.parent.name}/{path.stem}")
    return found


@cache
def set_by() -> dict[str, list[str]]:
    """Rule id -> the settings that answer it: the station's, and those of a pack."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, (rules, _default) in settings.describe().items():
        for rule in rules:
            found[rule].append(name)
    for name, rules in _of_table(Pack, ""):
        for rule in rules:
            found[rule].append(f"pack: {name}")
    return found


def _of_table(table: type[Table], above: str) -> list[tuple[str, list[str]]]:
    found = []
    for name, field in table.model_fields.items():
        extra = field.json_schema_extra
        if isinstance(extra, dict) and extra.get("rules"):
            found.append((above + name, list(extra["rules"])))
        for inner in _tables_in(field.annotation):
            found.extend(_of_table(inner, f"{above}{name}."))
    return found


def _tables_in(annotation: object) -> list[type[Table]]:
    if isinstance(annotation, type) and issubclass(annotation, Table):
        return [annotation]
    inner = getattr(annotation, "__args__", ())
    return [table for one in inner for table in _tables_in(one)]


@cache
def by_hand() -> dict[str, dict[str, list[str] | str]]:
    """What is added by hand: code, tests, and a note where nothing is there to be built."""
    return tomllib.loads(BY_HAND.read_text("utf-8"))


def code_of(rule: str) -> list[str]:
    """The places in code, by hand first."""
    told = list(by_hand().get(rule, {}).get("code", []))
    return list(dict.fromkeys([*told, *code().of(rule)]))


def tests_of(rule: str) -> list[str]:
    """The tests that name it, by hand first."""
    told = list(by_hand().get(rule, {}).get("tests", []))
    return list(dict.fromkeys([*told, *tests().of(rule)]))


def note_of(rule: str) -> str:
    """Why nothing is to be built or tested, where that is so."""
    return str(by_hand().get(rule, {}).get("note", ""))


def exists(place: str) -> bool:
    """Whether ``file`` or ``file:function`` or ``file:Class.method`` is there."""
    name, _, wanted = place.partition(":")
    path = ROOT / name
    if not path.is_file():
        return False
    if not wanted:
        return True
    if path.suffix != ".py":
        return wanted in path.read_text("utf-8")
    body = ast.parse(path.read_text("utf-8")).body
    for part in wanted.split("."):
        node = next((one for one in body if _name_of(one) == part), None)
        if node is None:
            return False
        body = getattr(node, "body", [])
    return True


def page() -> str:
    """The page as it must be."""
    lines = [
        "# Where each rule lives",
        "",
        "Every id of the rules, what it means in our words, the code that carries it, the setting",
        "that changes it, and what proves it. Scenarios stand in `decision/scenarios/shipped/`;",
        "`alarm-gateway decision check --shipped` runs them. Settings with `pack:` belong to a",
        "jurisdiction pack, the others to the station.",
        "",
        "Written by `python -m tests.support.rules_map`; a test holds it against the code.",
    ]
    for prefix, about in ids.SOURCES.items():
        lines += ["", f"## {prefix}: {about}", ""]
        lines += [
            "| id | meaning | code | setting | proved by |",
            "| --- | --- | --- | --- | --- |",
        ]
        lines += [_row(rule) for rule in ids.meanings() if rule.startswith(f"{prefix}-")]
    return "\n".join(lines) + "\n"


def _row(rule: str) -> str:
    proved = scenarios().get(rule, [])
    shown = [*proved[:SHOWN], *tests_of(rule)[: max(1, SHOWN - len(proved))]]
    more = len(proved) - SHOWN
    cells = [
        rule,
        ids.meaning(rule) + (f" ({note})" if (note := note_of(rule)) else ""),
        _cell(code_of(rule)[:SHOWN]),
        _cell(set_by().get(rule, [])),
        _cell(shown) + (f"<br>and {more} more" if more > 0 else ""),
    ]
    return "| " + " | ".join(cells) + " |"


def _cell(entries: list[str]) -> str:
    return "<br>".join(f"`{one}`" for one in entries)


def rows(text: str) -> dict[str, list[str]]:
    """Rule id -> the cells of its row on the page."""
    found = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("| ") and ids.is_known(cells[0]):
            found[cells[0]] = cells
    return found


def entries(cell: str) -> list[str]:
    """What a cell names."""
    return re.findall(r"`([^`]+)`", cell)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
