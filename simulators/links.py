"""The wires of simulated devices: TCP as client or listener, UDP, a pty pair, a serial port."""

from __future__ import annotations

import asyncio
import errno
import os
import ssl
import termios
import tty
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, cast

import serial

READ_BYTES: Final = 4096


class LinkOwner(Protocol):
    """Whoever drives a device over its links."""

    def link_opened(self, path: int) -> None:
        """The link can be written to."""
        ...

    def link_failed(self, path: int, reason: str) -> None:
        """It was asked to open and cannot."""
        ...

    def link_data(self, path: int, data: bytes) -> None:
        """Bytes came."""
        ...

    def link_closed(self, path: int) -> None:
        """It was open and is not any more, by whomever."""
        ...


class Link(Protocol):
    """One wire. Nothing here raises for what the far end does."""

    is_open: bool

    async def start(self, owner: LinkOwner, path: int) -> None:
        """Prepare (listen, make the pty); a mistake of the user's raises ``OSError`` here."""
        ...

    def open(self) -> None:
        """Ask for a connection; ``link_opened`` or ``link_failed`` follows."""
        ...

    def write(self, data: bytes) -> None:
        """Send; only while it is open."""
        ...

    def forget_unread(self) -> None:
        """Lose what the far end has not read yet, where the wire would otherwise keep it."""
        ...

    def hang_up(self) -> None:
        """Close the connection, keep the link."""
        ...

    async def close(self) -> None:
        """Give everything back."""
        ...


class _Stream(asyncio.Protocol):
    """Hands what one TCP connection does to its link."""

    def __init__(self, link: TcpLink | TcpListenLink) -> None:
        self._link = link
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Not isinstance: the classes of uvloop are not derived from those of asyncio.
        self.transport = cast("asyncio.Transport", transport)
        self._link.stream_opened(self)

    def data_received(self, data: bytes) -> None:
        self._link.stream_data(self, data)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._link.stream_closed(self)


class _TcpBase:
    """What a TCP link is, whoever called: one current stream."""

    def __init__(self) -> None:
        self.is_open = False
        self._owner: LinkOwner | None = None
        self._path = 0
        self._stream: _Stream | None = None

    async def start(self, owner: LinkOwner, path: int) -> None:
        """See ``Link``."""
        self._owner = owner
        self._path = path

    def write(self, data: bytes) -> None:
        """See ``Link``."""
        if self._stream is not None and self._stream.transport is not None:
            self._stream.transport.write(data)

    def forget_unread(self) -> None:
        """See ``Link``; a broken connection takes it along."""

    def hang_up(self) -> None:
        """See ``Link``."""
        if self._stream is not None and self._stream.transport is not None:
            self._stream.transport.close()
            self.stream_closed(self._stream)

    def stream_opened(self, stream: _Stream) -> None:
        """A connection stands."""
        self._stream = stream
        self.is_open = True
        if self._owner is not None:
            self._owner.link_opened(self._path)

    def stream_data(self, stream: _Stream, data: bytes) -> None:
        """Bytes came on it."""
        if stream is self._stream and self._owner is not None:
            self._owner.link_data(self._path, data)

    def stream_closed(self, stream: _Stream) -> None:
        """It is gone."""
        if stream is self._stream:
            self._stream = None
            self.is_open = False
            if self._owner is not None:
                self._owner.link_closed(self._path)


@dataclass(frozen=True, kw_only=True)
class LinkTls:
    """How a panel speaks TLS: whom it trusts, and who it says it is."""

    context: ssl.SSLContext
    server_name: str | None = None
    """Name that the gateway's certificate must hold; None: the host it calls."""


