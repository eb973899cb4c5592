"""SIA DC-09: alarm reports over TCP and UDP, in both roles."""

from protocols.dc09.crypto import AesKey
from protocols.dc09.explain import Frame, explain, explain_all
from protocols.dc09.message import Envelope, Kind, format_timestamp, parse_timestamp
from protocols.dc09.sending import build_frame
from protocols.dc09.session import TRANSITIONS, Connection, LinkInput, LinkState, Role

__all__ = [
    "TRANSITIONS",
    "AesKey",
    "Connection",
    "Envelope",
    "Frame",
    "Kind",
    "LinkInput",
    "LinkState",
    "Role",
    "build_frame",
    "explain",
    "explain_all",
    "format_timestamp",
    "parse_timestamp",
]
