"""The corpus option, the rows as test cases, and the pending ones listed at the end."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.corpus.judge import rows_of

HERE = Path(__file__).parent
FORMS = ("dc09.jsonl", "receivers.jsonl", "codes.jsonl")
COPIES = (*FORMS, *(f"extra/{name}" for name in FORMS))
"""The project's copies, and rows computed from the published rules (``extra``)."""
PENDING = "pending: "


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--corpus",
        metavar="FILE",
        action="append",
        default=[],
        help="run the rows of this file instead of the project's copies (JSON lines; the form is"
        " recognised from the keys)",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "corpus_row" not in metafunc.fixturenames:
        return
    files = metafunc.config.getoption("--corpus", default=[]) or [HERE / name for name in COPIES]
    rows = [row for name in files for row in rows_of(Path(name))]
    if not rows:
        raise pytest.UsageError(f"{', '.join(map(str, files))}: no rows")
    metafunc.parametrize("corpus_row", [row for _, row in rows], ids=[row_id for row_id, _ in rows])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    waiting: dict[str, list[str]] = {}
    for report in skipped:
        if not isinstance(report.longrepr, tuple):
            continue
        _, found, why = str(report.longrepr[2]).partition(PENDING)
        if found:
            row_id = report.nodeid.partition("[")[2].rstrip("]")
            waiting.setdefault(why, []).append(row_id)
    if not waiting:
        return
    total = sum(map(len, waiting.values()))
    terminalreporter.section(f"corpus: {total} rows pending, their protocol is not built yet")
    for why, ids in sorted(waiting.items()):
        terminalreporter.line(f"{why} ({len(ids)}): {', '.join(sorted(ids))}")
