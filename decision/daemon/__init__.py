"""The decision core as a process: builds it out of its parts and lives its life."""

from __future__ import annotations

from decision.daemon.daemon import Daemon, DaemonError
from decision.daemon.serve import run

__all__ = ["Daemon", "DaemonError", "run"]
