"""The serial ports as a link sees them, and the real ones: a facade over pyserial.

Device paths, ``socket://host:port`` and ``rfc2217://host:port``. pyserial blocks, so each
open port has one reader thread, and one writer thread once something is written; both end
with the port. Everything is told to the session on the event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
import time
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Final, Protocol

import msgspec

if TYPE_CHECKING:  # pyserial is imported when a port is opened, not by every command
    import serial

READ_TIMEOUT_S: Final = 0.5
"""How long a read waits: bounds how late a stop or a vanished device is noticed."""

WRITE_TIMEOUT_S: Final = 2.0
"""A byte that does not leave by then means the line is stuck: closed and opened again."""

EMPTY_READ_COUNT: Final = 5
"""So many reads in a row that return nothing at once are the end of the port (REL-31)."""

EMPTY_READ_S: Final = 0.05
"""A read that returns nothing sooner than this did not wait for data."""

MISSING_COUNT: Final = 3
"""So many checks in a row must find the path gone or changed; udev may rename in between."""

CHUNKS_IN_FLIGHT: Final = 64
"""Reads handed to the loop and not yet taken; beyond, the thread reads no more."""

WRITE_QUEUE_COUNT: Final = 1_024
"""Writes that wait for the line; beyond, it is stuck."""


class SerialSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How the line is set. Published defaults contradict each other: all is configurable."""

    baud: int = 9600
    bits: int = 8
    """5 to 8."""
    parity: str = "N"
    """N, E, O, M or S."""
    stop: float = 1
    """1, 1.5 or 2."""
    rtscts: bool = False
    xonxoff: bool = False

    def __str__(self) -> str:
        return f"{self.baud} {self.bits}{self.parity}{self.stop:g}"


class PortError(OSError):
    """A serial port cannot be opened, or was lost.

    Example situations: the adapter is unplugged, another process has the port, the
    terminal server is down, the setting is one that the driver does not know.
    """


class SerialHandle(Protocol):
    """An open port, or one that is being opened."""

    def close(self) -> None:
        """Close it; the protocol hears ``connection_lost`` when it is closed."""
        ...


class SerialPorts(Protocol):
    """Where serial ports come from."""

    def open(self, url: str, settings: SerialSettings, protocol: asyncio.Protocol) -> SerialHandle:
        """Begin to open; returns at once.

        ``protocol.connection_made(wire)`` follows when it is open; ``connection_lost(error)``
        when it could not be opened, was lost or was closed. Both on the event loop.
        """
        ...


