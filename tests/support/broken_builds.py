"""Gateways and cores built wrong on purpose, to show that the harnesses see it (REL-60).

``python -m tests.support.broken_builds early_ack run --config ...`` is the gateway's own command
line with one thing broken.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable

from decision.engine import Engine
from decision.intake import Intake
from gateway.cli.main import main
from gateway.journal import Journal

LATE_S = 0.03  # the commit comes so much after the ACK: what a lazy flush would do


def early_ack() -> None:
    """Acknowledges before the commit."""
    append = Journal.append

    def lazy(self, entries, done):
        done(True)
        later = asyncio.get_running_loop().call_later
        later(LATE_S, append, self, entries, lambda _is_stored: None)

    Journal.append = lazy


def early_confirm() -> None:
    """A decision core that confirms an event before it is recorded."""
    received, take = Intake.received, Engine.take

    def eager(self, topic, payload):
        received(self, topic, payload)
        self.confirm([json.loads(payload)["id"]])

    def late(self, signals):
        time.sleep(LATE_S)
        return take(self, signals)

    Intake.received, Engine.take = eager, late


BUILDS: dict[str, Callable[[], None]] = {"early_ack": early_ack, "early_confirm": early_confirm}

if __name__ == "__main__":
    BUILDS[sys.argv.pop(1)]()
    main()
