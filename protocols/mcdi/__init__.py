"""MCDI Exprecium: Sur-Gard emulation with its own patience, heartbeat and internal numbers."""

from protocols.mcdi.explain import explain, explain_all
from protocols.mcdi.session import ACK_TIMEOUT_S, INTERNALS, connect, receiver

__all__ = ["ACK_TIMEOUT_S", "INTERNALS", "connect", "explain", "explain_all", "receiver"]
