"""Where a replay speaks to: a socket, a serial line or a file; blocking, a thing at a time."""

from __future__ import annotations

import contextlib
import socket
import ssl
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import serial

from gateway.cli import CliError

_CONNECT_S = 10.0
_READ_BYTES = 65_536


class Wire(Protocol):
    """One conversation with the far end."""

    def send(self, data: bytes) -> None:
        """Say this."""
        ...

    def receive(self, within_s: float) -> bytes:
        """Give what comes next; empty when nothing does within that time, or never will."""
        ...

    def close(self) -> None:
        """Hang up."""
        ...


class _Socket:
    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def send(self, data: bytes) -> None:
        self._sock.sendall(data)

    def receive(self, within_s: float) -> bytes:
        self._sock.settimeout(within_s)
        try:
            return self._sock.recv(_READ_BYTES)
        except OSError:  # nothing came in time, or never will
            return b""

    def close(self) -> None:
        self._sock.close()


class _Serial:
    def __init__(self, url: str, baud: int) -> None:
        self._port: Any = serial.serial_for_url(url, baudrate=baud, timeout=0)

    def send(self, data: bytes) -> None:
        self._port.write(data)
        self._port.flush()

    def receive(self, within_s: float) -> bytes:
        self._port.timeout = within_s
        first: bytes = self._port.read(1)
        self._port.timeout = 0
        rest: bytes = self._port.read(_READ_BYTES) if first else b""
        return first + rest

    def close(self) -> None:
        self._port.close()


class _File:
    """Takes what is sent, and never answers."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab")

    def send(self, data: bytes) -> None:
        self._file.write(data)

    def receive(self, within_s: float) -> bytes:  # noqa: ARG002
        return b""

    def close(self) -> None:
        self._file.close()


def open_wire(to: str, *, is_datagram: bool, ca_file: Path | None, baud: int) -> Wire:
    """Open the way to the far end.

    Raises:
        CliError: It cannot be had; says why, and what forms there are.
    """
    where = urlsplit(to)
    try:
        if where.scheme in {"tcp", "udp", "tls"}:
            if where.hostname is None or where.port is None:
                raise CliError(f"--to {to} seen; expected {where.scheme}://HOST:PORT")
            return _socket(where.scheme, where.hostname, where.port, is_datagram, ca_file)
        if where.scheme == "file":
            return _File(Path(to.removeprefix("file:")))
        return _Serial(to, baud)
    except (OSError, serial.SerialException, ssl.SSLError) as error:
        raise CliError(
            f"--to {to} cannot be opened: {error}; expected tcp://HOST:PORT, udp://HOST:PORT, "
            "tls://HOST:PORT, file:NAME or a serial port (/dev/ttyUSB0, socket://..., rfc2217://...)"
        ) from None


def _socket(
    scheme: str,
    host: str,
    port: int,
    is_datagram: bool,
    ca_file: Path | None,
) -> _Socket:
    if scheme == "udp" or is_datagram:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        sock = socket.socket(family, kind)
        sock.connect(address)
        return _Socket(sock)
    sock = socket.create_connection((host, port), timeout=_CONNECT_S)
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if scheme == "tls":
        context = ssl.create_default_context(cafile=ca_file)
        return _Socket(context.wrap_socket(sock, server_hostname=host))
    return _Socket(sock)
