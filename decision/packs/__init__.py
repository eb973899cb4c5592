"""Jurisdiction packs: what a city's police require and what false alarms cost there, as data.

``check`` (the worked examples) stands in ``decision.ledger.examples``: it needs the ledger, which
stands above the packs.
"""

from __future__ import annotations

from decision.packs.dates import Calendar
from decision.packs.load import load, load_file, shipped, unknown
from decision.packs.mistakes import PackError, PackMistake
from decision.packs.model import Pack, Scope
from decision.packs.topics import Topic
from decision.packs.words import AppealKind, NoticeKind, Permission

__all__ = [
    "AppealKind", "Calendar", "NoticeKind", "Pack", "PackError", "PackMistake", "Permission",
    "Scope", "Topic", "load", "load_file", "shipped", "unknown",
]  # fmt: skip
