"""The ceiling of the benchmarks: a bare uvloop echo server, which does nothing at all.

``python -m benchmarks.echo_server PORT``; with ``plain`` behind it, on asyncio's own loop.
"""

from __future__ import annotations

import asyncio
import sys
from typing import cast

import uvloop


class _Echo(asyncio.Protocol):
    transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is none by inheritance

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)


async def main() -> None:
    """Serve until killed."""
    loop = asyncio.get_running_loop()
    await loop.create_server(_Echo, "127.0.0.1", int(sys.argv[1]), backlog=1024)
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main()) if sys.argv[2:] == ["plain"] else uvloop.run(main())