class TcpLink(_TcpBase):
    """Calls the gateway, as panels do, and receivers where the gateway listens."""

    def __init__(self, host: str, port: int, *, tls: LinkTls | None = None) -> None:
        super().__init__()
        self._host = host
        self._port = port
        self._tls = tls
        self._opening: asyncio.Task[None] | None = None

    def open(self) -> None:
        """See ``Link``."""
        if self._opening is None:
            self._opening = asyncio.get_running_loop().create_task(self._connect())

    async def _connect(self) -> None:
        try:
            tls = self._tls
            await asyncio.get_running_loop().create_connection(
                lambda: _Stream(self),
                self._host,
                self._port,
                ssl=None if tls is None else tls.context,
                server_hostname=None if tls is None else tls.server_name or self._host,
            )
        except OSError as error:
            self._opening = None
            if self._owner is not None:
                self._owner.link_failed(self._path, self._words(error))
        else:
            self._opening = None

    def _words(self, error: OSError) -> str:
        where = f"{self._host} port {self._port}"
        if isinstance(error, ConnectionRefusedError) or "refused" in str(error).lower():
            return f"nobody listens on {where}; is the gateway running, and on this port?"
        if isinstance(error, ssl.SSLCertVerificationError):
            return f"the certificate on {where} is not trusted: {error.verify_message}"
        if isinstance(error, ssl.SSLError):
            return f"no TLS with {where}: {error.reason or error}"
        return f"no connection to {where}: {error}"

    async def close(self) -> None:
        """See ``Link``."""
        self._owner = None
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.gather(self._opening, return_exceptions=True)
        self.hang_up()


