"""What a start takes from the log: the open incidents, the ledgers that wait, the people, timers.

Bounded by what is open, not by how long the log is; the marks say what that is. When the rules
that made the marks have changed, they are made anew from all facts, once. What cannot be folded is
told in ``faults`` and keeps nobody else from starting.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, get_args

import structlog

from decision import ledger, people
from decision.engine.books import Books, case_of
from decision.engine.draft import mark_of_case, mark_of_packless, mark_of_system
from decision.engine.reading import Reading
from decision.engine.wheel import Wheel
from decision.ledger import SystemState
from decision.ledger.facts import NoticeIssued
from decision.people import PersonFact
from decision.store import Mark, Opened, Store, codec

MARKS_VERSION: Final = 1
"""Counted up when ``mark_of_case`` or ``mark_of_system`` says something else of the same facts."""

_log: Final = structlog.get_logger()
_PERSON_KINDS: Final = frozenset(str(kind.__struct_config__.tag) for kind in get_args(PersonFact))


def load(reading: Reading, store: Store, opened: Opened, wheel: Wheel) -> Books:
    """Fold what is open into books of its own, and fill the wheel."""
    books = Books()
    if opened.marks_version != MARKS_VERSION:
        _log.info("marks.rebuilding", facts=opened.last_seq)
        store.rebuild_marks(_marks(reading, store), MARKS_VERSION)
    for mark in store.open_marks():
        if mark.subject.startswith(codec.INCIDENT):
            _load_incident(reading, mark, books, wheel)
    books.systems = load_systems(reading, store, wheel)
    load_people(store, books)
    return books


def load_systems(reading: Reading, store: Store, wheel: Wheel) -> dict[str, SystemState]:
    """Fold the ledgers that wait for something, by the packs of now."""
    found: dict[str, SystemState] = {}
    for mark in store.open_marks():
        if not mark.subject.startswith(codec.SYSTEM):
            continue
        key = mark.subject.removeprefix(codec.SYSTEM)
        reading.faults.pop(mark.subject, None)
        try:
            pack = reading.pack_of(key)
            if pack is None:
                _tell_packless(reading, mark.subject)
                wheel.set(mark.subject, None)
                continue
            state = reading.folded_system(key, pack)
            wheel.set(mark.subject, ledger.due(state, pack))
        except Exception as error:  # noqa: BLE001  whatever it is, the others must be there
            _fault(reading, mark.subject, error)
            continue
        if mark_of_system(state, pack, codec.moment(mark.first_us), mark.last_seq).is_open:
            found[key] = state
    return found


def _tell_packless(reading: Reading, subject: str) -> None:
    """A ledger that nobody folds is none; but a suspension must not be forgotten without a word."""
    if any(isinstance(one.fact, NoticeIssued) for one in reading.history(subject)):
        why = "notices were issued, and there is no pack for its jurisdiction any more"
        reading.faults[subject] = why
        _log.error("ledger.packless", subject=subject, reason=why)


def load_people(store: Store, books: Books) -> None:
    """Fold training and supervision; the audit of sign-ins is not even decoded."""
    for row in store.rows(prefix=codec.OPERATOR):
        if row.kind in _PERSON_KINDS:
            one = codec.decode(row)
            key = one.subject.removeprefix(codec.OPERATOR)
            books.people = people.fold(books.people, key, one.fact, now=one.at)


def _load_incident(reading: Reading, mark: Mark, books: Books, wheel: Wheel) -> None:
    try:
        case = case_of(reading.history(mark.subject))
        fresh = mark_of_case(case)
    except Exception as error:  # noqa: BLE001  whatever it is, the other incidents must be shown
        _fault(reading, mark.subject, error)
        return
    books.put_case(case)
    wheel.set(mark.subject, None if fresh.due_us is None else codec.moment(fresh.due_us))


def _marks(reading: Reading, store: Store) -> Iterator[Mark]:
    for subject in store.subjects(codec.INCIDENT):
        try:
            yield mark_of_case(case_of(reading.history(subject)))
        except Exception as error:  # noqa: BLE001  as above
            _fault(reading, subject, error)
            yield Mark(subject=subject, is_open=True)
    for subject in store.subjects(codec.SYSTEM):
        key = subject.removeprefix(codec.SYSTEM)
        rows = store.facts(subject)
        pack = reading.pack_of(key)
        try:
            state = None if pack is None else reading.folded_system(key, pack)
        except Exception as error:  # noqa: BLE001  as above
            _fault(reading, subject, error)
            state = None
        first = codec.moment(rows[0].at_us)
        if pack is None or state is None:
            yield mark_of_packless(subject, first, rows[-1].seq)
        else:
            yield mark_of_system(state, pack, first, rows[-1].seq)


def _fault(reading: Reading, subject: str, error: Exception) -> None:
    reading.faults[subject] = f"{type(error).__name__}: {error}"
    _log.error("fold.failed", subject=subject, error=str(error), exc_info=error)
