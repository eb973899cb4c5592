"""The peer of P12: aiomqtt alone, as its documentation publishes, from memory, on uvloop.

``python -m benchmarks.peer_aiomqtt PORT FOLDER`` publishes what lies outstanding in the journal of
that folder, byte for byte, and prints publications a second, counted when all are acknowledged.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import aiomqtt
import uvloop

from benchmarks.programs import HOST
from gateway.contract.topics import Topics
from gateway.journal import Reader

WINDOW: Final = 20  # where aiomqtt is at its fastest
_PAGE: Final = 5_000


def _messages(folder: Path) -> list[tuple[str, bytes]]:
    topics, found, after = Topics("bench"), list[tuple[str, bytes]](), 0
    with contextlib.closing(Reader(folder / "journal")) as reader:
        while page := reader.outstanding(after, _PAGE):
            found += [(topics.event(one.class_, one.account), one.json) for one in page]
            after = page[-1].seq
    return found


async def main() -> None:
    """Publish it all."""
    messages = _messages(Path(sys.argv[2]))
    waiting: Iterator[tuple[str, bytes]] = iter(messages)
    async with aiomqtt.Client(HOST, int(sys.argv[1]), identifier="peer") as client:

        async def publish() -> None:
            for topic, payload in waiting:
                await client.publish(topic, payload, qos=1)

        began = time.monotonic()
        await asyncio.gather(*(publish() for _ in range(WINDOW)))
        print(len(messages) / (time.monotonic() - began))


if __name__ == "__main__":
    uvloop.run(main())
