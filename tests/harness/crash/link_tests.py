"""When is a panel's link test answered? A panel that asks ten times a second and writes it down."""

from __future__ import annotations

import asyncio
import contextlib
import time

from protocols.dc09 import build_frame

EVERY_S = 0.1


class LinkTests:
    """Asks from the beginning of a block to its end; reconnects as often as it must."""

    def __init__(self, port: int, account: str):
        self._port = port
        self._frame = build_frame("NULL", account=account, data=b"", sequence="0000", pad=bytes)
        self.answers: list[float] = []
        """Monotonic seconds."""
        self._heard = asyncio.Event()
        self._task: asyncio.Task | None = None

    async def __aenter__(self):
        self._task = asyncio.create_task(self._ask())
        return self

    async def __aexit__(self, *_what):
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def answered(self, *, timeout_s: float) -> bool:
        """Wait for the next answer."""
        self._heard.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._heard.wait()
                return True
        return False

    async def _ask(self) -> None:
        while True:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
                listening = asyncio.create_task(self._listen(reader))
                try:
                    while not listening.done():
                        writer.write(self._frame)
                        await asyncio.wait({listening}, timeout=EVERY_S)
                finally:
                    listening.cancel()
                    await asyncio.gather(listening, return_exceptions=True)
                    writer.close()
            await asyncio.sleep(EVERY_S)

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        while True:
            answer = await reader.readuntil(b"\r")
            if b'"ACK"' in answer:
                self.answers.append(time.monotonic())
                self._heard.set()
