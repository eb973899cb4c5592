"""A serial line made of a pty: the receiver's end for the test, the other for the gateway."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tty
from pathlib import Path

from tests.support.hardware import until


class Pty:
    """A pty whose slave stands at a stable path, as udev's by-id names do."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.master = -1
        self.heard = bytearray()
        self.plug_in()

    def plug_in(self) -> None:
        """Put a new device under the path."""
        self.master, slave = os.openpty()
        tty.setraw(slave)
        target = os.ttyname(slave)
        with contextlib.suppress(FileNotFoundError):
            self.path.unlink()
        self.path.symlink_to(target)
        os.close(slave)
        os.set_blocking(self.master, False)

    def unplug(self) -> None:
        """Take the device away."""
        self.path.unlink(missing_ok=True)
        os.close(self.master)

    def send(self, data: bytes) -> None:
        """Say something to the gateway."""
        os.write(self.master, data)

    async def send_much(self, data: bytes) -> None:
        """Say more than the line holds, as fast as it is read."""
        while data:
            try:
                data = data[os.write(self.master, data) :]
            except BlockingIOError:
                await asyncio.sleep(0)

    def listen(self) -> bytes:
        """Give all that was heard since the last call of ``hear``."""
        with contextlib.suppress(BlockingIOError, OSError):
            self.heard += os.read(self.master, 4096)
        return bytes(self.heard)

    async def hear(self, wanted: bytes) -> None:
        """Wait until this was heard, and forget what was heard."""
        await until(lambda: wanted in self.listen(), f"heard {self.listen()!r}, wanted {wanted!r}")
        self.heard.clear()
