"""``alarm-gateway simulate``: the command lives with the simulators, which know no gateway."""

from simulators.cli import app

__all__ = ["app"]
