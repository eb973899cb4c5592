"""Gateways built wrong on purpose, to show that the harnesses see it (REL-60).

``python -m tests.support.broken_builds early_ack run --config ...`` is the gateway's own command
line with one thing broken.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable

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


BUILDS: dict[str, Callable[[], None]] = {"early_ack": early_ack}

if __name__ == "__main__":
    BUILDS[sys.argv.pop(1)]()
    main()
