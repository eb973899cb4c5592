"""Simulated head-end receivers that speak to the gateway as an automation computer."""

from simulators.receivers.dialect import Dialect
from simulators.receivers.dialects import DIALECTS
from simulators.receivers.receiver import Receiver
from simulators.receivers.settings import ReceiverSettings

__all__ = ["DIALECTS", "Dialect", "Receiver", "ReceiverSettings"]
