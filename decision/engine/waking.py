"""What happens when a moment that a state asked for has come: a fact says so, and is folded."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import structlog

from decision import incidents, ledger
from decision.engine.draft import Draft
from decision.engine.wheel import Wheel
from decision.facts import SYSTEM, TimerFired
from decision.ledger.facts import DayCame
from decision.store import codec

ROUNDS_MOST: Final = 10  # one timer may make another due at once; more is a fault of the rules
STUCK_AGAIN: Final = timedelta(minutes=1)  # a timer that did not go away is tried again after

_log: Final = structlog.get_logger()


def wake(draft: Draft, subject: str) -> None:
    """Add the facts of all that is due for a subject."""
    key = subject.partition("/")[2]
    if subject.startswith(codec.INCIDENT):
        _wake_incident(draft, key)
    else:
        _wake_system(draft, key)


def _wake_incident(draft: Draft, key: str) -> None:
    for _ in range(ROUNDS_MOST):
        case = draft.case(key)
        due = incidents.due(case.state) if case is not None else ()
        if not due or due[0].at > draft.now:
            return
        first = due[0]
        fact = TimerFired(timer=first.timer, due=first.at, key=first.key)
        draft.add(codec.INCIDENT + key, fact, SYSTEM)


def _wake_system(draft: Draft, key: str) -> None:
    pack, state = draft.pack_of(key), draft.system(key)
    if pack is None or state is None:
        return
    due = ledger.due(state, pack)
    if due is not None and due <= draft.now:
        day = pack.calendar.day(due).isoformat()
        draft.add(codec.SYSTEM + key, DayCame(why=day), SYSTEM)


def postpone_stuck(wheel: Wheel, subject: str, now: datetime) -> None:
    """Give a subject that is still due after it was woken a minute, lest it fill the log."""
    at = wheel.wish(subject)
    if at is not None and at <= now:
        _log.error("timer.stuck", subject=subject, due=at.isoformat())
        wheel.set(subject, now + STUCK_AGAIN)
