"""The composition root: the only place that knows every part, and in which order they live."""

from gateway.daemon.daemon import Daemon, DaemonError
from gateway.daemon.serve import run, run_on_loop
from gateway.daemon.world import World, real_world

__all__ = ["Daemon", "DaemonError", "World", "real_world", "run", "run_on_loop"]
