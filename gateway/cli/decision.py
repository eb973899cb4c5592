"""``alarm-gateway decision``: the commands live with the decision core, which knows no gateway."""

from decision.cli.main import app

__all__ = ["app"]
