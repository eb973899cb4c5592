"""A TCP proxy that knows where MQTT packets end, and cuts the connection after one of them."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final, Self

UP: Final = {1: "CONNECT", 3: "PUBLISH", 4: "PUBACK", 8: "SUBSCRIBE", 12: "PINGREQ"}
DOWN: Final = {2: "CONNACK", 3: "PUBLISH", 4: "PUBACK", 9: "SUBACK", 13: "PINGRESP"}


async def _packet(reader: asyncio.StreamReader) -> bytes:
    """Read one whole packet."""
    head = await reader.readexactly(1)
    length, shift = 0, 0
    while True:
        head += await reader.readexactly(1)
        length |= (head[-1] & 0x7F) << shift
        shift += 7
        if not head[-1] & 0x80:
            return head + await reader.readexactly(length)


class CuttingProxy:
    """Passes packets on; ``times`` connections are cut at the ``nth`` packet of one kind.

    With ``is_passed`` that packet still arrives; without, it is lost with the connection.
    """

    def __init__(
        self, port: int, way: str, kind: str, *, is_passed: bool, nth: int = 1, times: int = 2
    ) -> None:
        self._to = port
        self._way, self._kind, self._nth = way, kind, nth
        self._is_passed = is_passed
        self.times = times
        self.cuts = 0
        self.port = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_what: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        there, back = await asyncio.open_connection("127.0.0.1", self._to)
        ways = [
            asyncio.ensure_future(self._pass("up", UP, reader, back)),
            asyncio.ensure_future(self._pass("down", DOWN, there, writer)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            for end in (writer, back):
                end.transport.abort()

    async def _pass(
        self, way: str, names: dict[int, str], reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:  # fmt: skip
        seen = 0
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while packet := await _packet(reader):
                is_it = way == self._way and names.get(packet[0] >> 4) == self._kind
                seen += is_it
                is_cut = is_it and seen == self._nth and self.cuts < self.times
                if self._is_passed or not is_cut:
                    writer.write(packet)
                    await writer.drain()
                if is_cut:
                    self.cuts += 1
                    return
