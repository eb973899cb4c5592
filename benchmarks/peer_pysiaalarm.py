"""The peer of the benchmarks: pysiaalarm's own asyncio server, as its documentation starts it.

It answers before its user's function has run and stores nothing; that is its design, and the
comparison is kind to it. ``python -m benchmarks.peer_pysiaalarm PORT BASE COUNT``.
"""

from __future__ import annotations

import asyncio
import logging
import sys

from pysiaalarm import CommunicationsProtocol, SIAAccount
from pysiaalarm.aio import SIAClient
from pysiaalarm.event import SIAEvent


async def _handle(_event: SIAEvent) -> None:
    """Do nothing with the event: the peer's best case."""


async def main() -> None:
    """Serve until killed."""
    logging.disable(logging.CRITICAL)
    port, base, count = (int(word) for word in sys.argv[1:4])
    accounts = [SIAAccount(str(base + n)) for n in range(count)]
    client = SIAClient("127.0.0.1", port, accounts, _handle, protocol=CommunicationsProtocol.TCP)
    await client.async_start(reuse_port=False)
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
