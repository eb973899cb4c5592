"""What the gateway says in the journal of its own ports: lost, restored, unreadable, found out."""

from __future__ import annotations

from gateway.ingest.events import OwnEvent
from hardware.sink import PortFact


def trouble(fact: PortFact, code: str) -> OwnEvent:
    """Say that a port is not well."""
    return OwnEvent(
        kind="trouble",
        category="communication",
        code=code,
        text=fact.reason,
        input=fact.input,
        severity=13,
    )


def restored(fact: PortFact) -> OwnEvent:
    """Say that it is well again."""
    return OwnEvent(
        kind="restoral",
        category="communication",
        code="input_restored",
        text=fact.reason,
        input=fact.input,
        severity=18,
    )


def hears(fact: PortFact) -> OwnEvent:
    """Say which protocol it was found to hear."""
    return OwnEvent(
        kind="info",
        category="information",
        code="input_recognised",
        text=fact.reason,
        input=fact.input,
    )
