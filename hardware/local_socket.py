"""A Unix socket for lines of text: one request, one answer, per line."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

SOCKET_MODE: Final = 0o660  # owner and group administer, nobody else (SEC-25)


class LocalSocket:
    """Serves lines on a Unix socket until it is stopped."""

    def __init__(
        self, path: Path, handle: Callable[[bytes], Awaitable[bytes]], *, max_line_bytes: int
    ) -> None:
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
        try:
            while line := await reader.readline():
                writer.write(await self._handle(line))
                await writer.drain()
        except (ValueError, ConnectionError):  # a line over the limit, or the asker went away
            pass
        finally:
            self._open.discard(writer)
            writer.close()
