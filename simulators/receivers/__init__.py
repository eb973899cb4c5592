"""Simulated head-end receivers that speak Sur-Gard to the gateway."""

from simulators.receivers.receiver import Receiver
from simulators.receivers.settings import ProtocolId, ReceiverSettings
from simulators.receivers.states import ReceiverState

__all__ = ["ProtocolId", "Receiver", "ReceiverSettings", "ReceiverState"]
