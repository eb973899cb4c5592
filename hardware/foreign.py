"""What else talks to a panel port: browsers, scanners, TLS on the plain port; by first bytes."""

from __future__ import annotations

from typing import Final

_FIRST: Final = frozenset(b"\x16\x03GHPOCDTS\x05\x04\xff")
_OPENINGS: Final = (
    (b"\x16\x03", "tls"),  # RFC 8446, 5.1: handshake record
    (b"\x03\x00", "rdp"),  # TPKT, RFC 1006
    (b"GET ", "http"),
    (b"HEAD ", "http"),
    (b"POST ", "http"),
    (b"PUT ", "http"),
    (b"OPTIONS ", "http"),
    (b"CONNECT ", "http"),
    (b"DELETE ", "http"),
    (b"TRACE ", "http"),
    (b"SSH-", "ssh"),
    (b"\x05\x01", "socks"),
    (b"\x04\x01", "socks"),
    (b"\xff\xfb", "telnet"),
    (b"\xff\xfd", "telnet"),
)


def foreign(data: bytes) -> str | None:
    """Which other protocol the first bytes of a connection are; None for none that we know."""
    if data[0] not in _FIRST:
        return None
    for opening, name in _OPENINGS:
        if data.startswith(opening):
            return name
    return None
