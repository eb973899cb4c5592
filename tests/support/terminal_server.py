"""Terminal servers in a thread: a serial port behind plain TCP, and one behind RFC 2217."""

from __future__ import annotations

import socket
import threading
from types import TracebackType
from typing import Self

import serial
from serial.rfc2217 import PortManager


class TerminalServer:
    """Listens on loopback, one client at a time; ``send`` and ``heard`` are the receiver's side."""

    def __init__(self, *, is_rfc2217: bool, port: int = 0) -> None:
        self._is_rfc2217 = is_rfc2217
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port = self._listener.getsockname()[1]
        self._client: socket.socket | None = None
        self._manager: PortManager | None = None
        self._lock = threading.Lock()
        self.line = serial.serial_for_url("loop://")
        self.heard = bytearray()
        self.client_count = 0
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        scheme = "rfc2217" if self._is_rfc2217 else "socket"
        return f"{scheme}://127.0.0.1:{self.port}"

    def write(self, data: bytes) -> None:
        """What the port manager sends (negotiation)."""
        with self._lock:
            if self._client is not None:
                self._client.sendall(data)

    def send(self, data: bytes) -> None:
        """The receiver says something."""
        self.write(b"".join(self._manager.escape(data)) if self._manager else data)

    def drop_client(self) -> None:
        """The terminal server restarts."""
        with self._lock:
            if self._client is not None:
                self._client.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self.drop_client_quietly()
        self._thread.join(10)
        self._listener.close()
        self.line.close()

    def drop_client_quietly(self) -> None:
        try:
            self.drop_client()
        except OSError:
            return

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with client:
                self._client = client
                if self._is_rfc2217:
                    self._manager = PortManager(self.line, self)
                self.client_count += 1
                self._read(client)
                with self._lock:
                    self._client = self._manager = None

    def _read(self, client: socket.socket) -> None:
        while True:
            try:
                data = client.recv(4096)
                if not data:
                    return
                if self._manager is not None:
                    data = b"".join(self._manager.filter(data))
            except OSError:
                return  # the client hung up, perhaps in the middle of the negotiation
            self.heard += data