class TcpListenLink(_TcpBase):
    """Waits for the gateway to call, as Sur-Gard System receivers do on port 1025."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__()
        self._host = host
        self._port = port
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """Where it listens, once it does; with port 0 the system chose one."""
        if self._server is None:
            return self._port
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def start(self, owner: LinkOwner, path: int) -> None:
        """See ``Link``."""
        await super().start(owner, path)
        self._server = await asyncio.get_running_loop().create_server(
            lambda: _Stream(self), self._host, self._port
        )

    def open(self) -> None:
        """See ``Link``."""
        if self._owner is not None and not self.is_open:
            self._owner.link_failed(self._path, "no host has connected")

    def stream_opened(self, stream: _Stream) -> None:
        """A host called; the newest one is the host, as on a receiver with one port licence."""
        self.hang_up()
        super().stream_opened(stream)

    async def close(self) -> None:
        """See ``Link``."""
        self._owner = None
        self.hang_up()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()


class UdpLink(asyncio.DatagramProtocol):
    """Datagrams to one address; answers from any other are not heard."""

    def __init__(self, host: str, port: int) -> None:
        self.is_open = False
        self._host = host
        self._port = port
        self._owner: LinkOwner | None = None
        self._path = 0
        self._transport: asyncio.DatagramTransport | None = None

    async def start(self, owner: LinkOwner, path: int) -> None:
        """See ``Link``."""
        self._owner = owner
        self._path = path
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: self, remote_addr=(self._host, self._port)
        )
        self._transport = transport
        self.is_open = True

    def datagram_received(self, data: bytes, addr: object) -> None:
        """Hand an answer on."""
        del addr
        if self._owner is not None:
            self._owner.link_data(self._path, data)

    def error_received(self, exc: Exception) -> None:
        """Nobody listens there at the moment: as silent as a lost datagram."""

    def open(self) -> None:
        """See ``Link``; there is nothing to connect."""

    def write(self, data: bytes) -> None:
        """See ``Link``."""
        if self._transport is not None:
            self._transport.sendto(data)

    def forget_unread(self) -> None:
        """See ``Link``; a datagram that nobody took is gone."""

    def hang_up(self) -> None:
        """See ``Link``; there is no connection."""

    async def close(self) -> None:
        """See ``Link``."""
        self._owner = None
        if self._transport is not None:
            self._transport.close()
            self._transport = None
        self.is_open = False


class _Descriptor:
    """A link over a file descriptor that the loop can watch."""

    def __init__(self) -> None:
        self.is_open = False
        self._fd = -1
        self._owner: LinkOwner | None = None
        self._path = 0

    def _watch(self, fd: int, owner: LinkOwner, path: int) -> None:
        os.set_blocking(fd, False)
        self._fd = fd
        self._owner = owner
        self._path = path
        self.is_open = True
        asyncio.get_running_loop().add_reader(fd, self._readable)
        owner.link_opened(path)

    def _readable(self) -> None:
        try:
            data = os.read(self._fd, READ_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            if error.errno != errno.EIO:  # EIO: nobody has the other end open
                raise
            return
        if data and self._owner is not None:
            self._owner.link_data(self._path, data)

    def open(self) -> None:
        """See ``Link``; the wire is always there."""

    def write(self, data: bytes) -> None:
        """See ``Link``; what the line cannot take is lost, there is no flow control."""
        try:
            os.write(self._fd, data)
        except BlockingIOError:
            return

    def forget_unread(self) -> None:
        """See ``Link``; a real line keeps nothing."""

    def hang_up(self) -> None:
        """See ``Link``; a wire has no connection to close."""

    def _unwatch(self) -> None:
        if self.is_open:
            asyncio.get_running_loop().remove_reader(self._fd)
        self.is_open = False
        self._owner = None


class PtyLink(_Descriptor):
    """A pty pair; the gateway opens ``device`` (or the stable symlink to it) as a serial port."""

    def __init__(self, symlink: Path | None = None) -> None:
        super().__init__()
        self.symlink = symlink
        self.device = ""
        self._slave = -1

    async def start(self, owner: LinkOwner, path: int) -> None:
        """See ``Link``."""
        master, self._slave = os.openpty()
        # Held open by us too, or every restart of the gateway would look like a broken cable.
        tty.setraw(self._slave)
        self.device = os.ttyname(self._slave)
        if self.symlink is not None:
            _link_to(self.symlink, self.device)
        self._watch(master, owner, path)

    def forget_unread(self) -> None:
        """Lose what was written and never read.

        On a real line nobody keeps what nobody reads. A pty would hand stale copies to a
        restarted gateway, and their bare ACKs would be taken for the ACK of a later message.
        """
        termios.tcflush(self._slave, termios.TCIFLUSH)

    async def close(self) -> None:
        """See ``Link``."""
        self._unwatch()
        if self.symlink is not None and _points_to(self.symlink, self.device):
            self.symlink.unlink()
        for fd in (self._fd, self._slave):
            if fd >= 0:
                os.close(fd)
        self._fd = self._slave = -1


def _points_to(symlink: Path, device: str) -> bool:
    return symlink.is_symlink() and str(symlink.readlink()) == device


def _link_to(symlink: Path, device: str) -> None:
    if symlink.exists() and not symlink.is_symlink():
        raise FileExistsError(errno.EEXIST, "is a file and no symlink; name another", str(symlink))
    # Replaced in one step, so that whoever reopens the port always finds one.
    fresh = symlink.with_name(f".{symlink.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(device)
    fresh.rename(symlink)


class SerialLink(_Descriptor):
    """A serial device of this machine, for a gateway at the other end of a null-modem cable."""

    def __init__(self, device: str, *, baud: int, bits: int, parity: str, stop: int) -> None:
        super().__init__()
        self._device = device
        self._baud = baud
        self._bits = bits
        self._parity = parity
        self._stop = stop
        self._port: serial.Serial | None = None

    async def start(self, owner: LinkOwner, path: int) -> None:
        """See ``Link``."""
        self._port = serial.Serial(
            self._device,
            self._baud,
            bytesize=self._bits,
            parity=self._parity,
            stopbits=self._stop,
            timeout=0,
        )
        self._watch(self._port.fileno(), owner, path)

    async def close(self) -> None:
        """See ``Link``."""
        self._unwatch()
        if self._port is not None:
            self._port.close()
