"""A Unix socket for lines of text: one request, one answer, per line."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

_CREDENTIALS: Final = struct.Struct("3i")  # pid, uid, gid; SO_PEERCRED, unix(7)
NOBODY: Final = -1
"""The user id where the system does not tell it."""
SOCKET_MODE: Final = 0o660  # owner and group administer, nobody else (SEC-25)


class LocalSocket:
    """Serves lines on a Unix socket until it is stopped."""

    def __init__(
        self, path: Path, handle: Callable[[bytes, int], Awaitable[bytes]], *, max_line_bytes: int
    ) -> None:
        """Take where it is and who answers: a line, and the user id of whoever sent it."""
        self._path = path
        self._handle = handle
        self._max_line_bytes = max_line_bytes
        self._server: asyncio.AbstractServer | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._inode = 0

    async def start(self) -> None:
        """Bind the socket, replacing one that a killed process left behind.

        Raises:
            OSError: The path cannot be bound, or belongs to somebody: a running gateway, or
                a file that is no socket.
        """
        self._clear()
        mask = os.umask(0o777 & ~SOCKET_MODE)
        try:
            self._server = await asyncio.start_unix_server(
                self._serve, self._path, limit=self._max_line_bytes
            )
        finally:
            os.umask(mask)
        self._inode = self._path.stat().st_ino

    async def stop(self) -> None:
        """Close the socket and take its file away."""
        if self._server is None:
            return
        self._server.close()
        for writer in tuple(self._open):
            writer.close()
        await self._server.wait_closed()
        self._server = None
        if self._path.exists() and self._path.stat().st_ino == self._inode:
            self._path.unlink(missing_ok=True)

    def _clear(self) -> None:
        """Take away what a killed process left; nothing that belongs to anybody else."""
        if not self._path.exists():
            return
        if not self._path.is_socket():
            raise OSError(f"{self._path} is a file and no socket; give the socket another path")
        with socket.socket(socket.AF_UNIX) as probe:
            probe.setblocking(False)  # noqa: FBT003  (the socket module's own shape)
            try:
                probe.connect(str(self._path))
            except ConnectionRefusedError:
                self._path.unlink(missing_ok=True)
                return
            except BlockingIOError:
                pass  # somebody listens and is busy
        raise OSError(f"another gateway answers at {self._path}; give this one a path of its own")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        uid = _uid_of(writer)
        try:
            while line := await reader.readline():
                writer.write(await self._handle(line, uid))
                await writer.drain()
        except (ValueError, ConnectionError):  # a line over the limit, or the asker went away
            pass
        finally:
            self._open.discard(writer)
            writer.close()


def _uid_of(writer: asyncio.StreamWriter) -> int:
    """Who connected: the kernel's word, which the other side cannot choose."""
    wire: socket.socket = writer.get_extra_info("socket")
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None:
        return NOBODY
    return int(_CREDENTIALS.unpack(wire.getsockopt(socket.SOL_SOCKET, option, 12))[1])
