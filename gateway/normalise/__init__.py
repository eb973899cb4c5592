"""Codes to meaning: what a report says, in the words of the event contract.

Nothing in here waits, keeps state between reports (``Neighbours`` apart, which is told the
time) or fails: what the tables do not know stays visible as unknown.
"""

from gateway.normalise.carrier import TIME_UNREADABLE
from gateway.normalise.meaning import Meaning
from gateway.normalise.neighbours import ALONE, Joined, Neighbours
from gateway.normalise.recent import Recent
from gateway.normalise.report import Normaliser
from gateway.normalise.site_codes import site_codes
from gateway.normalise.tables import TableError, parse_severity, profile_names

__all__ = [
    "ALONE",
    "TIME_UNREADABLE",
    "Joined",
    "Meaning",
    "Neighbours",
    "Normaliser",
    "Recent",
    "TableError",
    "meanings",
    "parse_severity",
    "profile_names",
    "site_codes",
]

meanings = Normaliser().meanings
"""``meanings(report, account, *, received)`` with the shipped tables."""
