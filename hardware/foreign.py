"""What else talks to a panel port: browsers, scanners, TLS on the plain port; by first bytes."""

from __future__ import annotations

from typing import Final

_FIRST: Final = frozenset(b"\x16\x03GHPOCDTSRN\x05\x04\xff\x10")
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
    (b"PRI * HTTP", "http"),  # RFC 9113, 3.4
    (b"DESCRIBE rtsp", "rtsp"),
    (b"SSH-", "ssh"),
    (b"\x05\x01", "socks"),
    (b"\x04\x01", "socks"),
    (b"\xff\xfb", "telnet"),
    (b"\xff\xfd", "telnet"),
)


_MODBUS_LEAST_BYTES: Final = 8  # header of 7, function
_MODBUS_FUNCTIONS: Final = frozenset((*range(1, 9), 11, 12, *range(15, 18), *range(20, 25), 43))
_MQTT: Final = (b"\x00\x04MQTT", b"\x00\x06MQIsdp")
_SMB: Final = (b"\xffSMB", b"\xfeSMB")


def foreign(data: bytes) -> str | None:
    """Which other protocol the first bytes of a connection are; None for none that we know."""
    if data[0] == 0 or data[2:4] == b"\x00\x00":
        return _binary(data)
    if data[0] not in _FIRST:
        return None
    if data[0] == 0x10 and data[2:].startswith(_MQTT):  # noqa: PLR2004  MQTT 3.1: CONNECT
        return "mqtt"
    for opening, name in _OPENINGS:
        if data.startswith(opening):
            return name
    return None


def _binary(data: bytes) -> str | None:
    """Name what is told by a header of numbers."""
    if data.startswith(b"\x00\x00") and data[4:].startswith(_SMB):
        return "smb"
    # Modbus over TCP: transaction, protocol 0, the length of what follows, unit, function.
    if len(data) < _MODBUS_LEAST_BYTES or data[2:5] != b"\x00\x00\x00":
        return None
    is_modbus = data[5] == len(data) - 6 and data[7] in _MODBUS_FUNCTIONS
    return "modbus" if is_modbus else None
