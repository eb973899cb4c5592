"""A listener in a process of its own that runs out of descriptors; says how it fared as JSON."""

from __future__ import annotations

import asyncio
import contextlib
import json
import resource
import socket
import sys

import uvloop

from hardware.network import RealNetwork
from hardware.sink import PortState
from hardware.tcp import TcpListener
from tests.support.hardware import Counts, RecordingSink, ack, link_tools, until


async def starve() -> dict[str, object]:
    loop = asyncio.get_running_loop()
    sink, count = RecordingSink(ack), Counts()
    listener = TcpListener(
        ("127.0.0.1", 0),
        link_tools("ip-1", sink=sink, count=count),
        network=RealNetwork(loop),
    )
    await listener.start()
    reader, writer = await asyncio.open_connection(*listener.address)
    writer.write(b"1\n")
    assert await reader.readline() == b"ACK 1\n"

    # Sockets are made first, then all other descriptors are used up, then they call.
    callers = [socket.socket() for _ in range(5)]
    for caller in callers:
        caller.setblocking(False)
    fillers = []
    try:
        while True:
            fillers.append(socket.socket())
    except OSError:
        pass
    for caller in callers:
        with contextlib.suppress(ConnectionResetError):  # refused while it is told so
            await loop.sock_connect(caller, listener.address)
    await until(lambda: PortState.DEGRADED in sink.states)
    writer.write(b"2\n")
    first_still_answered = await reader.readline() == b"ACK 2\n"
    for sock in (*fillers, *callers):
        sock.close()
    late_reader, late_writer = await asyncio.open_connection(*listener.address)
    late_writer.write(b"3\n")
    answered_after = await late_reader.readline() == b"ACK 3\n"
    for line in (writer, late_writer):
        line.close()
        await line.wait_closed()
    await listener.stop(grace_s=1.0)
    return {
        "first_still_answered": first_still_answered,
        "refused": count["connections_refused"],
        "states": [state.value for state in sink.states],
        "reason": sink.facts[-1].reason,
        "answered_after": answered_after,
    }


def main() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
    factory = uvloop.new_event_loop if sys.argv[1] == "uvloop" else None
    with asyncio.Runner(loop_factory=factory) as runner:
        sys.stdout.write("\n" + json.dumps(runner.run(starve())) + "\n")


if __name__ == "__main__":
    main()
