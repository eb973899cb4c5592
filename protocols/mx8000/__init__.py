"""Honeywell/Ademco MX8000: its native output AE8000, and SK9000 (Silent Knight 9000 series)."""

from protocols.mx8000.commands import Command, build_command, parse_command
from protocols.mx8000.explain import explain, explain_all
from protocols.mx8000.fields import v_byte
from protocols.mx8000.meaning import texts
from protocols.mx8000.session import ACK_TIMEOUT_S, connect, receiver
from protocols.mx8000.write import Output, frame_of, heartbeat

__all__ = [
    "ACK_TIMEOUT_S",
    "Command",
    "Output",
    "build_command",
    "connect",
    "explain",
    "explain_all",
    "frame_of",
    "heartbeat",
    "parse_command",
    "receiver",
    "texts",
    "v_byte",
]
