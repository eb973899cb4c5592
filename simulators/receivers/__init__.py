"""Simulated head-end receivers that speak Sur-Gard to the gateway."""

from simulators.receivers.message import ProtocolId
from simulators.receivers.receiver import Receiver
from simulators.receivers.settings import ReceiverSettings

__all__ = ["ProtocolId", "Receiver", "ReceiverSettings"]
