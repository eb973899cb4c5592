"""Bosch/Radionics D6500, D6600 and D6100 receivers: D6500 mode, SIA (CIS) mode, host commands."""

from protocols.bosch6500.commands import Command, build_command, parse_command
from protocols.bosch6500.explain import explain, explain_all
from protocols.bosch6500.meaning import QUALIFIERS, STANDARD_MEANINGS, sia_mode
from protocols.bosch6500.receiver import ACK_TIMEOUT_S, Output
from protocols.bosch6500.session import connect, receiver

__all__ = [
    "ACK_TIMEOUT_S",
    "QUALIFIERS",
    "STANDARD_MEANINGS",
    "Command",
    "Output",
    "build_command",
    "connect",
    "explain",
    "explain_all",
    "parse_command",
    "receiver",
    "sia_mode",
]