class RealSerialPorts:
    """The machine's serial ports and those of terminal servers."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def open(self, url: str, settings: SerialSettings, protocol: asyncio.Protocol) -> SerialHandle:
        """See ``SerialPorts``."""
        port = _Port(self._loop, url, settings, protocol)
        port.start()
        return port


class _Port:
    """One opening of one port; also the session's ``Wire``. Threads never outlive it."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        url: str,
        settings: SerialSettings,
        protocol: asyncio.Protocol,
    ) -> None:
        self._loop = loop
        self._url = url
        self._settings = settings
        self._protocol = protocol
        self._port: serial.Serial | None = None
        self._outbox: SimpleQueue[bytes | None] = SimpleQueue()
        self._writer: threading.Thread | None = None
        self._write_error: Exception | None = None
        self._may_read = threading.Event()
        self._may_read.set()
        self._room = threading.Semaphore(CHUNKS_IN_FLIGHT)
        self._is_closing = False
        self._missing_count = 0

    def start(self) -> None:
        try:
            threading.Thread(target=self._run, name=f"serial {self._url}", daemon=True).start()
        except RuntimeError as error:  # out of threads (REL-53): tried again later
            self._tell(self._protocol.connection_lost, PortError(f"{self._url}: {error}"))

    # -- on the loop --------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        if self._is_closing:
            return
        if self._writer is None:
            self._writer = threading.Thread(
                target=self._write_all, name=f"serial {self._url} writer", daemon=True
            )
            self._writer.start()
        if self._outbox.qsize() >= WRITE_QUEUE_COUNT:
            self._write_error = PortError(f"{self._url} takes no bytes any more")
            self.close()
            return
        self._outbox.put(data)

    def pause_reading(self) -> None:
        self._may_read.clear()

    def resume_reading(self) -> None:
        self._may_read.set()

    def close(self) -> None:
        if self._is_closing:
            return
        self._is_closing = True
        self._outbox.put(None)
        self._may_read.set()
        port = self._port
        if port is not None and hasattr(port, "cancel_read"):
            with contextlib.suppress(Exception):  # the thread may be closing it right now
                port.cancel_read()

    def abort(self) -> None:
        self.close()

    def is_closing(self) -> bool:
        return self._is_closing

    def _made(self) -> None:
        self._protocol.connection_made(self)  # type: ignore[arg-type]  # a Wire is enough

    def _take(self, data: bytes) -> None:
        self._room.release()
        self._protocol.data_received(data)

    # -- in the reader thread -----------------------------------------------------------

    def _run(self) -> None:
        error: Exception | None = None
        try:
            self._port = port = _open(self._url, self._settings)
            self._tell(self._made)
            try:
                self._read_all(port)
            finally:
                self._is_closing = True
                self._outbox.put(None)
                if self._writer is not None:
                    self._writer.join(WRITE_TIMEOUT_S * 2)
                _close(port)
        except Exception as caught:  # noqa: BLE001  (pyserial raises its backends' errors too)
            error = self._write_error or _explain(self._url, caught)
        else:
            error = self._write_error
        self._tell(self._protocol.connection_lost, error)

    def _read_all(self, port: serial.Serial) -> None:
        empty_count = 0
        while not self._is_closing:
            if not self._may_read.wait(READ_TIMEOUT_S):
                self._check_path(port)
                continue
            began_at = time.monotonic()
            data = port.read(1)
            if not data:
                is_instant = time.monotonic() - began_at < EMPTY_READ_S
                empty_count = empty_count + 1 if is_instant else 0
                if empty_count >= EMPTY_READ_COUNT and not self._is_closing:
                    raise PortError(f"{self._url} returns nothing any more: lost")
                if not is_instant:
                    self._check_path(port)
                continue
            empty_count = self._missing_count = 0
            waiting_count = port.in_waiting
            if waiting_count:
                data += port.read(waiting_count)
            while not self._room.acquire(timeout=READ_TIMEOUT_S):
                if self._is_closing:
                    return
            self._tell(self._take, data)

    def _check_path(self, port: serial.Serial) -> None:
        """An adapter that came back under the same path is another device: open that one."""
        descriptor = getattr(port, "fd", None)
        if "://" in self._url or not isinstance(descriptor, int):
            return
        try:
            found, held = Path(self._url).stat(), os.fstat(descriptor)
            is_same = (found.st_rdev, found.st_ino) == (held.st_rdev, held.st_ino)
        except FileNotFoundError:
            is_same = False
        self._missing_count = 0 if is_same else self._missing_count + 1
        if self._missing_count >= MISSING_COUNT:
            raise PortError(f"{self._url} is gone or has become another device")

    def _tell(self, callback: Any, *args: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended: nobody to tell
            self._loop.call_soon_threadsafe(callback, *args)

    # -- in the writer thread -----------------------------------------------------------

    def _write_all(self) -> None:
        while (data := self._outbox.get()) is not None:
            port = self._port
            if port is None:
                continue
            try:
                port.write(data)
            except Exception as error:  # noqa: BLE001  (see _run)
                self._write_error = _explain(self._url, error)
                self._tell(self.close)
                return


def _open(url: str, settings: SerialSettings) -> serial.Serial:
    import serial  # noqa: PLC0415  (see the top)

    return serial.serial_for_url(
        url,
        baudrate=settings.baud,
        bytesize=settings.bits,
        parity=settings.parity,
        stopbits=settings.stop,
        rtscts=settings.rtscts,
        xonxoff=settings.xonxoff,
        timeout=READ_TIMEOUT_S,
        # rfc2217:// refuses a write timeout; its socket has one of 5 s of its own.
        write_timeout=None if url.startswith("rfc2217://") else WRITE_TIMEOUT_S,
        # Two readers would each see half of the frames and ACK none of them.
        exclusive=None if "://" in url else True,
    )


def _close(port: serial.Serial) -> None:
    # pyserial leaves the socket of rfc2217:// open when the peer closed it first.
    sock = getattr(port, "_socket", None)
    with contextlib.suppress(Exception):  # a lost device may fail to close; it is gone anyway
        port.close()
    if sock is not None:
        with contextlib.suppress(OSError):
            sock.close()


def _explain(url: str, error: Exception) -> PortError:
    if isinstance(error, PortError):
        return error
    reason = str(error) or type(error).__name__
    return PortError(reason if url in reason else f"{url}: {reason}")
